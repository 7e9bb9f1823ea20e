"""The outbox: forwards that are planned, letters that are frozen, deliveries that are tried.

Intent, act and outcome are committed. A delivery found in ``sending`` whose sender no longer lives is in doubt: the
server may have taken the letter, so it is tried again with the same bytes and the same Message-ID, and marked.
Nothing is ever deleted; a permanent refusal is ``parked`` with the server's words and can be put back by one command.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.message import Stored
from intake.storage import tables as stored_tables
from routing import tables
from routing.concern import Urgency

Outcome = Literal["sent", "planned", "parked"]


@dataclass(frozen=True, slots=True)
class DueForward:
    """A concern whose letter to ``recipient`` is to be composed now, with all that the letter may need."""

    id: int
    recipient: str
    urgency: Urgency
    template: str
    due_at: datetime
    number: str  # KOD-2026-000123, or with -1, -2 … behind it where a case has several concerns
    case_id: int
    category: str
    category_id: str
    place: str
    district: str
    reports: int
    opened_at: datetime  # when the case began
    stored: Stored


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A composed letter, ready to be frozen."""

    mail_id: str
    recipient: str
    urgency: Urgency
    sender: str
    subject: str
    raw: bytes
    addresses: tuple[str, ...]
    forwards: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A frozen letter of which something is to be sent now."""

    id: int
    sender: str
    raw: bytes
    composed_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A frozen letter with the deliveries of it that this instance may send now."""

    letter: DueLetter
    deliveries: dict[str, int]  # address → id
    attempts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """What one attempt to deliver came to; ``reply`` is the server's answer, cleaned."""

    delivery_id: int
    outcome: Outcome
    due_at: datetime
    reply: str
    in_doubt: bool = False


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether a planned forward is due."""
    forwards = tables.forwards.c
    query = sa.select(forwards.id).where(forwards.state == "planned", forwards.due_at <= now).limit(1)
    return connection.scalar(query) is not None


def due_forwards(connection: Connection, now: datetime, limit: int, recipient: str = "") -> list[DueForward]:
    """Planned forwards that are due, of all recipients or of one; the most urgent first, digests one after another."""
    forwards, concerns, cases = tables.forwards, tables.concerns, tables.cases
    messages = stored_tables.messages
    reports = (
        sa.select(sa.func.count(sa.distinct(tables.decisions.c.message_id)))
        .where(tables.decisions.c.case_id == cases.c.id)
        .scalar_subquery()
    )
    siblings = concerns.alias("siblings")
    collected = forwards.c.urgency.in_((Urgency.SAMMEL, Urgency.LISTE))
    digest = sa.case((collected, forwards.c.recipient), else_="")
    several = sa.exists().where(siblings.c.case_id == cases.c.id, siblings.c.position > 1)
    query = (
        sa.select(
            forwards.c.id.label("forward_id"),
            forwards.c.recipient,
            forwards.c.urgency,
            forwards.c.template,
            forwards.c.due_at,
            concerns.c.case_id,
            concerns.c.position,
            concerns.c.category,
            concerns.c.category_id,
            concerns.c.place.label("where"),
            concerns.c.district,
            cases.c.number,
            cases.c.opened_at,
            reports.label("reports"),
            several.label("several"),
            messages,
        )
        .join(concerns, concerns.c.id == forwards.c.concern_id)
        .join(cases, cases.c.id == concerns.c.case_id)
        .join(messages, messages.c.id == concerns.c.message_id)
        .where(forwards.c.state == "planned", forwards.c.due_at <= now)
        .order_by(_by_urgency(forwards.c.urgency), digest, forwards.c.due_at, forwards.c.id)
        .limit(limit)
    )
    if recipient:
        query = query.where(forwards.c.recipient == recipient)
    return [_due_forward(row) for row in connection.execute(query)]


def claim_forwards(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these forwards that are still planned; on PostgreSQL nobody else gets them in this transaction."""
    forwards = tables.forwards.c
    query = sa.select(forwards.id).where(forwards.id.in_(ids), forwards.state == "planned")
    return set(connection.scalars(query.with_for_update(skip_locked=True)))


