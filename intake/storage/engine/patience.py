"""How long each kind of user waits for the database. Whoever waits longer gets an error, never a hanging thread.

A server may stall in ways that it cannot end itself (a firewall that swallows packets, a stopped virtual machine), so
on PostgreSQL our side has a limit of its own, a little above the server's: the connection is dropped then.
"""

from typing import Any

from msgspec import Struct
from sqlalchemy import event
from sqlalchemy.engine import Engine

KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
"""Of TCP (libpq's connection parameters): a peer that is gone is noticed in half a minute, also while we only wait."""
OWN_MARGIN = 3.0  # seconds that our own limit lies above the server's


class Patience(Struct, frozen=True):
    """Seconds. ``idle``: how long a session may rest within a transaction, holding locks that others wait for."""

    connect: int
    statement: float
    lock: float
    idle: float = 60.0


WORK = Patience(connect=5, statement=30, lock=15)
"""The daemon and ``once``: a stall is found, told and tried again."""
PATIENT = Patience(connect=10, statement=1800, lock=60)
"""Migrations, and commands that read the whole history."""
LOOK = Patience(connect=2, statement=2, lock=1.5)
"""Whoever wants to know now whether the database answers: ``status``, and the daemon's own look every few seconds."""


def limit(engine: Engine, patience: Patience) -> None:
    """Hold every connection of a PostgreSQL ``engine`` to ``patience``, here and on the server."""

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
        driver = dialect.loaded_dbapi
        options = {"connect_timeout": patience.connect, **KEEPALIVES, **options}
        return _patient(driver, patience.statement + OWN_MARGIN).connect(*arguments, **options)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        limits = {
            "statement_timeout": patience.statement,
            "lock_timeout": patience.lock,
            "idle_in_transaction_session_timeout": patience.idle,
        }
        connection.execute("; ".join(f"SET {name} = {round(seconds * 1000)}" for name, seconds in limits.items()))
        connection.autocommit = False


def _patient(driver: Any, seconds: float) -> Any:
    """A connection of psycopg, which by itself waits for ever; made at run time, as psycopg is an extra."""

    def wait(self: Any, generator: Any, *arguments: Any, **options: Any) -> Any:
        options.setdefault("timeout", seconds)
        try:
            return driver.Connection.wait(self, generator, *arguments, **options)
        except driver.OperationalError as error:
            if type(error).__name__ == "_WaitTimeout":  # what comes on this connection later answers nobody knows what
                self.pgconn.finish()
                raise driver.OperationalError(f"no answer for {seconds:.0f} seconds") from None
            raise

    return type("PatientConnection", (driver.Connection,), {"wait": wait})
