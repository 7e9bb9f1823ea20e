"""A server that does not give a mail, or does not let it go: the others come, nothing is copied for ever."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from intake import reconcile, storage
from intake.mailbox import FilingError, ReadOnlyMailbox
from intake.storage import stubborn
from tests.intake.receive import test_mailbox
from tests.intake.receive.test_mailbox import DONE, NOW, Bench
from tests.servers import processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.support.mailboxes import settings

POISON = b"Subject: Nr. 3\r\n"


@pytest.fixture
def bench(dovecot: Dovecot, mail_user: str, engine: Engine) -> Iterator[Bench]:
    with FaultProxy(dovecot.imap_port) as proxy:
        made = Bench(dovecot, mail_user, proxy, engine, {"timeout_seconds": 0.5})
        yield made
        made.close()


def stored(bench: Bench) -> int:
    with storage.reading(bench.engine) as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM messages")) or 0


def hang_up(proxy: FaultProxy) -> None:
    proxy.cut_on_reply = POISON


def reset(proxy: FaultProxy) -> None:
    proxy.cut_on_reply, proxy.reset = POISON, True


def go_silent(proxy: FaultProxy) -> None:
    proxy.mute_on_reply = POISON


def talk_nonsense(proxy: FaultProxy) -> None:
    def garbage(data: bytes) -> bytes:
        at = data.find(POISON)
        return data if at < 0 else data[: data.rfind(b"* ", 0, at)] + b"\xff((({]\r\n" + data[at:]

    proxy.rewrite = garbage


def say_no(proxy: FaultProxy) -> None:
    """A group with the mail in it is refused as Dovecot refuses an unreadable one, after nothing at all."""
    proxy.rewrite = lambda data: (
        re.sub(rb"^.*?(\w+) OK Fetch.*$", rb"\1 NO lost", data, flags=re.DOTALL) if POISON in data else data
    )


def close_early(proxy: FaultProxy) -> None:
    """The answer ends before the mail, with OK."""

    def early(data: bytes) -> bytes:
        at = data.find(POISON)
        if at < 0:
            return data
        end = data.rfind(b"\r\n", 0, data.rstrip().rfind(b"\r\n") + 2) + 2
        return data[: data.rfind(b"* ", 0, at)] + data[end:]

    proxy.rewrite = early


@pytest.mark.parametrize("fault", [hang_up, reset, go_silent, talk_nonsense, say_no, close_early])
def test_a_mail_that_the_server_does_not_give_holds_up_no_other(
    bench: Bench, fault: Callable[[FaultProxy], None]
) -> None:
    bench.deliver(6)
    fault(bench.proxy)
    left_alone: list[str] = []
    for _ in range(6):
        received = bench.step()
        left_alone = received.left_alone if received else []
    assert 5 == stored(bench)
    [named] = left_alone
    assert "UID 4" in named
    bench.deliver(2)
    requests = len(bench.proxy.requests)
    received = bench.step()
    assert received is not None
    assert (2, [named[:5]]) == (received.new, [one[:5] for one in received.left_alone])
    assert b"FETCH 4 " not in bench.proxy.requests[requests:]
    with ReadOnlyMailbox("kod", settings(bench.server, bench.user), PASSWORD) as box:
        found = reconcile.mailbox(box, bench.engine)
    assert 1 == found.unexplained
    bench.close()  # a restart forgets nothing
    requests = len(bench.proxy.requests)
    received = bench.step()
    assert received is not None
    assert [named[:5]] == [one[:5] for one in received.left_alone]
    assert b"FETCH 4 " not in bench.proxy.requests[requests:]
    bench.proxy.heal()
    test_mailbox.NOW = NOW + timedelta(hours=1)
    try:
        bench.until_done()
    finally:
        test_mailbox.NOW = NOW
    bench.check()
    with storage.reading(bench.engine) as connection:
        assert [] == stubborn.known(connection, "kod")


def test_a_mail_without_a_size_is_received_all_the_same(bench: Bench) -> None:
    bench.deliver(4)
    bench.proxy.rewrite = lambda data: re.sub(rb" RFC822\.SIZE \d+", b"", data)
    bench.until_done()
    bench.check()


def test_a_mail_of_which_the_server_says_nothing_beforehand_is_received(bench: Bench) -> None:
    bench.deliver(4)
    bench.proxy.rewrite = lambda data: re.sub(rb"\* \d+ FETCH \(UID 2 RFC822[^\r]*\r\n", b"", data)
    bench.until_done()
    bench.check()


def test_mail_announced_at_odd_moments_is_not_missed(bench: Bench) -> None:
    bench.deliver(4)
    bench.proxy.rewrite = lambda data: data.replace(b"* SEARCH", b"* 9 EXISTS\r\n* 1 RECENT\r\n* SEARCH").replace(
        b"\r\n* 2 FETCH", b"\r\n* 9 EXISTS\r\n* 2 FETCH"
    )
    bench.until_done()
    bench.check()


def nothing_is_marked(data: bytes) -> bytes:
    return re.sub(rb"(\w+) UID (?:STORE|EXPUNGE)[^\r]*\r\n", rb"\1 NOOP\r\n", data)


def nothing_is_expunged(data: bytes) -> bytes:
    return re.sub(rb"(\w+) UID EXPUNGE[^\r]*\r\n", rb"\1 NOOP\r\n", data)


@pytest.mark.parametrize("fault", [nothing_is_marked, nothing_is_expunged])
def test_copies_without_effect_are_made_once(tmp_path: Path, engine: Engine, fault: Callable[[bytes], bytes]) -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, without=["MOVE"]) as server,
        FaultProxy(server.imap_port) as proxy,
    ):
        bench = Bench(server, server.new_user(), proxy, engine)
        bench.deliver(5)
        proxy.rewrite_request = fault
        for number in range(5):
            received = bench.step()
            assert received is not None
            assert isinstance(received.unfiled, FilingError)
            assert 5 == len(server.messages(bench.user, DONE))
            if number == 2:  # a restart
                bench.deliver(2)
                bench.close()
        assert 7 == stored(bench)
        proxy.heal()
        bench.until_done()
        assert (0, 7, 7) == (len(server.messages(bench.user)), len(server.messages(bench.user, DONE)), stored(bench))
        bench.close()


def test_what_a_move_left_behind_is_removed_and_copied_no_second_time(bench: Bench) -> None:
    bench.deliver(5)
    bench.proxy.rewrite_request = lambda data: data.replace(b" UID MOVE ", b" UID COPY ")
    first = bench.step()
    assert first is not None
    assert isinstance(first.unfiled, FilingError)
    bench.until_done()
    assert ([], 5) == (bench.server.messages(bench.user), len(bench.server.messages(bench.user, DONE)))