def _by_urgency(column: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.case({urgency.value: urgency.rank for urgency in Urgency}, value=column, else_=9)


# Built once: a letter costs one claim and one outcome, and building a statement costs more than running it.
_DUE_LETTERS = (
    sa.select(tables.letters.c.id, tables.letters.c.sender, tables.letters.c.raw, tables.letters.c.composed_at)
    .join(tables.deliveries, tables.deliveries.c.letter_id == tables.letters.c.id)
    .where(tables.deliveries.c.state == "planned", tables.deliveries.c.due_at <= sa.bindparam("now"))
    .group_by(tables.letters.c.id)
    .order_by(_by_urgency(tables.letters.c.urgency), sa.func.min(tables.deliveries.c.due_at), tables.letters.c.id)
    .limit(sa.bindparam("limit"))
)
_CLAIM = (
    sa.update(tables.deliveries)
    .where(
        tables.deliveries.c.letter_id == sa.bindparam("letter"),
        tables.deliveries.c.state == "planned",
        tables.deliveries.c.due_at <= sa.bindparam("now"),
    )
    .values(
        state="sending",
        instance=sa.bindparam("by"),
        started_at=sa.bindparam("now"),
        attempts=tables.deliveries.c.attempts + 1,
    )
    .returning(tables.deliveries.c.id, tables.deliveries.c.address, tables.deliveries.c.attempts)
)
_SETTLE = (
    sa.update(tables.deliveries)
    .where(tables.deliveries.c.id == sa.bindparam("delivery"))
    .values(
        state=sa.bindparam("outcome"),
        due_at=sa.bindparam("due"),
        reply=sa.bindparam("answer"),
        in_doubt=sa.or_(tables.deliveries.c.in_doubt, sa.bindparam("doubt", type_=sa.Boolean)),
        instance="",
        finished_at=sa.bindparam("now"),
    )
)


def _due_forward(row: Any) -> DueForward:
    return DueForward(
        id=row.forward_id,
        recipient=row.recipient,
        urgency=Urgency(row.urgency),
        template=row.template,
        due_at=row.due_at,
        number=f"{row.number}-{row.position}" if row.several else row.number,
        case_id=row.case_id,
        category=row.category,
        category_id=row.category_id,
        place=row.where,
        district=row.district,
        reports=row.reports,
        opened_at=row.opened_at,
        stored=storage.stored(row),
    )


def freeze(connection: Connection, letters: Sequence[NewLetter], now: datetime) -> None:
    """Store composed letters with their deliveries; their forwards are composed from here on."""
    ids = storage.reserve_ids(connection, tables.letters, len(letters))
    rows = [
        {
            "id": number,
            "mail_id": letter.mail_id,
            "recipient": letter.recipient,
            "urgency": letter.urgency,
            "sender": letter.sender,
            "subject": letter.subject,
            "raw": letter.raw,
            "composed_at": now,
        }
        for number, letter in zip(ids, letters, strict=True)
    ]
    deliveries = [
        {
            "letter_id": number,
            "address": address,
            "state": "planned",
            "due_at": now,
            "attempts": 0,
            "in_doubt": False,
            "instance": "",
            "reply": "",
        }
        for number, letter in zip(ids, letters, strict=True)
        for address in letter.addresses
    ]
    numbers = storage.reserve_ids(connection, tables.deliveries, len(deliveries))
    for number, delivery in zip(numbers, deliveries, strict=True):
        delivery["id"] = number
    if not rows:
        return
    connection.execute(sa.insert(tables.letters), rows)
    connection.execute(sa.insert(tables.deliveries), deliveries)
    taken_up = [
        {"forward": forward, "letter": number}
        for number, letter in zip(ids, letters, strict=True)
        for forward in letter.forwards
    ]
    if taken_up:  # the desk's list is about no concern
        composed = sa.update(tables.forwards).where(tables.forwards.c.id == sa.bindparam("forward"))
        connection.execute(composed.values(state="composed", letter_id=sa.bindparam("letter")), taken_up)


def park_forwards(connection: Connection, ids: Sequence[int], reason: str) -> None:
    """No letter can be made of these forwards: set them aside, visibly, until a person puts them back."""
    query = sa.update(tables.forwards).where(tables.forwards.c.id.in_(ids))
    connection.execute(query.values(state="parked", reason=reason[:500]))


def due_letters(connection: Connection, now: datetime, limit: int) -> list[DueLetter]:
    """Letters with a delivery that is due, the most urgent first."""
    rows = connection.execute(_DUE_LETTERS, {"now": now, "limit": limit})
    return [DueLetter(row.id, row.sender, row.raw, row.composed_at) for row in rows]


def claim(connection: Connection, letter: DueLetter, instance: str, now: datetime) -> Claimed | None:
    """Say that this instance sends the letter now; None when nothing of it is left to send."""
    won = connection.execute(_CLAIM, {"letter": letter.id, "now": now, "by": instance}).all()
    if not won:
        return None
    return Claimed(
        letter=letter,
        deliveries={row.address: row.id for row in won},
        attempts={row.address: row.attempts for row in won},
    )


def settle(connection: Connection, results: Sequence[Result], now: datetime) -> None:
    """Write the outcomes of an attempt."""
    values = [
        {
            "delivery": result.delivery_id,
            "outcome": result.outcome,
            "due": result.due_at,
            "answer": result.reply,
            "doubt": result.in_doubt,
            "now": now,
        }
        for result in results
    ]
    if values:
        connection.execute(_SETTLE, values)


def release(connection: Connection, claimed: Claimed) -> None:
    """Nothing of this claim was tried (the server was not reached): as if it had never been made."""
    deliveries = tables.deliveries
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id.in_(claimed.deliveries.values()), deliveries.c.state == "sending")
        .values(state="planned", instance="", attempts=deliveries.c.attempts - 1)
    )


def recover(connection: Connection, now: datetime, lives: Callable[[str], bool]) -> int:
    """Deliveries that a dead instance was sending are in doubt: try them again, marked. Returns how many."""
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
