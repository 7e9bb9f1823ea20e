"""Who works what, when several daemons share one PostgreSQL: session advisory locks on a connection of their own.

A lock ends with the process or its connection, whatever happens to it; nothing has to be cleaned up. On SQLite one
daemon holds the file lock (``FileLock``), so every lock is granted. Built on PostgreSQL's locks alone; there is no
coordination of our own.
"""

import hashlib
import threading

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine


class AdvisoryLocks:
    """The advisory locks of this process. Safe for several threads."""

    def __init__(self, engine: Engine) -> None:
        self._shared = engine.dialect.name == "postgresql"
        self._engine = engine
        self._connection: Connection | None = None
        self._held: set[str] = set()
        self._lock = threading.RLock()

    def take(self, name: str) -> bool:
        """True when this process holds the lock ``name`` now; never waits.

        Raises SQLAlchemy's errors without a database.
        """
        with self._lock:
            if not self._shared or name in self._held:
                return True
            granted = bool(self._ask("pg_try_advisory_lock", name))
            if granted:
                self._held.add(name)
            return granted

    def lives(self, name: str) -> bool:
        """Whether another process holds the lock ``name``; our own count too."""
        with self._lock:
            if name in self._held:
                return True
            if not self._shared:
                return False
            if self._ask("pg_try_advisory_lock", name):
                self._ask("pg_advisory_unlock", name)
                return False
            return True

    def still_ours(self) -> bool:
        """False when the connection that held the locks was lost, and the locks with it."""
        with self._lock:
            if not self._shared or self._connection is None:
                return True
            try:
                self._connection.execute(sa.text("SELECT 1"))
            except sa.exc.DBAPIError:
                self.close()
                return False
            return True

    def close(self) -> None:
        """Give all locks back."""
        with self._lock:
            self._held.clear()
            connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.execute(sa.text("SELECT pg_advisory_unlock_all()"))
            except sa.exc.DBAPIError:
                connection.invalidate()  # lost already, and the locks with it
            connection.close()

    def _ask(self, function: str, name: str) -> object:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection.scalar(sa.text(f"SELECT {function}(:key)"), {"key": _key(name)})


def _key(name: str) -> int:
    """A name as the 64-bit number that PostgreSQL's locks go by."""
    return int.from_bytes(hashlib.sha256(f"kod-intake {name}".encode()).digest()[:8], signed=True)
