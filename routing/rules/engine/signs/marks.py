"""A word of the library in a text, beside the rules: states, parts, signs of a report, of danger, doubts, places."""

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct


class Sort(Enum):
    """Which list of the library a word stands in."""

    STATE = "state"
    PART = "part"
    REPORT = "report"
    DANGER = "danger"
    DOUBT = "doubt"
    PLACE = "place"


class Mark(Struct, frozen=True, gc=False):
    """A word of the library in a text: which list it stands in, and where it begins and ends (folded)."""

    sort: Sort
    name: str
    start: int
    end: int
    mistyped: bool = False


_FOREIGN = "fremd"
_GERMAN = frozenset({"ich", "mein", "sie", "nicht", "form"})
_FEWEST = 2
"""So many small words of other languages, and more than German ones, make a text foreign."""


def is_foreign(marks: Sequence[Mark]) -> bool:
    """Whether a field with these marks is written in another language than the rules."""
    foreign = sum(mark.name == _FOREIGN for mark in marks)
    return foreign >= _FEWEST and foreign > sum(mark.name in _GERMAN for mark in marks)
