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
from routing.rules.engine.evidence import Found
from routing.rules.engine.signs.danger import RULE
from routing.rules.engine.values import FieldName, Findings, RuleSet
from routing.text.clauses import Clauses
from routing.text.places import homes
from routing.text.places.match import PlaceHit, Role, distinct

_AND = re.compile(r"\s?(?:,|und|sowie|&|\+)\s?(?:in\s|auf\s|an\s)?(?:de[rm]\s|am\s)?")
_ABOUT_AS_STRONG = 1.0
_ONLY_WHERE = 1.3
"""A word that weighs less only says where something is."""
_MOST_WORDS = 6  # of a concern that are asked where it is
_FEWEST = 2  # places, of which one may only be mentioned
_REACH = 70
_IN_TEXT, _IN_SUBJECT, _BEHIND = 1, 2, 3
_RANKS = {Role.FIELD: 0, Role.SCENE: 1, Role.BESIDE: 2, Role.WAY: 4}
_UNNAMED = 3  # a district alone

_TOGETHER = re.compile(r"\s?(?:,|und|sowie|&|\+|/|ecke|bis|kreuzung)\s?(?:in\s|auf\s|an\s|ecke\s)?(?:de[rm]\s|am\s)?")
_OWN = re.compile(
    r"\b(?:bin|sind wir|wir sind|mein\w{0,2}|unser\w{0,2}|besitze\w?|"
    r"betreibe\w?|arbeite\w?|leite|fuehre|miete\w?|studiere|wohn\w*|leb\w{1,2})\b"
)
"""What somebody is or has."""
_BEFORE_IT = re.compile(
    r"\b(?:vor|vorm|gegenueber|neben|hinter|hoehe|ecke|unter|zwischen|nahe|an|auf)\b[^.,;:]{0,40}$"
)
_LISTED = re.compile(r"(?:^|\n)[ \t]*(?:[-*+•]|\d{1,2}[.)]|[a-h]\))[ \t]?$")
_LEADS_IN = 30  # characters before a place in which a preposition may stand
_ANOTHERS = 2  # ranks that a place loses in a clause that speaks of another concern

_Key = tuple[int, int, int, int]
_Clause = tuple[FieldName, int]


class _Word(Struct, frozen=True, gc=False):
    """A concern's word: where it begins and how strong it is, its unit and clause, whether it is part of a street."""

    field: FieldName
    start: int
    weight: float
    unit: tuple[int, int]
    clause: int
    in_place: bool = False


class _Spot(Struct, frozen=True, gc=False):
    """A place with its unit and clause, and its rank among the places of one sentence."""

    hit: PlaceHit
    unit: tuple[int, int]
    clause: int
    rank: int


def located(concerns: Sequence[Concern], findings: Findings, rule_set: RuleSet) -> tuple[Concern, ...]:
    """The concerns with their places, the first one that of the letter's line "Ort"."""
    hits = [hit for told, _ in findings.scenes.values() for hit in told if hit.role in _RANKS]
    if not hits or not concerns:
        return tuple(concerns)
    if len(hits) == 1:
        only = distinct(hits)
        return tuple(replace(concern, places=only) for concern in concerns)
    fields = {name: _Field(told, clauses) for name, (told, clauses) in findings.scenes.items()}
    words = _words(findings, rule_set, fields)
    speak = _speaking(words)
    return tuple(
        replace(concern, places=_places(_of(concern, words), fields, _Taken(frozenset(concern.rules), speak)))
        for concern in concerns
    )


def _speaking(words: dict[str, list[_Word]]) -> dict[_Clause, set[str]]:
    """Which rules each clause clearly speaks of."""
    speak: dict[_Clause, set[str]] = {}
    for rule, several in words.items():
        for one in several:
            if not one.in_place and one.weight > _ONLY_WHERE:
                speak.setdefault((one.field, one.clause), set()).add(rule)
    return speak


class _Taken(Struct, frozen=True):
    """Which clauses speak of something else than a concern, so that their places are another one's."""

    rules: frozenset[str]
    speak: dict[_Clause, set[str]]

    def by_another(self, name: FieldName, clause: int) -> bool:
        """Whether the clause speaks of other things alone."""
        spoken = self.speak.get((name, clause))
        return spoken is not None and self.rules.isdisjoint(spoken)


