"""A place where it stands in a text, and the house number behind it."""

import re

from msgspec import Struct

from routing.model.decision import Place
from routing.text.keywords.folding import Folded

SUFFIXES = ("strasse", "str", "weg", "platz", "allee", "wall", "gasse", "ring", "ufer", "pfad", "dyk", "damm", "gath")
"""How names of streets end, folded."""
_NUMBER = re.compile(
    r"\.?,?\s{0,2}(?:(?:Nr\.?|Hausnr\.?|Hausnummer|Haus|Höhe|ggü\.?|gegenüber(?: von)?|vor|bei)\s{1,2}){0,2}"
    r"(\d{1,4}(?:\s?[a-hA-H](?![\w]))?(?:\s?(?:[-/–]|bis)\s?\d{1,4}[a-h]?)?)"
    r"(?!\s?(?:Uhr|[mM]\b|Meter|km|cm|€|Euro|Jahr|Tag|Woche|Monat|Stunden|Min|h\b|x\b|[.:]\d))\b"
)


class PlaceHit(Struct, frozen=True):
    """A place with the characters of the folded text that name it (without the number)."""

    place: Place
    start: int
    end: int
    is_guess: bool = False  # only a capital and a house number tell: it gives way to a keyword in the same words


def numbered(folded: Folded, start: int, end: int, street: str) -> PlaceHit:
    """A street with the house number behind it."""
    at, until = folded.span(start, end)
    number = _NUMBER.match(folded.original, until)
    last = number.end(1) if number else until
    house = "".join(number[1].split()).lower().replace("bis", "-") if number else ""
    return PlaceHit(Place(street, house, found=folded.original[at:last]), start, end)
