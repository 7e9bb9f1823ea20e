"""Forwards that are planned, until their letters are frozen."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.message import Stored
from intake.storage import tables as stored_tables
from routing.model.decision import COLLECTED, Urgency
from routing.store import tables
from routing.store.cases.matching import FOLLOW_UP, REPEAT, SUPPLEMENT
from routing.store.outbox.values import DueForward, Further, Held, NewLetter

REPORTS = (REPEAT, SUPPLEMENT)
"""Kinds of messages that tell of a case's matter once more; whatever else joins a case is no further report."""
AGAIN = (REPEAT, FOLLOW_UP)
"""Kinds of those that send no letter themselves."""
MOST_AGAIN = 200
"""So many of them are looked at in one pass."""


_DUE = (
    sa.select(tables.forwards.c.id)
    .where(tables.forwards.c.state == "planned", tables.forwards.c.due_at <= sa.bindparam("now"))
    .limit(1)
)


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether a planned forward is due."""
    return connection.scalar(_DUE, {"now": now}) is not None


def due_forwards(connection: Connection, now: datetime, limit: int, recipient: str = "") -> list[DueForward]:
    """Planned forwards that are due, of all recipients or of one; the most urgent first, digests one after another."""
    forwards, concerns, cases = tables.forwards, tables.concerns, tables.cases
    messages = stored_tables.messages
    decisions, later = tables.decisions, tables.decisions.alias("later")
    judged_again = sa.exists().where(later.c.message_id == decisions.c.message_id, later.c.id > decisions.c.id)
    reports = (
        sa.select(1 + sa.func.count())
        .where(
            decisions.c.case_id == cases.c.id,
            decisions.c.kind.in_(REPORTS),
            decisions.c.message_id != concerns.c.message_id,
            ~judged_again,
        )
        .scalar_subquery()
    )
    siblings = concerns.alias("siblings")
    collected = forwards.c.urgency.in_(COLLECTED)
    digest = sa.case((collected, forwards.c.recipient), else_="")
    several = sa.exists().where(siblings.c.case_id == cases.c.id, siblings.c.position > 1)
    own_letter = sa.exists().where(tables.forwards.alias("others").c.concern_id == siblings.c.id)
    living = sa.exists().where(  # not what was judged anew, nor what has no letter of its own
        siblings.c.case_id == cases.c.id,
        siblings.c.id != concerns.c.id,
        siblings.c.state != "replaced",
        sa.or_(siblings.c.state == "review", own_letter),
    )
    query = (
        sa.select(
            forwards.c.id.label("forward_id"),
            forwards.c.recipient,
            forwards.c.urgency,
            forwards.c.template,
            forwards.c.report_id,
            forwards.c.concern_id,
            forwards.c.photos,
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
            living.label("beside"),
            messages,
        )
        .join(concerns, concerns.c.id == forwards.c.concern_id)
        .join(cases, cases.c.id == concerns.c.case_id)
        .join(messages, messages.c.id == sa.func.coalesce(forwards.c.report_id, concerns.c.message_id))
        .where(forwards.c.state == "planned", forwards.c.due_at <= now)
        .order_by(by_urgency(forwards.c.urgency), digest, forwards.c.due_at, forwards.c.id)
        .limit(limit)
    )
    if recipient:
        query = query.where(forwards.c.recipient == recipient)
    rows = connection.execute(query).all()
    further = _further(connection, [row for row in rows if row.report_id is not None])
    return [_due_forward(row, further.get(row.forward_id)) for row in rows]


def _further(connection: Connection, rows: Sequence[Any]) -> dict[int, Further]:
    """For forwards that tell of a further report: the first letter to the same body about the same concern."""
    if not rows:
        return {}
    forwards, letters, decisions, deliveries = (
        tables.forwards.c,
        tables.letters.c,
        tables.decisions.c,
        tables.deliveries.c,
    )
    query = (
        sa.select(
            forwards.concern_id,
            forwards.recipient,
            letters.mail_id,
            letters.composed_at,
            sa.func.min(sa.case((deliveries.state == "sent", deliveries.finished_at))).label("sent"),
            sa.func.min(sa.case((deliveries.state == "cancelled", 1), else_=0)).label("cancelled"),
        )
        .join(tables.letters, letters.id == forwards.letter_id)
        .join(tables.deliveries, deliveries.letter_id == letters.id)
        .where(forwards.concern_id.in_({row.concern_id for row in rows}), forwards.report_id.is_(None))
        .group_by(forwards.id, forwards.concern_id, forwards.recipient, letters.mail_id, letters.composed_at)
        .order_by(forwards.id)
    )
    first = {(row.concern_id, row.recipient): row for row in connection.execute(query)}
    kinds = sa.select(decisions.message_id, decisions.kind).where(
        decisions.message_id.in_({row.report_id for row in rows})
    )
    kind_of = {row.message_id: row.kind for row in connection.execute(kinds.order_by(decisions.id))}
    found = {}
    for row in rows:
        told = first[row.concern_id, row.recipient]
        found[row.forward_id] = Further(
            mail_id=told.mail_id,
            composed=told.composed_at,
            sent=told.sent,
            cancelled=bool(told.cancelled),
            kind=kind_of.get(row.report_id, REPEAT),
        )
    return found


def told_again(connection: Connection, case_ids: Collection[int]) -> dict[int, list[Stored]]:
    """The messages that tell of a case's matter once more without a letter of their own, by case, oldest first."""
    decisions, messages = tables.decisions, stored_tables.messages
    newer = decisions.alias("newer")
    query = (
        sa.select(decisions.c.case_id, messages)
        .join(messages, messages.c.id == decisions.c.message_id)
        .where(
            decisions.c.case_id.in_(case_ids),
            decisions.c.kind.in_(AGAIN),
            ~sa.exists().where(newer.c.message_id == decisions.c.message_id, newer.c.id > decisions.c.id),
        )
        .order_by(decisions.c.id)
        .limit(MOST_AGAIN)
    )
    found: dict[int, list[Stored]] = {}
    for row in connection.execute(query):
        found.setdefault(row.case_id, []).append(storage.stored(row))
    return found


