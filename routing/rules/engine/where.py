"""Which place belongs to which concern: that of the sentence that bears its strongest words, else of the message.

Of one sentence the place of the clause comes first, and a scene before what only tells where it is ("zwischen A und
B"). A form's field for the scene comes before all but a house number in the clause itself. Without a place in its
sentence a concern has the one named last before, then that of the subject, then the next. Homes are never among them.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from routing.model.decision import Concern, Place
from routing.rules.engine import emergencies
from routing.rules.engine.evidence import Found
from routing.rules.engine.values import FieldName, Findings, RuleSet
from routing.text import places
from routing.text.clauses import Clauses
from routing.text.places import PlaceHit, Role

_AND = re.compile(r"\s?(?:,|und|sowie|&|\+)\s?(?:in\s|auf\s|an\s)?(?:de[rm]\s|am\s)?")
_ABOUT_AS_STRONG = 1.0
_ONLY_WHERE = 1.3
"""A word that weighs less only says where something is."""
_FEWEST = 2  # places, of which one may only be mentioned
_REACH = 70
_BREAK = re.compile(
    r"\n(?=[ \t]*(?:[-*+•]|\d{1,2}[.)]|[a-h]\))[ \t]?)|(?<![\w.,])(?:\d{1,2}|[a-h])\)\s"
    r"|(?<=[^\n])\n(?=[^\n]{0,59}(?:\n|$))"
)
_IN_TEXT, _IN_SUBJECT, _BEHIND = 1, 2, 3
_RANKS = {Role.FIELD: 0, Role.SCENE: 1, Role.BESIDE: 2, Role.WAY: 4}
_UNNAMED = 3  # a district alone

_Key = tuple[int, int, int, int]


class _Word(Struct, frozen=True):
    """Where a concern's word begins, how strong it is, and whether it is part of a street's name."""

    field: FieldName
    start: int
    weight: float
    in_place: bool = False


def located(concerns: Sequence[Concern], findings: Findings, rule_set: RuleSet) -> tuple[Concern, ...]:
    """The concerns with their places, the first one that of the letter's line "Ort"."""
    fields = {name: _Field(hits, clauses) for name, (hits, clauses) in findings.scenes.items()}
    if not any(field.hits for field in fields.values()):
        return tuple(concerns)
    words = _words(findings, rule_set)
    return tuple(replace(concern, places=_places(_of(concern, words), fields)) for concern in concerns)


def settle(findings: Findings, rule_set: RuleSet) -> None:
    """Take what is only mentioned from the scenes: places in clauses about somebody, beside one that has a concern."""
    if rule_set.somebody is None or sum(len(hits) for hits, _ in findings.scenes.values()) < _FEWEST:
        return
    words = [one for several in _words(findings, rule_set).values() for one in several]
    clear = [one for one in words if not one.in_place and one.weight > _ONLY_WHERE]
    for name, (hits, clauses) in findings.scenes.items():
        field = _Field(hits, clauses)
        clause_of = {clauses.at(one.start) for one in clear if one.field == name}
        units = {field.unit(one.start) for one in clear if one.field == name}
        near = [hit for hit in field.hits if clauses.at(hit.start) in clause_of or hit.role is Role.FIELD]
        own = [hit for hit in field.hits if field.unit(hit.start) in units]
        kept = [
            replace(hit, role=Role.HOME)
            if hit.role in {Role.SCENE, Role.BESIDE, Role.WAY}
            and clauses.at(hit.start) not in clause_of
            and _others(hit, near if hit in own else own)
            and _is_about_somebody(hit, field, rule_set.somebody)
            else hit
            for hit in hits
        ]
        findings.scenes[name] = tuple(kept), clauses


def _others(hit: PlaceHit, hits: Sequence[PlaceHit]) -> bool:
    return any(one.place.street and one.place != hit.place for one in hits)


def _is_about_somebody(hit: PlaceHit, field: "_Field", somebody: re.Pattern[str]) -> bool:
    text = field.clauses.text
    begins, _ = field.clauses.span(field.clauses.sentence(hit.start))
    start = max(begins, hit.start - _REACH, field.line(hit.start))
    last = max((one.until for one in field.hits if one.until <= hit.start), default=0)
    return somebody.search(text, max(start, last), hit.start) is not None


