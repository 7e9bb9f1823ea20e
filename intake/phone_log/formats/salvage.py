"""The words in a file that is no list that can be read: an old or broken workbook, a document, a file cut off.

Not for reading calls, only so that rules look through what was written: an emergency in a file that is handed back
must reach a person. Packed files (.xlsx, .xlsb, .docx, .ods) are unpacked part by part as far as they go, also
without the index at their end; of anything else the runs of letters are taken, of one or of two bytes each.
Pictures, encrypted files and PDFs say nothing. Never raises; bounded in time and memory by ``most``.
"""

import re
import zlib
from collections.abc import Iterator

from intake.phone_log.formats import charset

_PART = b"PK\x03\x04"
_HEAD = 30  # bytes of a part's own header, before its name
_DEFLATED = 8
_RUN = re.compile(rb"[\t\n\r\x20-\x7e\xa0-\xff]{4,}")
_WIDE_RUN = re.compile(rb"(?:[\t\n\r\x20-\x7e\xa0-\xff]\x00){3,}")
_WORDS = re.compile(r"[^\W\d_]{3}")
_ENCODED = re.compile(rb"%PDF|\x89PNG|\xff\xd8\xff|GIF8")


def words(data: bytes, most: int) -> str:
    """At most ``most`` characters of what the file that begins with ``data`` says; "" where no word is found."""
    if _ENCODED.match(data):
        return ""
    pieces: list[str] = []
    room = most
    for part in _parts(data, 4 * most):
        said = "\n".join(_said(part))[:room]
        if said:
            pieces.append(said)
            room -= len(said)
        if room <= 0:
            break
    return "\n".join(pieces)


def _parts(data: bytes, most: int) -> Iterator[bytes]:
    """The parts of a packed file, each unpacked as far as it goes (``most`` bytes); any other file as it is."""
    if not data.startswith(_PART):
        yield data[:most]
        return
    start = 0
    while 0 <= start <= len(data) - _HEAD:
        names = int.from_bytes(data[start + 26 : start + 28], "little")
        begin = start + _HEAD + names + int.from_bytes(data[start + 28 : start + 30], "little")
        method = int.from_bytes(data[start + 8 : start + 10], "little")
        following = data.find(_PART, begin)
        end = following if following >= 0 else len(data)
        yield _unpacked(data[begin:end], most) if method == _DEFLATED else data[begin:end][:most]
        start = following


def _unpacked(packed: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    found, pieces = 0, []
    for at in range(0, len(packed), 65_536):  # what comes before a damage is kept
        try:
            piece = unpacking.decompress(packed[at : at + 65_536], most - found)
        except zlib.error:
            break
        pieces.append(piece)
        found += len(piece)
        if unpacking.eof or found >= most:
            break
    return b"".join(pieces)


def _said(part: bytes) -> Iterator[str]:
    """The runs of letters of a part, tags left out."""
    if part.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        yield charset.without_tags(part.decode("utf-8", "replace")).strip()
        return
    text = charset.plain_text(part)
    if text:
        yield text
        return
    for pattern, codec in ((_WIDE_RUN, "utf-16-le"), (_RUN, "cp1252")):
        for found in pattern.finditer(part):
            run = found.group().decode(codec, "ignore").strip()
            if _WORDS.search(run):
                yield run
