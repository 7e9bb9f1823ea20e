"""When the next forward, letter or reminder becomes due: what the daemon's alarm clock is set to.

Due is a column (``forwards.due_at``, ``deliveries.due_at``, ``forwards.chase_at``, ``forwards.call_at``). Each
question is answered by the first row of an index, so that a million concerns cost no more than a thousand.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from routing.model.decision import Urgency
from routing.planning import retry
from routing.store import forwards, tables
from routing.store.outbox import calls

SLACK = timedelta(minutes=1)
"""By so much the clocks of two daemons may differ without one hurrying the other's letters."""
_FORWARDS, _DELIVERIES = tables.forwards.c, tables.deliveries.c


def _first(column: sa.Column[datetime], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[datetime]:
    query = sa.select(column).where(*where, column > sa.bindparam("now")).order_by(column).limit(1)
    return query.scalar_subquery()


_NEXT = sa.select(
    _first(_FORWARDS.due_at, _FORWARDS.state == "planned"),
    _first(_DELIVERIES.due_at, _DELIVERIES.state == "planned"),
    *(_first(_FORWARDS.chase_at, _FORWARDS.urgency == urgency) for urgency in Urgency),
    _first(_FORWARDS.call_at),
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
    calls.at_once(connection, now)
    return connection.execute(late.values(due_at=now)).rowcount + forwards.urgent_at_once(connection, now)


def _waits_too_long() -> sa.ColumnElement[bool]:
    """Deliveries whose next attempt is further away than any pause after so many attempts: see ``_moments``."""
    by_attempts = [
        sa.and_(_DELIVERIES.attempts == attempts, _DELIVERIES.due_at > _moment(f"after_{attempts}"))
        for attempts in range(retry.ATTEMPTS_BEFORE_LONGEST)
    ]
    return sa.and_(_DELIVERIES.state == "planned", sa.or_(_DELIVERIES.due_at > _moment("longest"), *by_attempts))


def _moment(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=_DELIVERIES.due_at.type)


def _moments(now: datetime) -> dict[str, datetime]:
    """The latest moments (aware) for which anything may wait, by the names of the question."""
    pauses = {f"after_{attempts}": retry.pause(attempts) for attempts in range(retry.ATTEMPTS_BEFORE_LONGEST)}
    pauses |= {"longest": retry.LONGEST_PAUSE_OF_A_LETTER, "urgent": timedelta(0)}
    return {name: now + pause + SLACK for name, pause in pauses.items()}


_TOO_LONG = _waits_too_long()
_ANY_TOO_LONG = sa.select(
    sa.exists(sa.select(_DELIVERIES.id).where(_TOO_LONG)) | sa.exists(forwards.urgent_after(_moment("urgent")))
)
_HURRY = (
    sa.update(tables.deliveries).where(_TOO_LONG).values(due_at=sa.bindparam("then", type_=_DELIVERIES.due_at.type))
)


def bring_forward(engine: Engine, now: datetime) -> int:
    """What waits for longer than it ever may is due ``now`` (aware); how many.

    It was planned by a clock that ran ahead: another daemon's, or this one's before a start. Whoever sees his own
    clock put back calls ``try_at_once``. Digests keep their slots.
    """
    moments = _moments(now)
    with storage.reading(engine) as connection:
        if not connection.scalar(_ANY_TOO_LONG, moments):
            return 0
    with storage.writing(engine) as connection:
        changed = connection.execute(_HURRY, {**moments, "then": now})
        return changed.rowcount + forwards.urgent_at_once(connection, now)
