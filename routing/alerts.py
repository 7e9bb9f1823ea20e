"""Telling the operator: an outage once when it begins and once when it ends.

``begin`` and ``end`` may be called at every pass; only a change tells somebody. A condition is kept in the database,
so that a restart does not tell it twice; where the database itself is what fails, memory has to do. The telling goes
out directly by SMTP and, as a second way, through ``[operator] command``; what could not be told by mail is tried
again by ``tell_again``. Nothing here raises: an alert that fails is logged, never in the way of the work.
"""

import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Engine

from intake import errors, storage
from routing import tables
from routing.settings import Settings

log = structlog.get_logger(__name__)

COMMAND_SECONDS = 30


@dataclass(slots=True)
class Condition:
    """Something that is wrong since ``since``; ``text`` says it in German, with what to do."""

    name: str
    since: datetime
    text: str


SendMail = Callable[[str, str, datetime], None]  # subject, German text, now; raises TemporaryError


class Alerts:
    """The conditions that hold now, and how the operator hears of them. Safe for several threads."""

    def __init__(self, engine: Engine, settings: Callable[[], Settings], send_mail: SendMail) -> None:
        self._engine = engine
        self._settings = settings
        self._send_mail = send_mail
        self._lock = threading.RLock()
        self._untold: list[tuple[str, str, datetime]] = []
        self.conditions = self._remembered()

    def begin(self, name: str, text: str, now: datetime) -> bool:
        """The condition ``name`` holds; True when that is new."""
        with self._lock:
            if name in self.conditions:
                return False
            self.conditions[name] = Condition(name, now, text)
            self._remember(sa.insert(tables.conditions).values(name=name, since=now, text=text))
        log.error("condition begins", condition=name)
        self._tell(f"[KOD-Störung] {_title(text)}", text, now)
        return True

    def end(self, name: str, now: datetime) -> bool:
        """The condition ``name`` no longer holds; True when it did until now."""
        with self._lock:
            condition = self.conditions.pop(name, None)
            if condition is not None:
                self._remember(sa.delete(tables.conditions).where(tables.conditions.c.name == name))
        if condition is None:
            return False
        log.info("condition ends", condition=name)
        self._tell(f"[KOD-Störung behoben] {_title(condition.text)}", _over(condition), now)
        return True

    def once(self, title: str, text: str, now: datetime) -> None:
        """Tell something that has no end, such as a refused configuration."""
        self._tell(f"[KOD-Hinweis] {title}", text, now)

    def tell_again(self, now: datetime) -> None:
        """Send by mail what could not be sent before."""
        with self._lock:
            waiting, self._untold = self._untold, []
        for subject, text, since in waiting:
            self._mail(subject, text, min(since, now))

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

    def _tell(self, subject: str, text: str, now: datetime) -> None:
        self._mail(subject, text, now)
        self._command(f"{subject}\n\n{text}\n")

    def _mail(self, subject: str, text: str, now: datetime) -> None:
        try:
            self._send_mail(subject, text, now)
        except (errors.IntakeError, OSError) as error:
            log.warning("alert could not be mailed", error=str(error))
            with self._lock:
                self._untold.append((subject, text, now))

    def _command(self, text: str) -> None:
        command = self._settings().operator.command
        if not command:
            return
        try:
            subprocess.run(command, input=text.encode(), timeout=COMMAND_SECONDS, check=True, capture_output=True)  # noqa: S603  (the operator's own command from config.toml, no shell)
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("operator command failed", error=str(error))


def _title(text: str) -> str:
    return text.partition("\n")[0][:70]


def _over(condition: Condition) -> str:
    return f"Erledigt: {condition.text}"
