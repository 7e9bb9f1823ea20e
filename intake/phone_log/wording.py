"""Cells to comparable forms: the folding that header names, "dito" words and fingerprints share."""

import re
import unicodedata

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NO_WORD = re.compile(r"[\W_]+")


def folded(cell: str) -> str:
    """Lower case, ae oe ue ss, every run of other characters one blank: "Tel.-Nr." is "tel nr"."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFC", cell)).casefold().translate(_UMLAUTS)
    return _NO_WORD.sub(" ", text.replace("\xad", "")).strip()


def squeezed(cell: str) -> str:
    """Only letters and digits, so that wrapping, hyphens and punctuation make no difference."""
    return folded(cell).replace(" ", "")
