"""German letters in ASCII, one spelling per purpose, and those that two programs have garbled.

``written_out`` is for comparing what people wrote: they write "ue" for "ü", so both must come out alike.
``transliterated`` is for lines that may hold ASCII only (subjects): capitals and typography stay readable.
``sorted_as`` is for lists in a dictionary's order, where "ä" stands with "a" (DIN 5007-1).
``read_once`` is for texts in which UTF-8 was taken for Windows-1252 on the way ("StraÃŸe"), ``spelled_out`` for those
that a program wrote for a page ("Stra&szlig;e").

Keywords have a folding of their own (``routing.text.keywords.folding``), because a match must be shown in the
citizen's own words: it knows the way back. The fingerprints of cases leave umlauts alone
(``routing.store.cases.matching``): they are stored, and another spelling would be another fingerprint.
"""

import html
import re

_SECOND_BYTES = "".join(bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xC0)) + "\x80-\x9f"
_READ_TWICE = re.compile(f"[ÂÃ][{_SECOND_BYTES}]|â[{_SECOND_BYTES}]{{2}}")
ENTITY = r"&(?:#\d{2,6}|#[xX][0-9A-Fa-f]{2,5}|[A-Za-z]{2,8}\d?)"
"""A character as pages write it, without the semicolon at its end: an expression."""
_ENTITIES = re.compile(f"{ENTITY};")
_WRITTEN_OUT = tuple(zip("äöüßÄÖÜẞ", ("ae", "oe", "ue", "ss", "ae", "oe", "ue", "ss"), strict=True))
_TRANSLITERATED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS"}
    | {"–": "-", "—": "-", "„": '"', "“": '"', "”": '"', "‚": "'", "‘": "'", "’": "'", "…": "...", "·": "-"}
)
_SORTED = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})


def written_out(text: str) -> str:
    """``text`` (composed, NFC) in small letters with ae, oe, ue and ss; other letters beyond ASCII stay."""
    if not text.isascii():
        for letter, letters in _WRITTEN_OUT:
            text = text.replace(letter, letters)
    return text.lower() if text.isascii() else text.casefold()  # of ASCII alone it takes a twentieth of the time


def spelled_out(text: str) -> str:
    """``text`` with its entities as characters, where one of them is a German letter; any other as it is."""
    if "&" not in text or ("uml;" not in text and "&szlig;" not in text):
        return text
    return unescaped(text)


def unescaped(text: str) -> str:
    """``text`` with every entity as the character that it stands for; an unknown one, and a bare "&", stay."""
    return _ENTITIES.sub(lambda found: html.unescape(found.group()), text)


def is_read_twice(text: str) -> bool:
    """Whether ``read_once`` would change ``text``; quick where it would not."""
    return ("Ã" in text or "Â" in text or "â" in text) and _READ_TWICE.search(text) is not None


def read_once(text: str) -> str:
    """``text`` with every character whose UTF-8 was read as Windows-1252 as it was meant."""
    return _READ_TWICE.sub(_meant, text) if is_read_twice(text) else text


def _meant(found: re.Match[str]) -> str:
    try:
        return b"".join(map(_byte, found.group())).decode("utf-8")
    except UnicodeError:
        return found.group()


def _byte(char: str) -> bytes:
    return char.encode("latin-1" if char <= "\xff" else "cp1252")


def transliterated(text: str) -> str:
    """``text`` (composed, NFC) with German letters and typography in ASCII, capitals kept; other letters stay."""
    return text.translate(_TRANSLITERATED)


def sorted_as(text: str) -> str:
    """The key by which ``text`` (composed, NFC) stands in an alphabetical list."""
    return text.casefold().translate(_SORTED)
