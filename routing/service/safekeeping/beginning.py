"""A start on an empty database beside a mailbox with a history is no beginning: numbers would be given a second time.

Asked while nothing is stored: do the folders for read and sent mail show case numbers of this city? A mail server that
does not answer within seconds is no reason to wait; nothing is received from it either. Who really begins anew says
so, once.
"""

import sqlalchemy as sa
import structlog

from intake import storage
from intake.base import background, errors
from intake.mailbox.inspect import ReadOnlyMailbox
from intake.storage import tables as stored
from routing.service import channels
from routing.service.runtime import Runtime
from routing.service.safekeeping import numbers
from routing.store import tables

PATIENCE = 15.0  # seconds

log = structlog.get_logger(__name__)


def check(runtime: Runtime, *, is_new: bool) -> None:
    """Raises PermanentError when this empty database is not the first; not when somebody says that it ``is_new``."""
    with storage.reading(runtime.engine) as connection:
        for table in (stored.messages, tables.counters, tables.cases):
            if connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)):
                return
        if storage.fact(connection, storage.BEGUN):
            return
    if is_new:
        with storage.writing(runtime.engine) as connection:
            storage.note_fact(connection, storage.BEGUN, runtime.clock().isoformat())
        return
    shown = numbers.Shown()
    for channel, inspector in channels.inspected(runtime.settings):
        try:
            _asked(inspector(runtime), runtime.settings.city.reference, shown)
        except (errors.IntakeError, TimeoutError) as error:
            log.warning("history not asked", mailbox=channel.name, error=str(error))
    if not shown.serials:
        return
    last = max(f"{series}-{max(serials):06d}" for series, serials in shown.serials.items())
    raise errors.PermanentError(
        f"Die Datenbank ist leer, aber im Postfach liegen schon Vorgänge (bis {last}). Vermutlich ist es die falsche "
        "Datenbank, oder sie ging verloren: Prüfen Sie in config.toml [service], oder spielen Sie die letzte "
        "Sicherung zurück (kod-intake restore DATEI). Es wurde nichts abgeholt. Soll wirklich neu begonnen "
        "werden, mit Nummern ab 000001: kod-intake once --new-beginning"
    )


def _asked(box: ReadOnlyMailbox, reference: str, shown: numbers.Shown) -> None:
    """Look into a mailbox, beside this thread. Raises TimeoutError when that takes too long; then it is cut off."""

    def look() -> None:
        with box:
            numbers.look(box, reference, shown, inbox=False)

    try:
        background.start(look, name=f"history of {box.name}").result(timeout=PATIENCE)
    except TimeoutError:
        box.interrupt()
        raise
