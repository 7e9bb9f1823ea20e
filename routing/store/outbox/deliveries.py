"""Letters on their way: due, claimed, tried, their results written; and taken up again after a crash."""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage import tables as stored_tables
from routing.store import tables
from routing.store.outbox.values import Claimed, DueLetter, Result

_WAITS = sa.select(
    sa.or_(
        sa.exists(stored_tables.waiting),
        sa.exists().where(tables.forwards.c.state == "planned", tables.forwards.c.due_at <= sa.bindparam("now")),
        sa.exists().where(tables.deliveries.c.state == "planned", tables.deliveries.c.due_at <= sa.bindparam("now")),
    )
)
# Built once: a letter costs one claim and one outcome, and building a statement costs more than running it.
_DUE_LETTERS = (
    sa.select(tables.letters.c.id, tables.letters.c.sender, tables.letters.c.composed_at)
    .join(tables.deliveries, tables.deliveries.c.letter_id == tables.letters.c.id)
    .where(tables.deliveries.c.state == "planned", tables.deliveries.c.due_at <= sa.bindparam("now"))
    .group_by(tables.letters.c.id)
    .order_by(
        tables.urgency_rank(tables.letters.c.urgency), sa.func.min(tables.deliveries.c.due_at), tables.letters.c.id
    )
    .limit(sa.bindparam("limit"))
)
_CLAIM = (
    sa.update(tables.deliveries)
    .where(
        tables.deliveries.c.letter_id == sa.bindparam("letter"),
        tables.deliveries.c.state.concat("") == "planned",  # by its index SQLite would go through all that is due
        tables.deliveries.c.due_at <= sa.bindparam("now"),
    )
    .values(
        state="sending",
        instance=sa.bindparam("by"),
        started_at=sa.bindparam("now"),
        attempts=tables.deliveries.c.attempts + 1,
    )
    .returning(
        tables.deliveries.c.id,
        tables.deliveries.c.address,
        tables.deliveries.c.attempts,
        sa.select(tables.letters.c.raw)
        .where(tables.letters.c.id == sa.bindparam("letter"))
        .scalar_subquery()
        .label("raw"),
    )
)
_RECORD = (
    sa.update(tables.deliveries)
    .where(tables.deliveries.c.id == sa.bindparam("delivery"))
    .values(
        state=sa.bindparam("state"),
        due_at=sa.bindparam("due"),
        reply=sa.bindparam("answer"),
        in_doubt=sa.or_(tables.deliveries.c.in_doubt, sa.bindparam("doubt", type_=sa.Boolean)),
        instance="",
        finished_at=sa.bindparam("now"),
    )
)


def anything_waits(connection: Connection, now: datetime) -> bool:
    """Whether anything is there to be decided, composed or sent now: one question instead of three.

    ``now``: aware, UTC.
    """
    return bool(connection.scalar(_WAITS, {"now": now}))


def due_letters(connection: Connection, now: datetime, limit: int) -> list[DueLetter]:
    """Letters with a delivery that is due, the most urgent first. At most ``limit``; ``now``: aware, UTC."""
    rows = connection.execute(_DUE_LETTERS, {"now": now, "limit": limit})
    return [DueLetter(row.id, row.sender, row.composed_at) for row in rows]


def claim(connection: Connection, letter: DueLetter, instance: str, now: datetime) -> Claimed | None:
    """Say that this instance sends the letter now; None when nothing of it is left to send. ``now``: aware, UTC."""
    won = connection.execute(_CLAIM, {"letter": letter.id, "now": now, "by": instance}).all()
    if not won:
        return None
    return Claimed(
        letter=letter,
        raw=won[0].raw,
        deliveries={row.address: row.id for row in won},
        attempts={row.address: row.attempts for row in won},
    )


def record_results(connection: Connection, results: Sequence[Result], now: datetime) -> None:
    """Write what became of the attempts; ``now`` is aware, UTC."""
    values = [
        {
            "delivery": result.delivery_id,
            "state": result.state,
            "due": result.due_at,
            "answer": result.reply,
            "doubt": result.in_doubt,
            "now": now,
        }
        for result in results
    ]
    if values:
        connection.execute(_RECORD, values)


def release(connection: Connection, claimed: Claimed) -> None:
    """Nothing of this claim was tried (the server was not reached): as if it had never been made."""
    deliveries = tables.deliveries
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id.in_(claimed.deliveries.values()), deliveries.c.state == "sending")
        .values(state="planned", instance="", attempts=deliveries.c.attempts - 1)
    )


def recover(connection: Connection, now: datetime, lives: Callable[[str], bool]) -> int:
    """Deliveries that a dead instance was sending are in doubt: try them again, marked. Returns how many.

    ``now``: aware, UTC.
    """
    deliveries = tables.deliveries
    query = sa.select(deliveries.c.id, deliveries.c.letter_id, deliveries.c.instance).where(
        deliveries.c.state == "sending"
    )
    lost = [row for row in connection.execute(query) if not lives(row.instance)]
    for row in lost:
        connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.id == row.id, deliveries.c.state == "sending")
            .values(state="planned", due_at=now, in_doubt=True, instance="")
        )
        storage.note(
            connection,
            now,
            "delivery in doubt",
            detail=f"Schreiben {row.letter_id}: Der Versand wurde unterbrochen und wird wiederholt; "
            "das Schreiben kommt möglicherweise doppelt an (gleiche Message-ID).",
        )
    return len(lost)
