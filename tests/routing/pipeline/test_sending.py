"""Sending: what is urgent goes first, several connections work at once, the server's limits and threads are kept."""

import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from intake import storage
from intake.base import errors
from routing import desk
from routing.pipeline.sending import Sender
from routing.service import daemon, transports
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import OIL, Letter
from tests.support.office import Office
from tests.support.waiting import until

WEDNESDAY = "2026-06-10 10:00"
LAMP = "am Ostwall {} ist die Laterne aus"


def opened(tmp_path: Path, sink: SmtpSink) -> AbstractContextManager[Office]:
    return office.opened(tmp_path, sink, WEDNESDAY)


def waiting_letters(place: Office, count: int, first: int = 1) -> None:
    """So many ordinary letters are frozen and due, about house numbers from ``first`` on."""
    for number in range(first, first + count):
        place.store(LAMP.format(number), sender=f"p{number}@example.org")
    freeze(place)


def freeze(place: Office) -> None:
    while place.work.dispatch().total:
        pass
    while place.work.freeze_letters():
        pass


def states(place: Office) -> list[tuple[str, int]]:
    return [(row["state"], row["attempts"]) for row in place.rows("SELECT state, attempts FROM deliveries")]


def is_urgent(letter: Letter) -> bool:
    return letter.to[0] != journeys.ADDRESSES["ngn"]


class Sending:
    """A sender with the connections of one round."""

    def __init__(self, place: Office, most: int) -> None:
        self.sender = Sender(place.work.engine, place.work.instance, place.clock)
        self._connections = transports.Connections(place.work.transport)
        self._most = most

    def round(self) -> int:
        try:
            return self.sender.everything(self._connections.next, self._most).sent
        finally:
            self._connections.close()


