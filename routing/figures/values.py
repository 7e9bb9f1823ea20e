"""What a report holds: plain values, counted, with the keys as they are stored; words for people are put in later."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

SMALLEST = 3
"""So many concerns of one kind in one street make a hot spot."""
OTHER_PLACE = "(anderer Ort)"
"""What a place counts as that is at no street of the list."""
TIMES = ("decision", "letter", "answer", "done")
"""What is timed, from the moment at which a concern came in."""
SHARES = ("without_person", "review", "corrected", "handed_back", "repeated")


class Period(Struct, frozen=True):
    """From the beginning of ``first`` to the end of ``last``, days on the clock of the city.

    ``since`` (included) and ``until`` (not included) are the same as moments: aware, UTC.
    ``kind``: month, quarter, year, days.
    """

    first: date
    last: date
    since: datetime
    until: datetime
    kind: str = "days"


class Times(Struct, frozen=True):
    """How long something took: of how many concerns it is known, the median, and what nine in ten did not exceed.

    In seconds, by nearest rank; None where nothing is known.
    """

    count: int
    median: int | None
    nine_in_ten: int | None


class Spot(Struct, frozen=True):
    """A street where the same was reported again and again."""

    street: str
    category: str
    concerns: int


class Counts(Struct, frozen=True):
    """What was counted in a period.

    ``by`` maps a dimension to its values with their numbers of concerns; ``days`` the same for each channel and day;
    ``further`` are reports that told of a case once more; ``others`` are messages without a concern, by kind;
    ``first_at``: when the first concern came in (aware, UTC).
    """

    concerns: int
    by: Mapping[str, Mapping[str, int]]
    grid: tuple[tuple[int, ...], ...]
    days: Mapping[str, Mapping[date, int]]
    times: Mapping[str, Times]
    shares: Mapping[str, int]
    further: int
    others: Mapping[str, int]
    spots: tuple[Spot, ...]
    first_at: datetime | None


class Desk(Struct, frozen=True):
    """A desk, or another channel: how much came, on how many days it was at work.

    ``days``: days of operation by its ``hours``; without hours that can be read, the days on which something came.
    ``problem``: German, why its hours do not count.
    """

    name: str
    concerns: int
    days: int
    is_desk: bool
    hours: tuple[str, ...] = ()
    problem: str = ""


class Report(Struct, frozen=True):
    """Everything about a period: what was counted, the same for the time before, the desks, sentences for the press.

    ``names`` maps a body's id to its name; ``made_at``: aware, UTC.
    """

    city: str
    period: Period
    earlier: Period
    counts: Counts
    before: Counts
    desks: tuple[Desk, ...]
    press: tuple[str, ...]
    names: Mapping[str, str]
    notes: tuple[str, ...]
