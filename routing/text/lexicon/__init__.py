"""Which words German knows exactly: those written small, and nouns.

``small.bin`` holds the forms of verbs and adjectives, ``nouns.bin`` nouns in their first case: sorted 32-bit
fingerprints (CRC-32) of the folded words, read when first asked. A word that is not in a list is taken for one of it
once in seven thousand times. What may be written small was told by its forms alone: a stem with the endings of an
adjective, or of a verb; so no name is in it that is nothing else. ``routing.text.keywords.dictionary`` knows more
forms, and names among them. ``python -m routing.text.lexicon`` makes both files anew.
"""

import sys
from array import array
from bisect import bisect_left
from functools import cache
from pathlib import Path
from zlib import crc32

FOLDER = Path(__file__).parent
PREFIXES = (
    *(
        "",
        "ab",
        "an",
        "auf",
        "aus",
        "bei",
        "durch",
        "ein",
        "fort",
        "heran",
        "heraus",
        "herab",
        "herein",
        "herum",
        "herunter",
    ),
    *(
        "hervor",
        "hin",
        "hinein",
        "hinaus",
        "hinter",
        "hoch",
        "los",
        "mit",
        "nach",
        "nieder",
        "quer",
        "raus",
        "rein",
        "rum",
    ),
    *(
        "runter",
        "schief",
        "still",
        "über",
        "um",
        "unter",
        "ver",
        "vor",
        "vorbei",
        "weg",
        "weiter",
        "wieder",
        "zer",
        "zu",
    ),
    *("zurück", "zusammen", "be", "ent", "er", "ge", "offen", "fest", "frei", "leer", "umher", "daneben", "davor"),
)
"""Beginnings of verbs, "" among them."""
SEPARABLE = tuple(prefix for prefix in PREFIXES if prefix not in {"", "be", "ent", "er", "ge"})
"""Beginnings of verbs that stand before a form that is known."""


def is_small(word: str) -> bool:
    """Whether a folded word is the form of a verb or an adjective."""
    return _holds("small.bin", word)


def is_noun(word: str) -> bool:
    """Whether a folded word is a noun in its first case."""
    return _holds("nouns.bin", word)


def _holds(file: str, word: str) -> bool:
    known = _read(file)
    print_ = crc32(word.encode())
    at = bisect_left(known, print_)
    return at < len(known) and known[at] == print_


@cache
def _read(file: str) -> "array[int]":
    known = array("I")
    known.frombytes((FOLDER / file).read_bytes())
    if sys.byteorder == "big":
        known.byteswap()
    return known