def settle(findings: Findings, rule_set: RuleSet) -> None:
    """Take what is only mentioned from the scenes, beside a place that has a concern.

    That are places in clauses about somebody, and addresses that no concern's words choose and no preposition of
    place leads in: "Anruf aus der Nachbarschaft, Südstr. 4, Sperrmüll Ecke Ritterstr.".
    """
    told = [(name, hit) for name, (hits, _) in findings.scenes.items() for hit in hits]
    if rule_set.somebody is None or not told:
        return
    if len(told) < _FEWEST:
        _settle_alone(findings, rule_set, *told[0])
        return
    fields = {name: _Field(hits, clauses) for name, (hits, clauses) in findings.scenes.items()}
    words = [one for several in _words(findings, rule_set, fields).values() for one in several]
    clear = [one for one in words if not one.in_place and one.weight > _ONLY_WHERE]
    for name, (hits, clauses) in findings.scenes.items():
        field = fields[name]
        clause_of = {one.clause for one in clear if one.field == name}
        units = {one.unit for one in clear if one.field == name}
        near = [one.hit for one in field.spots if one.clause in clause_of or one.hit.role is Role.FIELD]
        own = [one.hit for one in field.spots if one.unit in units]
        chosen = _chosen(field, [one for one in clear if one.field == name])
        kept = [
            replace(hit, role=Role.HOME)
            if hit.role in {Role.SCENE, Role.BESIDE, Role.WAY}
            and clauses.at(hit.start) not in clause_of
            and _others(hit, near if hit in own else own)
            and (_is_about_somebody(hit, field, rule_set.somebody) or _is_bare(hit, field, chosen))
            else hit
            for hit in hits
        ]
        findings.scenes[name] = tuple(kept), clauses


def _settle_alone(findings: Findings, rule_set: RuleSet, name: FieldName, hit: PlaceHit) -> None:
    """Take the only address for a home where its clause says what somebody is or has, and another one the concern.

    "Ich bin Mieter am Ostwall 155. Im Keller nebenan sind Ratten": where it is, a person must ask.
    """
    clauses = findings.scenes[name][1]
    begins, ends = clauses.clause_span(clauses.at(hit.start))
    if (
        hit.role is not Role.SCENE
        or not hit.place.number
        or hit.place.is_home
        or not _OWN.search(clauses.text, begins, ends)
    ):
        return
    if _BEFORE_IT.search(clauses.text, begins, hit.start):
        return
    fields = {field: _Field(told, of) for field, (told, of) in findings.scenes.items()}
    words = [one for several in _words(findings, rule_set, fields).values() for one in several]
    clear = [one for one in words if not one.in_place and one.weight > _ONLY_WHERE]
    if clear and all(one.field != name or one.clause != clauses.at(hit.start) for one in clear):
        findings.scenes[name] = (replace(hit, role=Role.HOME),), clauses


def _others(hit: PlaceHit, hits: Sequence[PlaceHit]) -> bool:
    own = hit.place.street, hit.place.number
    return any(one.place.street and (one.place.street, one.place.number) != own for one in hits)


def _is_about_somebody(hit: PlaceHit, field: "_Field", somebody: re.Pattern[str]) -> bool:
    text = field.clauses.text
    begins, _ = field.clauses.span(field.clauses.sentence(hit.start))
    start = max(begins, hit.start - _REACH, field.line(hit.start))
    last = max((one.until for one in field.hits if one.until <= hit.start), default=0)
    return somebody.search(text, max(start, last), hit.start) is not None


def _chosen(field: "_Field", words: Sequence[_Word]) -> set[int]:
    """Where the places begin that are nearest to a word of a concern in its unit, or named together with such."""
    spots: dict[tuple[int, int], list[_Spot]] = {}
    for spot in field.spots:
        spots.setdefault(spot.unit, []).append(spot)
    chosen = {
        min(spots[word.unit], key=lambda spot: _key(word, word.field, spot)).hit.start
        for word in words
        if word.unit in spots
    }
    for one, other in pairwise(field.hits):
        if _TOGETHER.fullmatch(field.clauses.text, max(one.until, one.end), other.start):
            chosen |= {one.start, other.start} if chosen & {one.start, other.start} else set()
    return chosen


def _is_bare(hit: PlaceHit, field: "_Field", chosen: set[int]) -> bool:
    """Whether it is an address that nothing ties to a concern."""
    text = field.clauses.text
    before = max(0, hit.start - _LEADS_IN)
    return (
        bool(hit.place.number)
        and hit.start not in chosen
        and not text[hit.start].isdigit()
        and not homes.AT_PLACE.search(text, before, hit.start)
        and not _LISTED.search(text, before, hit.start)
    )


