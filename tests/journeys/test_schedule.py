"""When letters leave: digests at their slots, urgent ones at any hour. By a clock that is set."""

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from routing.service import daemon, runtime
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import EMERGENCY, LAMP, OIL, RATS, RUBBISH, UNKNOWN, Clock, Installation, mail
from tests.support.waiting import until

URGENT_ADDRESS = "bereitschaft@kbk.invalid"
WITH_URGENT_ADDRESS = journeys.BODIES.replace(
    "[recipients.ngn]", f'urgent_address = ["{URGENT_ADDRESS}"]\n[recipients.ngn]'
)


def sent_at(work: runtime.Runtime, clock: Clock, moments: Sequence[str]) -> dict[str, int]:
    """How many letters each of these moments brought, without those that brought none."""
    found: dict[str, int] = {}
    for text in moments:
        clock.set(text)
        if sent := journeys.work_once(work).sent:
            found[text] = sent
    return found


@pytest.mark.parametrize(
    ("arrival", "moments", "slot"),
    [
        pytest.param(
            "2026-06-10 09:00",
            ["2026-06-10 12:59", "2026-06-10 13:00", "2026-06-11 07:30"],
            "2026-06-10 13:00",
            id="the next slot of the day",
        ),
        pytest.param(
            "2026-06-12 14:00",
            ["2026-06-12 18:00", "2026-06-13 08:59", "2026-06-13 09:00", "2026-06-15 07:30"],
            "2026-06-13 09:00",
            id="Saturday has a slot of its own",
        ),
        pytest.param(
            "2026-06-13 09:01",
            ["2026-06-13 13:00", "2026-06-14 09:00", "2026-06-15 07:29", "2026-06-15 07:30"],
            "2026-06-15 07:30",
            id="over the weekend",
        ),
        pytest.param(
            "2026-06-03 14:00",
            ["2026-06-04 07:30", "2026-06-04 13:00", "2026-06-05 07:29", "2026-06-05 07:30"],
            "2026-06-05 07:30",
            id="Corpus Christi moves to Friday",
        ),
        pytest.param(
            "2026-03-28 12:00",
            ["2026-03-29 08:00", "2026-03-30 07:29", "2026-03-30 07:30"],
            "2026-03-30 07:30",
            id="over the beginning of summer time",
        ),
        pytest.param(
            "2026-10-24 12:00",
            ["2026-10-25 08:00", "2026-10-26 06:30", "2026-10-26 07:29", "2026-10-26 07:30"],
            "2026-10-26 07:30",
            id="over the end of summer time",
        ),
    ],
)
def test_a_digest_goes_out_once_at_its_slot(
    arrival: str, moments: list[str], slot: str, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, rules=journeys.WHOLE + journeys.RULES)
    place.deliver(mail(f"Zeichen A: {RUBBISH}"), mail(f"Zeichen B: {RUBBISH}"))
    clock = Clock(arrival)
    with place.opened(clock) as work:
        assert 0 == journeys.work_once(work).sent
        assert {slot: 1} == sent_at(work, clock, moments)
    (digest,) = place.letters()
    assert (journeys.ADDRESSES["gsak"],) == digest.to
    assert ["Zeichen A", "Zeichen B"] == re.findall("Zeichen [AB]", digest.text)


def test_slots_that_passed_while_the_daemon_was_down_are_caught_up_in_one_digest(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url, rules=journeys.WHOLE + journeys.RULES)
    place.deliver(mail(RUBBISH))
    assert 0 == place.once(Clock("2026-06-10 09:00")).sent
    place.deliver(mail(RATS))  # arrives while nobody works: its list is next Monday's
    assert 1 == place.once(Clock("2026-06-12 10:00")).sent  # four slots later
    assert 0 == place.once(Clock("2026-06-12 10:01")).sent
    assert 0 == place.once(Clock("2026-06-12 13:00")).sent  # no empty digest
    assert 1 == place.once(Clock("2026-06-15 08:00")).sent
    assert [1, 1] == [len(place.letters("gsak")), len(place.letters("kbk"))]


def test_without_a_concern_no_slot_brings_a_letter(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, rules=journeys.WHOLE + journeys.RULES)
    clock = Clock("2026-06-10 07:00")
    with place.opened(clock) as work:
        assert {} == sent_at(work, clock, ["2026-06-10 07:30", "2026-06-10 13:00", "2026-06-15 08:00"])
    assert 0 == place.count("letters")


def test_what_is_urgent_goes_out_at_once_at_night_and_on_a_holiday(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, rules=journeys.WHOLE + journeys.RULES)
    clock = Clock("2026-12-25 03:07")
    with place.working(clock):
        place.deliver(mail(OIL))
        smtp_sink.wait_for(2)
    assert 1 == len(place.letters("kbk"))
    assert 1 == len(place.letters("kod"))


