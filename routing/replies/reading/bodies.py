"""By which names the bodies of a city are called in answers, and the patterns that these names go into.

Built from the recipients of config.toml and ``[city] other_bodies``: the id, what a name abbreviates ("GSAK") and its
first word ("Kommunalbetrieb"). A word that ordinary German knows ("Leitung", "Presse") is no name of a body here: a
sentence about a pipe must not be read as a refusal.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from routing.model.settings import Settings
from routing.replies.reading import patterns
from routing.text import abbreviations
from routing.text.keywords.dictionary import is_known

_SHORT = 4  # letters; longer words turn no sentence round


class Bodies(Struct, frozen=True):
    """The bodies by id with their names, and the patterns of ``patterns`` with these names in them."""

    named: tuple[tuple[str, str], ...]
    elsewhere: re.Pattern[str]
    refused: re.Pattern[str]
    closing: re.Pattern[str]
    short: frozenset[str]


def of_settings(settings: Settings) -> Bodies:
    """The bodies of config.toml; remembered for the latest configurations."""
    return of([(identity, body.name) for identity, body in settings.recipients.items()], settings.city.other_bodies)


def of(named: Iterable[tuple[str, str]], others: Iterable[str] = ()) -> Bodies:
    """The bodies ``named`` (id, name), and ``others`` that are spoken of without getting letters."""
    return _of(tuple(named), tuple(others))


@lru_cache(maxsize=4)
def _of(named: tuple[tuple[str, str], ...], others: tuple[str, ...]) -> Bodies:
    called = sorted(
        {word for identity, name in (*named, *((one, one) for one in others)) for word in _words(identity, name)}
    )
    return Bodies(
        named,
        patterns.elsewhere(called),
        patterns.refused(called),
        patterns.closing(called),
        patterns.SHORT | {word for word in called if len(word) <= _SHORT},
    )


def _words(identity: str, name: str) -> Iterable[str]:
    first = [word for word in name.split()[:1] if len(word) > _SHORT - 1]
    for word in (identity, *abbreviations.of_name(name), *first):
        folded = patterns.fold(word)
        if re.fullmatch(r"[a-z]{2,40}", folded) and not is_known(folded):
            yield folded
