"""Going on safely after a restore: what happened since the backup is asked of the mail server, and doubted.

In this order, each step safe to be done again: what was erased is forgotten once more; case numbers go on above every
one that the mailbox shows, with room for those that it does not; mail filed away since is received from where it lies,
in its old order, and decided; letters that may have gone out since are frozen and held, all of them, for one decision
(``kod-intake outbox release``); those whose answer or bounce the mailbox has seen count as sent. Phone logs that were
read since are named: what is in them went into letters that nobody can ask about. What is over age is deleted. Only
then may a daemon work again.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import drop_folder, reference, storage
from intake.base import german
from intake.reconcile import missing
from intake.storage import tables as stored
from routing.model.decision import URGENT, Urgency
from routing.model.settings import Settings
from routing.planning import schedule
from routing.privacy.deletion import returning
from routing.privacy.deletion.retention import DAEMON
from routing.service import channels
from routing.service.safekeeping import numbers
from routing.service.watch import retention
from routing.store import forwards, tables
from routing.store.outbox import Held

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

ROOM = 100
"""Numbers left free above the highest known: cases of phone logs, and letters that no mailbox shows."""
ANSWERED = "nach dem Zurückspielen: Das Postfach kennt eine Antwort darauf."


class Outcome(Struct, frozen=True):
    """What came of it: mails received again, the counters as they stand, letters held and how many urgent, settled.

    ``lists``: the phone logs that were read since the backup, in order.
    """

    received: int
    counters: dict[str, int]
    held: int
    urgent: int
    settled: int
    lists: tuple[Path, ...] = ()


def go_on(runtime: "Runtime") -> Outcome:
    """Bring a restored database up to date; ``runtime`` has it alone. Raises TemporaryError, ConfigurationError."""
    now = runtime.clock()
    shown = numbers.Shown()
    boxes = [(channel, inspector(runtime)) for channel, inspector in channels.inspected(runtime.settings)]
    new: list[int] = []
    returning.forget_again(runtime.engine, [returning.of_file(runtime.settings.service.data)], now)
    for _, box in boxes:
        with box:
            numbers.look(box, runtime.settings.city.reference, shown, inbox=True)
    year = german.local(now).year
    series = [reference.case_series(runtime.settings.city.reference, one) for one in (year - 1, year)]
    with storage.writing(runtime.engine) as connection:
        counters = {
            name: _raise(connection, name, shown) for name in series if name in shown.serials or name in series[1:]
        }
    for _, box in boxes:
        with box:
            new += missing.receive(box, runtime.engine, runtime.clock)
    while runtime.dispatch().seen:
        pass
    since = _made_at(runtime)
    with storage.writing(runtime.engine) as connection:
        forwards.due_now(connection, _overdue(connection, since, runtime.settings, now), now)
    while runtime.freeze_letters():
        pass
    with storage.writing(runtime.engine) as connection:
        settled = _settle(connection, _mentioned(connection, since))
        held, urgent = _hold(connection)
        storage.note_fact(connection, storage.RESTORED_FROM, "")
        detail = f"Sicherung vom {since:%d.%m.%Y %H:%M} (UTC) zurückgespielt; {held} Schreiben angehalten."
        storage.note(connection, now, "restored", detail=detail)
    retention.work(runtime, channels.clearing(runtime.settings), actor=DAEMON)
    storage.rewrite(runtime.engine)
    log.info("restored", received=len(new), held=held, settled=settled)
    return Outcome(len(new), counters, held, urgent, settled, tuple(_lists(runtime.settings, since)))


def _lists(settings: Settings, since: datetime) -> Iterator[Path]:
    for name, folder in settings.drop_folders.items():
        try:
            yield from drop_folder.read_since(folder.folder, since)
        except OSError as error:
            log.warning("lists not looked for", folder=name, error=str(error))


def _made_at(runtime: "Runtime") -> datetime:
    with storage.reading(runtime.engine) as connection:
        return datetime.fromisoformat(storage.fact(connection, storage.RESTORED_FROM))


def _raise(connection: Connection, series: str, shown: numbers.Shown) -> int:
    """The counter goes on above what is ``shown``, with room; done again it stays above."""
    counters = tables.counters
    value = connection.scalar(sa.select(counters.c.value).where(counters.c.name == series)) or 0
    wanted = max(value, shown.highest(series, value)) + ROOM
    connection.execute(sa.delete(counters).where(counters.c.name == series))
    connection.execute(sa.insert(counters).values(name=series, value=wanted))
    return wanted


def _overdue(connection: Connection, since: datetime, settings: Settings, now: datetime) -> list[int]:
    """Forwards of mails since the backup whose digest, counted from their arrival, has gone out meanwhile."""
    f, c, m = tables.forwards.c, tables.concerns.c, stored.messages.c
    query = (
        sa.select(f.id, f.recipient, f.urgency, m.received_at)
        .join(tables.concerns, c.id == f.concern_id)
        .join(stored.messages, m.id == c.message_id)
        .where(f.state == "planned", f.due_at > now, f.planned_at >= since, m.received_at < now)
    )
    return [
        row.id
        for row in connection.execute(query)
        if row.recipient in settings.recipients
        and schedule.due(Urgency(row.urgency), settings.recipients[row.recipient], settings.office, row.received_at)
        <= now
    ]


def _mentioned(connection: Connection, since: datetime) -> set[str]:
    """The Message-IDs that mail stored since the backup answers, or brings back."""
    m = stored.messages.c
    found: set[str] = set()
    for row in connection.execute(sa.select(m.references, m.returned).where(m.stored_at >= since)):
        found.update(row.references)
        if row.returned:
            found.add(row.returned["message_id"])
    return found


def _unsent() -> sa.ColumnElement[bool]:
    return tables.deliveries.c.state.in_(["planned", "sending"])


def _letters(connection: Connection) -> Sequence[Any]:
    letters, deliveries = tables.letters.c, tables.deliveries.c
    query = sa.select(letters.id, letters.mail_id, letters.urgency).join(
        tables.deliveries, deliveries.letter_id == letters.id
    )
    return connection.execute(query.where(_unsent()).distinct()).all()


def _settle(connection: Connection, mentioned: Collection[str]) -> int:
    """Letters that somebody answered, or that came back, have gone out; how many."""
    answered = [row.id for row in _letters(connection) if row.mail_id in mentioned]
    for letter in answered:
        change = sa.update(tables.deliveries).where(tables.deliveries.c.letter_id == letter, _unsent())
        connection.execute(change.values(state="sent", instance="", reply=ANSWERED))
    return len(answered)


def _hold(connection: Connection) -> tuple[int, int]:
    """What has not gone out for certain waits for a person; how many letters, and how many of them are urgent."""
    found = _letters(connection)
    change = sa.update(tables.deliveries).where(_unsent())
    connection.execute(change.values(state="held", held=Held.RESTORE, instance=""))
    return len(found), sum(row.urgency in URGENT for row in found)
