"""Old customs of plain text: lines that flow (RFC 3676), and files written into the text (uuencode, yEnc)."""

import itertools
import re

from intake.mail.mime import charsets, limits, transfer

_UUENCODED = re.compile(
    r"(?:^|(?<=\n))begin [0-7]{3,4} ([^\n]{1,200})\n"
    r"(?:(?:[!-`][ -`]{0,80}\n)*+(?:[` ]?\n)?end *(?:\n|$)|(?:[!-`][ -`]{0,80}(?:\n|$))++\s*+$)"
)
_YENC_OCTETS = bytes([(octet - 42) % 256 for octet in range(256)])


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Paragraphs in one line each (RFC 3676)."""
    paragraphs: list[list[str]] = []
    flowing = -1  # the quote depth of a line that goes on
    for line in text.split("\n"):
        quoted = line.lstrip(">")
        depth = len(line) - len(quoted)
        said = quoted.removeprefix(" ")
        signature = said == "-- "
        goes_on = said.endswith(" ") and not signature
        if flowing != depth or signature:
            paragraphs.append(["> " * min(depth, 20)])
        paragraphs[-1].append(said[:-1] if goes_on and delete_space else said)
        flowing = depth if goes_on else -1
    lines = ["".join(paragraph) for paragraph in paragraphs]
    return "\n".join([line if line == "-- " else line.rstrip() for line in lines])


def without_files(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text without the uuencoded files that stand in it, and those files: name and bytes."""
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    at = 0
    for found in itertools.islice(_UUENCODED.finditer(text), limits.FILES_IN_TEXT):
        files.append((found[1].strip(), transfer.uudecode(found[0].encode("ascii", "replace"))))
        kept.append(text[at : found.start()])
        at = found.end()
    kept.append(text[at:])
    return ("\n".join(kept) if files else text), files


def without_yenc(data: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The octets of a text without the files that stand in it as yEnc, and those files: name and bytes."""
    kept: list[bytes] = []
    files: list[tuple[str, bytes]] = []
    at = 0
    while (start := data.find(b"=ybegin ", at)) >= 0 and len(files) < limits.FILES_IN_TEXT:
        end = data.find(b"\n=yend", start)
        if end < 0:
            break
        first, _, lines = data[start:end].partition(b"\n")
        if lines.startswith(b"=ypart "):
            lines = lines.partition(b"\n")[2]
        files.append((charsets.decode(first.partition(b" name=")[2].strip()), _unescaped(lines)))
        kept.append(data[at:start])
        at = data.find(b"\n", end + 1) + 1 or len(data)
    return b"".join([*kept, data[at:]]), files


def _unescaped(lines: bytes) -> bytes:
    first, *others = lines.translate(None, b"\r\n").split(b"=")
    escaped = [bytes([(piece[0] - 64) % 256]) + piece[1:] for piece in others if piece]
    return b"".join([first, *escaped]).translate(_YENC_OCTETS)
