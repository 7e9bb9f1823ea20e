"""Alarms for which the duty desk is to be called: when, and how often it was (``forwards.call_at``, ``called``)."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from routing.model.decision import Urgency
from routing.store import tables

LONGEST_WAIT = timedelta(days=1, minutes=10)
"""What is to be called later than this was planned by a clock that ran ahead."""
_OVER = ("closed", "replaced")
_F = tables.forwards.c


class Call(Struct, frozen=True):
    """A forward whose call is due. ``at``: for when it was set; ``times``: how often it was made; both as stored.

    ``is_over``: somebody answered, or it is no concern any more.
    """

    forward: int
    number: str  # of the case
    case_id: int
    urgency: Urgency
    place: str  # as the citizen or a list said it
    at: datetime
    times: int
    is_over: bool


def due(connection: Connection, now: datetime, limit: int) -> list[Call]:
    """Up to ``limit`` calls that are due, those that were never made first. ``now``: aware, UTC."""
    concerns, cases = tables.concerns.c, tables.cases.c
    query = (
        sa.select(
            _F.id,
            cases.number,
            concerns.case_id,
            _F.urgency,
            concerns.place,
            _F.call_at,
            _F.called,
            sa.or_(_F.answered_at.is_not(None), _F.state == "cancelled", concerns.state.in_(_OVER)).label("is_over"),
        )
        .join(tables.concerns, concerns.id == _F.concern_id)
        .join(tables.cases, cases.id == concerns.case_id)
        .where(_F.call_at.is_not(None), sa.or_(_F.call_at <= now, _F.call_at > now + LONGEST_WAIT))
        .order_by(_F.called, _F.call_at, _F.id)
        .limit(limit)
    )
    return [
        Call(row.id, row.number, row.case_id, Urgency(row.urgency), row.place, row.call_at, row.called, row.is_over)
        for row in connection.execute(query)
    ]


def at_once(connection: Connection, now: datetime) -> None:
    """After the clock was put back: every call is due ``now`` (aware, UTC)."""
    connection.execute(sa.update(tables.forwards).where(_F.call_at > now).values(call_at=now))


def move(connection: Connection, call: Call, at: datetime | None, *, made: bool = False) -> bool:
    """Call again then (aware; None: never), unless somebody acknowledged or moved it meanwhile; whether it was so.

    ``made``: this call is one more that is made.
    """
    same = sa.update(tables.forwards).where(_F.id == call.forward, _F.call_at == call.at)
    return connection.execute(same.values(call_at=at, called=_F.called + int(made))).rowcount == 1
