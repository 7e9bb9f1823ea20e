"""What redaction must know of the city: which words are its places and bodies, and so nobody's name.

Built once per configuration (``of``) and handed down as a value. A word too many here keeps somebody's name in a
letter, so each set is used only where it must be: districts where a surname could stand, towns only alone behind a
closing formula ("LG Düsseldorf" is a court), and of the bodies only ids and abbreviations, never a whole name.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from routing.model.library import EMPTY, Library
from routing.text import abbreviations
from routing.text.keywords import folding
from routing.text.per_configuration import remembered
from routing.text.redaction import usual_names

if TYPE_CHECKING:
    from routing.model.forms import Form
    from routing.model.settings import Configuration

_PART = re.compile(r"[^\W\d_]{5,}")
_ID = re.compile(r"[^\W\d_]+")


class CityWords(Struct, frozen=True):
    """Single words in small letters.

    ``plates`` are the codes of number plates seen there ("kr"), by which they are known without a hyphen; one letter
    alone ("M") tells too little.
    """

    names: frozenset[str] = frozenset()  # of the city itself
    districts: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()  # around it
    bodies: frozenset[str] = frozenset()
    plates: frozenset[str] = frozenset()
    folded: frozenset[str] = frozenset()  # names and bodies with ae oe ue ss, as a sender's name is compared
    library: Library = EMPTY  # what it says of the fields of web forms
    taught: tuple["Form", ...] = ()  # and what the city does


NO_CITY = CityWords()
"""Of no city: more is taken for names, nothing less."""


@remembered
def of_configuration(configuration: "Configuration") -> CityWords:
    """The words of the city that ``configuration`` is for."""
    settings = configuration.settings
    others = settings.city.other_bodies
    words = of(
        settings.city.name,
        districts=configuration.gazetteer.districts,
        towns=configuration.gazetteer.towns,
        bodies=[*((one, body.name) for one, body in settings.recipients.items()), *((one, one) for one in others)],
        plates=settings.city.plates,
    )
    return structs.replace(words, library=configuration.library, taught=settings.forms)


def of(
    name: str,
    *,
    districts: Iterable[str] = (),
    towns: Iterable[str] = (),
    bodies: Iterable[tuple[str, str]] = (),
    plates: Iterable[str] = (),
) -> CityWords:
    """The words of a city by its ``name``, its gazetteer and its ``bodies``, pairs of (id, name)."""
    return _of(name, tuple(districts), tuple(towns), tuple(bodies), tuple(plates))


@lru_cache(maxsize=4)
def _of(
    name: str,
    districts: tuple[str, ...],
    towns: tuple[str, ...],
    bodies: tuple[tuple[str, str], ...],
    plates: tuple[str, ...],
) -> CityWords:
    short_names = {word for identity, called in bodies for word in _called(identity, called)}
    names = frozenset(_single([name]))
    return CityWords(
        names=names,
        districts=frozenset(_single(districts)),
        towns=frozenset(_single(towns)),
        bodies=frozenset(short_names - usual_names.USUAL),
        folded=frozenset(map(folding.plain, names | short_names - usual_names.USUAL)),
        plates=frozenset(code.casefold() for code in plates if len(code) > 1),
    )


def _single(places: Iterable[str]) -> Iterable[str]:
    """Places of one word, with the parts of "Gellep-Stratum"; of "Hülser Berg" no word means it alone."""
    for place in places:
        if " " not in place.strip():
            yield place.strip().casefold()
            yield from (part.casefold() for part in _PART.findall(place))


def _called(identity: str, name: str) -> Iterable[str]:
    """The id of a body, and what its name abbreviates ("KOD-Leitstelle")."""
    if _ID.fullmatch(identity):
        yield identity.casefold()
    yield from (word.casefold() for word in abbreviations.of_name(name))
