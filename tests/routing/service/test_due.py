"""What the alarm clock is set to, on SQLite and PostgreSQL, and what a clock that was put back changes."""

from datetime import timedelta
from pathlib import Path

import pytest

from intake import storage
from routing.service import channels, health
from routing.service.daemon import due
from routing.service.watch import reconcile
from routing.store import outbox
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.journeys import ADDRESSES, LAMP, OIL, RATS, RUBBISH, Clock, Installation, mail, moment, work_once


def at(*texts: str) -> list[object]:
    return [moment(f"2026-06-{text}") for text in texts]


def test_the_next_moments_are_those_of_letters_lists_and_reminders(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    desk = {"schedule": ["Mo-Fr 10:45"]}
    place = Installation(tmp_path, dovecot, smtp_sink, database_url, desk=desk)
    place.rules = place.rules.replace("[recipients.ngn]", "acknowledge_minutes = 20\n[recipients.ngn]")
    place.write()
    clock = Clock("2026-06-10 09:00")
    with place.opened(clock) as work:
        assert at("10 10:45") == due.upcoming(work, clock())
        place.deliver(mail(RUBBISH), mail(RATS), mail(OIL))
        work_once(work)
        assert at("10 09:20", "10 10:45", "10 13:00") == sorted(due.upcoming(work, clock()))
        clock.set("2026-06-10 09:20")  # what is due already is no alarm
        assert at("10 10:45", "10 13:00") == sorted(due.upcoming(work, clock()))


def test_a_list_made_by_a_clock_that_ran_ahead_delays_no_other(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, desk={"schedule": ["täglich 10:45"]})
    clock = Clock("2026-06-12 09:00")
    with place.opened(clock) as work:
        work_once(work)
        clock.set("2026-06-12 10:45")
        assert 1 == work_once(work).sent
        clock.set("2026-06-10 09:00")
        assert 0 == work_once(work).sent
        assert at("10 10:45") == due.upcoming(work, clock())


def test_after_a_clock_was_put_back_retries_and_urgent_letters_are_due_and_digests_keep_their_slot(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    smtp_sink.recipient_replies[ADDRESSES["ngn"]] = "451 4.3.0 later"
    place.deliver(mail(RUBBISH), mail(LAMP))
    clock = Clock("2026-06-10 11:00")
    with place.opened(clock) as work:
        assert 0 == work_once(work).sent
        smtp_sink.recipient_replies.clear()
        clock.set("2026-06-10 10:00")
        assert 0 == work_once(work).sent
        with storage.writing(work.engine) as connection:
            assert 1 == outbox.try_at_once(connection, clock())
        assert 1 == work_once(work).sent
    assert 1 == len(place.letters("ngn"))


def test_what_a_clock_that_ran_ahead_planned_is_due_although_nobody_saw_it_put_back(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    smtp_sink.recipient_replies[ADDRESSES["kbk"]] = "451 4.3.0 later"
    place.deliver(mail(RUBBISH), mail(OIL))
    clock = Clock("2026-06-11 11:00")
    with place.opened(clock) as work:
        work_once(work)
        assert 0 == outbox.bring_forward(work.engine, clock()), "its own retry is no matter of the clock"
    smtp_sink.recipient_replies.clear()
    clock.set("2026-06-10 11:00")
    with place.opened(clock) as work:
        assert 0 == work_once(work).sent
        assert 1 == outbox.bring_forward(work.engine, clock())
        assert 0 == outbox.bring_forward(work.engine, clock())
        assert 1 == work_once(work).sent
    assert 1 == place.count("forwards", "state = 'planned'"), "the digest keeps its slot"


@pytest.mark.parametrize(("ahead", "healthy"), [(-0.5, True), (0.5, True), (2, False), (-2, False), (60, False)])
def test_a_sign_of_life_from_the_future_is_none(
    ahead: float, healthy: bool, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    clock = Clock("2026-06-10 09:00")
    with place.opened(clock) as work:
        with storage.writing(work.engine) as connection:
            for name in ("daemon", "mailbox kod"):
                storage.beat(connection, name, clock() + timedelta(minutes=ahead))
        assert healthy is health.read(work.engine, work.settings, channels.configured(work.settings), clock()).healthy


def test_a_night_of_a_clock_that_ran_ahead_is_made_up_for() -> None:
    began, now = moment("2026-06-01 09:00"), moment("2026-06-10 09:00")
    assert reconcile.due(moment("2026-06-11 03:31"), began, now)
    assert not reconcile.due(moment("2026-06-10 03:31"), began, now)
