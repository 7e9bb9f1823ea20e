"""What the engine hands on: the compiled rules, and what they found in a message. Values; nothing is decided here."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from routing.model.decision import Match, NearMiss, Place
from routing.model.library import Library
from routing.model.settings import KindRule, Rule, Weights
from routing.rules.engine.evidence import Found, Strength
from routing.rules.engine.signs.danger import NOTHING, Danger, Looked
from routing.rules.engine.signs.marks import Mark, Sort
from routing.text.clauses import Clauses
from routing.text.keywords.folding import Folded
from routing.text.keywords.values import Keyword
from routing.text.places import forms
from routing.text.places.match import PlaceHit

if TYPE_CHECKING:
    from routing.text.keywords.matching import Index
    from routing.text.places.names import Names
    from routing.text.web_forms import Known

FieldName = Literal["subject", "new_text"]
Span = tuple[int, int]


class Role(Enum):
    """What a keyword does for its rule."""

    KEYWORD = "keywords"
    EXCEPT = "except"
    UNLESS = "unless"


class RuleProblem(Struct, frozen=True):
    """What is wrong with a keyword, in German."""

    rule: str
    keyword: str
    what: str


class RuleSet(Struct, frozen=True):
    """Rules ready for use; ``owners[n]`` says whose keyword number n of the index is (rule number, role).

    ``rules`` holds the rules and then the kinds; numbers from ``first_kind`` on are kinds. Keywords from number
    ``first_place`` on name places, from ``first_mark`` on they are the library's (``meanings``). ``bits`` has one bit
    for each state; ``wanted``: rule number → the states that make its things a report; ``labels`` and
    ``forms``: what fields hold;
    ``somebody`` finds the words of clauses that are about a person.
    """

    rules: tuple[Rule | KindRule, ...]
    first_kind: int
    keywords: Sequence[Keyword]
    owners: tuple[tuple[int, Role], ...]
    first_place: int
    first_sign: int
    names: "Names"
    index: "Index"
    weights: Weights
    by_name: Mapping[str, Rule]
    light: frozenset[str]
    weak: frozenset[int]
    duty_desk: str
    library: Library
    first_mark: int
    meanings: tuple[tuple[Sort, str], ...]
    bits: Mapping[str, int]
    wanted: Mapping[int, int]
    labels: forms.Labels = forms.NO_LABELS
    somebody: re.Pattern[str] | None = None
    forms: "Known | None" = None

    def is_urgent(self, rule: int) -> bool:
        """Whether nothing may hold this rule back."""
        settings = self.rules[rule]
        return isinstance(settings, Rule) and settings.urgency.is_urgent

    def alarms(self, rule: int) -> bool:
        """Whether this rule calls the duty desk, certain or in doubt."""
        settings = self.rules[rule]
        return isinstance(settings, Rule) and settings.urgency.is_alarm

    def calls(self, name: str) -> bool:
        """The same of the rule with this name."""
        settings = self.by_name.get(name)
        return settings is not None and settings.urgency.is_alarm


class Field(Struct):
    """One field's hits, sorted by rule."""

    name: FieldName
    folded: Folded
    keywords: dict[int, list[tuple[int, int, int]]]
    exceptions: dict[int, list[Span]]
    places: tuple[PlaceHit, ...]
    signatures: tuple[tuple[int, int, bool], ...]
    signs: list[int]  # where words stand that may say that something is resolved
    marks: list[Mark]
    clauses: Clauses
    foreign: bool


class Findings(Struct):
    """What was found in a message, by the rules' numbers."""

    matches: dict[int, list[Match]] = field(default_factory=lambda: defaultdict(list))
    resolved: dict[int, list[Match]] = field(default_factory=lambda: defaultdict(list))
    near_misses: list[NearMiss] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    scenes: dict[FieldName, tuple[tuple[PlaceHit, ...], Clauses]] = field(default_factory=dict)
    homes: list[Place] = field(default_factory=list)
    shortened: bool = False
    words: int = 0
    fields: list[tuple[FieldName, Folded]] = field(default_factory=list)
    found: list[tuple[FieldName, Found]] = field(default_factory=list)
    strengths: list[Strength] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    danger: Danger = NOTHING
    beside_danger: frozenset[int] = frozenset()  # rules clearly met in the danger's sentences
    report: Mapping[str, float] = field(default_factory=dict)
