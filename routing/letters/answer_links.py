"""Links that open the answer to a letter: a mail with the number, the token and one of the words already in it. Pure.

They stand last in a letter, and short, so that the facts come first (RFC 6068). Who clicks sends a mail of his own,
which answers nothing by its headers: it is known by the token in its subject alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from routing.letters.headers import Envelope, bare

WORDS = ("ERLEDIGT", "BEAUFTRAGT", "NICHT ZUSTÄNDIG")
ALL = "ALLE "


class Link(NamedTuple):
    """What a person reads, and the mailto address behind it."""

    word: str
    address: str


def values(envelope: Envelope, numbers: Sequence[str], *, whole_list: bool) -> dict[str, Any]:
    """``links`` of the letter, and ``links_of`` each of its concerns by number; both empty without a token.

    ``numbers`` are those of its concerns, in order. Those of a list name the concern by its place there, which is
    short.
    """
    if not envelope.proof:
        return {"links": (), "links_of": {}}
    each = {number: _links(envelope, f"{at} ") for at, number in enumerate(numbers, 1)} if whole_list else {}
    return {"links": _links(envelope, ALL if whole_list else ""), "links_of": each}


def of_reminder(envelope: Envelope, shown: Mapping[str, Any]) -> dict[str, Any]:
    """The links of a letter that asks again: ``shown`` are its template's values by name, maybe with ``items``."""
    items = shown.get("items", ())
    if not envelope.proof or not items:
        return {"links": ()}
    return {"links": _links(envelope, ALL if len(items) > 1 else "")}


def sample(number: str) -> tuple[Link, ...]:
    """A tuple of links as above, for trying a template."""
    return _of("kontakt@stadt.invalid", number, "vorschau", "")


def _links(envelope: Envelope, before: str) -> tuple[Link, ...]:
    return _of(bare(envelope.reply_to), envelope.number, envelope.proof, before)


def _of(to: str, number: str, token: str, before: str) -> tuple[Link, ...]:
    address = f"mailto:{quote(to, safe='@+')}?subject={quote(f'{number} #{token}', safe='')}&body="
    shown = before if before == ALL else ""
    return tuple(Link(f"{shown}{word}", address + quote(f"{before}{word}", safe="")) for word in WORDS)
