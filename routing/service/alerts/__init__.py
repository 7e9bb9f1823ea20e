"""Notifying the operator of an outage: once when it begins, once for each new cause, once when it ends.

``begin`` and ``end`` may be called at every pass; only a change notifies somebody. What holds is kept twice: in the
database, which all daemons share (``shared``), and in a file of the data folder (``state_file``), so that a restart
does not notify twice and an outage of either has its beginning and its end. A notification goes out directly by SMTP
and through ``[operator] command``, from a thread of its own (``messenger``), each until it has worked. Nothing here
raises: an alert that fails is logged, never in the way of the work.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import structlog
from msgspec.structs import replace
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import errors
from routing.model.settings import Settings
from routing.service.alerts.alarm import Alarm, Condition
from routing.service.alerts.messenger import Messenger
from routing.service.alerts.shared import Shared
from routing.service.alerts.state_file import StateFile

__all__ = ["OWN", "Alarm", "Alerts", "Condition", "Mail", "StateFile"]

log = structlog.get_logger(__name__)

START = "start"
OWN = frozenset({"configuration", "database", "storage", "urgent_command", START})
"""Conditions of one machine: others have a disk, a config.toml, programs and a way to the database of their own."""
ONE_JUDGE = ("mailbox ", "folder ", "reconcile ")
"""Conditions, by the beginning of their names, that only the daemon with the lease can judge."""
MOST_CAUSES = 5  # of one outage that are told

Mail = Callable[[Alarm, datetime], None]  # raises TemporaryError when it cannot be sent now


class Alerts:
    """The conditions that hold now, and how the operator is notified of them. Safe for several threads."""

    def __init__(
        self,
        engine: Engine | None,
        settings: Callable[[], Settings],
        mail: Mail,
        *,
        clock: Callable[[], datetime],
        folder: Path | None,
        leases: storage.Leases | None = None,
    ) -> None:
        """``folder``: where the state file lies. Without an ``engine`` the file alone remembers.

        Without a ``folder``, as with one who only looks, nothing is read before ``refresh``.
        """
        self._state = StateFile(folder)
        self._messenger = Messenger(self._state, lambda alarm: mail(alarm, clock()), lambda: _command(settings()))
        self._lock = threading.RLock()
        self._shared: Shared | None = None
        if engine is not None:
            with self._state.changing() as state:
                observer = state.observer
            lives = leases.lives if leases else lambda _: True
            self._shared = Shared(engine, observer, leases.instance if leases else observer, lives)
        self._known: dict[str, Condition] = {}
        self._noted: set[str] = set()  # what this process has written into the database
        if folder is not None:
            self.refresh()

    def refresh(self) -> None:
        """Look what other processes found or ended; see to what could not be told before."""
        with self._lock:
            state = self._state.read()
            here = dict(state.conditions)
            if self._shared is not None:
                try:
                    there = self._shared.all()
                except (errors.IntakeError, sa.exc.SQLAlchemyError) as error:
                    log.warning("conditions not read", error=str(error))
                else:
                    for name in [one.name for one in here.values() if one.shared and one.name not in there]:
                        self._forget(name)  # another daemon has ended it
                        del here[name]
                    here |= there
            self._known = here
        if state.pending:
            self._messenger.start()

    def begin(self, name: str, what: str, todo: str, now: datetime, *, cause: str = "", further: bool = False) -> bool:
        """The condition ``name`` holds, because of ``cause``; True when that is new.

        ``cause`` is the same text for the same cause; with ``further`` another one is notified, too.
        """
        with self._lock:
            before = self._known.get(name) or self._state.read().conditions.get(name)
            if before is not None and further and cause not in before.causes:
                return self._further(before, what, todo, cause)
            if before is not None:
                if name not in self._noted:  # it began with another daemon, before a restart, or without a database
                    self._found(before)
                return False
            new = self._found(Condition(name, now, what, (cause,) if cause else ()))
        if new:
            log.error("condition begins", condition=name)
            self._messenger.tell(Alarm(what, todo, now))
        return new

    def end(self, name: str, now: datetime) -> bool:
        """The condition ``name`` no longer holds; True when it did until now."""
        if name not in self._known:
            return False
        with self._lock:
            condition = self._known.get(name)
            if condition is None:
                return False
            over = self._over(condition)
            if over is None:
                return False  # the database is out: the end is told when it can be written down
            self._forget(name)
        if over:
            log.info("condition ends", condition=name, lasted=str(now - condition.since))
            self._messenger.tell(Alarm(condition.what, "", condition.since, kind="ends"))
        return over

    def once(self, what: str, todo: str, now: datetime) -> None:
        """Notify of something that has no end, such as rows of a phone log that were handed back."""
        self._messenger.tell(Alarm(what, todo, now))

    def flush(self, seconds: float) -> bool:
        """Wait until everything is told, at most so long; whether it is."""
        return self._messenger.flush(seconds)

    def close(self, seconds: float) -> None:
        """Give what is to be told at most so long; the next process tells the rest."""
        self._messenger.close(seconds)

    def _further(self, before: Condition, what: str, todo: str, cause: str) -> bool:
        self._found(replace(before, causes=(*before.causes, cause)[-MOST_CAUSES:]))
        if len(before.causes) < MOST_CAUSES:
            log.error("condition has another cause", condition=before.name)
            self._messenger.tell(Alarm(what, todo, before.since, kind="cause"))
        return False

    def _found(self, condition: Condition) -> bool:
        """Write it down, here and in the database; whether nobody knew of it."""
        new = True
        if condition.name in OWN or self._shared is None:
            self._noted.add(condition.name)
        else:
            try:
                new = self._shared.found(condition)
            except (errors.IntakeError, sa.exc.SQLAlchemyError) as error:
                log.warning("condition not remembered", error=str(error))
            else:
                self._noted.add(condition.name)
                condition = replace(condition, shared=True)
        self._known[condition.name] = condition
        with self._state.changing() as state:
            state.conditions[condition.name] = condition
        return new

    def _forget(self, name: str) -> None:
        self._known.pop(name, None)
        self._noted.discard(name)
        with self._state.changing() as state:
            state.conditions.pop(name, None)

    def _over(self, condition: Condition) -> bool | None:
        """Whether nobody sees it any more; None when that cannot be known now."""
        if condition.name in OWN or self._shared is None:
            return True
        try:
            over = self._shared.over(condition.name, alone=condition.name.startswith(ONE_JUDGE))
        except (errors.IntakeError, sa.exc.SQLAlchemyError) as error:
            log.warning("condition not ended", error=str(error))
            return None
        return over or not condition.shared


def _command(settings: Settings) -> Sequence[str]:
    return settings.operator.command
