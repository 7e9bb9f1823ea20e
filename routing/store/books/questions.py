"""How the books ask: how many rows, how many in each state, which ones point at nothing."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from routing.store.books.values import Wrong

SHOWN = 5


def count(connection: Connection, table: sa.Table) -> int:
    """How many rows there are."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def count_where(connection: Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    """How many rows there are of which ``condition`` holds."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0


def by_state(connection: Connection, column: sa.ColumnElement[str], source: sa.FromClause) -> dict[str, int]:
    """How many rows of ``source`` have which value of ``column``."""
    query = sa.select(column.label("state"), sa.func.count().label("number")).select_from(source).group_by(column)
    return {row.state: row.number for row in connection.execute(query)}


def of_no_known(found: Mapping[str, int], known: tuple[str, ...]) -> Wrong:
    """Rows in a state that does not exist."""
    others = {state: number for state, number in found.items() if state not in known}
    return Wrong("unknown state", sum(others.values()), tuple(sorted(map(str, others)))[:SHOWN])


def wrong(connection: Connection, kind: str, rows: sa.Select[int]) -> Wrong:
    """The rows that ``rows`` finds (by number), counted, the first few named; one pass when there are none."""
    first = connection.scalars(rows.limit(SHOWN)).all()
    if not first:
        return Wrong(kind, 0)
    number = len(first)
    if number == SHOWN:
        number = connection.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or number
    return Wrong(kind, number, tuple(str(one) for one in first))


def without(column: sa.ColumnElement[int], other: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Rows whose ``column`` stands nowhere in ``other``."""
    return ~sa.exists().where(other == column)
