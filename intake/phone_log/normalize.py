"""Cells to comparable forms: the folding that header names, "dito" words and fingerprints share."""

import re
import unicodedata
from functools import lru_cache

_NO_WORD = re.compile(r"[\W_]+")


@lru_cache(4096)
def folded(cell: str) -> str:
    """Lower case, ae oe ue ss, every run of other characters one blank: "Tel.-Nr." is "tel nr"."""
    if not cell.isascii():
        cell = unicodedata.normalize("NFKC", cell).casefold().replace("\xad", "")
        cell = cell.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")  # casefold has made ss of ß
    return _NO_WORD.sub(" ", cell.lower()).strip()


def squeezed(cell: str) -> str:
    """Only letters and digits, so that wrapping, hyphens and punctuation make no difference."""
    return folded(cell).replace(" ", "")
