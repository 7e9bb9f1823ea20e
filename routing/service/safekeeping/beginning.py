"""A start on an empty database beside a mailbox with a history is no beginning: numbers would be given a second time.

Asked while nothing is stored: do the folders for read and sent mail show case numbers of this city? A mail server that
does not answer within seconds is no reason for a daemon not to start; but nothing is received, from any channel,
before every mailbox has answered: what one shows then ends the daemon. Who really begins anew says so, once.
"""

import threading
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import background, errors
from intake.mailbox.inspect import ReadOnlyMailbox
from intake.storage import tables as stored
from routing.service import channels
from routing.service.safekeeping import numbers
from routing.store import tables

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

PATIENCE = 15.0  # seconds

log = structlog.get_logger(__name__)


class NotTheFirstError(errors.PermanentError):
    """The database is empty, and a mailbox shows cases."""


class Beginning:
    """Which mailboxes have not yet said whether they know cases; safe for several threads.

    ``refusal`` is what one of them said after the start; then nobody may work.
    """

    def __init__(self, unasked: set[str]) -> None:
        """``unasked``: names of mailboxes."""
        self.refusal: NotTheFirstError | None = None
        self._unasked = unasked
        self._lock = threading.Lock()

    def may_receive(self, runtime: "Runtime") -> bool:
        """Whether every mailbox that is configured now has answered, and none shows cases."""
        return self.refusal is None and not self._unasked & runtime.settings.mailboxes.keys()

    def ask(self, runtime: "Runtime", name: str) -> None:
        """Ask this mailbox, where that is still to be done. Raises TemporaryError and ConfigurationError."""
        with self._lock:
            if name not in self._unasked or self.refusal is not None:
                return
            if not _is_new(runtime.engine):  # another daemon has begun, or somebody has said so
                self._unasked.clear()
                return
            shown = numbers.Shown()
            for channel, inspector in channels.inspected(runtime.settings):
                if channel.name == name:
                    _asked(inspector(runtime), runtime.settings.city.reference, shown)
            self.refusal = _refusal(shown)
            self._unasked.discard(name)


def check(runtime: "Runtime", *, is_new: bool) -> Beginning:
    """Ask all mailboxes where nothing is stored, each for some seconds; gives those that did not answer.

    ``is_new``: somebody says that it is. Raises NotTheFirstError.
    """
    if not _is_new(runtime.engine):
        return Beginning(set())
    if is_new:
        with storage.writing(runtime.engine) as connection:
            storage.note_fact(connection, storage.BEGUN, runtime.clock().isoformat())
        return Beginning(set())
    shown, unasked = numbers.Shown(), set[str]()
    for channel, inspector in channels.inspected(runtime.settings):
        try:
            _asked(inspector(runtime), runtime.settings.city.reference, shown)
        except errors.IntakeError as error:
            log.warning("history not asked, nothing is received before that", mailbox=channel.name, error=str(error))
            unasked.add(channel.name)
    if (refusal := _refusal(shown)) is not None:
        raise refusal
    return Beginning(unasked)


def check_whole(runtime: "Runtime", *, is_new: bool) -> None:
    """``check`` for a single pass, which cannot wait for an answer. Raises TemporaryError without one, too."""
    if not check(runtime, is_new=is_new).may_receive(runtime):
        raise errors.TemporaryError(
            "the history was not asked",
            german="Die Datenbank ist leer, und ein Postfach antwortet nicht: Ob es schon Vorgänge kennt, ist "
            "ungewiss. Es wurde nichts abgeholt. Soll wirklich neu begonnen werden: kod-intake once --new-beginning",
        )


def _is_new(engine: Engine) -> bool:
    """Whether nothing is stored, and nobody has said that this is the beginning."""
    with storage.reading(engine) as connection:
        for table in (stored.messages, tables.counters, tables.cases):
            if connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)):
                return False
        return not storage.fact(connection, storage.BEGUN)


def _refusal(shown: numbers.Shown) -> NotTheFirstError | None:
    if not shown.serials:
        return None
    last = max(f"{series}-{max(serials):06d}" for series, serials in shown.serials.items())
    return NotTheFirstError(
        f"Die Datenbank ist leer, aber im Postfach liegen schon Vorgänge (bis {last}). Vermutlich ist es die falsche "
        "Datenbank, oder sie ging verloren: Prüfen Sie in config.toml [service], oder spielen Sie die letzte "
        "Sicherung zurück (kod-intake restore DATEI). Es wurde nichts abgeholt. Soll wirklich neu begonnen "
        "werden, mit Nummern ab 000001: kod-intake once --new-beginning"
    )


def _asked(box: ReadOnlyMailbox, reference: str, shown: numbers.Shown) -> None:
    """Look into a mailbox, beside this thread. Raises TemporaryError, also when it takes too long, and is cut off."""

    def look() -> None:
        with box:
            numbers.look(box, reference, shown, inbox=False)

    try:
        background.start(look, name=f"history of {box.name}").result(timeout=PATIENCE)
    except TimeoutError as error:
        box.interrupt()
        raise errors.TemporaryError(f"no answer within {PATIENCE:.0f} seconds") from error
