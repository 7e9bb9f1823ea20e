"""Letters on their way: due, claimed, tried, their results written; and taken up again after a crash."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage import tables as stored_tables
from routing.model.decision import LAST_URGENT_RANK
from routing.store import tables
from routing.store.outbox.values import Claimed, DueLetter, Result

_WAITS = sa.select(
    sa.or_(
        sa.exists(stored_tables.waiting),
        sa.exists().where(tables.forwards.c.state == "planned", tables.forwards.c.due_at <= sa.bindparam("now")),
        sa.exists().where(tables.deliveries.c.state == "planned", tables.deliveries.c.due_at <= sa.bindparam("now")),
    )
)


def _due(wanted: sa.ColumnElement[bool]) -> sa.Select[tuple[int, str, datetime]]:
    """Letters of which a delivery that is ``wanted`` is due, the most urgent first."""
    return (
        sa.select(tables.letters.c.id, tables.letters.c.sender, tables.letters.c.composed_at)
        .join(tables.deliveries, tables.deliveries.c.letter_id == tables.letters.c.id)
        .where(tables.deliveries.c.state == "planned", tables.deliveries.c.due_at <= sa.bindparam("now"), wanted)
        .group_by(tables.letters.c.id)
        .order_by(sa.func.min(tables.deliveries.c.rank), sa.func.min(tables.deliveries.c.due_at), tables.letters.c.id)
        .limit(sa.bindparam("limit"))
        .offset(sa.bindparam("past"))
    )


# Built once: a letter costs one claim and one outcome, and building a statement costs more than running it.
_DUE_ORDINARY = _due(tables.deliveries.c.rank > LAST_URGENT_RANK)
_DUE_URGENT = _due(tables.deliveries.c.rank.in_(range(LAST_URGENT_RANK + 1)))


def _behind_others() -> sa.Select[Any]:
    """Those of :wanted letters behind an earlier one to the same body about the same case that is not settled yet."""
    forwards, concerns = tables.forwards, tables.concerns
    earlier, siblings = forwards.alias("earlier"), concerns.alias("siblings")
    return (
        sa.select(forwards.c.letter_id)
        .distinct()
        .join(concerns, concerns.c.id == forwards.c.concern_id)
        .join(siblings, siblings.c.case_id == concerns.c.case_id)
        .join(
            earlier,
            sa.and_(earlier.c.concern_id == siblings.c.id, earlier.c.recipient == forwards.c.recipient),
        )
        .join(tables.deliveries, tables.deliveries.c.letter_id == earlier.c.letter_id)
        .where(
            forwards.c.letter_id.in_(sa.bindparam("wanted", expanding=True)),
            earlier.c.letter_id < forwards.c.letter_id,
            tables.deliveries.c.state.concat("").in_(["planned", "sending"]),  # not by its index, as below
        )
    )


_BEHIND_OTHERS = _behind_others()
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
    .where(
        tables.deliveries.c.id == sa.bindparam("delivery"),
        sa.or_(  # what was taken over is another's; that it went out holds all the same
            sa.bindparam("went", type_=sa.Boolean),
            sa.and_(tables.deliveries.c.state == "sending", tables.deliveries.c.instance == sa.bindparam("by")),
        ),
    )
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


def due_urgent(connection: Connection, now: datetime, limit: int = 1) -> list[DueLetter]:
    """Of the urgent letters those that are due, the most urgent first; nothing holds them. ``now``: aware, UTC."""
    return _listed(connection, _DUE_URGENT, now, limit)


def due_ordinary(connection: Connection, now: datetime, limit: int) -> list[DueLetter]:
    """Of the other letters those that are due and behind no earlier one of the same thread. ``now``: aware, UTC.

    A thread is what one body gets about one case: a correction does not overtake what it corrects.
    """
    past = 0
    while page := _listed(connection, _DUE_ORDINARY, now, limit, past):
        behind = set(connection.scalars(_BEHIND_OTHERS, {"wanted": [letter.id for letter in page]}))
        if free := [letter for letter in page if letter.id not in behind]:
            return free
        past += limit
    return []


def _listed(
    connection: Connection, query: sa.Select[tuple[int, str, datetime]], now: datetime, limit: int, past: int = 0
) -> list[DueLetter]:
    rows = connection.execute(query, {"now": now, "limit": limit, "past": past})
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


def is_ours(connection: Connection, claimed: Claimed, instance: str) -> bool:
    """Whether this instance still has the letter that it claimed, all of it."""
    deliveries = tables.deliveries.c
    query = sa.select(sa.func.count()).where(
        deliveries.id.in_(claimed.deliveries.values()),
        deliveries.state == "sending",
        deliveries.instance == instance,
    )
    return connection.scalar(query) == len(claimed.deliveries)


def record_results(connection: Connection, results: Sequence[Result], now: datetime, instance: str) -> None:
    """Write what became of the attempts of ``instance``; ``now`` is aware, UTC.

    Of what another has taken over meanwhile only that it was sent.
    """
    values = [
        {
            "delivery": result.delivery_id,
            "state": result.state,
            "due": result.due_at,
            "answer": result.reply,
            "doubt": result.in_doubt,
            "went": result.state == "sent",
            "by": instance,
            "now": now,
        }
        for result in results
    ]
    if values:
        connection.execute(_RECORD, values)


def release(connection: Connection, claimed: Claimed, instance: str) -> None:
    """Nothing of this claim was tried (the server was not reached): as if it had never been made."""
    deliveries = tables.deliveries
    connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.id.in_(claimed.deliveries.values()),
            deliveries.c.state == "sending",
            deliveries.c.instance == instance,
        )
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