def claim_forwards(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these forwards that are still planned; on PostgreSQL nobody else gets them in this transaction."""
    forwards = tables.forwards.c
    query = sa.select(forwards.id).where(forwards.id.in_(ids), forwards.state == "planned")
    return set(connection.scalars(query.with_for_update(skip_locked=True)))


def _due_forward(row: Any, further: Further | None) -> DueForward:
    return DueForward(
        id=row.forward_id,
        recipient=row.recipient,
        urgency=Urgency(row.urgency),
        template=row.template,
        photos=row.photos,
        further=further,
        due_at=row.due_at,
        number=f"{row.number}-{row.position}" if row.several else row.number,
        single=not row.beside,
        case_id=row.case_id,
        category=row.category,
        category_id=row.category_id,
        place=row.where,
        district=row.district,
        reports=row.reports,
        opened_at=row.opened_at,
        stored=storage.stored(row),
    )


def freeze(connection: Connection, letters: Sequence[NewLetter], now: datetime) -> Sequence[int]:
    """Store composed letters with their deliveries and give their ids; their forwards are composed from here on.

    A letter that is held, or not urgent and for an address that was reported as unknown, waits for a person.
    """
    if not letters:
        return ()
    stopped = set(connection.scalars(sa.select(tables.stopped.c.address)))
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
            "resend_of": letter.resend_of,
        }
        for number, letter in zip(ids, letters, strict=True)
    ]
    deliveries = [
        {
            "letter_id": number,
            "address": address,
            "state": "held" if (held := _held(letter, address, stopped)) else "planned",
            "held": held,
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
    connection.execute(sa.insert(tables.letters), rows)
    connection.execute(sa.insert(tables.deliveries), deliveries)
    taken_up = [
        {"forward": forward, "letter": number, "chase": letter.chase_at}
        for number, letter in zip(ids, letters, strict=True)
        for forward in letter.forwards
    ]
    if taken_up:  # the desk's list is about no concern
        composed = sa.update(tables.forwards).where(tables.forwards.c.id == sa.bindparam("forward"))
        change = {"state": "composed", "letter_id": sa.bindparam("letter"), "chase_at": sa.bindparam("chase")}
        connection.execute(composed.values(change), taken_up)
    return ids


def _held(letter: NewLetter, address: str, stopped: set[str]) -> str:
    """Why the delivery to ``address`` is held, or "". What is urgent is tried even where a letter came back."""
    return letter.held or (Held.ADDRESS if address in stopped and not letter.urgency.is_urgent else "")


def park_forwards(connection: Connection, ids: Sequence[int], reason: str) -> None:
    """No letter can be made of these forwards: set them aside, visibly, until a person puts them back."""
    query = sa.update(tables.forwards).where(tables.forwards.c.id.in_(ids))
    connection.execute(query.values(state="parked", reason=reason[:500]))


def by_urgency(column: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    """The column's urgency as a number; 0 is the most urgent."""
    return sa.case({urgency.value: urgency.rank for urgency in Urgency}, value=column, else_=9)
