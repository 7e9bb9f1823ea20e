"""Waiting for mail with and without IDLE: awake at once, never spinning, never deaf."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from intake.mailbox import Mailbox, MailboxError
from tests.servers import processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.support.mailboxes import MAIL, mailbox, settings
from tests.support.waiting import CEILING, in_one_round, until


@pytest.fixture(params=["tls", "none"])
def box(request: pytest.FixtureRequest, dovecot: Dovecot, mail_user: str) -> Iterator[Mailbox]:
    """A connected mailbox, encrypted and not: their buffers differ."""
    port = dovecot.imaps_port if request.param == "tls" else dovecot.imap_port
    with mailbox(dovecot, mail_user, security=request.param, port=port) as connected:
        connected.uids(0)
        yield connected


LONG = 2 * CEILING
"""A wait that something ends before its time."""


def later(seconds: float, act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def timed_wait(waiting: Mailbox, seconds: float) -> tuple[bool, float]:
    start = time.monotonic()
    result = waiting.wait(seconds)
    return result, time.monotonic() - start


def test_arriving_mail_ends_the_wait(box: Mailbox, dovecot: Dovecot, mail_user: str) -> None:
    known = 0

    def ends_it_soon() -> bool:
        nonlocal known
        delivered = threading.Event()

        def deliver() -> None:
            delivered.set()
            dovecot.deliver(mail_user, MAIL)

        timer = later(0.3, deliver)
        came, seconds = timed_wait(box, LONG)
        assert delivered.is_set()
        timer.join()
        assert came
        known += 1
        assert known == len(box.uids(0))
        return seconds < 2.3  # the server itself looks once a second and then waits 0.4 s

    in_one_round(ends_it_soon)


def test_the_servers_word_wakes_at_once(dovecot: Dovecot, mail_user: str) -> None:
    announced: list[float] = []

    def note(data: bytes) -> bytes:
        if b"EXISTS" in data:
            announced.append(time.monotonic())
        return data

    with FaultProxy(dovecot.imap_port) as proxy, mailbox(dovecot, mail_user, port=proxy.port) as box:
        box.uids(0)
        proxy.rewrite = note

        def wakes_at_once() -> bool:
            announced.clear()
            timer = later(0.1, lambda: dovecot.deliver(mail_user, MAIL))
            assert box.wait(LONG)
            seconds = time.monotonic() - announced[0]
            timer.join()
            box.uids(0)
            return seconds < 0.1

        in_one_round(wakes_at_once)


def test_mail_that_came_just_before_the_wait_ends_it(box: Mailbox, dovecot: Dovecot, mail_user: str) -> None:
    for count in range(1, 6):
        dovecot.deliver(mail_user, MAIL)
        came, seconds = timed_wait(box, LONG)
        assert came
        assert seconds < LONG
        assert count == len(box.uids(0))


def test_mail_announced_during_another_command_ends_the_wait(box: Mailbox, dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL)
    box.internal_dates([1])  # the server may announce the mail here and will not repeat it
    box.file_away([4711], "done")
    came, seconds = timed_wait(box, LONG)
    assert came
    assert seconds < LONG


def test_announcements_together_with_the_go_ahead_are_seen(dovecot: Dovecot, mail_user: str) -> None:
    go_ahead = b"+ idling\r\n"
    for rewritten in (go_ahead + b"* 7 EXISTS\r\n", b"* 7 EXISTS\r\n" + go_ahead):
        with FaultProxy(dovecot.imap_port) as proxy, mailbox(dovecot, mail_user, port=proxy.port) as box:
            box.uids(0)
            proxy.rewrite = lambda data, rewritten=rewritten: data.replace(go_ahead, rewritten)
            came, seconds = timed_wait(box, LONG)
            assert came
            assert seconds < LONG


def test_a_line_in_two_packets_is_one_line(dovecot: Dovecot, mail_user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy, mailbox(dovecot, mail_user, port=proxy.port) as box:
        box.uids(0)
        proxy.split = b"XISTS"
        dovecot.deliver(mail_user, MAIL)
        assert box.wait(LONG)
        assert [1] == box.uids(0)


def test_people_reading_and_moving_do_not_end_the_wait(box: Mailbox, dovecot: Dovecot, mail_user: str) -> None:
    for _ in range(3):
        dovecot.deliver(mail_user, MAIL)
    box.uids(0)
    with mailbox(dovecot, mail_user) as person:

        def read_and_move() -> None:
            assert person._client
            person._client.add_flags([1, 2], ["\\Seen"])
            person.file_away([3], "done")

        timer = later(0.1, read_and_move)
        came, seconds = timed_wait(box, 2)
        timer.join()
    assert not came
    assert seconds >= 2


def test_the_wait_ends_in_time_without_mail(box: Mailbox) -> None:
    def ends_in_time() -> bool:
        start = time.process_time()
        came, seconds = timed_wait(box, 1)
        spent = time.process_time() - start
        assert not came
        assert seconds >= 1
        return seconds < 1.3 and spent < 0.1  # it does not spin

    in_one_round(ends_in_time)
    assert [] == box.uids(0)


@pytest.mark.parametrize("idle", [True, False])
def test_stop_ends_the_wait_soon(dovecot: Dovecot, mail_user: str, *, idle: bool) -> None:
    stop = threading.Event()
    with Mailbox("kod", settings(dovecot, mail_user, idle=idle), PASSWORD, stop=stop) as box:

        def ends_soon() -> bool:
            stop.clear()
            timer = later(0.2, stop.set)
            came, seconds = timed_wait(box, LONG)
            assert stop.is_set()
            timer.join()
            assert not came
            return seconds < 1.5

        in_one_round(ends_soon)
        assert not box.wait(LONG)  # stopped is stopped


def test_stop_ends_the_wait_even_when_the_server_hangs(dovecot: Dovecot, mail_user: str) -> None:
    stop = threading.Event()
    with FaultProxy(dovecot.imap_port) as proxy:
        given = settings(dovecot, mail_user, port=proxy.port, timeout_seconds=600)
        box = Mailbox("kod", given, PASSWORD, stop=stop)
        box.connect()

        def hang_and_stop() -> None:
            proxy.black_hole = True
            stop.set()

        timer = later(0.2, hang_and_stop)
        start = time.monotonic()
        with pytest.raises(MailboxError):
            box.wait(LONG)
        box.close()
        timer.join()
        assert time.monotonic() - start < CEILING


@pytest.mark.parametrize("idle", [True, False])
@pytest.mark.parametrize("reset", [True, False])
def test_a_connection_that_breaks_while_waiting_is_noticed(
    dovecot: Dovecot, mail_user: str, *, idle: bool, reset: bool
) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        box = mailbox(dovecot, mail_user, port=proxy.port, idle=idle)
        box.connect()
        proxy.reset = reset
        timer = later(0.2, proxy.cut_all)
        start = time.monotonic()
        with pytest.raises(MailboxError):
            box.wait(LONG)
        timer.join()
        assert time.monotonic() - start < CEILING


def test_a_server_that_says_goodbye_is_noticed() -> None:
    with processes.server_folder("dovecot") as folder, Dovecot(folder) as server:
        box = mailbox(server, "anna")
        box.connect()
        timer = later(0.2, server.stop)
        with pytest.raises(MailboxError):
            box.wait(LONG)
        timer.join()


def test_idle_is_renewed_before_the_server_logs_us_out(
    dovecot: Dovecot, mail_user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.mailbox.LONGEST_IDLE", 0.3)
    stop = threading.Event()
    with FaultProxy(dovecot.imap_port) as proxy:
        given = settings(dovecot, mail_user, port=proxy.port)
        with Mailbox("kod", given, PASSWORD, stop=stop) as box:

            def stop_after_four() -> None:
                until(lambda: proxy.requests.count(b"IDLE") >= 4)
                stop.set()

            watching = later(0, stop_after_four)
            came, seconds = timed_wait(box, LONG)
            watching.join()
            assert not came
            assert 4 <= proxy.requests.count(b"IDLE") <= seconds / 0.3 + 1
            assert proxy.requests.count(b"IDLE") == proxy.requests.count(b"DONE")


def test_without_idle_new_mail_shows_at_the_end() -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, without=["IDLE"]) as server,
        mailbox(server, "anna") as box,
    ):
        box.uids(0)
        assert not box.wait(0.2)

        def shows_at_the_end() -> bool:
            server.deliver("anna", MAIL)
            came, seconds = timed_wait(box, 0.5)
            assert came
            assert seconds >= 0.5
            box.uids(0)
            return seconds < 0.8

        in_one_round(shows_at_the_end)


def test_what_the_server_says_unasked_does_not_pile_up(dovecot: Dovecot, mail_user: str) -> None:
    with mailbox(dovecot, mail_user) as box:
        for _ in range(3):
            dovecot.deliver(mail_user, MAIL)
            box.file_away(box.uids(0), "done")
            assert box._client
            assert not box._client._imap.untagged_responses
