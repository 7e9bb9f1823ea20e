"""The words of routing: what a decision, a concern and a match are. Pure values, no I/O, no clock."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct, field


class Urgency(StrEnum):
    """How fast a concern must reach its body; domain.md calls them S0 to S4."""

    NOTFALL = "notfall"  # S0: at once, to the duty desk alone
    PRUEFEN = "pruefen"  # in doubt: the duty desk alone looks at once, day and night (promise P12)
    SOFORT = "sofort"  # S1: at once, day and night
    HEUTE = "heute"  # S2: at once within office hours, else at their next start
    SAMMEL = "sammel"  # S3: the recipient's digest
    LISTE = "liste"  # S4: the recipient's weekly list

    @property
    def rank(self) -> int:
        """0 is the most urgent."""
        return _RANKS[self]

    @property
    def is_urgent(self) -> bool:
        """Whether it goes out at once, day and night, and nothing may hold it back (promise P4)."""
        return self in _URGENT

    @property
    def is_alarm(self) -> bool:
        """Whether it goes to the duty desk alone, and everything else of its message waits."""
        return self in _ALARMS

    @property
    def is_collected(self) -> bool:
        """Whether it waits for the recipient's next digest or weekly list."""
        return self in _COLLECTED


_RANKS = {urgency: rank for rank, urgency in enumerate(Urgency)}
_URGENT = frozenset({Urgency.NOTFALL, Urgency.PRUEFEN, Urgency.SOFORT})
_ALARMS = frozenset({Urgency.NOTFALL, Urgency.PRUEFEN})
_COLLECTED = frozenset({Urgency.SAMMEL, Urgency.LISTE})
URGENT = tuple(urgency for urgency in Urgency if urgency.is_urgent)
"""For queries; elsewhere ask ``Urgency.is_urgent``."""
LAST_URGENT_RANK = max(urgency.rank for urgency in URGENT)
"""For queries: what is urgent comes first."""
COLLECTED = tuple(urgency for urgency in Urgency if urgency.is_collected)
"""For queries; elsewhere ask ``Urgency.is_collected``."""


SEEN_FIRST = "zuerst-ansehen"
"""The kind of a message in which somebody may be in trouble, though not for certain: in front in the desk's lists."""


class State(StrEnum):
    """What a decision came to."""

    ROUTED = "routed"
    REVIEW = "review"  # German: Klärung; a person decides
    KEPT = "kept"  # stored, but no concern: automatic, thanks, missed call ...


class Match(Struct, frozen=True, gc=False):
    """A keyword of a rule found in the text.

    ``start`` and ``end`` count characters of ``field`` as stored; ``found`` is ``field[start:end]``.
    """

    rule: str
    keyword: str
    found: str
    field: Literal["subject", "new_text"]
    start: int
    end: int


class Place(Struct, frozen=True, gc=False):
    """Where it is, as far as the text tells: normalised street, house number, district (Stadtteil), another town."""

    street: str
    number: str = ""
    district: str = ""
    found: str = ""
    town: str = ""  # empty for the city itself
    is_home: bool = False  # where somebody lives, who says himself that it is before his door


class Concern(Struct, frozen=True):
    """One thing a message is about, with who gets it and why.

    ``state`` is REVIEW for one that is listed but may not go out yet (beside an emergency, in automatic mail ...),
    KEPT for one that needs no letter of its own, because another one's goes to the same bodies (rule key ``yields``).
    ``places`` are its own, that of its letter's line "Ort" first; empty where the message tells none.
    ``doubt`` says in German why a person must look before it is an alarm ("wird verneint („kein“)"), or is empty.
    """

    category: str  # id and name as in the rule: "Abfall / Müllablagerung"
    category_id: str  # "S01"; may be empty
    recipients: tuple[str, ...]
    urgency: Urgency
    rules: tuple[str, ...]
    matches: tuple[Match, ...]
    state: State = State.ROUTED
    places: tuple[Place, ...] = ()
    doubt: str = ""


class NearMiss(Struct, frozen=True, gc=False):
    """A rule that nearly applied, and in German why it did not."""

    rule: str
    keyword: str
    found: str
    why: str


class Decision(Struct, frozen=True):
    """What becomes of a message and why; ``reason`` is a German sentence for staff.

    ``places`` are all where something is, ``homes`` those taken for where somebody lives; they go nowhere.
    """

    state: State
    kind: str  # "concern", or what it is instead: "automatic", "thanks", "missed call" ...
    concerns: tuple[Concern, ...]
    reason: str
    places: tuple[Place, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    alert: bool = field(default=False)  # an urgent match in a message that nobody may forward: tell the desk
    homes: tuple[Place, ...] = ()

    @property
    def urgency(self) -> Urgency | None:
        """The highest of its concerns."""
        return min((concern.urgency for concern in self.concerns), key=lambda u: u.rank, default=None)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Its concerns' recipients, each once, in order; of a routed decision only of the concerns that go out."""
        going = [
            concern for concern in self.concerns if concern.state is State.ROUTED or self.state is not State.ROUTED
        ]
        return tuple(dict.fromkeys(name for concern in going for name in concern.recipients))
