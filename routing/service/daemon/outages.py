"""Telling the operator what keeps the daemon from working, once when it begins and once when it ends.

A failure that waiting may mend is logged at once and told after the third in a row; one that needs a person is told
at once. A full disk is one trouble for all who find it: it ends when each of them can store again.
"""

import threading

import sqlalchemy as sa
import structlog

from intake.base import errors
from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

FAILURES_BEFORE_ALERT = 3


class Troubles:
    """The operator's alarms as the threads of the daemon begin and end them."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._full: set[str] = set()  # who found the disk full at the last try
        self._lock = threading.Lock()

    def failed(self, who: str, what: str, todo: str, error: Exception, failures: int) -> None:
        """``who`` failed for the ``failures``-th time in a row: log it, and tell the operator when it is time."""
        if isinstance(error, errors.IntakeError | sa.exc.OperationalError):
            log.warning("step failed", step=who, error=str(error), failures=failures)
        else:
            log.error("step failed", step=who, failures=failures, exc_info=error)
        if isinstance(error, errors.StorageFullError):
            self.disk_full(who, error)
        elif failures >= FAILURES_BEFORE_ALERT or person_must_act(error):
            self.begin(who, f"{what}\nGrund: {explained(error)}", todo)

    def fine(self, who: str) -> None:
        """``who`` could do its work."""
        self.disk_fine(who)
        self.end(who)

    def begin(self, condition: str, what: str, todo: str) -> None:
        """An outage: told when it begins, and again only after long."""
        self._runtime.alerts.begin(condition, what, todo, self._runtime.clock())

    def end(self, condition: str) -> None:
        """The outage is over: told if its beginning was."""
        self._runtime.alerts.end(condition, self._runtime.clock())

    def once(self, what: str, todo: str) -> None:
        """Something that has no end of its own."""
        self._runtime.alerts.once(what, todo, self._runtime.clock())

    def disk_full(self, who: str, error: errors.StorageFullError) -> None:
        """``who`` could not store."""
        with self._lock:
            self._full.add(who)
        what = "Der Datenträger ist voll: Es kann nichts mehr gespeichert werden."
        todo = (
            "Nachrichten bleiben im Postfach und in den Ordnern liegen, nichts geht verloren. Bitte schaffen Sie "
            f"Platz ({self._runtime.settings.service.data}); die Arbeit geht dann von selbst weiter.\n\n{error}"
        )
        self.begin("storage", what, todo)

    def disk_fine(self, who: str) -> None:
        """``who`` could store, or had no need to."""
        with self._lock:
            self._full.discard(who)
            over = not self._full
        if over:
            self.end("storage")


def explained(error: Exception) -> str:
    """What went wrong, for the operator: in German where the error knows it."""
    return str(getattr(error, "german", "") or error)


def person_must_act(error: Exception) -> bool:
    """Waiting will not mend it: the operator hears of it at the first failure."""
    return isinstance(error, errors.PermanentError) or bool(getattr(error, "person_must_act", False))
