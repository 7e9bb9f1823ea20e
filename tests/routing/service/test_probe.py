"""The probe goes through everything and leaves nothing behind; one that is lost is an alarm."""

import email
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake import storage
from intake.storage import probes
from routing.service.watch import probe as door
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation, mail
from tests.support.waiting import until

OWN = "weiterleitung@krefeld.invalid"


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str) -> Installation:
    database = "" if database_url.startswith("sqlite") else database_url
    return Installation(tmp_path, dovecot, smtp_sink, database=database)


@contextmanager
def post(office: Installation) -> Iterator[None]:
    """What the sink takes for our own address lies in the mailbox, as with a mail server."""
    done = threading.Event()
    seen: list[object] = []

    def something() -> bool:
        return done.is_set() or len(office.sink.messages) > len(seen)

    def carry() -> None:
        while not done.is_set():
            until(something, "a letter, or the end")
            for item in list(office.sink.messages)[len(seen) :]:
                seen.append(item)
                if OWN in item.recipients:
                    office.deliver(item.content)

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


TABLES = ("messages", "raw_messages", "arrivals", "waiting", "decisions", "cases", "concerns", "letters", "deliveries")


def counted(office: Installation) -> dict[str, int]:
    return {table: office.count(table) for table in (*TABLES, "counters")}


def test_a_probe_comes_through_and_is_counted_nowhere(office: Installation) -> None:
    office.deliver(mail(journeys.OIL))
    office.once()
    before = counted(office)
    with office.process(), post(office):
        run = office.run("probe", "--wait", "120")

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"Probesendung an {OWN}: angekommen, eingeordnet und dem Betrieb gemeldet.\n"
    assert [letter.subject for letter in office.alarms()] == ["[KOD-Probe] Alles arbeitet: Probesendung angekommen"]
    assert counted(office) == before
    account = office.run("books")
    assert account.returncode == 0
    assert "1 Nachricht ist eine Probesendung des Programms." in account.stdout


def test_a_mark_that_was_not_sealed_here_is_a_mail_like_any_other(office: Installation) -> None:
    office.once()
    with office.opened() as work, storage.writing(work.engine) as connection:
        nonce, mail_id = probes.begin(connection, OWN, "krefeld.invalid", work.clock())
    forged = [
        f"<{mail_id.replace(nonce, 'f' * 16)}>",
        f"<probe.{nonce}.{'0' * 32}@krefeld.invalid>",
        f"<probe.{nonce}.@krefeld.invalid>",
        "<probe.@krefeld.invalid>",
        "<probe.ä.ö@krefeld.invalid>",
        f"<{mail_id.replace('probe.', 'Probe.')}>",
    ]
    office.deliver(*(mail(journeys.OIL, message_id=one) for one in forged if one.isascii()))

    done = office.once()

    assert done.routed == 5
    assert office.count("cases") == 5


def test_a_probe_that_is_lost_is_an_alarm_until_one_comes_through(office: Installation) -> None:
    office.more += '[office]\ndays = "Mo-So"\n'
    office.write()
    office.save(office.config.read_text().replace("summary = []", 'summary = []\nprobe = "06:00"'))
    clock = Clock("2026-06-10 05:00")
    with office.working(clock) as running:
        until(lambda: office.count("heartbeats", "name = 'probe'") == 1, "the first slot is known")
        clock.set("2026-06-11 06:01")
        running.ring()
        until(lambda: office.count("probes") == 1, "the probe was sent")
        clock.advance(minutes=31)
        until(lambda: len(office.commanded()) == 1, "the operator was told")
        with post(office):
            clock.set("2026-06-12 06:01")
            until(lambda: len(office.commanded()) == 2, "told that it is over")
    lost, over = office.commanded()
    assert lost.startswith(f"Störung: Die Probesendung an {OWN} ist nicht durchgekommen: abgeschickt, aber nicht aus")
    assert over.startswith("Störung behoben: ")
    assert counted(office) == dict.fromkeys((*TABLES, "counters"), 0)
    assert office.run("books", "--store").returncode == 0


def test_in_trial_operation_nothing_is_sent(office: Installation) -> None:
    office.smtp["send"] = False
    office.write()
    office.once()

    run = office.run("probe")

    assert run.returncode == 1
    assert "Probebetrieb" in run.stderr
    assert list(office.sink.messages) == []


def test_a_probe_that_comes_back_from_a_restore_is_still_one(office: Installation) -> None:
    with office.opened() as work:
        door.send(work)
        with storage.writing(work.engine) as connection:
            connection.execute(storage.metadata.tables["probes"].delete())
    raw = office.sink.messages[0].content
    assert email.message_from_bytes(raw)["Message-ID"].startswith("<probe.")
    office.deliver(raw)

    office.once()

    assert counted(office) == dict.fromkeys((*TABLES, "counters"), 0)
