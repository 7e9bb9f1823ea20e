"""Everything that came in during a period, out of one moment of the database, a few hundred cases at a time.

Living rows are made into figures by the same code that writes down what is left of them when they are forgotten
(``routing.store.figures``): a report says the same before and after. Only streets are of living rows alone.
"""

from array import array
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake.storage import tables as stored
from intake.storage.queries import WANTED
from routing.figures.counting import GONE, Tally
from routing.figures.values import Counts, Period
from routing.store import figures, tables
from routing.store.books import snapshot
from routing.store.figures import Figure, Forward

AT_ONCE = 200
Street = Callable[[str], str]
"""From a place as it is stored to its street; "" for a place without one."""

_M, _C, _D = stored.messages.c, tables.concerns.c, tables.decisions.c
_F, _B = tables.figures.c, tables.figure_forwards.c
_MESSAGES_OF = sa.select(_C.message_id).where(_C.case_id.in_(WANTED)).distinct()
_BODIES = sa.select(tables.figure_forwards).where(_B.figure_id.in_(WANTED)).order_by(_B.id)


def collect(engine: Engine, period: Period, street: Street) -> Counts:
    """What came in during the period. Raises TemporaryError when the database does not answer."""
    tally = Tally(period.since, period.until)
    with snapshot.reading(engine) as connection:
        for figure in _living(connection, period):
            tally.add(figure)
        for figure in _forgotten(connection, period):
            tally.add(figure)
        for place, category, count in _places(connection, period):
            tally.add_places(street(place), category, count)
    return tally.counts()


def _during(period: Period) -> sa.ColumnElement[bool]:
    return sa.and_(_M.received_at >= period.since, _M.received_at < period.until)


def _living(connection: Connection, period: Period) -> Iterator[Figure]:
    concerns, decided = tables.concerns, tables.decisions
    cases = sa.select(_C.case_id).join(stored.messages, _M.id == _C.message_id).where(_during(period)).distinct()
    for some in _pieces(connection, cases):
        messages = list(connection.scalars(_MESSAGES_OF, {"wanted": some}))
        yield from (one for one in figures.of(connection, some, messages) if one.counts == "concern")
    bare = sa.select(_M.id).where(
        _during(period),
        ~sa.exists().where(concerns.c.message_id == _M.id),
        sa.exists().where(decided.c.message_id == _M.id),
    )
    for some in _pieces(connection, bare):
        yield from figures.of(connection, (), some)


def _pieces(connection: Connection, query: sa.Select[Any]) -> Iterator[list[int]]:
    """The ids that a query gives, ``AT_ONCE`` at a time; eight bytes each are kept."""
    ids = array("q", connection.scalars(query.execution_options(yield_per=10_000)))
    for start in range(0, len(ids), AT_ONCE):
        yield list(ids[start : start + AT_ONCE])


def _forgotten(connection: Connection, period: Period) -> Iterator[Figure]:
    last = 0
    query = sa.select(tables.figures).where(_F.received_at >= period.since, _F.received_at < period.until)
    while rows := connection.execute(query.where(_F.id > last).order_by(_F.id).limit(AT_ONCE)).all():
        last = rows[-1].id
        told: dict[int, list[Forward]] = {}
        for row in connection.execute(_BODIES, {"wanted": [row.id for row in rows]}):
            told.setdefault(row.figure_id, []).append(_forward(row))
        for row in rows:
            values = row._asdict() | {"rules": tuple(row.rules), "forwards": tuple(told.get(row.id, ()))}
            del values["id"]
            yield Figure(**values)


def _forward(row: Any) -> Forward:
    values = row._asdict()
    del values["id"], values["figure_id"]
    return Forward(**values)


def _places(connection: Connection, period: Period) -> Iterator[tuple[str, str, int]]:
    """Place and category as stored, of living concerns, and how many there are."""
    query = (
        sa.select(_C.place, _C.category, sa.func.count())
        .join(stored.messages, _M.id == _C.message_id)
        .where(_during(period), _C.state != GONE)
        .group_by(_C.place, _C.category)
    )
    yield from (tuple(row) for row in connection.execute(query))
