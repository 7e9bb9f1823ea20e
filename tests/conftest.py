"""Fixtures every test may use: real servers, started once per test process and only when asked for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from intake.base import process_memory
from tests.servers import processes
from tests.servers.dovecot import Dovecot
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink

# The suite tries the same examples each time, however long one takes on a busy machine; KOD_FUZZ=1 draws new ones (a
# finding becomes an @example).
settings.register_profile("suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
if not os.environ.get("KOD_FUZZ"):
    settings.load_profile("suite")


def pytest_collection_finish() -> None:
    """No search for garbage among seven thousand tests and all that is loaded, as in a daemon."""
    process_memory.freeze()


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What commands keep for the user who runs them is no user's here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """What a command invoked in this process says about logging (nothing, say) ends with its test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """An IMAP server for the whole test process; take a mailbox of your own with ``mail_user``."""
    with processes.server_folder("dovecot") as folder, Dovecot(folder) as server:
        yield server


@pytest.fixture
def mail_user(dovecot: Dovecot) -> str:
    """A user of ``dovecot`` whose mailbox is empty; the password is ``servers.dovecot.PASSWORD``."""
    return dovecot.new_user()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server for the whole test process; ``create_database()`` gives an empty database."""
    with processes.server_folder("postgresql") as folder, PostgreSQL(folder) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy URL of an empty database, once of each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kod.sqlite'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.create_database()


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """An SMTP server that accepts everything, without encryption, until told otherwise."""
    with SmtpSink() as sink:
        yield sink
