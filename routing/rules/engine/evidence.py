"""How strongly a text speaks for a rule, clause by clause.

A report needs a thing *and* what is wrong with it. Each match of a rule is weighed by what its clause says: a thing
with a state that makes it a report for this rule is the strongest, then a phrase that is both, then a thing alone in a
short note ("Sofa"); a thing that stands behind "neben", "am", "vor" only says where something is, unless nothing else
is named in the clause ("An der Laterne ist das Glas kaputt"). A question weighs less than a statement. A clause
without a thing lends what it says to its neighbour in the sentence ("Die Laterne, die seit Tagen flackert").
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from routing.rules.engine.signs.marks import Mark, Sort
from routing.text.clauses import Clauses

FULL = 4.0
"""A thing in a state, in one clause."""
PHRASE = 3.5
"""Words that are both, or a landmark with a state in a clause that names nothing else: clear enough for a letter."""
CLEAR = 3.0
SHORT_NOTE = 8
"""Up to so many words a thing alone is a report: nobody writes "Sofa" for another reason."""
_IN_SHORT_NOTE = 3.0
_WHERE_WITH_STATE = 3.0
_WHERE_BESIDE = 1.2
_PHRASE_WHERE = 2.0
_THING = 1.5
_WHERE = 0.5
_QUESTION = 1.0
_LAW = 2.0
LAW = "gesetz"
"""The list of signs that a sentence says what is forbidden, not what happened. It counts less beside one that does."""


class Found(Struct, frozen=True):
    """A match of a rule in a field: where it begins (folded), whether it only says where, whether it is a phrase.

    ``wanted``: the bits of the states that make its thing a report; None where the thing itself is one.
    """

    rule: int
    start: int
    only_where: bool
    is_phrase: bool
    wanted: int | None


class Strength(Struct, frozen=True):
    """What a match weighs, and the clause (where it begins, folded) in which it stands."""

    rule: int
    weight: float
    clause: int
    start: int
    sentence: int


def weigh(
    found: Sequence[Found], marks: Sequence[Mark], clauses: Clauses, *, bits: Mapping[str, int], words: int
) -> list[Strength]:
    """The strength of each match of a field, in their order. ``words``: how many the message has."""
    if not found:
        return []
    at = [clauses.at(one.start) for one in found]
    sentences = frozenset(map(clauses.sentence, at))
    units = _units(clauses, sentences, frozenset(at))
    states: dict[int, int] = {}
    for mark in marks:
        if mark.sort is Sort.STATE and clauses.sentence(mark.start) in sentences:
            unit = units[clauses.at(mark.start)]
            states[unit] = states.get(unit, 0) | bits[mark.name]
    named: dict[int, set[int]] = {}
    for one, clause in zip(found, at, strict=True):
        if not one.only_where:
            named.setdefault(units[clause], set()).add(one.rule)
    laws = {clauses.sentence(mark.start) for mark in marks if mark.name == LAW}
    if laws.issuperset(clauses.sentence(clause) for clause in at):
        laws = set()
    strengths = []
    for one, clause in zip(found, at, strict=True):
        unit = units[clause]
        said = one.wanted is None or bool(states.get(unit, 0) & one.wanted)
        alone = not named.get(unit, set()) - {one.rule}
        weight = _weight(one, said=said, alone=alone, short=words <= SHORT_NOTE)
        sentence = clauses.sentence(clause)
        if clauses.asks(sentence):
            weight -= _QUESTION
        if sentence in laws:
            weight -= _LAW
        strengths.append(Strength(one.rule, weight, unit, one.start, sentence))
    return strengths


def _weight(one: Found, *, said: bool, alone: bool, short: bool) -> float:
    if one.is_phrase:
        return PHRASE if alone or not one.only_where else _PHRASE_WHERE
    if one.only_where:
        return (_WHERE_WITH_STATE if alone else _WHERE_BESIDE) if said else _WHERE
    if said:
        return FULL
    return _IN_SHORT_NOTE if short else _THING


def _units(clauses: Clauses, sentences: Iterable[int], with_things: frozenset[int]) -> dict[int, int]:
    """The clause to which each lends what it says: itself where it names a thing, else a neighbour of its sentence.

    ``sentences``: those that name a thing.
    """
    units: dict[int, int] = {}
    for sentence in sentences:
        waiting: list[int] = []
        last: int | None = None
        for clause in clauses.of(sentence):
            last = clause if clause in with_things else last
            if last is None:
                waiting.append(clause)
            else:
                units[clause] = last
                units.update(dict.fromkeys(waiting, last))
                waiting.clear()
    return units
