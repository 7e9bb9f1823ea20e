"""Free text as it may leave the city: what points at a person is replaced by a visible German mark.

Removed: e-mail addresses, telephone and account numbers, number plates, dates of birth, names after Herr and Frau, in
introductions, relations, greetings and signatures, usual first names with a surname, the sender's own names and
address, illness and addiction of somebody named. Streets, house numbers,
dates, postcodes and case numbers stay, because a dispatcher needs them.

Patterns are never complete: ``doubtful`` says that something is left which only a person can judge. The work is linear
in the length of the text, and redacting twice hardly ever changes anything more.
"""

import re
import unicodedata
from collections.abc import Iterable

from msgspec import Struct

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

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NOT_SEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e007f"
)
_UNSEEN = re.compile(f"[{_NOT_SEEN}]")
_UNUSUAL = re.compile(rf"[{_NOT_SEEN}\r\u2010\u2011\u2028\u2029\uff01-\uff5e]")
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


def clean(text: str) -> str:
    """``text`` composed (NFC), with line feeds only, and without characters that nobody sees.

    Those are controls, soft hyphens, zero-width spaces, marks that turn the direction of writing, halves of surrogate
    pairs.
    """
    if not _UNUSUAL.search(text):
        return unicodedata.normalize("NFC", text)
    text = text.replace("\u2010", "-").replace("\u2011", "-")  # hyphens, as word processors write them
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _UNSEEN.sub("", text)
    return unicodedata.normalize("NFC", text.translate(_FULL_WIDTH))
