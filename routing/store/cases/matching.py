"""Which messages tell of the same: a citizen's follow-up, the same text again, several citizens about one place. Pure.

A message joins a case as a follow-up when it names the case (its number in the subject, or a mail of it that is
answered) *and* comes from somebody who wrote in that case before: whoever merely quotes a number cannot put words into
another's case. What a follow-up says anew is a concern of its own in that case.

Two concerns are alike when recipients and category agree (or the category that theirs are parts of), and the place
does, exactly; without an exact place only the same words of the same sender are. In doubt nothing is alike, because a
letter too many does less harm than a concern that nobody hears of: a concern with two places is about neither alone.
What is urgent is never like another.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Literal

from intake.message import Kind, Message, Stored
from routing.model.decision import Concern, Decision, Place, State, Urgency
from routing.text.places import said_anew

Exactness = Literal["hausnummer", "strasse"]

FOLLOW_UP, REPEAT, SUPPLEMENT = "follow-up", "repeat", "supplement"
"""Kinds of decisions about messages that were counted with a case: of the same citizen, of others, of a phone log."""
EDIT = "edit"
"""The kind of a row that was written anew in its phone log and brings nothing new."""

_NO_LETTERS = re.compile(r"[\W_]+")


def writer(message: Message) -> str:
    """Who wrote, as far as a mail tells: where answers go; a web form sends for everybody from one address."""
    return (message.reply_to or message.from_addr).strip().casefold()


def fits(message: Message, writers: Collection[str]) -> bool:
    """Whether the message comes from one of those who wrote in a case."""
    return bool(writer(message)) and writer(message) in writers


def may_be_linked(stored: Stored, decision: Decision) -> bool:
    """Whether a message may be counted with another instead of going out: a person's plain concern, never urgent."""
    return (
        decision.state is State.ROUTED
        and decision.kind == "concern"
        and not decision.alert
        and stored.message.automatic is None
        and stored.message.kind is Kind.ORDINARY
        and bool(decision.concerns)
        and all(concern.state is not State.REVIEW and not concern.urgency.is_urgent for concern in decision.concerns)
    )


def likeness(stored: Stored, decision: Decision, concern: Concern, exactness: Exactness) -> str:
    """A key that two concerns share exactly when they are alike; empty when this one is like no other.

    Raises nothing.
    """
    if not may_be_linked(stored, decision) or concern.state is not State.ROUTED:
        return ""
    place = exact_place(stored.message, concern.places, exactness)
    if place:
        same: tuple[str, ...] = ("place", place)
    elif writer(stored.message) and not decision.places and not stored.message.place:
        same = ("text", writer(stored.message), _folded(stored.message.new_text))
    else:
        return ""
    parts = (family(concern.category, concern.category_id), *sorted(concern.recipients), "", *same)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def family(category: str, category_id: str) -> str:
    """The category, or what it is a part of: "Müllablagerung (Sperrmüll)", S01-sperrmuell, is Müllablagerung."""
    return category.partition(" (")[0] if "-" in category_id else category


def exact_place(message: Message, places: Sequence[Place], exactness: Exactness) -> str:
    """The one place of a message, or nothing when there is none, more than one, or it is not exact enough."""
    streets = {(place.street, place.number, place.town) for place in places if place.street or place.town}
    if not streets and message.place:
        folded = _folded(message.place)
        return folded if exactness == "strasse" or any(letter.isdigit() for letter in folded) else ""
    if len(streets) != 1:
        return ""
    [(street, number, town)] = streets
    if town or not street or (exactness == "hausnummer" and not number):
        return ""
    return _folded(f"{street} {number}" if exactness == "hausnummer" else street)


def same_matter(concern: Concern, place: str, known: Sequence[tuple[str, str, str]]) -> bool:
    """Whether a follow-up's concern says only what its case says already: (category, place, urgency) of open concerns.

    What is urgent, more urgent than before, or about another place is new.
    """
    if concern.urgency.is_urgent:
        return False
    return any(
        category == concern.category
        and (not place or _folded(place) == _folded(said_anew.known(there)))
        and bool(urgency)
        and Urgency(urgency).rank <= concern.urgency.rank
        for category, there, urgency in known
    )


def _folded(text: str) -> str:
    return _NO_LETTERS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
