"""The sending server fails: down, busy, refusing one address, greylisting. By a clock that is set."""

import contextlib
import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from routing import desk
from routing.pipeline.sending import Sender
from routing.service import runtime
from routing.store import tables
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import OIL, OPERATOR, RUBBISH, Clock, Installation, mail
from tests.support.waiting import until

WEDNESDAY = "2026-06-10 10:00"
KBK = journeys.ADDRESSES["kbk"]
KOD = journeys.ADDRESSES["kod"]
SECOND = "zweite@kbk.invalid"
TWO_ADDRESSES = journeys.BODIES.replace(f'"{KBK}"', f'"{KBK}", "{SECOND}"')


def deliveries(place: Installation) -> dict[str, tuple[str, int]]:
    """State and attempts by address."""
    rows = place.rows("SELECT address, state, attempts FROM deliveries ORDER BY id")
    return {row["address"]: (row["state"], row["attempts"]) for row in rows}


def pass_at(work: runtime.Runtime, clock: Clock, text: str) -> journeys.Done:
    clock.set(text)
    return journeys.work_once(work)


def test_letters_wait_while_the_server_is_down_for_an_hour_and_the_operator_hears_of_it_once(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    clock = Clock(WEDNESDAY)
    smtp_sink.stop()
    with place.working(clock) as daemon:
        place.deliver(mail(OIL))
        until(lambda: place.count("letters") == 2)
        until(place.commanded, "the operator is told by command, as mail is out")
        assert 1 == len(place.commanded())
        for _ in range(6):
            clock.advance(minutes=10)
            daemon.ring()
        until(lambda: len(place.commanded()) == 2, "urgent letters are late")
        untried = {KBK: ("planned", 0), KOD: ("planned", 0)}
        until(lambda: untried == deliveries(place), "no attempt counts that found no server")  # one may be under way
        smtp_sink.start()
        clock.advance(minutes=1)
        smtp_sink.wait_for(2 + 4)  # two letters, two alarms and their ends
        until(lambda: not place.count("conditions"))
    assert {KBK: ("sent", 1), KOD: ("sent", 1)} == deliveries(place)
    assert {(KBK,), (KOD,)} == {letter.to for letter in place.letters()}
    assert 2 == len(place.letters())
    told = [text.partition("\n")[0] for text in place.commanded()]
    for what in ("Schreiben lassen sich zurzeit nicht versenden.", "Ein dringendes Schreiben ist seit"):
        assert [True, False] == ["behoben" not in line for line in told if what in line]
    assert 4 == len(told)
    subjects = [alarm.subject.casefold() for alarm in place.alarms()]
    assert (4, 2) == (len(subjects), sum("behoben" in subject for subject in subjects))


def test_a_busy_server_is_tried_again_with_growing_pauses_for_five_days_and_then_the_letter_is_parked(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    clock = Clock(WEDNESDAY)
    smtp_sink.recipient_replies[KBK] = "451 4.2.0 busy"
    place.deliver(mail(OIL))
    with place.opened(clock) as work:
        journeys.work_once(work)
        begin, tried = clock.now, [clock.now]
        while deliveries(place)[KBK][0] == "planned":
            clock.now = _due(work)
            tried.append(clock.now)
            with contextlib.closing(work.transport()) as server:
                Sender(work.engine, work.instance, clock).everything(lambda: server)
        pauses = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(tried)]
        assert [60, 120, 240, 480, 960, 1920, 3600, 3600] == pauses[:8]
        assert 3600 == max(pauses)
        assert begin + timedelta(days=5) == tried[-1]
        assert ("parked", len(tried)) == deliveries(place)[KBK]
        assert ("sent", 1) == deliveries(place)[KOD]
        assert "451 4.2.0 busy" in place.rows("SELECT reply FROM deliveries WHERE state = 'parked'")[0]["reply"]
        smtp_sink.recipient_replies.clear()
        clock.advance(days=30)
        done = journeys.work_once(work)
        assert (0, 4) == (done.sent, done.exit_code)


def _due(work: runtime.Runtime) -> datetime:
    deliveries = tables.deliveries.c
    with storage.reading(work.engine) as connection:
        due: datetime | None = connection.scalar(sa.select(deliveries.due_at).where(deliveries.state == "planned"))
    assert due is not None
    return due


def test_a_letter_refused_for_good_is_parked_at_once_and_sent_again_on_demand_with_the_same_message_id(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    clock = Clock(WEDNESDAY)
    smtp_sink.recipient_replies[KBK] = "550 5.1.1 unknown"
    place.deliver(mail(OIL))
    with place.opened(clock) as work:
        done = journeys.work_once(work)
        assert (1, 1, 4) == (done.sent, done.parked, done.exit_code)
        frozen = place.rows("SELECT mail_id FROM letters WHERE recipient = 'kbk'")[0]["mail_id"]
        smtp_sink.recipient_replies.clear()
        clock.advance(days=2)
        assert 0 == journeys.work_once(work).sent
        shown = desk.requeue(work.engine, "letters", clock(), actor="anna")
        assert "1 Schreiben wird noch einmal versucht." == shown
        done = journeys.work_once(work)
    assert (1, 0, 0) == (done.sent, done.parked, done.exit_code)
    assert [frozen.strip("<>")] == [letter.message_id.strip("<>") for letter in place.letters("kbk")]
    assert 1 == len(place.letters("kod"))


@pytest.mark.parametrize(("reply", "state"), [("550 5.1.1 unknown", "parked"), ("452 4.2.2 mailbox full", "planned")])
def test_one_refused_address_of_two_does_not_bring_the_other_a_second_copy(
    reply: str, state: str, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, rules=TWO_ADDRESSES + journeys.RULES)
    clock = Clock(WEDNESDAY)
    smtp_sink.recipient_replies[SECOND] = reply
    place.deliver(mail(OIL))
    with place.opened(clock) as work:
        journeys.work_once(work)
        assert ("sent", 1) == deliveries(place)[KBK]
        assert (state, 1) == deliveries(place)[SECOND]
        clock.advance(minutes=5)
        journeys.work_once(work)
        smtp_sink.recipient_replies.clear()
        if state == "parked":
            desk.requeue(work.engine, "KOD-2026-000001", clock(), actor="anna")
        clock.advance(minutes=30)
        journeys.work_once(work)
    assert "sent" == deliveries(place)[SECOND][0]
    letters = place.letters(KBK, SECOND)
    assert [(KBK,), (SECOND,)] == [letter.to for letter in letters]
    assert 1 == len({letter.message_id for letter in letters})
    assert letters[0].raw == letters[1].raw


def test_greylisting_only_delays(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    clock = Clock(WEDNESDAY)
    smtp_sink.greylist_seconds = 0.3
    place.deliver(mail(OIL))
    with place.opened(clock) as work:
        done = journeys.work_once(work)
        assert (0, 0, 0) == (done.sent, done.parked, done.exit_code)
        assert {KBK: ("planned", 1), KOD: ("planned", 1)} == deliveries(place)
        until(lambda: _all_sent_a_minute_later(place, work, clock))
    assert {KBK: "sent", KOD: "sent"} == {address: state for address, (state, _) in deliveries(place).items()}
    assert 2 == len(place.letters())


def _all_sent_a_minute_later(place: Installation, work: runtime.Runtime, clock: Clock) -> bool:
    clock.advance(minutes=1)
    journeys.work_once(work)
    return all(state == "sent" for state, _ in deliveries(place).values())


def test_a_connection_lost_after_the_final_dot_is_in_doubt_and_repeated_with_the_same_message_id(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    clock = Clock("2026-06-10 07:30")
    place.deliver(mail(RUBBISH))
    with place.opened(clock) as work:
        journeys.work_once(work)
        smtp_sink.cut = "after the final dot, kept"
        pass_at(work, clock, "2026-06-10 13:00")
        smtp_sink.cut = None
        pass_at(work, clock, "2026-06-10 13:30")
        pass_at(work, clock, "2026-06-10 14:30")
        shown = place.run("show", "KOD-2026-000001")
    letters = place.letters("gsak")
    assert 2 == len(letters)
    assert 1 == len({letter.message_id for letter in letters})
    assert "möglicherweise doppelt" in shown.stdout


def test_a_wrong_smtp_password_is_told_at_once_and_the_letter_waits(tmp_path: Path, dovecot: Dovecot) -> None:
    with SmtpSink(user="weiterleitung", password="richtig") as sink:  # aiosmtpd: log-in without TLS, on loopback
        place = Installation(tmp_path, dovecot, sink)
        secret = tmp_path / "smtp"
        secret.touch(0o600)
        secret.write_text("falsch")
        place.smtp |= {"user": "weiterleitung", "password_file": str(secret)}
        place.write()
        with place.working(Clock(WEDNESDAY)):
            place.deliver(mail(OIL))
            until(place.commanded)
            assert "Anmeldung wurde abgelehnt" in place.commanded()[0]
            assert {KBK: ("planned", 0), KOD: ("planned", 0)} == deliveries(place)
            secret.write_text("richtig")
            until(lambda: len(place.letters()) == 2)
            until(lambda: len(place.commanded()) == 2)
            assert OPERATOR in place.alarms()[0].to
