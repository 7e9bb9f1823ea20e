"""Whether somebody is in danger: signs that add up, and doubts that take away.

Lists of phrases for danger know few of the next city's. Signs transfer: a person, a body's state, a voice, a weapon,
fire, height, water, traffic, a trap. Each window of two sentences is looked at by itself; its features (which lists of
signs have a word in it, which stand together, which doubts) are summed up (``Library.danger``). The highest sum
decides: certain → an alarm, likely → a person of the duty desk looks at once, a trace → nothing leaves the city by
itself.
A word that is only misspelt to a sign makes it likely at most.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct

from routing.model.library import Library
from routing.rules.engine.marks import Mark, Sort
from routing.text.clauses import Clauses

RULE = "Zeichen von Gefahr"
"""Under this name the signs stand in a decision, as a rule's matches do."""
ALARM, LOOK, TRACE = "alarm", "look", "trace"
_MORE = "2"
_SHORT = 12
"""Up to so many words a message is short."""
_WITH = ("mensch", "kind", "jetzt")
_TOGETHER = frozenset(
    {
        ("feuer", "ort"), ("nadel", "ort"), ("waffe", "gewalt"), ("stimme", "gewalt"), ("hoehe", "suizid"),
        ("liegt", "koerper"), ("verkehr", "liegt"), ("liegt", "nadel"), ("einsturz", "ort"), ("hilflos", "kind"),
    }
)  # fmt: skip


class Level(Enum):
    """How sure it is that somebody is in danger."""

    NONE = 0
    TRACE = 1
    LOOK = 2
    ALARM = 3


class Danger(Struct, frozen=True):
    """What was found in the window that speaks most for danger.

    ``signs`` and ``doubts``: the words with the names of their lists, in order; ``field``: the number of the field;
    ``sentence``: that of the window's first sentence; ``asks``: whether that is a question.
    """

    level: Level
    sum: float
    field: int
    signs: tuple[Mark, ...]
    doubts: tuple[Mark, ...]
    sentence: int = 0
    asks: bool = False


NOTHING = Danger(Level.NONE, float("-inf"), 0, (), ())


def look(fields: Sequence[tuple[Clauses, Sequence[Mark]]], library: Library, *, words: int) -> Danger:
    """The gravest window of all fields."""
    best = NOTHING
    for number, (clauses, marks) in enumerate(fields):
        for first, signs, doubts, asks in _windows(clauses, marks):
            total = library.danger.of(_features(signs, doubts, asks=asks, words=words))
            if total > best.sum:
                level = _level(total, library.danger.levels, misspelt=any(sign.mistyped for sign in signs))
                best = Danger(level, total, number, tuple(signs), tuple(doubts), first, asks)
    return best


def _windows(clauses: Clauses, marks: Iterable[Mark]) -> Iterable[tuple[int, list[Mark], list[Mark], bool]]:
    """Each two sentences that follow each other: the first one's number, their signs and doubts, whether it asks."""
    signs: dict[int, list[Mark]] = {}
    doubts: dict[int, list[Mark]] = {}
    for mark in marks:
        if mark.sort is Sort.DANGER:
            signs.setdefault(clauses.sentence(mark.start), []).append(mark)
        elif mark.sort is Sort.DOUBT:
            doubts.setdefault(clauses.sentence(mark.start), []).append(mark)
    for first in sorted({sentence - before for sentence in signs for before in (0, 1) if sentence >= before}):
        both = (first, first + 1)
        yield (
            first,
            [mark for sentence in both for mark in signs.get(sentence, ())],
            [mark for sentence in both for mark in doubts.get(sentence, ())],
            clauses.sentence_asks(first),
        )


def _features(signs: Sequence[Mark], doubts: Sequence[Mark], *, asks: bool, words: int) -> Mapping[str, float]:
    lists: dict[str, set[int]] = {}
    for mark in (*signs, *doubts):
        lists.setdefault(mark.name, set()).add(mark.start)
    found = {"bias": 1.0}
    for name, places in lists.items():
        found[name] = 1.0
        if len(places) > 1:
            found[name + _MORE] = 1.0
    names = [name for name in lists if any(mark.name == name for mark in signs)]
    for one in names:
        for other in names:
            if one != other and ((one in _WITH and not (other in _WITH and other < one)) or (one, other) in _TOGETHER):
                found[f"{one}*{other}"] = 1.0
    if asks:
        found["frage"] = 1.0
    if words <= _SHORT:
        found["kurz"] = 1.0
    return found


def _level(total: float, levels: Mapping[str, float], *, misspelt: bool) -> Level:
    if total >= levels[ALARM] and not misspelt:
        return Level.ALARM
    if total >= levels[LOOK]:
        return Level.LOOK
    return Level.TRACE if total >= levels[TRACE] else Level.NONE
