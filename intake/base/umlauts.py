"""German letters in ASCII: one spelling per purpose, because the purposes want different ones.

``written_out`` is for comparing what people wrote: they write "ue" for "ü", so both must come out alike.
``transliterated`` is for lines that may hold ASCII only (subjects): capitals and typography stay readable.
``sorted_as`` is for lists in a dictionary's order, where "ä" stands with "a" (DIN 5007-1).

Keywords have a folding of their own (``routing.text.keywords.folding``), because a match must be shown in the
citizen's own words: it knows the way back. The fingerprints of cases leave umlauts alone
(``routing.store.cases.matching``): they are stored, and another spelling would be another fingerprint.
"""

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


def transliterated(text: str) -> str:
    """``text`` (composed, NFC) with German letters and typography in ASCII, capitals kept; other letters stay."""
    return text.translate(_TRANSLITERATED)


def sorted_as(text: str) -> str:
    """The key by which ``text`` (composed, NFC) stands in an alphabetical list."""
    return text.casefold().translate(_SORTED)
