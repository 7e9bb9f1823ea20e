"""By which names members of the desk call the bodies: the id, the name, its abbreviation, its first word. Pure."""

import re
from collections.abc import Mapping

from msgspec import Struct

from routing.model.settings import Recipient
from routing.text import abbreviations
from routing.text.keywords.dictionary import is_known

_SHORTEST = 3  # letters of a first word that stands for the whole name


class Names(Struct, frozen=True):
    """The ids of the bodies by what they are called, folded; the longest first, so that a whole name is read whole."""

    by_name: tuple[tuple[str, str], ...]


def of(recipients: Mapping[str, Recipient]) -> Names:
    """The names of these bodies, keyed by id; one that two bodies share means neither."""
    called: dict[str, set[str]] = {}
    for identity, body in recipients.items():
        for name in _called(identity, body.name):
            called.setdefault(fold(name), set()).add(identity)
    for identity in recipients:
        called[fold(identity)] = {identity}
    found = [(name, next(iter(ids))) for name, ids in called.items() if len(ids) == 1 and name]
    return Names(tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair[0]))))


def _called(identity: str, name: str) -> list[str]:
    first = [word for word in name.split()[:1] if len(word) >= _SHORTEST and not is_known(fold(word))]
    return [identity, name, *abbreviations.of_name(name), *first]


def fold(text: str) -> str:
    """In small letters, umlauts written out, without anything but letters, digits and single blanks."""
    spelled = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return " ".join(re.sub(r"[^\w]+|_", " ", spelled).split())
