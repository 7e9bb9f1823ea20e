"""How strongly a text speaks for a rule, clause by clause.

A report needs a thing *and* what is wrong with it. Each match of a rule is weighed by what its clause says: a thing
with a state that makes it a report for this rule is the strongest, then a phrase that is both, then a thing alone in a
short note ("Sofa"); a thing that stands behind "neben", "am", "vor" only says where something is, unless nothing else
is named in the clause ("An der Laterne ist das Glas kaputt"). A question weighs less than a statement. A clause
without a thing lends what it says to its neighbour in the sentence ("Die Laterne, die seit Tagen flackert").

A part belongs to its whole: in "Am Klettergerüst ist ein Seil gerissen" the frame is broken and the rope is no thing
of its own, unless it only lies there. An adjective before a noun speaks of that noun alone ("Auf dem Gehweg steht ein
kaputter Stuhl").
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from routing.rules.engine.signs.marks import Mark, Sort
from routing.text.clauses import Clauses
from routing.text.keywords.folding import Folded

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
_PART = 1.0
_QUESTION = 1.0
_LAW = 2.0
_QUOTED = 8  # sentences
LAW = "gesetz"
"""The list of signs that a sentence says what is forbidden, not what happened. It counts less beside one that does."""


LIES = "liegt"
"""The state of what lies or stands about: it makes no whole of what is next to it."""
BROKEN = "kaputt"
"""The state of what lacks one of its parts."""
_BESIDE = re.compile(
    r"\b(?:neben|vor|vorm|hinter|hinterm|unter|ueber|bei|beim|auf|zwischen|gegenueber|nahe|ecke|richtung|nach)"
    r"(?: \w+){0,3} $"
)
_WITHOUT = re.compile(r"\b(?:kein(?:e|en)?|ohne) $")
_ATTRIBUTE = re.compile(r"\w{3,}(?:e[rsm]?|(?:[dt]|ig|los|er|en)en) (?=[a-z])")
"""An inflected adjective before a word; of what ends with -en only what is no verb in all likelihood."""
_REACH = 50
_WAYS = ("strasse", "weg", "gasse", "platz", "fahrbahn", "steig", "str")
_SUBJECT = re.compile(r"\b(?:der|das|die|ein|eine|dieser|diese|unsere?|mein|meine|ganze|und) (?:\w+ )?$")
_TELLING = frozenset({Sort.STATE, Sort.PART})


class Found(Struct, frozen=True, gc=False):
    """A match of a rule in a field: where it begins (folded), whether it only says where, whether it is a phrase.

    ``wanted``: the bits of the states that make its thing a report; None where the thing itself is one. ``weak``:
    whether the rule is a catch-all, which never owns a part.
    """

    rule: int
    start: int
    only_where: bool
    is_phrase: bool
    wanted: int | None
    weak: bool = False


class Strength(Struct, frozen=True, gc=False):
    """What a match weighs, the clause (where it begins, folded) in which it stands, and whether it only says where.

    ``said``: whether its clause says a state that makes its thing a report; ``state``: whether it says any.
    """

    rule: int
    weight: float
    clause: int
    start: int
    sentence: int
    where: bool
    said: bool = False
    state: bool = False


def weigh(
    found: Sequence[Found],
    marks: Sequence[Mark],
    clauses: Clauses,
    folded: Folded,
    *,
    bits: Mapping[str, int],
    words: int,
) -> list[Strength]:
    """The strength of each match of a field, in their order. ``words``: how many the message has."""
    if not found:
        return []
    at = [clauses.at(one.start) for one in found]
    sentences = [clauses.sentence(clause) for clause in at]
    units = _units(clauses, frozenset(sentences), frozenset(at))
    unit_of = [units[clause] for clause in at]
    states = _said(found, marks, clauses, folded, units=units, bits=bits)
    parts, wholes = _parts(found, unit_of, marks, states, text=folded.text, lies=bits.get(LIES, 0))
    ways, owners = _ways(found, sentences, unit_of, states, folded.text)
    named: dict[int, set[int]] = {}
    named_in_sentence: dict[int, set[int]] = {}
    for index, one in enumerate(found):
        if not one.only_where and index not in parts and index not in ways:
            named.setdefault(unit_of[index], set()).add(one.rule)
            named_in_sentence.setdefault(sentences[index], set()).add(one.rule)
    state_words = {mark.start for mark in marks if mark.sort is Sort.STATE}
    laws = _laws(marks, clauses, folded.text)
    if laws.issuperset(sentences):
        laws = set()
    strengths = []
    for index, (one, sentence) in enumerate(zip(found, sentences, strict=True)):
        unit = unit_of[index]
        alone = not named.get(unit, set()) - {one.rule}
        said = states.of(one, unit) or index in owners
        says = said and one.start not in state_words
        is_said = one.wanted is None or says
        where = one.only_where and index not in wholes
        weight = _weight(one.is_phrase, where, said=is_said, alone=alone, short=words <= SHORT_NOTE)
        if where and (one.is_phrase or said):
            where = bool(named_in_sentence.get(sentence, set()) - {one.rule})
        if index in parts or index in ways:
            weight, where = _PART, True
        if clauses.asks(sentence):
            weight -= _QUESTION
        if sentence in laws:
            weight -= _LAW
        state = bool(states.free.get(unit, 0) | states.own.get(one.start, 0))
        strengths.append(Strength(one.rule, weight, unit, one.start, sentence, where, says, state))
    return strengths


def _laws(marks: Sequence[Mark], clauses: Clauses, text: str) -> set[int]:
    """The sentences that say what is forbidden, and those in quotation marks that such a one begins."""
    laws = {clauses.sentence(mark.start) for mark in marks if mark.name == LAW}
    for law in sorted(laws):
        quoted = [law]
        while text.count('"', clauses.span(law)[0], clauses.span(quoted[-1])[1]) % 2:
            if len(quoted) > _QUOTED or quoted[-1] + 1 >= clauses.sentences:
                break  # a quotation mark alone says nothing
            quoted.append(quoted[-1] + 1)
        else:
            laws.update(quoted)
    return laws


def only_names_a_place(strengths: Sequence[Strength], words: int) -> bool:
    """Whether a note of so many words says nothing but where ("Neben der Packstation")."""
    return bool(strengths) and words <= SHORT_NOTE and all(one.where and one.weight <= _WHERE for one in strengths)


def _weight(is_phrase: bool, where: bool, *, said: bool, alone: bool, short: bool) -> float:  # noqa: FBT001
    if is_phrase:
        return PHRASE if alone or not where else _PHRASE_WHERE
    if where:
        return (_WHERE_WITH_STATE if alone else _WHERE_BESIDE) if said else _WHERE
    if said:
        return FULL
    return _IN_SHORT_NOTE if short else _THING


class _States(Struct):
    """What is said in each unit: of anything in it, and of the thing that begins at a position alone."""

    free: dict[int, int]
    own: dict[int, int]

    def of(self, one: Found, unit: int) -> bool:
        return bool((one.wanted or 0) & (self.free.get(unit, 0) | self.own.get(one.start, 0)))


def _said(
    found: Sequence[Found],
    marks: Sequence[Mark],
    clauses: Clauses,
    folded: Folded,
    *,
    units: Mapping[int, int],
    bits: Mapping[str, int],
) -> _States:
    things = {one.start for one in found if not one.only_where}
    states = _States({}, {})
    for mark in marks:
        unit = units.get(clauses.at(mark.start), -1) if mark.sort in _TELLING else -1
        if unit < 0:
            continue  # nothing is named in its sentence
        if mark.sort is Sort.STATE:
            noun = noun_of(folded, mark.start, mark.end, things) if len(things) > 1 else -1
            into, of = (states.own, noun) if noun >= 0 else (states.free, unit)
            into[of] = into.get(of, 0) | bits[mark.name]
        elif _is_missing(folded.text, mark.start):
            states.free[unit] = states.free.get(unit, 0) | bits.get(BROKEN, 0)
    return states


def _is_missing(text: str, start: int) -> bool:
    return _WITHOUT.search(text, max(0, start - _REACH), start) is not None


def noun_of(folded: Folded, start: int, end: int, things: Collection[int]) -> int:
    """Where the one of ``things`` begins of which the adjective at ``start:end`` (folded) speaks, or -1."""
    behind = _ATTRIBUTE.match(folded.text, start)
    if behind is None or behind.end() != end + 1 or behind.end() not in things:
        return -1
    return behind.end() if folded.original[folded.span(end + 1, end + 2)[0]].isupper() else -1


def _parts(
    found: Sequence[Found], unit_of: Sequence[int], marks: Sequence[Mark], said: _States, *, text: str, lies: int
) -> tuple[frozenset[int], frozenset[int]]:
    """Which of the matches are parts of other ones, and which are those wholes; by their number."""
    starts = {mark.start: mark.name for mark in marks if mark.sort is Sort.PART}
    if not starts:
        return frozenset(), frozenset()
    parts, wholes = set(), set()
    for index, one in enumerate(found):
        if one.start not in starts:
            continue
        for number, whole in enumerate(found):
            if whole.rule == one.rule or whole.weak or whole.start in starts or unit_of[number] != unit_of[index]:
                continue
            wanted = (whole.wanted or 0) & ~lies
            states = said.free.get(unit_of[index], 0) | said.own.get(one.start, 0)
            if wanted & states and not _BESIDE.search(text, max(0, whole.start - _REACH), whole.start):
                parts.add(index)
                wholes.add(number)
    return frozenset(parts), frozenset(wholes)


def _ways(
    found: Sequence[Found], sentences: Sequence[int], unit_of: Sequence[int], states: _States, text: str
) -> tuple[frozenset[int], frozenset[int]]:
    """Which phrases only name the way beside a thing that has a state in the sentence, and which things those are.

    "Die Laterne Nr. 24, Fußweg zur Talstraße, defekt" is about the lamp; "… und der Fußweg ist defekt" is not.
    """
    ways = {index for index, one in enumerate(found) if one.is_phrase and _is_way(text, one.start)}
    owners: set[int] = set()
    if not ways:
        return frozenset(), frozenset()
    said: dict[int, int] = {}
    for sentence, unit in zip(sentences, unit_of, strict=True):
        said[sentence] = said.get(sentence, 0) | states.free.get(unit, 0)
    for index, one in enumerate(found):
        if index not in ways and not one.weak and not one.only_where and (one.wanted or 0) & said[sentences[index]]:
            owners.add(index)
    of = {sentences[index] for index in owners}
    return frozenset(index for index in ways if sentences[index] in of), frozenset(
        index for index in owners if any(sentences[way] == sentences[index] for way in ways)
    )


def _is_way(text: str, start: int) -> bool:
    end = text.find(" ", start)
    return text[start:end].rstrip(",.").endswith(_WAYS) and not _SUBJECT.search(text, max(0, start - _REACH), start)


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
