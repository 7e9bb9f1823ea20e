"""Reports that are shown again: counted once beside whoever asks, remembered for a while, shown with their moment.

Counting takes 60 µs a concern, which a page cannot wait for. So a report is counted in a thread, one at a time, and
who asks meanwhile is told so. A report has a clear life: for ``FRESH`` it is shown as it is, up to ``KEPT`` while it
is counted anew, after that only once it has been. Nothing is written down: all ends with the process.
"""

import threading
from collections.abc import Callable
from concurrent import futures
from datetime import datetime, timedelta

import structlog
from msgspec import Struct

from intake.base import background
from routing.figures import tables
from routing.figures.forms import plots
from routing.figures.tables import Table
from routing.figures.values import Period, Report

log = structlog.get_logger(__name__)

_Key = tuple[Period, str]

FRESH = timedelta(minutes=10)
KEPT = timedelta(hours=1)
MOST = 12
WAIT_SECONDS = 0.15


class Counted(Struct, frozen=True):
    """A report with its tables, each with its plot ("": none), and the moment (aware) at which counting began."""

    report: Report
    shown: tuple[tuple[Table, str], ...]
    at: datetime


class Remembered:
    """The reports of one process. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[_Key, Counted] = {}
        self._running: tuple[_Key, futures.Future[Counted]] | None = None

    def of(self, period: Period, rules: str, now: datetime, count: Callable[[], Report]) -> Counted | None:
        """The report of a period under these rules (a configuration's fingerprint); None while something is counted.

        ``count`` makes it, in another thread; a short count is waited for. ``now``: aware. Raises what the count of
        this period raised, once; who asks again begins another.
        """
        key = period, rules
        with self._lock:
            self._take(key)
            found = self._known.get(key)
            if not _lives(found, now, FRESH) and self._running is None:
                made = background.start(lambda: _counted(count(), now), name="figures counted")
                self._running = key, made
            if _lives(found, now):
                return found
            running = self._running
        if running is not None and running[0] == key:
            futures.wait([running[1]], WAIT_SECONDS)
        with self._lock:
            self._take(key)
            found = self._known.get(key)
        return found if _lives(found, now) else None

    def is_counting(self, period: Period) -> bool:
        """Whether this period is being counted."""
        running = self._running
        return running is not None and running[0][0] == period and not running[1].done()

    def _take(self, asked: _Key) -> None:
        """Remember what has been counted; the oldest is forgotten for it."""
        if self._running is None or not self._running[1].done():
            return
        key, made = self._running
        self._running = None
        if error := made.exception():
            if key == asked:
                raise error
            log.warning("figures not counted", since=f"{key[0].first}", until=f"{key[0].last}", error=str(error))
            return
        self._known.pop(key, None)
        while len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[key] = made.result()


def _lives(found: Counted | None, now: datetime, age: timedelta = KEPT) -> bool:
    """Whether there is such a report, at most so old, and not counted by a clock that ran ahead."""
    return found is not None and now - age < found.at <= now


def _counted(report: Report, at: datetime) -> Counted:
    shown = tuple((one, plots.draw(one, is_bare=True)) for one in tables.of(report) if one.rows)
    return Counted(report, shown, at)
