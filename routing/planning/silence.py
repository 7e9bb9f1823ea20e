"""How long a channel is silent by nature, learned from when things came through it. Pure.

Silence is measured in what should have come: each hour of the week (a holiday is a Sunday) has brought so many on
average, and a silence is the sum over its hours. So a night, a weekend and Christmas weigh little, a Monday morning
much. A channel is suspiciously silent when more is missing than ``MARGIN`` times what was ever missing between two
arrivals; the one longest silence of the history does not count, since it may have been an outage itself. Within a
regular channel two missing ones are enough, within a random one about ten.
"""

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from intake.base import german

HOUR = timedelta(hours=1)
HISTORY = timedelta(days=180)
LEAST_DAYS = timedelta(days=28)
LEAST_ARRIVALS = 20
MARGIN = 1.5
LEAST_MISSING = 2.0
SUNDAY = 6

Hour = tuple[int, int]  # day of the week (0 = Monday), hour, on Germany's clock


class Habit(Struct, frozen=True):
    """What a channel usually brings in each hour of the week, and how much may be missing at most."""

    usual: dict[Hour, float]
    limit: float
    is_holiday: Callable[[date], bool]

    def missing(self, since: datetime, now: datetime) -> float:
        """How many should have come between these moments (aware)."""
        total, moment = 0.0, since
        while moment < now:
            end = min(_hour(moment) + HOUR, now)
            total += self.usual.get(_slot(moment, self.is_holiday), 0.0) * ((end - moment) / HOUR)
            moment = end
        return total

    def is_silent(self, since: datetime, now: datetime) -> bool:
        """Whether nothing since ``since`` is more than silence by nature; both aware."""
        return self.missing(since, now) > self.limit


def learned(arrivals: Sequence[datetime], now: datetime, is_holiday: Callable[[date], bool]) -> Habit | None:
    """The habit of a channel through which something came at these moments (aware, ascending); None: too few.

    Several in one minute count as one: a list of a hundred rows is one arrival.
    """
    known = sorted({moment.replace(second=0, microsecond=0) for moment in arrivals if now - HISTORY < moment <= now})
    if len(known) < LEAST_ARRIVALS or now - known[0] < LEAST_DAYS:
        return None
    first = _hour(known[0])
    hours = [first + HOUR * number for number in range(int((known[-1] - first) / HOUR) + 1)]
    slots = [_slot(hour, is_holiday) for hour in hours]
    often, came = Counter(slots), Counter(slots[bisect_right(hours, moment) - 1] for moment in known)
    usual = {slot: came[slot] / often[slot] for slot in came}
    until = list(itertools.accumulate((usual.get(slot, 0.0) for slot in slots), initial=0.0))

    def expected(moment: datetime) -> float:
        index = bisect_right(hours, moment) - 1
        return until[index] + usual.get(slots[index], 0.0) * ((moment - hours[index]) / HOUR)

    gaps = sorted(expected(later) - expected(earlier) for earlier, later in itertools.pairwise(known))
    return Habit(usual, max(MARGIN * gaps[-2], LEAST_MISSING), is_holiday)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _slot(moment: datetime, is_holiday: Callable[[date], bool]) -> Hour:
    here = german.local(moment)
    return (SUNDAY if is_holiday(here.date()) else here.weekday()), here.hour
