"""The database connection: engine and transactions.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit that returned survives a power cut, which matters because
the mail it stored is moved right after it. PostgreSQL is used as it is. A writing transaction on SQLite takes the
write lock at its first statement (BEGIN IMMEDIATE), so that ids and numbers read in it stay true until its end.

Nobody waits without end (``patience``), and whatever goes wrong with a connection ends that connection: the next
transaction gets a new one. A full disk is a ``StorageFullError``, a database that is out a ``DatabaseOutError``, an
SQLite file that is no longer ours (``database_file``) a ``DatabaseLostError``: nothing was stored, nothing may be
acknowledged.
"""

import contextlib
import contextvars
import functools
import os
import sqlite3
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from intake.base.errors import DatabaseLostError, TemporaryError
from intake.storage.engine import database_file, failures, file_locks
from intake.storage.engine.column_types import to_json
from intake.storage.engine.database_file import DatabaseFile
from intake.storage.engine.patience import WORK, Patience, limit

WRITING = "intake_writing"  # execution option: this transaction will write


_first = contextvars.ContextVar("first", default=False)


class _Sqlite(msgspec.Struct):
    """What an engine knows of its SQLite file; None for a database in memory."""

    file: DatabaseFile | None
    turn: Path | None
    seconds: float


_sqlite: "weakref.WeakKeyDictionary[Engine, _Sqlite]" = weakref.WeakKeyDictionary()


def url_of_file(path: Path) -> str:
    """The SQLAlchemy URL of an SQLite file."""
    return f"sqlite:///{path}"


def create(url: str | sa.URL, patience: Patience = WORK) -> Engine:
    """An engine for ``url``; for SQLite the file's folder is created. Nothing on it waits longer than ``patience``."""
    parsed = sa.make_url(url)
    path = path_of(parsed)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    in_memory = is_sqlite and path is None
    engine = sa.create_engine(
        parsed,
        json_serializer=to_json,
        json_deserializer=msgspec.json.decode,
        pool_pre_ping=not is_sqlite,
        connect_args={"timeout": patience.lock} if is_sqlite else {},
        **({} if in_memory else {"pool_timeout": patience.lock}),
    )
    if is_sqlite:
        turn = Path(f"{path}-turn") if path else None
        state = _sqlite[engine] = _Sqlite(DatabaseFile(path) if path else None, turn, patience.lock)
        event.listen(engine, "connect", functools.partial(_prepare_sqlite, state))
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "engine_disposed", lambda _: state.file.release() if state.file else None)
    else:
        limit(engine, patience)
    return engine


