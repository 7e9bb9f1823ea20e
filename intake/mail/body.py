"""Two old customs of plain text: lines that flow (RFC 3676), and files written into the text (uuencode)."""

import re

from . import transfer

_UUENCODED = re.compile(
    r"(?:^|(?<=\n))begin [0-7]{3,4} ([^\n]{1,200})\n"
    r"(?:(?:[!-`][ -`]{0,80}\n)*+(?:[` ]?\n)?end *(?:\n|$)|(?:[!-`][ -`]{0,80}(?:\n|$))++\s*+$)"
)


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
    for found in _UUENCODED.finditer(text):
        files.append((found[1].strip(), transfer.uudecode(found[0].encode("ascii", "replace"))))
        kept.append(text[at : found.start()])
        at = found.end()
    kept.append(text[at:])
    return ("\n".join(kept) if files else text), files
