"""When a desk is open, read from the words that stand in letters ("Mo-Fr 10-20 Uhr"), and its days of operation.

Pure. A day of operation is one on which the desk has hours, and no public holiday of the city and no closed day of
[office]. What cannot be read is a ValueError with a German sentence; nothing is guessed.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import Struct

from routing.model.settings import OfficeHours, Settings
from routing.planning import schedule

_AT = r"\d{1,2}(?:[:.]\d\d)?"
_SPAN = rf"{_AT}\s*(?:Uhr)?\s*(?:[-–—]|bis)\s*{_AT}\s*(?:Uhr)?"
_ENTRY = re.compile(
    rf"[\s,;]*(?P<days>[^\d,;][^\d;]*?)[\s,:]*(?:von|ab)?\s*"
    rf"(?P<spans>{_SPAN}(?:\s*(?:,|und|u\.|/)\s*{_SPAN})*)[\s,;.]*",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(\d{1,2})(?:[:.](\d\d))?")


class Opening(Struct, frozen=True):
    """Days of the week (0 = Monday), and what they are open for: pairs of the first minute of the day and the last."""

    days: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


def parse(text: str) -> tuple[Opening, ...]:
    """The openings that one entry of ``hours`` tells, in order: "Mo-Fr 10-20 Uhr", "Sa 9:30-12 und 14-16 Uhr".

    Raises ValueError, in German, for what is none.
    """
    found, at = [], 0
    while at < len(text):
        entry = _ENTRY.match(text, at)
        if entry is None:
            raise ValueError(f"„{text}“ ist keine Öffnungszeit. Richtig wäre zum Beispiel „Mo-Fr 10-20 Uhr“.")
        minutes = [int(hour) * 60 + int(minute or 0) for hour, minute in _ENDS.findall(entry["spans"])]
        spans = tuple(zip(minutes[::2], minutes[1::2], strict=True))
        if any(not 0 <= start < end <= 1440 for start, end in spans):
            raise ValueError(f"„{text}“: Eine Öffnungszeit muss vor ihrem Ende beginnen und am selben Tag enden.")
        found.append(Opening(schedule.parse_days(entry["days"]), spans))
        at = entry.end()
    return tuple(found)


def days_of_operation(hours: Iterable[str], settings: Settings, first: date, last: date) -> tuple[date, ...]:
    """The days from ``first`` to ``last``, both included, on which a desk with these ``hours`` is open, in order.

    Raises ValueError, in German, for hours that cannot be read.
    """
    open_on = {day for text in hours for opening in parse(text) for day in opening.days}
    free = OfficeHours(closed=settings.office.closed, holidays=settings.city.holidays)
    every = (first + timedelta(days=step) for step in range((last - first).days + 1))
    return tuple(day for day in every if day.weekday() in open_on and not schedule.is_free(free, day))
