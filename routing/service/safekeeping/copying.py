"""All rows of one database into another of the same schema, whichever engines they are; counted and compared.

Values are read and written as Python has them, so that both sides of a comparison are the same bytes. Nothing is
changed in the source; the target's sequences go on above the highest number.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from routing.store import tables

AT_ONCE = 500
Rows = list[dict[str, Any]]


class Digest(Struct, frozen=True):
    """A table as it is: how many rows, and SHA-256 (hex) over all of them in the order of their key."""

    rows: int
    sha256: str


def copy(source: Connection, target: Connection) -> None:
    """Every row into the empty tables of ``target``, within the callers' transactions."""
    for table in tables.metadata.sorted_tables:
        for rows in _read(source, table):
            target.execute(sa.insert(table), rows)
        if target.dialect.name == "postgresql" and "id" in table.c:
            last = target.scalar(sa.select(sa.func.max(table.c.id)))
            if last:
                target.execute(sa.select(sa.func.setval(f"{table.name}_id_seq", last)))


def clear(target: Connection) -> None:
    """Remove every row, so that ``copy`` finds the tables empty."""
    for table in reversed(tables.metadata.sorted_tables):
        if "resend_of" in table.c:  # letters that repeat one another
            target.execute(sa.update(table).values(resend_of=None))
        target.execute(sa.delete(table))


def digests(connection: Connection) -> Mapping[str, Digest]:
    """Every table, by its name."""
    return {table.name: _digest(connection, table) for table in tables.metadata.sorted_tables}


def _digest(connection: Connection, table: sa.Table) -> Digest:
    number, found = 0, hashlib.sha256()
    for rows in _read(connection, table):
        number += len(rows)
        for row in rows:
            found.update(msgspec.json.encode(list(row.values())))
    return Digest(number, found.hexdigest())


def _read(connection: Connection, table: sa.Table) -> Iterator[Rows]:
    """The rows in the order of their key, some at a time."""
    query = sa.select(table).order_by(*table.primary_key.columns)
    result = connection.execute(query, execution_options={"yield_per": AT_ONCE})
    for rows in result.mappings().partitions():
        yield [dict(row) for row in rows]
