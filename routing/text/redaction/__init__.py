"""Free text as it may leave the city: what points at a person is replaced by a visible German mark.

Removed: e-mail addresses, telephone and account numbers, number plates, dates of birth, names after Herr and Frau, in
introductions, relations, greetings and signatures, usual first names with a surname, the sender's own names and
address, illness and addiction of somebody named. Streets, house numbers,
dates, postcodes and case numbers stay, because a dispatcher needs them.

Patterns are never complete: ``doubtful`` says that something is left which only a person can judge. The work is linear
in the length of the text, and redacting twice hardly ever changes anything more.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from routing.text.cleaning import clean
from routing.text.redaction import (
    addresses,
    city_words,
    closings,
    first_names,
    identifiers,
    names,
    names_in_sentences,
    placeholders,
    prefilter,
)
from routing.text.redaction.city_words import NO_CITY, CityWords

__all__ = ("NO_CITY", "CityWords", "Redacted", "city_words", "clean", "may_be_doubtful", "redact")

_MARK = re.compile(placeholders.PATTERN)


_PASSES = (
    (prefilter.FORMS, identifiers.remove),
    (prefilter.PEOPLE, names.remove),
    (prefilter.KNOWN, first_names.remove),
    (prefilter.KNOWN, names_in_sentences.remove),
    (prefilter.CLOSED, closings.remove_closed),
    (prefilter.THANKED, closings.remove_thanked),
)


class Redacted(Struct, frozen=True):
    """The text with marks, how many there are, and whether a person should look before it leaves the city."""

    text: str
    count: int
    doubtful: bool


def redact(
    text: str, city: CityWords, *, own_names: Iterable[str] = (), own_addresses: Iterable[str] = ()
) -> Redacted:
    """``text`` without what points at a person; raises nothing. Linear in its characters.

    ``own_names`` and ``own_addresses`` are the sender's, as he gave them; ``city`` has the words of the place that are
    nobody's name. A name may be an e-mail address (its local part counts), an address a street with number or a
    telephone number.
    """
    text, own_names = clean(text), tuple(own_names)
    needed = prefilter.opened(text, city)
    for gate, remove in _PASSES:
        if gate in needed:
            text = remove(text, city)
    text = closings.remove_author(names.remove_addressed(text, city), own_names, city)
    text = addresses.remove_letterhead(text)
    if prefilter.SIGNED in needed:
        text = addresses.remove_signatures(text, city)
    if placeholders.NAME in text:
        text = addresses.remove_below_name(text)
    text = names.remove_own(text, own_names, city)
    if prefilter.RESIDENT in needed:
        text = addresses.remove_residence(text)
    text = addresses.remove_own(text, own_addresses)
    pointed = prefilter.POINTED in needed and addresses.points_at_somebody(text)
    if prefilter.HEALTH in needed and (pointed or placeholders.NAME in text):
        text = addresses.remove_health(text)
    return Redacted(text, len(_MARK.findall(text)), pointed or _doubtful(text, needed, city))


def may_be_doubtful(text: str, city: CityWords) -> bool:
    """Whether ``redact`` may find ``text`` doubtful, told quickly: only what is there can be left. Raises nothing."""
    text = clean(text)
    needed = prefilter.opened(text, city)
    return (prefilter.POINTED in needed and addresses.points_at_somebody(text)) or _doubtful(text, needed, city)


def _doubtful(text: str, needed: frozenset[int], city: CityWords) -> bool:
    return prefilter.DOUBTFUL in needed and (
        identifiers.doubtful(text) or names.doubtful(text, city) or names_in_sentences.doubtful(text, city)
    )
