"""Where it is: streets, squares, districts and other towns, in one spelling ("Roßstr. 12" → Roßstraße 12).

Names come from the city's gazetteer and from their form (-straße, -weg,
-platz …). Nothing is guessed: a street without a number has none, a district is given only when the text names it.
Used for subjects and sorting, and to keep street names from being taken for topics. Never fails.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec.structs import replace

from routing.model.decision import Place
from routing.model.gazetteer import Gazetteer
from routing.text.keywords import folding, matching
from routing.text.keywords.folding import Folded
from routing.text.places import house_numbers, other_towns, streets
from routing.text.places.match import MOST_PLACES, SCENES, SUFFIXES, PlaceHit, Role, distinct, numbered
from routing.text.places.names import Names
from routing.text.places.other_towns import elsewhere

__all__ = ["MOST_PLACES", "SCENES", "Names", "PlaceHit", "Role", "distinct", "elsewhere", "find", "read"]

_DIGIT = re.compile(r"\d")
MOST_HITS = 2000  # of places in one text; what comes later is looked at as ordinary words


def find(text: str, gazetteer: Gazetteer) -> tuple[Place, ...]:
    """The places that the text names, each once, in their order."""
    names, index = _finder(gazetteer)
    folded = folding.fold(text)
    return distinct(read(folded, index.find(folded), names))


@lru_cache(maxsize=4)
def _finder(gazetteer: Gazetteer) -> tuple[Names, matching.Index]:
    names = Names(gazetteer)
    return names, matching.Index(names.keywords)


def read(folded: Folded, hits: Iterable[tuple[int, int, int]], names: Names) -> tuple[PlaceHit, ...]:
    """Places from the hits (number in ``names.keywords``, start, end) of an index; the longer name wins."""
    found: list[PlaceHit] = []
    by_form: list[tuple[int, int]] = []
    named: list[PlaceHit] = []
    for number, start, end in hits:
        if number < names.first_suffix:
            if (hit := _listed(folded, number, (start, end), names)) is not None:
                found.append(hit)
        elif number < names.first_landmark:
            by_form.append((start, end))
        elif (hit := _named(folded, number, (start, end), names)) is not None:
            named.append(hit)
        if len(found) + len(by_form) > MOST_HITS:
            break
    guessed = tuple(house_numbers.found(folded, names.home))
    known = {one.end for one in found}
    for start, end in by_form:
        if end not in known and (street := streets.by_form(folded, start, end, names)):
            found.append(street)
    ends = {one.end for one in found}
    found += (streets.mended(folded, guess, names) for guess in guessed if guess.end not in ends)
    if not found and _DIGIT.search(folded.text):
        looked_at = (streets.misspelt(folded, one, names) for one in streets.NUMBERED.finditer(folded.text))
        found += filter(None, looked_at)
    found += (one for one in named if not any(_hides(other, one) for other in found))
    if not found:
        return ()
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[PlaceHit] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(other_towns.joined(kept, folded, names.home))


def _listed(folded: Folded, number: int, span: tuple[int, int], names: Names) -> PlaceHit | None:
    """What the gazetteer lists: a street or a landmark, a district, another town, a street called short."""
    start, end = span
    label = names.labels[number]
    if number < names.first_district:
        if streets.over_label(folded, start, end):
            return None
        way = numbered(folded, start, end, label)
        return replace(way, role=Role.BESIDE) if label in names.landmarks else way
    if number < names.first_town:
        written = folded.original[slice(*folded.span(start, end))]
        return PlaceHit(Place("", district=label, found=written), start, end) if written[:1].isupper() else None
    look = other_towns.hit if number < names.first_short else streets.called_short
    return look(folded, start, end, label)


def _named(folded: Folded, number: int, span: tuple[int, int], names: Names) -> PlaceHit | None:
    """A landmark by its ending, or a name behind a word for its kind."""
    if number >= names.first_stop:
        return streets.stop(folded, *span)
    return streets.landmark(folded, *span, needs_lead=number >= names.first_led_in)


def _hides(street: PlaceHit, stop: PlaceHit) -> bool:
    """Whether a name is found as what it is itself: "Haltestelle Ostwall" is on the Ostwall."""
    if street.start >= stop.end or stop.start >= street.end:
        return False
    within = stop.start <= street.start and street.end <= stop.end
    return not within or bool(street.place.number) or folding.plain(street.place.street).endswith(SUFFIXES)
