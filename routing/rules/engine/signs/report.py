"""Whether a message reports something at all. The mailbox of an order service gets everything else, too.

What is no report is recognised by what it lacks (a thing in a state, a place, something that goes on) and by what its
writer wants instead (asking, applying, inviting, offering, thanking, disputing). Both are features of the language,
not topics: how clear the strongest concern is, how long the message is, which of the lists of signs it has words
of. They are summed up (``Library.report``). Below the level a person decides; nothing leaves the city.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from routing.rules.engine.evidence import Strength
from routing.rules.engine.signs.marks import Mark, Sort
from routing.text.clauses import Clauses
from routing.text.places.match import PlaceHit

MOST_OF_A_LIST = 3
_NOTE = 4
"""So few words are a note and no letter: "Sofa, Ostwall 12"."""
_STRENGTHS = ((3.9, "s4"), (3.4, "s35"), (2.4, "s3"))
STREET = "street"
"""The feature of a message that names a street, in its text or in the column of a phone log."""
_BESIDE = "_dort"
"""Ends the name of a feature of the sentence in which the strongest concern stands."""


class Field(Struct, frozen=True):
    """What one field of a message says: its clauses, the library's words, its places, what its concerns weigh."""

    clauses: Clauses
    marks: Sequence[Mark]
    places: Sequence[PlaceHit]
    strengths: Sequence[Strength]


def features(fields: Sequence[Field], *, words: int, against: Collection[str]) -> Mapping[str, float]:
    """What speaks for and against a report, by the name that the library's weights give it.

    ``against``: the lists whose words speak against one.
    """
    found: dict[str, float] = {"bias": 1.0}
    strongest, of = _strongest(fields)
    weight = strongest.weight if strongest else 0.0
    found[next((name for least, name in _STRENGTHS if weight >= least), "s15")] = 1.0
    if strongest and strongest.said:
        found["said"] = 1.0
    elif strongest and strongest.state:
        found["state"] = 1.0
    if words <= _NOTE:
        found["note"] = 1.0
    lists: dict[str, set[str]] = {}
    asked = said = 0
    for field in fields:
        begins, ends = field.clauses.span(strongest.sentence) if strongest and field is of else (0, 0)
        starts, text = [hit.start for hit in field.places], field.clauses.text
        for mark in field.marks:
            if mark.sort is not Sort.REPORT:
                continue
            name, start = mark.name, mark.start
            if starts and _within(start, starts, field.places):
                continue
            if name in lists:
                lists[name].add(text[start : mark.end])
            else:
                lists[name] = {text[start : mark.end]}
            if begins <= start < ends:
                found[name + _BESIDE] = 1.0
        asked += field.clauses.questions
        said += field.clauses.statements
        if any(hit.place.street for hit in field.places):
            found[STREET] = 1.0
    if asked:
        found["q"] = min(asked, 2) / 2
        found["qall"] = float(not said)
    elif lists.keys().isdisjoint(against):
        found["plain"] = 1.0
    if strongest and of and of.clauses.asks(strongest.sentence):
        found["q" + _BESIDE] = 1.0
    if of and strongest:
        things = {one.start for one in of.strengths if one.rule == strongest.rule}
        found["things"] = float(min(len(things), MOST_OF_A_LIST) - 1)
    for name, words_of in lists.items():
        found[name] = float(min(len(words_of), MOST_OF_A_LIST))
    return found


def _within(position: int, starts: Sequence[int], places: Sequence[PlaceHit]) -> bool:
    """Whether a position lies in one of the places, which begin at ``starts``, in their order."""
    before = bisect_right(starts, position)
    return before > 0 and position < places[before - 1].end


def _strongest(fields: Sequence[Field]) -> tuple[Strength | None, Field | None]:
    """The strongest concern and its field; None without any."""
    best: tuple[Strength | None, Field | None] = (None, None)
    for field in fields:
        for one in field.strengths:
            if best[0] is None or one.weight > best[0].weight:
                best = one, field
    return best
