"""What the engine hands on: the compiled rules, and what they found in a message. Values; nothing is decided here."""

from collections import defaultdict
from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from routing.model.decision import Match, NearMiss, Place
from routing.model.settings import KindRule, Rule, Weights
from routing.text.keywords.matching import Index
from routing.text.keywords.values import Keyword
from routing.text.places.names import Names


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
    ``first_place`` on name places.
    """

    rules: tuple[Rule | KindRule, ...]
    first_kind: int
    keywords: tuple[Keyword, ...]
    owners: tuple[tuple[int, Role], ...]
    first_place: int
    first_sign: int
    names: Names
    index: Index
    weights: Weights
    by_name: Mapping[str, Rule]
    light: frozenset[str]
    weak: frozenset[int]
    duty_desk: str

    def is_urgent(self, rule: int) -> bool:
        """Whether nothing may hold this rule back."""
        settings = self.rules[rule]
        return isinstance(settings, Rule) and settings.urgency.is_urgent


class Findings(Struct):
    """What was found in a message, by the rules' numbers."""

    matches: dict[int, list[Match]] = field(default_factory=lambda: defaultdict(list))
    resolved: dict[int, list[Match]] = field(default_factory=lambda: defaultdict(list))
    near_misses: list[NearMiss] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    shortened: bool = False
