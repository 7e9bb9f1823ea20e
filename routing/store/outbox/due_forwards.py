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
from routing.model.forward import DueForward, Further, Suspicion
from routing.store import held, tables
from routing.store.cases.matching import FOLLOW_UP, REPEAT, SUPPLEMENT
from routing.store.outbox import suspicions

REPORTS = (REPEAT, SUPPLEMENT)
"""Kinds of messages that tell of a case's matter once more; whatever else joins a case is no further report."""
AGAIN = (REPEAT, FOLLOW_UP)
"""Kinds of those that send no letter themselves."""
MOST_AGAIN = 200
"""So many of them are looked at in one pass."""


_ANY_DUE = (
    sa.select(tables.forwards.c.id)
    .where(tables.forwards.c.state == "planned", tables.forwards.c.due_at <= sa.bindparam("now"))
    .limit(1)
)


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether a planned forward is due. ``now``: aware, UTC."""
    return connection.scalar(_ANY_DUE, {"now": now}) is not None


_CONCERNS, _FORWARDS, _CASES = tables.concerns.c, tables.forwards.c, tables.cases.c
_MESSAGES = stored_tables.messages


def _reports() -> sa.ScalarSelect[int]:
    """How many reported the case: its first message, and each whose newest decision counted it as one more report."""
    decisions, newer = tables.decisions.c, tables.decisions.alias("newer")
    judged_again = sa.exists().where(newer.c.message_id == decisions.message_id, newer.c.id > decisions.id)
    return (
        sa.select(1 + sa.func.count())
        .where(
            decisions.case_id == _CASES.id,
            decisions.kind.in_(REPORTS),
            decisions.message_id != _CONCERNS.message_id,
            ~judged_again,
        )
        .scalar_subquery()
    )


def _is_one_of_several() -> sa.ColumnElement[bool]:
    """Whether the case has, or ever had, more than one concern, so that its number needs the position behind it."""
    siblings = tables.concerns.alias("siblings")
    return sa.exists().where(siblings.c.case_id == _CASES.id, siblings.c.position > 1)


def _has_a_living_sibling() -> sa.ColumnElement[bool]:
    """Whether another concern of the case has a letter or may get one.

    Not one that was judged anew, nor one that never had a letter of its own.
    """
    siblings = tables.concerns.alias("siblings")
    has_a_letter = sa.exists().where(tables.forwards.alias("others").c.concern_id == siblings.c.id)
    return sa.exists().where(
        siblings.c.case_id == _CASES.id,
        siblings.c.id != _CONCERNS.id,
        siblings.c.state != "replaced",
        sa.or_(siblings.c.state == "review", has_a_letter),
    )


def _due_query() -> sa.Select[Any]:
    """What is due until :now, at most :limit: the most urgent first, a recipient's collected ones side by side."""
    digest = sa.case((_FORWARDS.urgency.in_(COLLECTED), _FORWARDS.recipient), else_="")
    return (
        sa.select(
            _FORWARDS.id.label("forward_id"),
            _FORWARDS.recipient,
            _FORWARDS.urgency,
            _FORWARDS.template,
            _FORWARDS.report_id,
            _FORWARDS.concern_id,
            _FORWARDS.photos,
            _FORWARDS.due_at,
            _CONCERNS.case_id,
            _CONCERNS.position,
            _CONCERNS.category,
            _CONCERNS.category_id,
            _CONCERNS.place.label("where"),
            _CONCERNS.district,
            _CASES.number,
            _CASES.opened_at,
            _reports().label("reports"),
            _is_one_of_several().label("several"),
            _has_a_living_sibling().label("beside"),
            _MESSAGES,
        )
        .join(tables.concerns, _CONCERNS.id == _FORWARDS.concern_id)
        .join(tables.cases, _CASES.id == _CONCERNS.case_id)
        # The words are those of the further report where it tells of one, else of the message that began it.
        .join(_MESSAGES, _MESSAGES.c.id == sa.func.coalesce(_FORWARDS.report_id, _CONCERNS.message_id))
        .where(_FORWARDS.state == "planned", _FORWARDS.due_at <= sa.bindparam("now"))
        .order_by(tables.urgency_rank(_FORWARDS.urgency), digest, _FORWARDS.due_at, _FORWARDS.id)
        .limit(sa.bindparam("limit"))
    )


_DUE = _due_query()
_DUE_FOR_ONE = _DUE.where(_FORWARDS.recipient == sa.bindparam("to"))


def due_forwards(connection: Connection, now: datetime, limit: int, recipient: str = "") -> list[DueForward]:
    """Planned forwards that are due until ``now`` (aware, UTC), of all recipients or of one, at most ``limit``.

    The most urgent first, the forwards of one digest one after another.
    """
    values: dict[str, Any] = {"now": now, "limit": limit}
    query, values = (_DUE_FOR_ONE, values | {"to": recipient}) if recipient else (_DUE, values)
    rows = connection.execute(query, values).all()
    further = _further(connection, [row for row in rows if row.report_id is not None])
    doubtful = suspicions.of_forwards(connection, rows)
    words = suspicions.words_of_long_texts(connection, rows)
    return [
        _due_forward(row, further.get(row.forward_id), doubtful.get(row.forward_id), words.get(row.forward_id, ()))
        for row in rows
    ]


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
        first_letter = first[row.concern_id, row.recipient]
        found[row.forward_id] = Further(
            mail_id=first_letter.mail_id,
            composed=first_letter.composed_at,
            sent=first_letter.sent,
            cancelled=bool(first_letter.cancelled),
            kind=kind_of.get(row.report_id, REPEAT),
        )
    return found


def repeated_reports(connection: Connection, case_ids: Collection[int]) -> dict[int, list[Stored]]:
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
            ~held.is_active(messages.c.id, held.Kind.RESTRICTED),
        )
        .order_by(decisions.c.id)
        .limit(MOST_AGAIN)
    )
    found: dict[int, list[Stored]] = {}
    for row in connection.execute(query):
        found.setdefault(row.case_id, []).append(storage.stored(row))
    return found


def claim_forwards(connection: Connection, ids: Sequence[int]) -> set[int]:
    """The set of those of these forwards that are still planned.

    On PostgreSQL nobody else gets them in this transaction.
    """
    forwards = tables.forwards.c
    query = sa.select(forwards.id).where(forwards.id.in_(ids), forwards.state == "planned")
    return set(connection.scalars(query.with_for_update(skip_locked=True)))


def _due_forward(row: Any, further: Further | None, suspicion: Suspicion | None, found: tuple[int, ...]) -> DueForward:
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
        suspicion=suspicion,
        found=found,
    )
