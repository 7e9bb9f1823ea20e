"""Other people use the mailbox too: read, moved, deleted, restored and repeated mails; years of old mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from imapclient import IMAPClient

from tests.servers import processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import LAMP, OIL, Clock, Installation, mail
from tests.support.waiting import until

WEDNESDAY = "2026-06-10 10:00"
DONE = "kod-intake/Erledigt"


@contextmanager
def person(place: Installation, folder: str = "INBOX") -> Iterator[IMAPClient]:
    """Somebody who opens the mailbox in Outlook."""
    with IMAPClient(place.server.host, place.server.imap_port, ssl=False) as client:
        client.login(place.user, PASSWORD)
        client.select_folder(folder)
        yield client


def test_mails_that_a_person_read_first_are_received_all_the_same(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    place.deliver(mail(OIL), mail(OIL))
    with person(place) as outlook:
        outlook.fetch(outlook.search(), ["BODY[]"])
        outlook.add_flags(outlook.search(), ["\\Seen", "\\Flagged"])
    assert (2, 4) == ((done := place.once(Clock(WEDNESDAY))).new, done.sent)
    assert [{"\\Seen", "\\Flagged"}] * 2 == [filed.flags for filed in dovecot.messages(place.user, DONE)]


def test_a_mail_moved_away_and_back_is_handled_once_and_a_deleted_one_does_no_harm(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    clock = Clock(WEDNESDAY)
    place.deliver(mail(LAMP), mail(OIL))
    with place.opened(clock) as work:
        with person(place) as outlook:
            outlook.create_folder("Ablage")
            moved, deleted = outlook.search()
            outlook.move([moved], "Ablage")
            outlook.delete_messages([deleted])
            outlook.expunge([deleted])
        assert 0 == journeys.work_once(work).new
        with person(place, "Ablage") as outlook:
            outlook.move(outlook.search(), "INBOX")
        assert (1, 1) == ((done := journeys.work_once(work)).new, done.sent)
        with person(place, DONE) as outlook:  # and somebody moves the handled one back
            outlook.move(outlook.search(), "INBOX")
        done = journeys.work_once(work)
        assert (0, 1, 0) == (done.new, done.repeated, done.sent)
    assert [] == dovecot.messages(place.user)
    assert 1 == place.count("messages")
    assert 1 == len(place.letters())


def test_another_uid_validity_brings_nothing_twice_and_loses_nothing(
    tmp_path: Path, smtp_sink: SmtpSink, database_url: str
) -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, without=["MOVE", "UIDPLUS"]) as server,  # so that handled mail stays in the folder
    ):
        place = Installation(tmp_path, server, smtp_sink, database_url)
        place.deliver(mail(OIL), mail(OIL))
        assert 4 == place.once(Clock(WEDNESDAY)).sent
        server.stop()
        server.bump_uid_validity(place.user)
        place.deliver(mail(LAMP))
        server.start()
        place.mailbox["port"] = server.imap_port
        place.write()
        done = place.once(Clock("2026-06-10 11:00"))
        assert (1, 2, 1) == (done.new, done.repeated, done.sent)
        assert (0, 0) == ((done := place.once(Clock("2026-06-10 11:01"))).new, done.sent)
    assert 3 == place.count("messages")
    assert 5 == len(place.letters())


def test_one_mail_through_two_aliases_or_delivered_again_is_one(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    raw = mail(OIL, message_id="<zweimal@example.org>")
    place.deliver(b"Delivered-To: kod@krefeld.invalid\r\n" + raw, b"Delivered-To: ordnung@krefeld.invalid\r\n" + raw)
    done = place.once(Clock(WEDNESDAY))
    assert (1, 1, 2) == (done.new, done.repeated, done.sent)
    place.deliver(b"Received: from relay.invalid by mx; Thu, 11 Jun 2026 09:00:00 +0200\r\n" + raw)
    done = place.once(Clock("2026-06-11 10:00"))
    assert (0, 1, 0) == (done.new, done.repeated, done.sent)
    assert 2 == len(place.letters())
    assert [] == dovecot.messages(place.user)


def test_two_different_mails_with_the_same_message_id_are_both_kept(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    place.deliver(mail(OIL, message_id="<gleich@example.org>"), mail(LAMP, message_id="<gleich@example.org>"))
    done = place.once(Clock(WEDNESDAY))
    assert (2, 0, 3) == (done.new, done.repeated, done.sent)


def test_years_of_old_mail_are_left_alone_until_a_cut_off_date_is_set(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    for number in range(200):
        place.deliver(mail(OIL), received_at=datetime(2021, 1, 1, tzinfo=UTC) + timedelta(days=number))
    place.deliver(mail(LAMP))
    with place.working(Clock(WEDNESDAY)):
        (told,) = until(place.commanded)
        assert "200 Nachrichten, die älter als 14 Tage sind" in told
        assert "Stichtag" in told
        assert "since = " in told
        assert 0 == place.count("messages")
        assert "Postfach „kod“ lässt sich nicht abholen" in place.run("status").stdout
        place.mailbox["since"] = date.today() - timedelta(days=2)  # noqa: DTZ011  (a day more or less is all the same)
        place.write()
        smtp_sink.wait_for(3)  # the alarm, its end, the lamp
        until(lambda: len(place.commanded()) == 2)
    assert [(journeys.ADDRESSES["ngn"],)] == [letter.to for letter in place.letters()]
    left = dovecot.messages(place.user)
    assert 200 == len(left)
    assert {frozenset()} == {stored.flags for stored in left}
    assert 1 == place.count("messages")
