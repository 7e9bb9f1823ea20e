r"""The text of Outlook's RTF (MS-OXRTFCP for its compression, MS-OXRTFEX for a page within it). Never raises.

Only what is read is kept: paragraphs, tabs, letters. Fonts, pictures and other hidden destinations are passed over.
A page that was wrapped in RTF comes out as the page's text. Linear in what is read.
"""

import re

from intake.mail.formats import html
from intake.mail.mime import charsets

_PREFILL = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20"
    b"\\b\\i\\u\\tab\\tx"
)
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\"
)
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_HIDDEN = frozenset(
    [
        *(b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"listtable"),
        *(b"listoverridetable", b"generator", b"themedata", b"datastore", b"fldinst", b"xmlnstbl", b"rsidtbl"),
    ]
)
_SIGNS = dict.fromkeys((b"par", b"line", b"sect", b"page", b"row"), "\n") | dict.fromkeys((b"tab", b"cell"), "\t")
_SIGNS |= {b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•"}
_SIGNS |= {b"endash": "–", b"emdash": "—", b"emspace": " ", b"enspace": " "}
_SYMBOLS = {b"~": "\xa0", b"_": "‑", b"{": "{", b"}": "}", b"\\": "\\", b"\n": "\n", b"\r": "\n"}


def length(compressed: bytes) -> int:
    """How many bytes of RTF the compressed ones claim to be; no more are read."""
    return int.from_bytes(compressed[4:8], "little")


def to_text(compressed: bytes, most: int) -> str:
    """The text of compressed RTF, of which ``most`` bytes are read; empty when it is none."""
    source = _decompressed(compressed, min(most, length(compressed)))
    if not source.startswith(b"{\\rtf"):
        return ""
    is_page = b"\\fromhtml" in source[:2_000]
    text = _read(source, is_page=is_page)
    return html.to_text(text) if is_page else text.strip("\0 \n\t")


def _decompressed(data: bytes, size: int) -> bytes:
    if data[8:12] == b"MELA":  # stored as it is
        return data[16 : 16 + size]
    if data[8:12] != b"LZFu":
        return b""
    out = bytearray(_PREFILL)
    at = 16
    while at < len(data) and len(out) - len(_PREFILL) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            pair = int.from_bytes(data[at : at + 2], "big")
            at += 2
            back = (len(out) - (pair >> 4)) % 4096  # places count in a ring of 4,096 bytes
            start = len(out) - back
            if not back or start < 0 or at > len(data):
                return bytes(out[len(_PREFILL) :])
            for place in range(start, start + (pair & 15) + 2):
                out.append(out[place])
    return bytes(out[len(_PREFILL) : len(_PREFILL) + size])


def _read(source: bytes, *, is_page: bool) -> str:
    """The visible text; of a wrapped page its markup."""
    named = _CODE_PAGE.search(source, 0, 500)
    codec = f"cp{named[1].decode()}" if named else "cp1252"
    out: list[str] = []
    letters = bytearray()  # of the code page, decoded together: some letters take two bytes
    stack: list[tuple[bool, bool, int]] = []
    hidden = outside = False  # in a destination that is not shown; in what RTF adds to the page
    skipped, after_unicode = 0, 1  # how many letters repeat the Unicode one before them
    starred = False
    for found in _TOKEN.finditer(source):
        word, number, octet, symbol, brace, text = found.groups()
        if letters and octet is None:
            out.append(charsets.decode(bytes(letters), codec))
            letters.clear()
        if brace == b"{":
            stack.append((hidden, outside, after_unicode))
        elif brace == b"}":
            hidden, outside, after_unicode = stack.pop() if stack else (False, False, 1)
        elif symbol == b"*":
            starred = True
            continue
        elif word == b"htmltag" and is_page:
            hidden = outside = False
        elif word in _HIDDEN or (starred and word is not None):
            hidden = True
        elif word == b"htmlrtf":
            outside = number != b"0"
        elif word == b"uc":
            after_unicode = min(int(number or 1), 4)
        elif not (hidden or (outside and is_page)):
            if word == b"u" and number:
                out.append(chr(int(number) % 0x10000))
                skipped = after_unicode
            elif octet is not None and skipped:
                skipped -= 1
            elif octet is not None:
                letters.append(int(octet, 16))
            elif word is not None:
                out.append(_SIGNS.get(word, ""))
            elif symbol is not None:
                out.append(_SYMBOLS.get(symbol, ""))
            elif text is not None:
                out.append(charsets.decode(text[skipped:], codec))
                skipped = max(0, skipped - len(text))
        starred = False
    out.append(charsets.decode(bytes(letters), codec))
    return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
