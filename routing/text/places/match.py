"""A place where it stands in a text, the house number behind it, and what it is to the matter."""

import re
from collections.abc import Iterable
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from routing.model.decision import Place
from routing.text.keywords.folding import Folded

SUFFIXES = ("strasse", "str", "weg", "platz", "allee", "wall", "gasse", "ring", "ufer", "pfad", "dyk", "damm", "gath")
"""How names of streets end, folded."""
MOST_PLACES = 8
_NUMBER = re.compile(
    r"(?!,\s*\d{1,2}\))"
    r"\.?,?\s{0,2}(?:(?:Nr\.?|Hausnr\.?|Hausnummer|Haus|Höhe|ggü\.?|gegenüber(?: von)?|vor|bei)\s{1,2}){0,2}"
    r"(\d{1,4}(?:\s?[a-hA-H](?![\w]))?(?:\s?(?:[-/–]|bis)\s?\d{1,4}[a-h]?)?)"
    r"(?!\s?(?:Uhr|[mM]\b|Meter|km|cm|€|Euro|Jahr|Tag|Woche|Monat|Stunden|Min|h\b|x\b|[.:]\d))\b"
)


class Role(Enum):
    """What a place is to the matter that the text is about."""

    FIELD = "field"  # a form's field says that it is there
    SCENE = "scene"
    BESIDE = "beside"  # tells where the scene is: "zwischen A und B", "Höhe C"
    WAY = "way"  # on the way there: "vom Ostwall kommend", "Richtung Fischeln"
    HOME = "home"  # of the writer, or of somebody else
    DENIED = "denied"  # "nicht 12, sondern 21"


SCENES = frozenset({Role.FIELD, Role.SCENE, Role.BESIDE, Role.WAY})


class PlaceHit(Struct, frozen=True, gc=False):
    """A place with the characters of the folded text that name it (without the number).

    ``until``: about where its number ends, or ``end``.
    """

    place: Place
    start: int
    end: int
    until: int = 0
    role: Role = Role.SCENE
    is_guess: bool = False  # only a capital and a house number tell: it gives way to a keyword in the same words


def numbered(folded: Folded, start: int, end: int, street: str) -> PlaceHit:
    """A street with the house number behind it."""
    at, until = folded.span(start, end)
    number = _NUMBER.match(folded.original, until)
    last = number.end(1) if number else until
    house = "".join(number[1].split()).lower().replace("bis", "-") if number else ""
    return PlaceHit(Place(street, house, found=folded.original[at:last]), start, end, end + last - until)


def distinct(hits: Iterable[PlaceHit]) -> tuple[Place, ...]:
    """Each place once; a street known with a number is not listed without; one district belongs to one street."""
    found = [hit.place for hit in hits]
    if len(found) < 2:
        return tuple(found)
    places: dict[tuple[str, str, str, str], Place] = {}
    for place in found:
        places.setdefault((place.street, place.number, place.district, place.town), place)
    numbered = {place.street for place in places.values() if place.number}
    ways = [place for place in places.values() if place.street and (place.number or place.street not in numbered)]
    districts = [place for place in places.values() if place.district]
    others = [place for place in places.values() if not (place.street or place.district)]
    if len(ways) == 1 and len(districts) == 1 and not others:
        return (replace(ways[0], district=districts[0].district),)
    known = {place.town for place in ways}
    return (*ways, *districts, *(place for place in others if place.town not in known))[:MOST_PLACES]
