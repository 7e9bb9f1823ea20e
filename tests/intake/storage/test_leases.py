"""Several daemons on one PostgreSQL, and a PostgreSQL that ends sessions, locks, or gives no answer."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import errors
from intake.storage import leases
from routing.store import migrations
from tests.servers.fault_proxy import FaultProxy
from tests.servers.postgresql import PostgreSQL

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = storage.create(database_url)
    migrations.upgrade(made)
    yield made
    made.dispose()


def beat(engine: Engine) -> None:
    with storage.writing(engine) as connection:
        storage.beat(connection, "daemon", NOW)


def test_a_lease_is_one_daemons_until_it_ends(engine: Engine) -> None:
    one, other = storage.Leases(engine, "one"), storage.Leases(engine, "other")
    shared = engine.dialect.name == "postgresql"
    assert one.take("mailbox kod")
    assert one.take("mailbox kod")
    one.renew(["mailbox kod"])
    one.confirm("mailbox kod")
    assert other.take("mailbox kod") is not shared
    assert other.lives("one") is shared
    one.close()
    assert not other.lives("one")
    assert other.take("mailbox kod")
    if shared:
        with pytest.raises(errors.LeaseLostError):
            one.confirm("mailbox kod")
    other.close()


def test_a_holder_that_renews_nothing_is_taken_over_and_finds_out(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is still there, and holds its session: it hangs."""
    engine = storage.create(postgresql.create_database())
    migrations.upgrade(engine)
    hanging, other = storage.Leases(engine, "hanging"), storage.Leases(engine, "other")
    assert hanging.take("mailbox kod")
    hanging.renew([])
    assert not other.take("mailbox kod")
    assert other.lives("hanging")
    monkeypatch.setattr(leases, "STALE", 0.0)
    assert other.take("mailbox kod")
    assert not other.lives("hanging")
    monkeypatch.undo()
    with pytest.raises(errors.LeaseLostError):
        hanging.confirm("mailbox kod")
    assert not hanging.take("mailbox kod")
    hanging.renew(["mailbox kod"])
    assert frozenset() == hanging.held
    hanging.close()
    other.confirm("mailbox kod")
    other.close()
    engine.dispose()


def test_any_error_of_a_connection_ends_in_a_new_one(postgresql: PostgreSQL) -> None:
    """The server ends every session, while one is in a transaction, holds leases, or lies in the pool."""
    url = postgresql.create_database()
    engine = storage.create(url)
    migrations.upgrade(engine)
    held = storage.Leases(engine, "one")
    assert held.take("mailbox kod")
    admin = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
    for _ in range(3):
        with pytest.raises(errors.DatabaseOutError), storage.writing(engine) as connection:
            admin.execute(ended, [admin.info.backend_pid])
            with contextlib.suppress(sa.exc.OperationalError):
                connection.execute(sa.select(1))
            connection.execute(sa.select(1))  # PendingRollbackError
        beat(engine)
        with contextlib.suppress(errors.DatabaseOutError):
            held.take("mailbox kod")
        assert held.take("mailbox kod")
    admin.close()
    held.close()
    engine.dispose()


@pytest.mark.parametrize("locked", ["heartbeats", "leases"])
def test_nobody_waits_for_a_lock_without_end(postgresql: PostgreSQL, locked: str) -> None:
    url = postgresql.create_database()
    engine = storage.create(url, storage.Patience(connect=2, statement=1, lock=0.1))
    migrations.upgrade(engine)
    with psycopg.connect(url.replace("+psycopg", "")) as admin:
        held = storage.Leases(engine, "one")
        admin.execute(f"LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE".encode())
        with pytest.raises(errors.DatabaseOutError):
            beat(engine)
            held.take("x")
    beat(engine)
    assert held.take("x")
    held.close()
    engine.dispose()


def test_a_server_that_swallows_everything_is_an_error_soon(postgresql: PostgreSQL) -> None:
    with FaultProxy(postgresql.port) as proxy:
        url = postgresql.create_database().replace(str(postgresql.port), str(proxy.port))
        engine = storage.create(url, storage.Patience(connect=2, statement=0.2, lock=0.1))
        migrations.upgrade(engine)
        proxy.black_hole = True
        for _ in range(2):  # over a connection that is open, and over a new one
            with pytest.raises(errors.DatabaseOutError):
                beat(engine)
        proxy.heal()
        beat(engine)
        engine.dispose()
