"""Cells to comparable forms: the folding that header names, "dito" words and fingerprints share."""

import re
import unicodedata
from functools import lru_cache

from intake.base import umlauts

_NO_WORD = re.compile(r"[\W_]+")


@lru_cache(4096)
def folded(cell: str) -> str:
    """Lower case, ae oe ue ss, every run of other characters one blank: "Tel.-Nr." is "tel nr"."""
    if not cell.isascii():
        cell = umlauts.written_out(unicodedata.normalize("NFKC", cell).replace("\xad", ""))
    return _NO_WORD.sub(" ", cell.lower()).strip()


def squeezed(cell: str) -> str:
    """Only letters and digits, so that wrapping, hyphens and punctuation make no difference."""
    return folded(cell).replace(" ", "")