def test_what_is_for_today_waits_for_office_hours(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, rules=journeys.WHOLE + journeys.RULES)
    place.deliver(mail(LAMP))
    clock = Clock("2026-06-12 16:31")
    with place.opened(clock) as work:
        assert 0 == journeys.work_once(work).sent
        moments = ["2026-06-12 23:00", "2026-06-13 10:00", "2026-06-15 07:59", "2026-06-15 08:00"]
        assert {"2026-06-15 08:00": 1} == sent_at(work, clock, moments)
        place.deliver(mail(LAMP))
        assert {"2026-06-15 11:00": 1} == sent_at(work, clock, ["2026-06-15 11:00", "2026-06-15 11:01"])
    assert 2 == len(place.letters("ngn"))


def test_an_emergency_goes_to_the_desk_alone_and_the_rest_of_the_message_waits_for_a_person(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url, rules=journeys.WHOLE + journeys.RULES)
    place.deliver(mail(f"{EMERGENCY}. Außerdem: {RUBBISH}. Und {LAMP}"))
    clock = Clock("2026-06-13 02:30")
    with place.opened(clock) as work:
        assert {"2026-06-13 02:31": 1} == sent_at(work, clock, ["2026-06-13 02:31", "2026-06-13 09:00"])
        clock.set("2026-06-15 12:00")
        assert 0 == journeys.work_once(work).sent
    assert [(journeys.ADDRESSES["kod"],)] == [letter.to for letter in place.letters()]
    assert ["open", "review", "review"] == [
        row["state"] for row in place.rows("SELECT state FROM concerns ORDER BY position")
    ]


@pytest.mark.parametrize(
    ("moment", "address"),
    [("2026-06-10 10:00", journeys.ADDRESSES["kbk"]), ("2026-06-10 22:00", URGENT_ADDRESS)],
)
def test_outside_office_hours_the_urgent_letter_goes_to_the_urgent_address(
    moment: str, address: str, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, rules=WITH_URGENT_ADDRESS + journeys.RULES)
    place.deliver(mail(OIL))
    place.once(Clock(moment))
    assert {(address,), (journeys.ADDRESSES["kod"],)} == {letter.to for letter in place.letters()}


class TickingClock(Clock):
    """Goes on from the moment that it was set to."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._started = time.monotonic()

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self._started)


def test_the_alarm_clock_rings_at_the_slot_and_not_at_its_next_regular_look(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, desk={"schedule": ["täglich 13:00"], "review_minutes": 0})
    place.deliver(mail(RUBBISH), mail(UNKNOWN))
    place.once(Clock("2026-06-10 09:00"))
    with place.opened(TickingClock("2026-06-10 12:59:58")) as work:
        for name in ("DUE_SECONDS", "FILES_SECONDS", "BEAT_SECONDS"):
            monkeypatch.setattr(daemon, name, 3600.0)
        running = daemon.Daemon(work)
        running.start()
        try:
            digest = until(lambda: place.letters("gsak"))
            desk_list = until(lambda: place.letters("kod"))
        finally:
            running.end()
    assert [1, 1] == [len(digest), len(desk_list)]
    composed = {row["composed_at"][:16] for row in place.rows("SELECT composed_at FROM letters")}
    assert {"2026-06-10 11:00"} == composed


@pytest.mark.parametrize(
    "step", [timedelta(hours=-1), timedelta(days=-1), timedelta(hours=1), timedelta(days=1)], ids=str
)
def test_a_clock_that_is_set_stops_neither_letters_nor_phone_logs_nor_the_heartbeat(
    step: timedelta, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, rules=journeys.WHOLE + journeys.RULES)
    refused = dict.fromkeys((journeys.ADDRESSES["kbk"], journeys.ADDRESSES["kod"]), "451 4.3.0 later")
    smtp_sink.recipient_replies.update(refused)
    with place.working():
        place.deliver(mail(OIL))
        until(lambda: place.count("deliveries", "attempts > 0 AND state = 'planned'") == 2)
        with time_machine.travel(datetime.now(UTC) + step):
            smtp_sink.recipient_replies.clear()
            (place.drop / "liste.csv").write_text("Datum;Uhrzeit;Anliegen\n10.06.2026;08:00;Ölspur\n")
            until(lambda: place.count("messages") == 2)
            beat = "SELECT at FROM heartbeats WHERE name = 'daemon'"
            until(lambda: place.rows(beat)[0]["at"].startswith(f"{datetime.now(UTC):%Y-%m-%d %H}"))
            smtp_sink.wait_for(2)
