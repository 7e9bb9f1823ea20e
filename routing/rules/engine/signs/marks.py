"""A word of the library in a text, beside the rules: states, parts, signs of a report, of danger, doubts, places."""

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


class Mark(Struct, frozen=True):
    """A word of the library in a text: which list it stands in, and where it begins and ends (folded)."""

    sort: Sort
    name: str
    start: int
    end: int
    mistyped: bool = False