class _Field:
    """The scenes of a field, and its units: sentences, and lines of a list."""

    def __init__(self, hits: Sequence[PlaceHit], clauses: Clauses) -> None:
        self.hits = [hit for hit in hits if hit.role in _RANKS]
        self.clauses = clauses
        self._breaks = clauses.breaks if self.hits else []
        self.spots = [_Spot(hit, self.unit(hit.start), clauses.at(hit.start), _rank(hit)) for hit in self.hits]

    def unit(self, position: int) -> tuple[int, int]:
        return self.clauses.sentence(position), bisect_right(self._breaks, position)

    def line(self, position: int) -> int:
        """Where the line of a list begins in which a position lies."""
        before = bisect_right(self._breaks, position)
        return self._breaks[before - 1] if before else 0


def _words(findings: Findings, rule_set: RuleSet, fields: dict[FieldName, _Field]) -> dict[str, list[_Word]]:
    weights = [one.weight for one in findings.strengths]
    found: dict[str, list[_Word]] = {}
    for index, (name, one) in enumerate(_in_order(findings)):
        weight = weights[index] if index < len(weights) else 0.0
        found.setdefault(rule_set.rules[one.rule].name, []).append(_word(name, one.start, weight, fields[name]))
    if findings.fields:
        name = findings.fields[findings.danger.field][0]
        found[RULE] = [_word(name, mark.start, 1.0, fields[name]) for mark in findings.danger.signs]
    return found


def _word(name: FieldName, start: int, weight: float, field: _Field) -> _Word:
    in_place = any(hit.start <= start < hit.end for hit in field.hits)
    return _Word(name, start, weight, field.unit(start), field.clauses.at(start), in_place)


def _in_order(findings: Findings) -> list[tuple[FieldName, Found]]:
    names = [name for name, _ in findings.fields] or list(findings.scenes)
    return [(field, one) for name in names for field, one in findings.found if field == name]


def _of(concern: Concern, words: dict[str, list[_Word]]) -> list[_Word]:
    found = [word for rule in concern.rules for word in words.get(rule, ())]
    named = [word for word in found if not word.in_place] or found
    strongest = max((word.weight for word in named), default=0.0)
    return [word for word in named if word.weight >= strongest - _ABOUT_AS_STRONG][:_MOST_WORDS]


def _places(words: Sequence[_Word], fields: dict[FieldName, _Field], taken: _Taken) -> tuple[Place, ...]:
    found: list[tuple[_Key, PlaceHit]] = []
    for name, field in fields.items():
        for spot in field.spots:
            rank = spot.rank + (_ANOTHERS if taken.by_another(name, spot.clause) else 0)
            keys = [_key(word, name, spot, rank) for word in words]
            found.append((min(keys, default=(_BEHIND, rank, 0, spot.hit.start)), spot.hit))
    found.sort(key=lambda one: one[0])
    if not found:
        return ()
    near = _listed([hit for key, hit in found if key[0] == 0], fields)
    if not any(hit.place.street for hit in near):
        first = next((hit for _, hit in found if hit.place.street and hit not in near), None)
        near = [first, *near] if first else near or [found[0][1]]
    districts = {hit.place.district for _, hit in found if hit.place.district and not hit.place.street}
    chosen = distinct(near)
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


def _key(word: _Word, name: FieldName, spot: _Spot, rank: int | None = None) -> _Key:
    hit, rank = spot.hit, spot.rank if rank is None else rank
    distance = abs(hit.start - word.start)
    if word.field != name:
        return (0 if hit.role is Role.FIELD else _IN_SUBJECT, rank, 0, hit.start)
    same_clause = spot.clause == word.clause
    if spot.unit == word.unit:
        exact = same_clause and hit.place.number
        return (0, 0 if exact else rank, 0 if same_clause else 1 if hit.start < word.start else 2, distance)
    if hit.role is Role.FIELD:
        return (0, 0, 1, hit.start)
    return (_IN_TEXT if hit.start < word.start else _BEHIND, 0 if hit.place.street else 1, rank, distance)


def _rank(hit: PlaceHit) -> int:
    return _RANKS[hit.role] if hit.place.street else _UNNAMED