class _Field:
    """The scenes of a field, and its units: sentences, and lines of a list."""

    def __init__(self, hits: Sequence[PlaceHit], clauses: Clauses) -> None:
        self.hits = [hit for hit in hits if hit.role in _RANKS]
        self.clauses = clauses
        self._breaks = [found.start() for found in _BREAK.finditer(clauses.text)] if self.hits else []

    def unit(self, position: int) -> tuple[int, int]:
        return self.clauses.sentence(position), bisect_right(self._breaks, position)

    def line(self, position: int) -> int:
        """Where the line of a list begins in which a position lies."""
        before = bisect_right(self._breaks, position)
        return self._breaks[before - 1] if before else 0


def _words(findings: Findings, rule_set: RuleSet) -> dict[str, list[_Word]]:
    weights = [one.weight for one in findings.strengths]
    found: dict[str, list[_Word]] = {}
    for index, (field, one) in enumerate(_in_order(findings)):
        weight = weights[index] if index < len(weights) else 0.0
        hits = findings.scenes[field][0]
        in_place = any(hit.start <= one.start < hit.end for hit in hits)
        found.setdefault(rule_set.rules[one.rule].name, []).append(_Word(field, one.start, weight, in_place))
    if findings.fields:
        danger = findings.danger
        field = findings.fields[danger.field][0]
        found[emergencies.RULE] = [_Word(field, mark.start, 1.0) for mark in danger.signs]
    return found


def _in_order(findings: Findings) -> list[tuple[FieldName, Found]]:
    names = [name for name, _ in findings.fields] or list(findings.scenes)
    return [(field, one) for name in names for field, one in findings.found if field == name]


def _of(concern: Concern, words: dict[str, list[_Word]]) -> list[_Word]:
    found = [word for rule in concern.rules for word in words.get(rule, ())]
    named = [word for word in found if not word.in_place] or found
    strongest = max((word.weight for word in named), default=0.0)
    return [word for word in named if word.weight >= strongest - _ABOUT_AS_STRONG]


def _places(words: Sequence[_Word], fields: dict[FieldName, _Field]) -> tuple[Place, ...]:
    found: list[tuple[_Key, PlaceHit]] = []
    for name, field in fields.items():
        for hit in field.hits:
            keys = [_key(word, name, hit, field) for word in words]
            found.append((min(keys, default=(_BEHIND, _rank(hit), 0, hit.start)), hit))
    found.sort(key=lambda one: one[0])
    if not found:
        return ()
    near = _listed([hit for key, hit in found if key[0] == 0], fields)
    if not any(hit.place.street for hit in near):
        first = next((hit for _, hit in found if hit.place.street and hit not in near), None)
        near = [first, *near] if first else near or [found[0][1]]
    districts = {hit.place.district for _, hit in found if hit.place.district and not hit.place.street}
    chosen = places.distinct(near)
    if len(districts) == 1 and chosen[0].street and not any(place.district for place in chosen):
        chosen = (replace(chosen[0], district=districts.pop()), *chosen[1:])
    return chosen


def _listed(hits: list[PlaceHit], fields: dict[FieldName, _Field]) -> list[PlaceHit]:
    """In the order of the text where the first is the second of two named together: "in der A 9 und der B 2"."""
    for field in fields.values():
        for one, other in pairwise(field.hits):
            first = hits and other is hits[0] and one in hits and one.role is other.role
            if first and _AND.fullmatch(field.clauses.text, max(one.until, one.end), other.start):
                return [one, *(hit for hit in hits if hit is not one)]
    return hits


def _key(word: _Word, name: FieldName, hit: PlaceHit, field: _Field) -> _Key:
    distance = abs(hit.start - word.start)
    if word.field != name:
        return (0 if hit.role is Role.FIELD else _IN_SUBJECT, _rank(hit), 0, hit.start)
    same_clause = field.clauses.at(hit.start) == field.clauses.at(word.start)
    if field.unit(hit.start) == field.unit(word.start):
        exact = same_clause and bool(hit.place.number)
        return (0, 0 if exact else _rank(hit), 0 if same_clause else 1 if hit.start < word.start else 2, distance)
    if hit.role is Role.FIELD:
        return (0, 0, 1, distance)
    return (_IN_TEXT if hit.start < word.start else _BEHIND, 0 if hit.place.street else 1, _rank(hit), distance)


def _rank(hit: PlaceHit) -> int:
    return _RANKS[hit.role] if hit.place.street else _UNNAMED
