"""Other towns: "in Duisburg", "47877 Willich", "Hauptstraße 5, Kempen" are not the city's; "aus Moers" says no place.

A town counts only where the words before it say that something is there. Somebody who lives or works elsewhere still
reports something here.
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from routing.model.decision import Place
from routing.text.keywords.folding import Folded
from routing.text.places.match import PlaceHit

_THERE = re.compile(
    r"(?:(?<!\w)(?i:in|stadt|gemeinde|ort:|stadtgebiet)\s{1,2}|(?<!\d)\d{5}\s{1,2}"
    r"|(?:\d\s?[a-h]?|(?i:stra(?:ß|ss)e|str\.?|weg|platz|allee|wall|ring)),?\s{1,2})$"
)
_LIVES = re.compile(
    r"\b(?i:wohn|arbeit|leb|komm|studier|zuhause|zu hause)\w*\s{1,2}(?:\w+\s{1,2}){0,2}(?i:in)\s{1,2}$"
)
_WITHIN = re.compile(r"(?:-[a-z]{3,20})?[\s,(]{1,3}(?:(?:in|auf|an|am|bei|vor)\s)?(?:der\s|dem\s)?")
_NEAR = 14  # characters between a street and the town that it is said to be in


def hit(folded: Folded, start: int, end: int, town: str) -> PlaceHit | None:
    """The town at ``start:end`` where something is said to be there."""
    at, until = folded.span(start, end)
    written = folded.original[at:until]
    before = folded.original[max(0, at - 50) : at]
    if not written[0].isupper() or _LIVES.search(before) or not _THERE.search(before):
        return None
    return PlaceHit(Place("", found=written, town=town), start, end)


def joined(hits: Sequence[PlaceHit], folded: Folded, home: str) -> list[PlaceHit]:
    """The hits, in which a street right before another town's name, or right behind it, is that town's.

    Not of ``home``, the city itself, whose name stands before its streets in addresses.
    """
    result: list[PlaceHit] = []
    for one in hits:
        last = result[-1] if result else None
        if one.place.town and last and last.place.street and one.start - last.end <= _NEAR:
            place = Place(last.place.street, last.place.number, "", last.place.found, one.place.town)
            result[-1] = PlaceHit(place, last.start, last.end, last.until)
        if (
            last
            and last.place.town not in {"", home}
            and one.place.street
            and not one.place.town
            and _WITHIN.fullmatch(folded.text, last.end, one.start)
        ):
            one = replace(one, place=replace(one.place, town=last.place.town))  # noqa: PLW2901 - from here on it is this
        result.append(one)
    return result


def elsewhere(places: Sequence[Place], home: str) -> str:
    """The other town, where every place named is outside the city ``home``; else empty."""
    towns = [place.town for place in places]
    return towns[0] if towns and all(town not in {"", home} for town in towns) else ""
