"""The database connection: engine, transactions, types and the lock that keeps a second daemon out.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit that returned survives a power cut, which matters because
the mail it stored is moved right after it. PostgreSQL is used as it is. A writing transaction on SQLite takes the
write lock at its first statement (BEGIN IMMEDIATE), so that ids and numbers read in it stay true until its end.
A full disk is reported as ``StorageFullError``: nothing was stored, nothing may be acknowledged.
"""

import contextlib
import errno
import fcntl
import functools
import os
import sqlite3
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine

from intake.base.errors import AlreadyRunningError, StorageFullError, TemporaryError

_turns: weakref.WeakKeyDictionary[Engine, Path] = weakref.WeakKeyDictionary()
WRITING = "intake_writing"  # execution option: this transaction will write
BUSY_MILLISECONDS = 30_000


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; a naive one is refused. SQLite keeps it as ISO 8601 text, which sorts."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Text in UTC, which sorts by time, on SQLite; a timestamp with time zone on PostgreSQL."""
        return sa.String(32) if dialect.name == "sqlite" else sa.DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The aware moment as the database keeps it. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime never enters the database")
        if dialect.name != "sqlite":
            return value
        return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(" ", "microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002  (the base's)
        """The moment that the database kept: aware, UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


Identifier = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _to_json(value: object) -> str:
    """Compact JSON, of values of ours too, by their fields. Raises ValueError, for half a surrogate pair too."""
    try:
        return msgspec.json.encode(value).decode()
    except TypeError as error:  # whoever stores goes on without the one value that cannot be
        raise ValueError(str(error)) from error


def url_of_file(path: Path) -> str:
    """The SQLAlchemy URL of an SQLite file."""
    return f"sqlite:///{path}"


def create(url: str) -> Engine:
    """An engine for ``url``; for SQLite the file's folder is created."""
    parsed = sa.make_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed,
        json_serializer=_to_json,
        json_deserializer=msgspec.json.decode,
        pool_pre_ping=not is_sqlite,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000} if is_sqlite else {},
    )
    if is_sqlite and parsed.database:
        _turns[engine] = Path(f"{parsed.database}-turn")
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "page_size=8192",  # mails are larger than rows; only a new file takes it
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "temp_store=MEMORY",
        "cache_size=-2000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back by an exception.

    Raises StorageFullError when the disk is full and TemporaryError when the database cannot be reached or is locked.
    """
    try:
        with (
            _turn(engine),
            engine.connect().execution_options(**{WRITING: True}) as connection,
            connection.begin(),
        ):
            yield connection
    except sa.exc.OperationalError as error:
        raise _translated(error) from error


@contextlib.contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Who writes to an SQLite file waits here; in SQLite's own queue it would sleep, and look again ever later."""
    path = _turns.get(engine)
    if path is None:
        yield
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads. Raises TemporaryError when the database cannot be reached."""
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except sa.exc.OperationalError as error:
        raise _translated(error) from error


def _translated(error: sa.exc.OperationalError) -> TemporaryError:
    original = error.orig
    full = getattr(original, "sqlstate", "") == "53100" or (
        isinstance(original, sqlite3.OperationalError)
        and original.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
    )
    if full:
        german = f"Die Datenbank kann nicht geschrieben werden ({original}). Vermutlich ist der Datenträger voll."
        return StorageFullError(f"the database cannot be written ({original}): is the disk full?", german=german)
    text = str(original).strip()
    return TemporaryError(f"the database does not answer: {text}", german=f"Die Datenbank antwortet nicht: {text}")


def reserve_ids(connection: Connection, table: sa.Table, count: int) -> list[int]:
    """``count`` new ids of ``table``, ascending, ours alone.

    On SQLite the write lock guards them until the transaction ends; on PostgreSQL the table's sequence gives them out.
    """
    if count == 0:
        return []
    if connection.dialect.name == "sqlite":
        last = connection.scalar(_last_id(table)) or 0
        return list(range(last + 1, last + 1 + count))
    sequence = sa.Sequence(f"{table.name}_id_seq")
    return sorted(connection.scalars(sa.select(sequence.next_value()).select_from(sa.func.generate_series(1, count))))


@functools.cache
def _last_id(table: sa.Table) -> sa.Select[int]:
    return sa.select(sa.func.max(table.c.id))


class FileLock:
    """Held by the one daemon that works an SQLite database; a second one is refused with a clear message."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise AlreadyRunningError; the lock ends with the process, however that ends."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 40).decode(errors="replace").strip()
            os.close(handle)
            if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                raise
            raise AlreadyRunningError(
                f"Ein anderer kod-intake (Prozess {holder or 'unbekannt'}) arbeitet schon mit dieser Datenbank "
                f"({self._path.parent}). Beenden Sie ihn zuerst, oder geben Sie in [service] einen anderen "
                "Datenordner an."
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._file = handle

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
