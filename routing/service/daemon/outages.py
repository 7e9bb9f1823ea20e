"""Notifying the operator of what keeps the daemon from working, once when it begins and once when it ends.

A failure that waiting may mend is logged at once and notified after the third in a row; one that needs a person at
once. Another cause behind an outage is notified if it
needs a person, such as a wrong password. A full disk, and a database that is out, is one
outage for all who find it: it ends when each of them can work again.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
import structlog

from intake.base import errors
from intake.base.clock import Clock
from routing.service import outage_texts
from routing.service.alerts import Alerts
from routing.service.outage_texts import OutageText

log = structlog.get_logger(__name__)

FAILURES_BEFORE_ALERT = 3
OTHERS_TELL_AFTER = 600.0  # seconds after which a daemon that is not the first tells of a database that is out
STORAGE, DATABASE = "storage", "database"


class Outages:
    """The operator's alarms as the threads of the daemon begin and end them."""

    def __init__(self, alerts: Alerts, data: Path, clock: Clock, is_first: Callable[[], bool] = lambda: True) -> None:
        """``data``: the folder that must not be full; ``clock`` gives aware moments.

        ``is_first``: whether this daemon tells of what all of them see and cannot agree upon.
        """
        self._alerts = alerts
        self._data = data
        self._clock = clock
        self._is_first = is_first
        self._found: dict[str, set[str]] = {STORAGE: set(), DATABASE: set()}  # who found it so at the last try
        self._since = 0.0  # when the database was found to be out, by the monotonic clock
        self._lock = threading.Lock()

    def failed(self, who: str, text: OutageText, error: Exception, failures: int) -> None:
        """``who`` failed for the ``failures``-th time in a row: log it, and notify the operator when it is time."""
        if isinstance(error, errors.IntakeError | sa.exc.OperationalError):
            log.warning("step failed", step=who, error=str(error), failures=failures)
        else:
            log.error("step failed", step=who, failures=failures, exc_info=error)
        telling = failures >= FAILURES_BEFORE_ALERT or person_must_act(error)
        if isinstance(error, errors.StorageFullError):
            self.disk_full(who, error)
        elif isinstance(error, errors.DatabaseOutError):
            if self._is_out(who) and telling:
                self.begin(DATABASE, outage_texts.DATABASE, error)
        elif telling:
            self.begin(who, text, error)

    def fine(self, who: str) -> None:
        """``who`` could do its work."""
        self.disk_fine(who)
        self.end(who)

    def begin(self, condition: str, text: OutageText, reason: Exception | None = None) -> None:
        """An outage, and why: notified when it begins, and again for another reason that needs a person."""
        what = text.what if reason is None else text.because(reason)
        cause = "" if reason is None else cause_of(reason)
        further = reason is not None and person_must_act(reason)
        self._alerts.begin(condition, what, text.todo, self._clock(), cause=cause, further=further)

    def end(self, condition: str) -> None:
        """The outage is over: notified if its beginning was."""
        self._alerts.end(condition, self._clock())

    def once(self, text: OutageText) -> None:
        """Something that has no end of its own."""
        self._alerts.once(text.what, text.todo, self._clock())

    def disk_full(self, who: str, error: errors.StorageFullError) -> None:
        """``who`` could not store."""
        with self._lock:
            self._found[STORAGE].add(who)
        self.begin(STORAGE, outage_texts.disk_full(self._data, error))

    def disk_fine(self, who: str) -> None:
        """``who`` could store and use the database, or had no need to."""
        with self._lock:
            over = []
            for condition, found in self._found.items():
                found.discard(who)
                if not found:
                    over.append(condition)
        for condition in over:
            self.end(condition)

    def _is_out(self, who: str) -> bool:
        """Note that ``who`` finds no database; whether it is this daemon that tells."""
        now = time.monotonic()
        with self._lock:
            if not self._found[DATABASE]:
                self._since = now
            self._found[DATABASE].add(who)
        return self._is_first() or now - self._since > OTHERS_TELL_AFTER


def person_must_act(error: Exception) -> bool:
    """Waiting will not mend it: the operator hears of it at the first failure."""
    return isinstance(error, errors.PermanentError) or bool(getattr(error, "person_must_act", False))


def cause_of(error: Exception) -> str:
    """The same text for the same cause: the kind of error, and what the database said when it refused us."""
    return f"{type(error).__name__} {getattr(error, 'cause', '')}".strip()
