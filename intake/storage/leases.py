"""Who works what, when several daemons share one PostgreSQL: a lease for each source, renewed by those who work.

A lease is a row: who holds it, and a count that goes up with each renewal. Others may take it over as soon as the
holder's process is gone (each daemon holds a session advisory lock under its own name), or when the count has stood
still for ``STALE`` seconds of the observer's own monotonic clock: a process that hangs keeps its lock, but renews
nothing. No wall clock is asked, here or in the database, so that setting one changes nothing.

Whoever was taken over finds out by ``confirm``, which is asked before anything is acknowledged. On SQLite one daemon
holds the file lock (``FileLock``), so every lease is granted; ``confirm`` then says whether the file is still ours.
"""

import contextlib
import hashlib
import threading
import time
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake.base.errors import LeaseLostError, TemporaryError
from intake.storage import tables
from intake.storage.engine import check, failures, writing

STALE = 30.0  # seconds without a renewal after which a holder counts as hanging
RENEW = 8.0  # seconds between two renewals
LOOK = 5.0  # seconds between two looks of who waits for a lease

_C = tables.leases.c


class Leases:
    """The leases of the daemon ``instance``. Safe for several threads."""

    def __init__(self, engine: Engine, instance: str) -> None:
        self.instance = instance
        self._engine = engine
        self._shared = engine.dialect.name == "postgresql"
        self._connection: Connection | None = None
        self._seen: dict[str, tuple[str, int, float]] = {}
        self._held: set[str] = set()
        self._lock = threading.RLock()

    @property
    def held(self) -> frozenset[str]:
        """The names of the leases that were ours when last asked for."""
        return frozenset(self._held)

    def take(self, name: str) -> bool:
        """True when the lease ``name`` is ours now, renewed. Raises DatabaseOutError."""
        if not self._shared:
            return True
        with self._lock:
            self._sign_in()
            with writing(self._engine) as connection:
                ours = self._taken(connection, name)
            if ours:
                self._held.add(name)
            else:
                self._held.discard(name)
            return ours

    def confirm(self, name: str) -> None:
        """Raise where what is worked under ``name`` may not be acknowledged: another has the lease, or the database.

        Raises LeaseLostError, DatabaseLostError and DatabaseOutError.
        """
        confirm(self._engine, name, self.instance)

    def renew(self, names: Collection[str]) -> None:
        """We still work these; what somebody else has taken over is no longer ``held``. Raises DatabaseOutError."""
        if not self._shared:
            return
        with self._lock:
            self._sign_in()
            wanted = [name for name in names if name in self._held]
            with writing(self._engine) as connection:
                for name in wanted:
                    if not _renewed(connection, name, self.instance):
                        self._held.discard(name)
                self._taken(connection, _name_of(self.instance))

    def lives(self, instance: str) -> bool:
        """Whether the daemon ``instance`` works: it is there, and renews its own lease. Raises DatabaseOutError."""
        if instance == self.instance:
            return True
        if not self._shared:
            return False
        with self._lock:
            self._sign_in()
            name = _name_of(instance)
            with writing(self._engine) as connection:
                row = connection.execute(sa.select(_C.holder, _C.beat).where(_C.name == name)).one_or_none()
                if row is not None and self._works(row.holder, name, row.beat):
                    return True
                connection.execute(sa.delete(tables.leases).where(_C.name == name))
            return False

    def close(self) -> None:
        """Give all leases back."""
        with self._lock:
            self._held.clear()
            if self._shared and self._connection is not None:
                with contextlib.suppress(TemporaryError), writing(self._engine) as connection:
                    connection.execute(sa.delete(tables.leases).where(_C.holder == self.instance))
            self._sign_out()

    def _taken(self, connection: Connection, name: str) -> bool:
        if _renewed(connection, name, self.instance):
            return True
        row = connection.execute(sa.select(_C.holder, _C.beat).where(_C.name == name)).one_or_none()
        if row is None:
            return self._inserted(connection, name)
        if self._works(row.holder, name, row.beat):
            return False
        taken = connection.execute(
            sa.update(tables.leases)
            .where(_C.name == name, _C.holder == row.holder, _C.beat == row.beat)
            .values(holder=self.instance, beat=_C.beat + 1)
        )
        return taken.rowcount == 1

    def _inserted(self, connection: Connection, name: str) -> bool:
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(tables.leases).values(name=name, holder=self.instance, beat=1))
        except sa.exc.IntegrityError:  # another daemon at the same moment
            return False
        return True

    def _works(self, holder: str, name: str, beat: int) -> bool:
        now = time.monotonic()
        before = self._seen.get(name)
        if before is None or before[:2] != (holder, beat):
            self._seen[name] = (holder, beat, now)
        elif now - before[2] >= STALE:
            return False
        return self._is_there(holder)

    def _is_there(self, instance: str) -> bool:
        """Whether the process of ``instance`` has its session."""
        if self._ask("pg_try_advisory_lock", instance):
            self._ask("pg_advisory_unlock", instance)
            return False
        return True

    def _sign_in(self) -> None:
        """Hold the lock of our own name, on a connection that lives as long as we do."""
        self._ask("", "")

    def _sign_out(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.invalidate()
            connection.close()

    def _ask(self, function: str, name: str) -> object:
        """Any failure ends the connection, and the session with it; the next question opens another."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": _key(self.instance)})
            question = sa.text(f"SELECT {function}(:key)") if function else sa.text("SELECT 1")
            return self._connection.scalar(question, {"key": _key(name)} if function else {})
        except Exception as error:
            self._sign_out()
            if failures.is_of_the_connection(error):
                raise failures.translated(error) from error
            raise


def confirm(engine: Engine, name: str, holder: str) -> None:
    """Raise where another than ``holder`` has the lease ``name``, or the database is no longer the one opened.

    For whoever is about to acknowledge something at a source. Raises LeaseLostError, DatabaseLostError and
    DatabaseOutError.
    """
    check(engine)
    if engine.dialect.name != "postgresql" or not holder:
        return
    with writing(engine) as connection:
        taken = sa.select(sa.exists().where(_C.name == name, _C.holder != holder))
        if not _renewed(connection, name, holder) and connection.scalar(taken):
            raise LeaseLostError(
                f"another daemon has taken over {name}",
                german=f"Ein anderer Dienst bearbeitet inzwischen „{name}“; hier wird nichts mehr abgelegt.",
            )


def _renewed(connection: Connection, name: str, holder: str) -> bool:
    query = sa.update(tables.leases).where(_C.name == name, _C.holder == holder).values(beat=_C.beat + 1)
    return connection.execute(query).rowcount == 1


def _name_of(instance: str) -> str:
    return f"instance {instance}"


def _key(name: str) -> int:
    """A name as the 64-bit number that PostgreSQL's locks go by."""
    return int.from_bytes(hashlib.sha256(f"kod-intake {name}".encode()).digest()[:8], signed=True)