def test_letters_leave_over_several_connections_at_once(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with opened(tmp_path, smtp_sink) as place:
        waiting_letters(place, 12)
        smtp_sink.delay = 0.2
        begun = time.monotonic()
        assert 12 == Sending(place, 4).round()
        assert time.monotonic() - begun < 12 * 0.2
        assert 4 == smtp_sink.most_at_once
        assert [("sent", 1)] * 12 == states(place)
        assert 12 == len({letter.message_id for letter in place.letters()})


def test_no_more_connections_are_opened_than_there_are_letters(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with opened(tmp_path, smtp_sink) as place:
        waiting_letters(place, 2)
        smtp_sink.delay = 0.1
        before = smtp_sink.connections
        assert 2 == Sending(place, 8).round()
        assert smtp_sink.connections - before <= 2
        assert 0 == Sending(place, 8).round()
        assert smtp_sink.connections - before <= 2


@pytest.mark.parametrize("most", [1, 3])
def test_an_urgent_letter_overtakes_all_that_are_not_yet_under_way(
    tmp_path: Path, smtp_sink: SmtpSink, most: int
) -> None:
    with opened(tmp_path, smtp_sink) as place:
        waiting_letters(place, 18)
        smtp_sink.delay = 0.1
        running = threading.Thread(target=Sending(place, most).round)
        running.start()
        smtp_sink.wait_for(3)
        place.store(OIL)
        freeze(place)
        frozen = len(smtp_sink.messages)
        running.join()
        urgent = [number for number, letter in enumerate(place.letters()) if is_urgent(letter)]
        assert 2 == len(urgent)
        assert max(urgent) < frozen + most + len(urgent)


def test_the_lane_sends_urgent_letters_alone(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with opened(tmp_path, smtp_sink) as place:
        waiting_letters(place, 3)
        place.store(OIL)
        freeze(place)
        connections = transports.Connections(place.work.transport)
        sender = Sender(place.work.engine, place.work.instance, place.clock)
        sent = sender.urgent(connections.next()).sent
        connections.end_round()
        assert 2 == sent
        assert [True, True] == [is_urgent(letter) for letter in place.letters()]
        assert 3 == sender.everything(connections.next).sent
        connections.close()


@pytest.mark.parametrize("allowed", [1, 2])
def test_a_server_that_takes_few_connections_gets_few_and_every_letter_once(
    tmp_path: Path, smtp_sink: SmtpSink, allowed: int
) -> None:
    with opened(tmp_path, smtp_sink) as place:
        waiting_letters(place, 9)
        smtp_sink.most_connections, smtp_sink.delay = allowed, 0.05
        sending = Sending(place, 4)
        assert 9 == sending.round()
        assert [("sent", 1)] * 9 == states(place)
        assert allowed == smtp_sink.most_at_once
        refused = smtp_sink.connections
        waiting_letters(place, 5, first=50)
        assert 5 == sending.round()
        assert smtp_sink.connections - refused <= allowed  # it remembers


def test_a_server_that_takes_few_letters_a_connection_gets_them_over_many(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with opened(tmp_path, smtp_sink) as place:
        waiting_letters(place, 10)
        smtp_sink.letters_a_connection = 2
        assert 10 == Sending(place, 2).round()
        assert [("sent", 1)] * 10 == states(place)


def test_nobody_answers_is_said_once_and_counts_as_no_attempt(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with opened(tmp_path, smtp_sink) as place:
        waiting_letters(place, 6)
        smtp_sink.stop()
        with pytest.raises(errors.TemporaryError):
            Sending(place, 4).round()
        assert [("planned", 0)] * 6 == states(place)
        smtp_sink.start()
        assert 6 == Sending(place, 4).round()


def test_what_corrects_a_letter_does_not_overtake_it(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with opened(tmp_path, smtp_sink) as place:
        waiting_letters(place, 1)
        [address] = [row["address"] for row in place.rows("SELECT address FROM deliveries")]
        place.store("Ich meine den Ostwall 100. " + LAMP.format(100), sender="p1@example.org", subject="AW: Hinweis")
        concern = place.value("SELECT min(concern_id) FROM forwards")
        freeze(place)
        with storage.writing(place.work.engine) as connection:
            connection.exec_driver_sql(f"UPDATE forwards SET concern_id = {concern}")
        other = LAMP.format(300)
        place.store(other, sender="q@example.org")
        freeze(place)
        smtp_sink.recipient_replies[address] = "451 4.2.0 busy"
        sending = Sending(place, 4)
        sending.round()
        assert [("planned", 1), ("planned", 0), ("planned", 1)] == states(place)
        smtp_sink.recipient_replies.clear()
        place.clock.advance(minutes=2)
        assert 3 == sending.round()
        first, second = [letter for letter in place.letters() if "300" not in letter.text]
        assert "100" not in first.text
        assert "100" in second.text


def test_a_daemon_gets_an_emergency_through_a_server_that_takes_one_connection(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    smtp_sink.most_connections = 1
    with opened(tmp_path, smtp_sink) as place:
        running = daemon.Daemon(place.work)
        running.start()
        try:
            place.store(LAMP.format(1))
            running.ring()
            until(lambda: place.letters("ngn"))
            place.store(OIL)
            running.ring()
            until(lambda: place.letters("kbk"))
            until(lambda: place.letters("kod"))
            assert [] == place.letters(journeys.OPERATOR)
        finally:
            running.end()


def test_a_case_judged_anew_while_its_letter_waits_for_the_server_loses_no_letter(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    with opened(tmp_path, smtp_sink) as place:
        smtp_sink.recipient_replies[journeys.ADDRESSES["ngn"]] = "451 4.3.0 later"
        place.receive(LAMP.format(1))
        number = place.value("SELECT number FROM cases")
        desk.requeue(place.work.engine, number, place.clock(), actor="anna")
        place.run()
        smtp_sink.recipient_replies.clear()
        place.at("2026-06-10 16:00")

        assert 1 == len(place.letters("ngn"))


@pytest.mark.parametrize("again", [[], ["ngn"]])
def test_a_letter_that_is_held_ends_with_the_decision_that_made_it(
    tmp_path: Path, smtp_sink: SmtpSink, again: list[str]
) -> None:
    with office.opened(tmp_path, smtp_sink, WEDNESDAY, smtp_more="send = false") as place:
        place.receive(LAMP.format(1))
        number, engine, now = place.value("SELECT number FROM cases"), place.work.engine, place.clock()
        if again:
            desk.assign(engine, place.work.active.configuration, number, again, now, actor="anna")
        else:
            desk.close(engine, number, now, actor="anna")
        place.run()

        assert [("cancelled", 0), *([("held", 0)] if again else [])] == states(place)
