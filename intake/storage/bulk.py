"""Many rows into a table, past SQLAlchemy's work for each of them, which takes longer than the database's own.

The statement is SQLAlchemy's, and each value passes its column's own way to the driver; only the bookkeeping for every
single row is left out. Each row names every column.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect


class _Statement(NamedTuple):
    """An INSERT of whole rows for one kind of database."""

    text: str
    positional: bool
    names: tuple[str, ...]
    processors: tuple[tuple[str, Callable[[Any], Any]], ...]


_statements: dict[tuple[str, str], _Statement] = {}


def insert(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows; nothing happens without any. Raises KeyError when a row lacks a column."""
    if not rows:
        return
    statement = _statement(connection.dialect, table)
    bound = [dict(row) for row in rows]
    for name, process in statement.processors:
        for row in bound:
            row[name] = process(row[name])
    if statement.positional:
        values: list[Any] = [tuple([row[name] for name in statement.names]) for row in bound]
    else:
        values = bound
    connection.exec_driver_sql(statement.text, values)


def _statement(dialect: Dialect, table: sa.Table) -> _Statement:
    key = (dialect.name, table.name)
    if key not in _statements:
        compiled = sa.insert(table).compile(dialect=dialect)
        columns = {column.name: column for column in table.columns}
        found = {name: column.type.dialect_impl(dialect).bind_processor(dialect) for name, column in columns.items()}
        processors = tuple((name, process) for name, process in found.items() if process is not None)
        names = tuple(compiled.positiontup or columns)
        _statements[key] = _Statement(str(compiled), compiled.positional, names, processors)
    return _statements[key]
