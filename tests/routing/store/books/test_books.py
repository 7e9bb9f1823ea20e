"""The books balance where the store is whole, and are off by what is missing where it is not."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from routing.desk import actions
from routing.service import channels
from routing.store import books
from tests import ROOT
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation, mail

TRIED = tomllib.loads((ROOT / "tests/data/books.toml").read_text(encoding="utf-8"))
TO_TWO = journeys.BODIES.replace('["hinweise@kbk.invalid"]', '["hinweise@kbk.invalid", "zweite@kbk.invalid"]')
AUTOMATIC = {"Auto_Submitted": "auto-replied"}
MAILS = {
    "oil": mail(journeys.OIL, "oil"),
    "rubbish": mail(journeys.RUBBISH, "rubbish"),
    "emergency": mail(journeys.EMERGENCY, "emergency"),
    "unknown": mail(journeys.UNKNOWN, "unknown"),
    "office": mail("Ich bin bis Montag nicht im Haus", "office", **AUTOMATIC),
    "lamp": mail(f"{journeys.LAMP} in der Marktstraße 5. Außerdem: {journeys.RATS}", "lamp"),
    "assigned": mail("das Ding da ist noch immer so", "assigned"),
    "closed": mail("hier liegt eine Matratze", "closed"),
    "again": mail("die Laterne in der Rheinstraße 7 ist aus", "again"),
    "urgent": mail("der Mann lag bewusstlos da, ich bin bis Montag nicht im Haus", "urgent", **AUTOMATIC),
    "waiting": mail(journeys.RUBBISH, "waiting"),
}
LOG = "Datum;Uhrzeit;Anliegen\n10.06.2026;08:10;Vor Haus 5 liegen Müllsäcke\n10.06.2026;08:20;Nur eine Frage\n"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot
) -> Iterator[Engine]:
    """The healthy store: everything that the first version of this file says, made by the program itself."""
    folder = tmp_path_factory.mktemp("books")
    url = request.getfixturevalue("postgresql").create_database() if request.param == "postgresql" else ""
    with SmtpSink() as sink:
        office = Installation(folder, dovecot, sink, database=url, rules=TO_TWO + journeys.RULES)
        _work(office)
    engine = storage.create(url or storage.url_of_file(folder / "data" / "kod-intake.sqlite"))
    yield engine
    engine.dispose()


def _work(office: Installation) -> None:
    clock = Clock("2026-06-10 09:00")
    office.deliver(*(raw for name, raw in MAILS.items() if name != "waiting"))
    for name in ("liste.csv", "liste2.csv"):
        (office.drop / name).write_text(LOG + ("" if name == "liste.csv" else "\n"), encoding="utf-8")
        office.once(clock)
    with office.opened(clock) as work:
        numbers = {
            row["subject"]: row["number"]
            for row in office.rows("SELECT m.subject, c.number FROM cases c JOIN messages m ON m.id = c.message_id")
        }
        configuration = work.active.configuration
        actions.assign(work.engine, configuration, numbers["assigned"], ["gsak"], clock(), actor="anna")
        actions.close(work.engine, numbers["closed"], clock(), actor="anna")
        actions.requeue(work.engine, numbers["again"], clock(), actor="anna")
    clock.advance(minutes=1)
    office.once(clock)
    office.deliver(MAILS["waiting"])
    with office.opened(clock) as work:
        (box,) = [one for one in channels.configured(work.settings) if one.has_thread]
        box.receive(work, lambda: None)
        box.close()


@pytest.fixture
def damaged(engine: Engine) -> Iterator[Connection]:
    """A connection on which everything may be broken: nothing holds it back, and nothing stays."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.commit()
        else:
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        yield connection
        connection.rollback()
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = origin")
            connection.commit()
        else:
            connection.connection.execute("PRAGMA foreign_keys=ON")


@pytest.mark.parametrize("situation", TRIED["situation"], ids=lambda one: one["name"])
def test_a_line_is_off_by_what_was_done_to_it(damaged: Connection, situation: dict[str, Any]) -> None:
    is_sqlite = damaged.dialect.name == "sqlite"
    known = {row.subject: row.id for row in damaged.execute(sa.text("SELECT id, subject FROM messages"))}
    parts = {name: part.format(**known) for name, part in TRIED["parts"].items()}
    for statement in situation["done"]:
        done = statement.format(**known, **parts, bytes="BLOB" if is_sqlite else "BYTEA")
        damaged.exec_driver_sql(done if is_sqlite else done.replace("%", "%%"))

    found = books.of(damaged)

    assert {line.name: line.difference for line in found.lines if line.difference} == situation["off"]


def test_the_healthy_store_has_something_in_every_line(engine: Engine) -> None:
    found = books.read(engine)

    assert found.difference == 0
    assert all(line.whole == sum(line.parts.values()) > 0 for line in found.lines)
