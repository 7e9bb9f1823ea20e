"""What deletion takes and what it leaves: on the mail server, of held cases, of its own lists."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from intake.storage import forgotten
from intake.storage import tables as stored
from routing import desk
from routing.privacy import holds
from routing.privacy.deletion import forgetting, retention, returning
from routing.service import channels, erasure
from routing.service.runtime import Runtime
from routing.service.watch import retention as deletion
from routing.store.held import Kind
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import Clock, Installation
from tests.support.office import Office


@pytest.fixture
def place(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Installation:
    return Installation(tmp_path / "kod", dovecot, smtp_sink)


def filed(place: Installation, folder: str) -> list[str]:
    """The texts of the mails in a folder, in order."""
    mails = place.server.messages(place.user, folder)
    return [one.raw.decode().rpartition("\r\n\r\n")[2].strip().rstrip(".") for one in mails]


def night(work: Runtime) -> None:
    assert not deletion.work(work, channels.clearing(work.settings), actor="daemon").troubles


def test_a_message_id_alone_takes_no_mail_off_the_server(place: Installation) -> None:
    """Three mails with one Message-ID: the person's, the same through an alias, and somebody else's."""
    clock = Clock("2026-12-01 09:00")
    hers = journeys.mail(journeys.RUBBISH, message_id="<one@example.org>")
    copy = b"Received: from alias.invalid by mx.invalid; Tue, 01 Dec 2026 08:00:00 +0100\r\n" + hers
    other = journeys.mail(journeys.LAMP, message_id="<one@example.org>", sender="berta@example.org")
    unknown = journeys.mail(journeys.RATS, message_id="<one@example.org>", sender="otto@example.org")
    place.deliver(hers, copy, other, received_at=clock.now)
    with place.opened(clock) as work:
        journeys.work_once(work)
        [folder] = {box.done for box in work.settings.mailboxes.values()}
        assert 3 == len(filed(place, folder))
        erasure.erase(work, [1], channels.clearing(work.settings), actor="anna", notify=False)
        assert [journeys.LAMP] == filed(place, folder)
        place.deliver(hers, unknown, folder=folder, received_at=clock.now)
        night(work)
        assert [journeys.LAMP, journeys.RATS] == filed(place, folder)


def test_a_hold_on_one_message_keeps_its_whole_case(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink) as place:
        for sender in ("anna@example.org", "berta@example.org"):
            place.receive(f"{journeys.RUBBISH} am Westwall 3", sender=sender)
        place.at("2026-06-10 13:30")
        assert ["concern", "repeat"] == [row["kind"] for row in place.rows("SELECT kind FROM decisions ORDER BY id")]
        _hold(place, 2)
        place.clock.advance(days=400)
        retention.run(place.work.engine, place.work.settings.retention, place.clock())
        desk.close(place.work.engine, place.value("SELECT number FROM cases"), place.clock(), actor="anna")
        place.clock.advance(days=400)
        retention.run(place.work.engine, place.work.settings.retention, place.clock())

        assert [2, 0] == [
            place.value("SELECT count(*) FROM raw_messages"),
            place.value("SELECT count(*) FROM letters WHERE length(raw) = 0 AND recipient = 'gsak'"),
        ]
        assert 0 == place.value("SELECT count(*) FROM events WHERE detail LIKE '%ohne weitere Nachricht%'")


def _hold(place: Office, message: int) -> None:
    with storage.writing(place.work.engine) as connection:
        holds.begin(connection, Kind.HOLD, [message], "Klage", place.clock(), actor="anna")


def test_what_would_go_is_counted_row_by_row(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink) as place:
        _forget(place, 3)
        place.clock.advance(days=4000)
        settings = place.work.settings.retention
        with storage.reading(place.work.engine) as connection:
            would = {one.place: one.count for one in retention.look(connection, settings, place.clock())}
        went = {one.place: one.count for one in retention.run(place.work.engine, settings, place.clock())}

        assert 3 == would["Schlüsselhashes des Gelöschten"] == went["Schlüsselhashes des Gelöschten"]


def _forget(place: Office, count: int) -> None:
    with storage.writing(place.work.engine) as connection:
        digests = [bytes([number]) * 32 for number in range(count)]
        forgotten.note(connection, digests, forgotten.Why.ERASED, place.clock())


def test_the_list_for_a_restore_goes_when_all_it_names_is_over_age(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink) as place:
        data, engine = place.work.settings.service.data, place.work.engine
        path = data / returning.FILE
        _forget(place, 3)
        night(place.work)
        os.utime(path, (place.clock().timestamp(),) * 2)
        with storage.writing(engine) as connection:  # as a database that is new knows of nobody
            connection.execute(sa.delete(stored.forgotten))
        returning.keep_list(engine, data)
        night(place.work)
        assert path.exists()
        place.clock.advance(days=place.work.settings.retention.figures + 1)
        night(place.work)

        assert not path.exists()


def test_an_emptied_message_is_not_taken_for_one_without_a_message_id(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink) as place:
        place.receive(journeys.RUBBISH)
        row = place.rows("SELECT size, received_at FROM messages")[0]
        with storage.writing(place.work.engine) as connection:
            forgetting.empty_messages(connection, [1], place.clock())
            forgetting.remember(connection, [1], forgotten.Why.AGE, place.clock())
            received = connection.scalar(sa.select(stored.messages.c.received_at))
            assert received is not None

            assert set() == forgotten.nameless(connection, [(row["size"], received)])
