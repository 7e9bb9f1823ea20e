"""Text that may be stored: no NUL, no control characters, no lone surrogates, in Unicode's composed form (NFC).

Linear on any input: NFC sorts runs of combining marks in quadratic time, so long texts are composed piece by piece.
"""

import re
import unicodedata

from intake.base import umlauts

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_COMPOSABLE = re.compile("[^\x00-\u02ff\u2000-\u20cf]")  # said so, it is compiled thirty times as fast
_FORMAT = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
# Of UTF-8: C0 controls and DEL; C2 begins the C1 controls, E2 some marks; CC and above what may need composing.
_TELLING_BYTES = bytes([*range(9), *range(11, 32), 127, 0xC2, *range(0xCC, 256)])
_PIECE = 1024
_NEXT_PLAIN = re.compile("[\n -~]")


def body(text: str) -> tuple[str, bool]:
    r"""A text of several lines with ``\n`` as line end; whether control characters had to be removed.

    What somebody read as Windows-1252 on the way, though it was UTF-8, is put right.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = umlauts.read_once(text)
    if _is_plain(text):
        return text, False
    found = _CONTROL.search(text)
    if found is not None:
        text = _CONTROL.sub("", text.replace("\f", "\n").replace("\v", "\n"))
    return composed(text), found is not None


def _is_plain(text: str) -> bool:
    """Whether there is certainly nothing to do; bytes are searched ten times as fast as characters."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        return False
    return len(octets.translate(None, _TELLING_BYTES)) == len(octets)


def line(text: str) -> str:
    """A text of one line: line ends and tabs are spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = umlauts.read_once(text)
    if not text.isprintable():
        text = _CONTROL.sub("", text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").replace("\t", " "))
    return composed(text.strip())


def visible(text: str) -> str:
    """One line without characters that only steer how text is shown (bidirectional overrides, zero-width ones)."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _FORMAT.sub("", line(text))


def composed(text: str) -> str:
    """NFC, in linear time."""
    if text.isascii() or _COMPOSABLE.search(text) is None:
        return text
    if len(text) <= _PIECE:
        return unicodedata.normalize("NFC", text)
    pieces = []
    start = 0
    while start < len(text):
        plain = _NEXT_PLAIN.search(text, start + _PIECE, start + 2 * _PIECE)
        end = plain.start() if plain else start + _PIECE
        pieces.append(unicodedata.normalize("NFC", text[start:end]))
        start = end
    return "".join(pieces)
