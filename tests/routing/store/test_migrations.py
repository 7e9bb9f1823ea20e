"""Databases of every released version are opened by this one, and migrations stay what they were when released."""

import gzip
import hashlib
import sqlite3
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from intake import storage
from routing.store import migrations
from tests import ROOT
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Installation, mail

FROZEN = {
    "0001_the_first_schema.py": "0ae92aae4a7eef5fe2c86f96b4c37f3ad197745abcc1e47d3917da15ebadbf59",
    "0002_further_reports.py": "dc09bfb60040abf055ad625f40db1111b51058c30f7b1e122395f6a33ad42295",
    "0003_what_letters_hold.py": "334c910406fd7ebcdce749049ddc5af03ee57cf4c7da033009f7e64dbc70e303",
    "0004_urgent_first.py": "984bca7af520f3fa926796fcd20656fb3311bd047dad721a7c67c1c08a21131e",
    "0005_stubborn_mails.py": "7dc72f60ba9b7ac3536f8ad79b55ab3ced2ab7dc5f53ef9dd94403ef6c45c5e4",
    "0006_leases.py": "b75854a5a784612f90128cc973960dcb8b34ea1b958bef302f4f0fc00073d0b8",
    "0007_probes.py": "5057d367530a43e17c4b9a6f5c34b12963d77785203a113d949206f30272e746",
    "0008_what_is_deleted.py": "e44be2487ea31d42fcd9b05f04ba83af6e60f0dc682f3a620b525faca7a2e3ef",
    "0009_accounts.py": "a11c832b1523b64659e51c557ccacd96453162b1f46d318ebf6fac4b9a05f66b",
    "0010_tokens_of_letters.py": "847020449646719cc48771087271bd5f9b7b85cdbb526f4e69b4489e01385af0",
    "0011_files_that_were_read.py": "453c49da781dc0241ed4b3b343ddcf9ee0b613a81fb21fa501a824030d75460a",
    "0012_the_desks_mail.py": "18ef0cd7ea9fdbae31af275cb9ec6eaee75ff29875f87c02090a601736612e1f",
    "0013_urgent_calls.py": "5e7d731573ab51978d86b16f19d3983cc51f021ef1bc84514c5d4081c72034fc",
}
"""SHA-256 of each migration. A database may have run it already: a change is a new migration, never an edit."""
RELEASED = ("0.1.0",)
"""Versions of which a filled database lies in tests/data/databases, as SQL; their snapshots hold no configuration."""


def test_migrations_are_never_edited() -> None:
    folder = migrations.FOLDER / "versions"
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("[0-9]*.py")}

    assert found == FROZEN
    assert migrations.HEAD == max(name.partition("_")[0] for name in found), "a start would not run the newest"


def released(version: str, folder: Path, url: str) -> None:
    """Put the database of this version where ``url`` says."""
    is_sqlite = url.startswith("sqlite")
    engine = "sqlite" if is_sqlite else "postgresql"
    packed = ROOT / "tests" / "data" / "databases" / f"{version}-{engine}.sql.gz"
    script = gzip.decompress(packed.read_bytes()).decode()
    if is_sqlite:
        (folder / "data").mkdir(parents=True)
        with sqlite3.connect(folder / "data" / "kod-intake.sqlite") as connection:
            connection.executescript(script)
        connection.close()
    else:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
            server.execute(script.encode())


@pytest.mark.parametrize("version", RELEASED)
def test_a_released_version_s_database_is_worked_on(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str, version: str
) -> None:
    released(version, tmp_path / "kod", database_url)
    database = "" if database_url.startswith("sqlite") else database_url
    office = Installation(tmp_path / "kod", dovecot, smtp_sink, database=database)
    office.deliver(mail(journeys.OIL))

    done = office.once()

    assert done.troubles == []
    assert done.routed == 1
    assert office.numbers() == [f"KOD-2026-{number:06}" for number in range(1, 8)]
    assert office.run("books", "--store").returncode == 0
    assert office.run("status").returncode in {0, 4}


def test_a_newer_database_is_refused_in_german(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    database = "" if database_url.startswith("sqlite") else database_url
    office = Installation(tmp_path / "kod", dovecot, smtp_sink, database=database)
    office.once()
    engine = storage.create(database or storage.url_of_file(office.folder / "data" / "kod-intake.sqlite"))
    with storage.writing(engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    status = office.run("status")
    assert status.returncode == 4
    assert "neueren Version" in status.stdout
    for command in ("once", "books"):
        run = office.run(command)
        assert run.returncode == 1
        assert "neueren Version" in run.stderr
        assert "Traceback" not in run.stderr
