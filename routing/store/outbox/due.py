"""When the next forward, letter or reminder becomes due: what the daemon's alarm clock is set to.

Due is a column (``forwards.due_at``, ``deliveries.due_at``, ``forwards.chase_at``). Each question is answered by the
first row of an index, so that a million concerns cost no more than a thousand.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from routing.model.decision import Urgency
from routing.store import forwards, tables

_FORWARDS, _DELIVERIES = tables.forwards.c, tables.deliveries.c


def _first(column: sa.Column[datetime], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[datetime]:
    query = sa.select(column).where(*where, column > sa.bindparam("now")).order_by(column).limit(1)
    return query.scalar_subquery()


_NEXT = sa.select(
    _first(_FORWARDS.due_at, _FORWARDS.state == "planned"),
    _first(_DELIVERIES.due_at, _DELIVERIES.state == "planned"),
    *(_first(_FORWARDS.chase_at, _FORWARDS.urgency == urgency) for urgency in Urgency),
)


def next_due(connection: Connection, now: datetime) -> list[datetime]:
    """The next moments after ``now`` (aware) at which something becomes due, one of each kind of work; unsorted."""
    return [moment for moment in connection.execute(_NEXT, {"now": now}).one() if moment is not None]


def try_at_once(connection: Connection, now: datetime) -> int:
    """After the clock was put back: what waits for a moment that the old clock gave is due ``now`` (aware).

    Returns how many. That is every delivery that waits for its next attempt (an attempt too early does no harm), and
    every urgent forward, which is due at once by its nature. Digests keep their slots.
    """
    late = sa.update(tables.deliveries).where(_DELIVERIES.state == "planned", _DELIVERIES.due_at > now)
    return connection.execute(late.values(due_at=now)).rowcount + forwards.urgent_at_once(connection, now)
