"""Forwards whose body has not answered in time: what whoever asks again needs to know of them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from routing.model.decision import Urgency
from routing.store import held, tables


class Unanswered(Struct, frozen=True):
    """A forward that is due to be asked after, with its letter and case; moments are aware, UTC.

    ``asked`` counts how often it was done; ``accepted_at`` is when a server took the letter, None as long as none has.
    """

    id: int
    recipient: str
    urgency: Urgency
    asked: int
    is_over: bool  # answered, or its concern is closed or was judged anew, or nobody works on it and it is not urgent
    letter_id: int
    sender: str
    subject: str
    composed_at: datetime
    accepted_at: datetime | None
    is_held: bool
    number: str  # of the case
    case_id: int
    category: str
    place: str


def unanswered(connection: Connection, now: datetime, limit: int) -> list[Unanswered]:
    """Up to ``limit`` forwards that somebody must ask after now, those that wait longest first.

    ``now``: aware, UTC.
    """
    forwards, letters, concerns, cases = tables.forwards.c, tables.letters.c, tables.concerns.c, tables.cases.c
    deliveries = tables.deliveries.c
    of_letter = deliveries.letter_id == forwards.letter_id
    accepted_at = sa.select(sa.func.min(deliveries.finished_at)).where(of_letter, deliveries.state == "sent")
    is_held = sa.exists().where(of_letter, deliveries.state == "held")
    query = (
        sa.select(
            forwards.id,
            forwards.recipient,
            forwards.urgency,
            forwards.chased,
            forwards.answered_at,
            forwards.letter_id,
            concerns.state.label("concern"),
            concerns.case_id,
            concerns.category,
            concerns.place,
            cases.number,
            letters.subject,
            letters.sender,
            letters.composed_at,
            accepted_at.scalar_subquery().label("accepted_at"),
            is_held.label("is_held"),
            held.is_active(concerns.message_id, held.Kind.RESTRICTED).label("is_restricted"),
        )
        .join(tables.letters, letters.id == forwards.letter_id)
        .join(tables.concerns, concerns.id == forwards.concern_id)
        .join(tables.cases, cases.id == concerns.case_id)
        .where(forwards.urgency.in_(list(Urgency)), forwards.chase_at <= now, forwards.report_id.is_(None))
        .order_by(forwards.chase_at, forwards.id)
        .limit(limit)
    )
    return [_unanswered(row) for row in connection.execute(query)]


def _unanswered(row: Any) -> Unanswered:
    urgency = Urgency(row.urgency)
    is_left = row.is_restricted and not urgency.is_urgent
    return Unanswered(
        id=row.id,
        recipient=row.recipient,
        urgency=urgency,
        asked=row.chased,
        is_over=row.answered_at is not None or row.concern in {"closed", "replaced"} or is_left,
        letter_id=row.letter_id,
        sender=row.sender,
        subject=row.subject,
        composed_at=row.composed_at,
        accepted_at=row.accepted_at,
        is_held=row.is_held,
        number=row.number,
        case_id=row.case_id,
        category=row.category,
        place=row.place,
    )
