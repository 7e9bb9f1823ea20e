"""A transaction that sees one moment of the database, however long it reads and whoever writes meanwhile."""

import contextlib
from collections.abc import Iterator

from sqlalchemy.engine import Connection, Engine

from intake import storage


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One moment: SQLite's transactions are so by themselves (WAL), PostgreSQL's when asked. Raises TemporaryError."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with storage.reading(engine) as connection:
        yield connection
