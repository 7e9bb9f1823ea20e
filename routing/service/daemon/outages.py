"""Notifying the operator of what keeps the daemon from working, once when it begins and once when it ends.

A failure that waiting may mend is logged at once and notified after the third in a row; one that needs a person at
once. A full disk is one outage for all who find it: it ends when each of them can store again.
"""

import threading
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


class Outages:
    """The operator's alarms as the threads of the daemon begin and end them."""

    def __init__(self, alerts: Alerts, data: Path, clock: Clock) -> None:
        """``data``: the folder that must not be full; ``clock`` gives aware moments."""
        self._alerts = alerts
        self._data = data
        self._clock = clock
        self._full: set[str] = set()  # who found the disk full at the last try
        self._lock = threading.Lock()

    def failed(self, who: str, text: OutageText, error: Exception, failures: int) -> None:
        """``who`` failed for the ``failures``-th time in a row: log it, and notify the operator when it is time."""
        if isinstance(error, errors.IntakeError | sa.exc.OperationalError):
            log.warning("step failed", step=who, error=str(error), failures=failures)
        else:
            log.error("step failed", step=who, failures=failures, exc_info=error)
        if isinstance(error, errors.StorageFullError):
            self.disk_full(who, error)
        elif failures >= FAILURES_BEFORE_ALERT or person_must_act(error):
            self.begin(who, text, error)

    def fine(self, who: str) -> None:
        """``who`` could do its work."""
        self.disk_fine(who)
        self.end(who)

    def begin(self, condition: str, text: OutageText, reason: Exception | None = None) -> None:
        """An outage, and why: notified when it begins, and again only after long."""
        what = text.what if reason is None else text.because(reason)
        self._alerts.begin(condition, what, text.todo, self._clock())

    def end(self, condition: str) -> None:
        """The outage is over: notified if its beginning was."""
        self._alerts.end(condition, self._clock())

    def once(self, text: OutageText) -> None:
        """Something that has no end of its own."""
        self._alerts.once(text.what, text.todo, self._clock())

    def disk_full(self, who: str, error: errors.StorageFullError) -> None:
        """``who`` could not store."""
        with self._lock:
            self._full.add(who)
        self.begin("storage", outage_texts.disk_full(self._data, error))

    def disk_fine(self, who: str) -> None:
        """``who`` could store, or had no need to."""
        with self._lock:
            self._full.discard(who)
            over = not self._full
        if over:
            self.end("storage")


def person_must_act(error: Exception) -> bool:
    """Waiting will not mend it: the operator hears of it at the first failure."""
    return isinstance(error, errors.PermanentError) or bool(getattr(error, "person_must_act", False))