def _prepare_sqlite(state: _Sqlite, connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    if connection.execute("PRAGMA page_count").fetchone() == (0,):
        connection.execute("PRAGMA page_size=8192").close()  # mails are larger than rows
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL").close()  # room comes back (``tidying``); takes a lock
    for pragma in (
        "secure_delete=ON",  # what is deleted is overwritten with zeros
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-2000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    if state.file is not None:
        try:
            state.file.adopt()
        except OSError as error:
            raise failures.of_file(error) from error


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back by an exception.

    Raises StorageFullError when the disk is full, DatabaseOutError when the database cannot be reached or is locked,
    and DatabaseLostError when it is no longer the one that was opened.
    """
    state = _sqlite.get(engine)
    with _turn(state):
        check(engine)
        with _transaction(engine, writes=True) as connection:
            yield connection


@contextlib.contextmanager
def first_in_line(*, wanted: bool = True) -> Iterator[None]:
    """What this thread writes within is urgent: on SQLite it has the next turn, whoever waits for one.

    PostgreSQL lets all write at once.
    """
    before = _first.set(wanted)
    try:
        yield
    finally:
        _first.reset(before)


@contextlib.contextmanager
def exclusive(engine: Engine) -> Iterator[sqlite3.Connection]:
    """The driver's own connection to an SQLite file, in no transaction, while nobody else of ours writes.

    Raises DatabaseOutError.
    """
    with _turn(_sqlite.get(engine)):
        check(engine)
        with contextlib.closing(engine.raw_connection()) as connection:
            raw: Any = connection.driver_connection
            try:
                yield raw
            except sqlite3.OperationalError as error:
                raise failures.translated(error, _place(engine)) from error


@contextlib.contextmanager
def _turn(state: _Sqlite | None) -> Iterator[None]:
    if state is None or state.turn is None:
        yield
        return
    try:
        handle = file_locks.take_turn(state.turn, state.seconds, first=_first.get())
    except TimeoutError as error:
        raise failures.locked(str(error)) from error
    except OSError as error:
        raise failures.of_file(error) from error
    try:
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; DatabaseOutError when the database cannot be reached."""
    with _transaction(engine, writes=False) as connection:
        yield connection


@contextlib.contextmanager
def _transaction(engine: Engine, *, writes: bool) -> Iterator[Connection]:
    try:
        with engine.connect().execution_options(**{WRITING: writes}) as connection:
            try:
                with connection.begin():
                    yield connection
            except Exception as error:
                if failures.is_of_the_connection(error):
                    connection.invalidate()
                raise
    except Exception as error:
        if not failures.is_of_the_connection(error):
            raise
        raise _given_up(engine, failures.translated(error, _place(engine))) from error


def _place(engine: Engine) -> Path | None:
    file = _file(engine)
    return file.path if file else None


def _given_up(engine: Engine, error: TemporaryError) -> TemporaryError:
    """The error; where it says that the file is damaged, that stays so."""
    file = _file(engine)
    if file is not None and isinstance(error, DatabaseLostError):
        file.give_up(error)
    return error


def check(engine: Engine) -> None:
    """Raise DatabaseLostError where the SQLite file at the path is no longer the one that ``engine`` has open.

    Costs microseconds. A PostgreSQL says by itself when it is gone. Raises StorageFullError where a checkpoint had no
    room.
    """
    file = _file(engine)
    if file is not None:
        try:
            file.check()
        except sqlite3.Error as error:
            raise failures.translated(error, file.path) from error


def answers(engine: Engine) -> None:
    """Ask the smallest question; DatabaseOutError when there is no answer."""
    with reading(engine) as connection:
        connection.execute(sa.text("SELECT 1"))


def writable(engine: Engine) -> None:
    """Whether one could write now; nothing is written. DatabaseOutError when somebody else holds the database."""
    if engine.dialect.name == "sqlite":
        with _transaction(engine, writes=True):
            pass


def quick_check(engine: Engine, largest: int | None = None) -> bool:
    """Read a whole SQLite file; False, and nothing is read, where it has more than ``largest`` bytes.

    Raises DatabaseLostError where it is damaged; from then on nothing is written to it.
    """
    file = _file(engine)
    if file is None:
        return True
    if largest is not None and file.path.stat().st_size > largest:
        return False
    try:
        wrong = database_file.quick_check(file.path)
    except sqlite3.DatabaseError as error:
        raise _given_up(engine, failures.translated(error, file.path)) from error
    if wrong:
        raise _given_up(engine, failures.damaged(wrong, file.path))
    return True


def recognise(url: str) -> None:
    """Before a daemon opens an SQLite file: raise DatabaseLostError where it is not the one that was here before."""
    path = path_of(url)
    if path is not None:
        database_file.recognise(path)


def mark_file(engine: Engine) -> None:
    """Give an SQLite file its identity, in it and beside it, for the next ``recognise``."""
    file = _file(engine)
    if file is not None:
        with contextlib.closing(engine.raw_connection()) as connection:
            raw: Any = connection.driver_connection
            database_file.mark(raw, file.path)


def _file(engine: Engine) -> DatabaseFile | None:
    state = _sqlite.get(engine)
    return state.file if state else None


def is_kept(engine: Engine) -> bool:
    """Whether what is stored outlives the process: not so in an SQLite database in memory."""
    return engine.dialect.name != "sqlite" or path_of(engine.url) is not None


def path_of(url: str | sa.URL) -> Path | None:
    """The SQLite file that ``url`` names; None for one in memory and for PostgreSQL."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


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
