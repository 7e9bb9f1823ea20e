"""Many rows into a table, past SQLAlchemy's work for each of them, which takes longer than the database's own.

The statement is SQLAlchemy's, and each value passes its column's own way to the driver; only the bookkeeping for every
single row is left out. All rows name the same columns, those without a default at least.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect


class _Statement(NamedTuple):
    """An INSERT of these columns for one kind of database."""

    text: str
    positional: bool
    names: tuple[str, ...]
    processors: tuple[tuple[int, Callable[[Any], Any]], ...]


_statements: dict[tuple[str, str, tuple[str, ...]], _Statement] = {}


def insert(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows; nothing happens without any. Raises KeyError when a row lacks a column of the first.

    Each row is a mapping of column name to value.
    """
    if not rows:
        return
    statement = _statement(connection.dialect, table, tuple(rows[0]))
    columns: list[Iterable[Any]] = [map(itemgetter(name), rows) for name in statement.names]
    for index, process in statement.processors:
        columns[index] = _processed(columns[index], process)
    values: list[Any] = list(zip(*columns, strict=True))
    if not statement.positional:
        values = [dict(zip(statement.names, row, strict=True)) for row in values]
    connection.exec_driver_sql(statement.text, values)


def _processed(column: Iterable[Any], process: Callable[[Any], Any]) -> Iterator[Any]:
    """Each value as the driver takes it. Rows stored together are alike: the same again is not worked out anew."""
    before = given = None
    for value in column:
        if given is None or value != before:
            before, given = value, process(value)
        yield given


def _statement(dialect: Dialect, table: sa.Table, given: tuple[str, ...]) -> _Statement:
    key = (dialect.name, table.name, given)
    if key not in _statements:
        compiled = sa.insert(table).compile(dialect=dialect, column_keys=list(given))
        names = tuple(compiled.positiontup or given)
        found = [table.columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
        processors = tuple((index, process) for index, process in enumerate(found) if process is not None)
        _statements[key] = _Statement(str(compiled), compiled.positional, names, processors)
    return _statements[key]
