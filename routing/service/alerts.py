"""Notifying the operator of an outage, once when it begins and once when it ends.

``begin`` and ``end`` may be called at every pass; only a change notifies somebody. A condition is kept in the
database, so that a restart does not notify twice; where the database itself is what fails, memory has to do. A
notification goes out directly by SMTP and, as a second way, through ``[operator] command``; what could not be mailed
is tried again by ``mail_again``. Nothing here raises: an alert that fails is logged, never in the way of the work.
"""

import subprocess
import threading
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog
from msgspec import Struct
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import errors
from routing.model.settings import Settings
from routing.store import tables

log = structlog.get_logger(__name__)

COMMAND_SECONDS = 30


class Alarm(Struct, frozen=True):
    """A notification: ``what`` happened (German, its first line is the title) and what is ``todo``."""

    what: str
    todo: str
    since: datetime
    resolved: bool = False

    @property
    def text(self) -> str:
        """For the second way, as plain text."""
        title = "Störung behoben" if self.resolved else "Störung"
        return f"{title}: {self.what}\n\n{self.todo}\n".replace("\n\n\n", "\n")


class Condition(Struct, frozen=True):
    """Something that is wrong since ``since``."""

    name: str
    since: datetime
    what: str


Mail = Callable[[Alarm, datetime], None]  # raises TemporaryError when it cannot be sent now


class Alerts:
    """The conditions that hold now, and how the operator is notified of them. Safe for several threads."""

    def __init__(self, engine: Engine, settings: Callable[[], Settings], mail: Mail) -> None:
        self._engine = engine
        self._settings = settings
        self._send = mail
        self._lock = threading.RLock()
        self._unmailed: list[Alarm] = []
        self.conditions = self._remembered()

    def begin(self, name: str, what: str, todo: str, now: datetime) -> bool:
        """The condition ``name`` holds since ``now`` (aware); True when that is new."""
        with self._lock:
            if name in self.conditions:
                return False
            self.conditions[name] = Condition(name, now, what)
            self._remember(sa.insert(tables.conditions).values(name=name, since=now, text=what))
        log.error("condition begins", condition=name)
        self._notify(Alarm(what, todo, now), now)
        return True

    def end(self, name: str, now: datetime) -> bool:
        """The condition ``name`` no longer holds at ``now`` (aware); True when it did until now."""
        if name not in self.conditions:
            return False
        with self._lock:
            condition = self.conditions.pop(name, None)
            if condition is None:
                return False
            self._remember(sa.delete(tables.conditions).where(tables.conditions.c.name == name))
        log.info("condition ends", condition=name)
        self._notify(Alarm(condition.what, "", condition.since, resolved=True), now)
        return True

    def once(self, what: str, todo: str, now: datetime) -> None:
        """Notify, at ``now`` (aware), of something that has no end, such as a refused configuration."""
        self._notify(Alarm(what, todo, now), now)

    def mail_again(self, now: datetime) -> None:
        """Send by mail what could not be sent before, oldest first. Raises nothing; ``now`` is aware."""
        with self._lock:
            waiting, self._unmailed = self._unmailed, []
        for alarm in waiting:
            self._mail(alarm, now)

    def _remembered(self) -> dict[str, Condition]:
        with storage.reading(self._engine) as connection:
            rows = connection.execute(sa.select(tables.conditions)).all()
        return {row.name: Condition(row.name, row.since, row.text) for row in rows}

    def _remember(self, statement: sa.Executable) -> None:
        try:
            with storage.writing(self._engine) as connection:
                connection.execute(statement)
        except (errors.IntakeError, sa.exc.SQLAlchemyError) as error:
            log.warning("condition not remembered", error=str(error))

    def _notify(self, alarm: Alarm, now: datetime) -> None:
        self._mail(alarm, now)
        self._command(alarm.text)

    def _mail(self, alarm: Alarm, now: datetime) -> None:
        try:
            self._send(alarm, now)
        except (errors.IntakeError, OSError) as error:
            log.warning("alert could not be mailed", error=str(error))
            with self._lock:
                self._unmailed.append(alarm)

    def _command(self, text: str) -> None:
        command = self._settings().operator.command
        if not command:
            return
        try:
            subprocess.run(command, input=text.encode(), timeout=COMMAND_SECONDS, check=True, capture_output=True)  # noqa: S603  (the operator's own command from config.toml, no shell)
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("operator command failed", error=str(error))
