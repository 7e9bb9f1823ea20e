"""kod-intake books at the door: it adds up while the daemon works, and a difference is an alarm with its numbers."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from routing.service.watch import books as door
from routing.store import books
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation, mail
from tests.support.waiting import until


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str) -> Installation:
    database = "" if database_url.startswith("sqlite") else database_url
    return Installation(tmp_path, dovecot, smtp_sink, database=database)


def change(office: Installation, statement: str) -> None:
    engine = storage.create(office.database or storage.url_of_file(office.folder / "data" / "kod-intake.sqlite"))
    with storage.writing(engine) as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def test_what_was_received_decided_and_sent_adds_up(office: Installation) -> None:
    office.deliver(mail(journeys.OIL), mail(journeys.UNKNOWN), mail(journeys.RATS))
    office.once()

    run = office.run("books")

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Die Bücher stimmen.\nPostfach „kod“: 3 auf dem Server, 3 gespeichert, 0 ungeklärt.")
    assert "Nachrichten:     3 = 3 entschieden" in run.stdout


def test_a_lost_row_is_a_difference_with_its_number(office: Installation) -> None:
    office.deliver(mail(journeys.UNKNOWN), mail(journeys.OIL))
    office.once()
    change(office, "DELETE FROM deliveries WHERE id = (SELECT max(id) FROM deliveries)")

    run, told = office.run("books", "--store"), office.run("books", "--json")

    assert (run.returncode, told.returncode) == (4, 4)
    assert "Die Bücher stimmen nicht: 1 Abweichung." in run.stdout
    assert "  ! 1 × Adressen von Schreiben ohne Zustellung: 2" in run.stdout
    found = json.loads(told.stdout)
    assert [line["name"] for line in found["lines"] if line["difference"]] == ["deliveries"]
    assert found["difference"] == 1


def test_a_mail_that_was_put_into_the_done_folder_by_hand_is_a_difference(office: Installation) -> None:
    office.deliver(mail(journeys.UNKNOWN))
    office.once()
    office.deliver(mail(journeys.OIL), folder="kod-intake/Erledigt")

    run = office.run("books")

    assert run.returncode == 4
    assert "1 Abweichung." in run.stdout
    assert "1 ungeklärt" in run.stdout


def test_a_mailbox_that_does_not_answer_is_never_called_in_balance(office: Installation) -> None:
    office.once()
    office.mailbox["port"] = 1
    office.write()

    run = office.run("books")

    assert run.returncode == 1
    assert "nicht alle Postfächer ließen sich vergleichen" in run.stdout
    assert "Die Bücher stimmen." not in run.stdout


def test_it_adds_up_at_every_moment_while_the_daemon_works(office: Installation) -> None:
    office.once()
    with office.working() as running:
        engine = running.runtime.engine
        for batch in range(6):
            office.deliver(*(mail(f"{journeys.OIL} vor Haus {batch}{number}") for number in range(5)))
            for _ in range(5):
                assert [line for line in books.read(engine).lines if line.difference] == []
        until(lambda: office.count("deliveries", "state = 'sent'") >= 60, "every letter is sent")
        assert books.read(engine).difference == 0


def test_the_night_tells_of_a_difference_once_and_when_it_is_over(office: Installation) -> None:
    clock = Clock("2026-06-10 09:00")
    office.deliver(mail(journeys.UNKNOWN))
    office.once(clock)
    lost = office.rows("SELECT * FROM raw_messages")
    change(office, "DELETE FROM raw_messages")
    with office.working(clock) as running:

        def close(day: int) -> None:
            clock.set(f"2026-06-{day} 03:40")
            running.ring()
            until(lambda: beaten(office) == clock.now, "the books were closed")

        close(11)
        until(lambda: any("Die Bücher stimmen nicht (Urschriften)" in told for told in office.commanded()), "told")
        close(12)
        with storage.writing(running.runtime.engine) as connection:
            connection.execute(storage.metadata.tables["raw_messages"].insert(), [dict(row) for row in lost])
        close(13)
        until(lambda: any("behoben" in told for told in office.commanded()), "told that it is over")

    about = [told for told in office.commanded() if "Bücher" in told]
    assert [told.partition(":")[0] for told in about] == ["Störung", "Störung behoben"]
    assert "! 1 × Nachrichten ohne Urschrift: 1" in about[0]


def beaten(office: Installation) -> object:
    engine = storage.create(office.database or storage.url_of_file(office.folder / "data" / "kod-intake.sqlite"))
    try:
        with storage.reading(engine) as connection:
            return storage.heartbeats(connection).get(door.WORK)
    finally:
        engine.dispose()
