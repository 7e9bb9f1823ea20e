"""Receiving through a network and a server that misbehave: after each fault nothing is lost, nothing is doubled.

Each fault meets a pass over a mailbox with mail; then passes follow, as the daemon makes them, until one succeeds. In
the end the store is compared with what was sent and, by a reconciliation, with what lies on the server.
"""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from sqlalchemy.engine import Engine

from intake import reconcile, storage
from intake.mailbox import FolderError, Mailbox, MailboxError, QuotaError, ReadOnlyMailbox
from intake.receive import fetching, mailbox
from intake.receive.batches import Received
from tests.servers import certificates, processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.support.mailboxes import settings
from tests.support.waiting import CEILING, until

NOW = datetime(2026, 6, 10, 8, tzinfo=UTC)
DONE = "kod-intake/Erledigt"
PATIENCE = 0.5


def numbered(count: int, first: int = 0, size: int = 5_000) -> list[bytes]:
    filling = b"x" * 70 + b"\r\n"
    return [
        b"Message-ID: <%d@example.org>\r\nSubject: Nr. %d\r\n\r\n%s" % (number, number, filling * (size // 72))
        for number in range(first, first + count)
    ]


@dataclass
class Bench:
    """A mailbox behind a proxy, and a store."""

    server: Dovecot
    user: str
    proxy: FaultProxy
    engine: Engine
    changes: dict[str, Any] = field(default_factory=dict)
    sent: list[bytes] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    box: Mailbox | None = None
    fresh: bool = True

    def deliver(self, count: int = 20) -> None:
        """More mail, each different."""
        fresh = numbered(count, len(self.sent))
        for raw in fresh:
            self.server.deliver(self.user, raw, received_at=NOW)
        self.sent += fresh

    def settings(self) -> Any:
        values = {"port": self.proxy.port} | self.changes
        return settings(self.server, self.user, **values)

    def step(self, **how: Any) -> Received | None:
        """One pass as the daemon makes it: after a failure the next one connects again and looks at everything."""
        try:
            if self.box is None:
                self.fresh = True
                self.box = Mailbox("kod", self.settings(), PASSWORD)
                self.box.connect()
            received = mailbox.receive(self.box, self.engine, lambda: NOW, reconcile=self.fresh, **how)
        except MailboxError as error:
            self.errors.append(error)
            self.close()
            return None
        self.fresh = received.unfiled is not None
        if received.unfiled is not None:
            self.errors.append(received.unfiled)
        return received

    def is_done(self) -> bool:
        """Whether one more pass succeeds."""
        received = self.step()
        return received is not None and received.unfiled is None

    def until_done(self, tries: int = 8) -> None:
        """Pass after pass until one succeeds."""
        assert any(self.is_done() for _ in range(tries)), f"no pass succeeded: {self.errors}"

    def close(self) -> None:
        if self.box is not None:
            self.box.close()
        self.box = None

    def person(self, folder: str = "INBOX") -> IMAPClient:
        """Somebody with Outlook, past the proxy."""
        client = IMAPClient(self.server.host, self.server.imap_port, ssl=False)
        client.login(self.user, PASSWORD)
        client.select_folder(folder)
        return client

    def check(self, *, elsewhere: int = 0) -> None:
        """Everything that was sent is stored once with its exact bytes, and lies on the server."""
        with storage.reading(self.engine) as connection:
            raws = list(connection.scalars(sa.text("SELECT data FROM raw_messages")))
        assert sorted(self.sent) == sorted(raws)
        with ReadOnlyMailbox("kod", settings(self.server, self.user), PASSWORD) as box:
            found = reconcile.mailbox(box, self.engine)
        assert (len(self.sent), elsewhere, 0) == (found.stored, found.gone, found.unexplained), found.summary
        # Two who move one mail at the same moment may leave it twice on the server; the store has it once.
        assert len(self.sent) == found.on_server + found.gone - found.count(reconcile.Why.COPY)


@pytest.fixture
def bench(dovecot: Dovecot, mail_user: str, engine: Engine) -> Iterator[Bench]:
    with FaultProxy(dovecot.imap_port) as proxy:
        made = Bench(dovecot, mail_user, proxy, engine)
        made.deliver()
        yield made
        made.close()


def cut_in_the_middle(proxy: FaultProxy) -> None:
    proxy.cut_after = 60_000


def reset_in_the_middle(proxy: FaultProxy) -> None:
    proxy.cut_after, proxy.reset = 60_000, True


def silence_in_the_middle(proxy: FaultProxy) -> None:
    proxy.mute_on_request = b"BODY.PEEK[]"


def drip(proxy: FaultProxy) -> None:
    proxy.drip = 0.2


def cut_when_moved(proxy: FaultProxy) -> None:
    proxy.cut_on_reply = b"COPYUID"


def cut_before_moving(proxy: FaultProxy) -> None:
    proxy.cut_on_request = b"MOVE"


def silence_when_moving(proxy: FaultProxy) -> None:
    proxy.mute_on_request = b"MOVE"


def silence_at_the_greeting(proxy: FaultProxy) -> None:
    proxy.black_hole = True


def refusal_to_connect(proxy: FaultProxy) -> None:
    proxy.refuse = True


def garbage_in_an_answer(proxy: FaultProxy) -> None:
    proxy.rewrite = lambda data: data.replace(b"RFC822.SIZE", b"\xff\x00(((")


def goodbye_in_the_middle(proxy: FaultProxy) -> None:
    proxy.rewrite = lambda data: b"* BYE restarting\r\n" if b"BODY[]" in data else data


@pytest.mark.parametrize(
    "fault",
    [
        cut_in_the_middle,
        reset_in_the_middle,
        silence_in_the_middle,
        drip,
        cut_when_moved,
        cut_before_moving,
        silence_when_moving,
        silence_at_the_greeting,
        refusal_to_connect,
        garbage_in_an_answer,
        goodbye_in_the_middle,
    ],
)
def test_a_fault_of_the_network_loses_and_doubles_nothing(bench: Bench, fault: Callable[[FaultProxy], None]) -> None:
    bench.changes["timeout_seconds"] = PATIENCE  # a server that is only slow is given up as well, and found again
    fault(bench.proxy)
    began = time.monotonic()
    bench.step()
    assert time.monotonic() - began < CEILING
    assert [] == [error for error in bench.errors if error.person_must_act]
    bench.deliver(3)
    bench.proxy.heal()
    del bench.changes["timeout_seconds"]
    bench.until_done()
    bench.check()
    assert [] == dovecot_inbox(bench)


@pytest.mark.parametrize("fault", [cut_in_the_middle, reset_in_the_middle, cut_when_moved, cut_before_moving])
def test_a_fault_at_every_pass_delays_and_loses_nothing(bench: Bench, fault: Callable[[FaultProxy], None]) -> None:
    bench.deliver(40)
    fault(bench.proxy)
    for _ in range(4):
        bench.step()
    bench.proxy.heal()
    bench.until_done()
    bench.check()


def dovecot_inbox(bench: Bench) -> list[bytes]:
    return [mail.raw for mail in bench.server.messages(bench.user)]


def test_a_restart_of_the_server_in_the_middle(engine: Engine) -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder) as server,
        FaultProxy(server.imap_port) as proxy,
    ):
        bench = Bench(server, "anna", proxy, engine)
        bench.deliver(60)
        bench.step(on_stored=server.kill)
        assert 1 == len(bench.errors)
        bench.step()
        assert 2 == len(bench.errors)
        server.start()
        proxy.target = (server.host, server.imap_port)
        bench.until_done()
        bench.check()
        bench.close()


def test_another_uid_validity_after_a_failure(bench: Bench) -> None:
    bench.proxy.cut_on_request = b"MOVE"  # stored, and still in the inbox
    bench.step()
    bench.server.bump_uid_validity(bench.user)
    bench.proxy.heal()
    bench.deliver(2)
    bench.until_done()
    bench.check()


def test_another_uid_validity_while_connected(bench: Bench) -> None:
    bench.until_done()
    bench.deliver(2)
    assert bench.box is not None
    real = bench.box.uid_validity
    bench.proxy.rewrite = lambda data: data.replace(b"UIDVALIDITY %d" % real, b"UIDVALIDITY %d" % (real + 1))
    bench.until_done()
    bench.proxy.heal()
    bench.close()
    bench.until_done()
    bench.check()


def test_the_target_folder_is_deleted_between_two_moves(bench: Bench) -> None:
    bench.until_done()
    with bench.person() as outlook:
        outlook.delete_folder(DONE)
    bench.sent, gone = [], bench.sent
    bench.deliver(5)
    bench.sent = gone + numbered(5)  # the same mails as before: repeats, stored once
    bench.until_done()
    bench.sent = gone
    bench.check(elsewhere=15)


def test_the_polled_folder_is_deleted_and_made_again(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        bench = Bench(dovecot, mail_user, proxy, engine, {"folder": "Eingang"})
        with bench.person() as outlook:
            outlook.create_folder("Eingang")
            for raw in numbered(3):
                outlook.append("Eingang", raw)
            bench.until_done()
            outlook.delete_folder("Eingang")
            bench.step()
            bench.step()
            assert isinstance(bench.errors[-1], FolderError)
            assert "Eingang" in bench.errors[-1].german
            outlook.create_folder("Eingang")
            for raw in numbered(2, 3):
                outlook.append("Eingang", raw)
        bench.until_done()
        bench.sent = numbered(5)
        bench.check()
        bench.close()


def test_a_full_mailbox_keeps_nothing_from_being_received(engine: Engine) -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, quota=200_000, without=["MOVE"]) as server,  # COPY needs room, MOVE does not
        FaultProxy(server.imap_port) as proxy,
    ):
        bench = Bench(server, "anna", proxy, engine)
        bench.deliver(38)
        for _ in range(2):
            bench.step()
            assert isinstance(bench.errors[-1], QuotaError)
            assert "voll" in bench.errors[-1].german
            bench.deliver(1)
        bench.step()
        assert 40 == stored(engine)
        with bench.person() as outlook:
            outlook.delete_messages(outlook.search())
            outlook.expunge()
        bench.until_done()
        bench.check(elsewhere=40)
        bench.close()


def test_a_folder_that_may_not_be_written_keeps_nothing_from_being_received(engine: Engine) -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, rights=True) as server,
        FaultProxy(server.imap_port) as proxy,
    ):
        bench = Bench(server, "anna", proxy, engine)
        bench.deliver(1)
        bench.until_done()
        server.write_acl("anna", DONE, "owner lr\n")
        bench.close()
        for _ in range(3):
            bench.deliver(2)
            bench.step()
            assert bench.errors[-1].person_must_act
            assert "Rechte" in bench.errors[-1].german
        assert 7 == stored(engine)
        server.write_acl("anna", DONE, "owner lrwstipekxa\n")
        bench.close()  # a session remembers its rights for a while
        bench.until_done()
        bench.check()
        bench.close()


def stored(engine: Engine) -> int:
    with storage.reading(engine) as connection:
        return int(connection.scalar(sa.text("SELECT count(*) FROM messages")) or 0)


def test_people_moving_and_deleting_meanwhile(bench: Bench) -> None:
    bench.deliver(60)
    stop = threading.Event()

    def meddle() -> None:
        with bench.person() as outlook:
            while not stop.is_set():
                with contextlib.suppress(IMAPClientError):  # we were quicker
                    outlook.move(outlook.search()[-1:], "Ablage")

    with bench.person() as outlook, contextlib.suppress(IMAPClientError):  # the server may have made it
        outlook.create_folder("Ablage")
    person = threading.Thread(target=meddle)
    person.start()
    try:
        bench.until_done()
    finally:
        stop.set()
        person.join()
    with bench.person("Ablage") as outlook:
        if found := outlook.search():  # nothing when we were quicker every time
            outlook.move(found, "INBOX")
    bench.until_done()
    bench.check()


def test_an_idle_that_the_server_never_answers(bench: Bench) -> None:
    bench.changes["timeout_seconds"] = PATIENCE
    until(bench.is_done)
    assert bench.box is not None
    bench.proxy.mute_on_request = b"IDLE"
    began = time.monotonic()
    with pytest.raises(MailboxError):
        bench.box.wait(2 * CEILING)
    assert time.monotonic() - began < CEILING
    bench.deliver(2)
    bench.proxy.heal()
    del bench.changes["timeout_seconds"]
    bench.until_done()
    bench.check()


def test_a_connection_that_dies_silently_while_waiting(bench: Bench) -> None:
    bench.changes["timeout_seconds"] = PATIENCE
    until(bench.is_done)
    assert bench.box is not None
    bench.proxy.black_hole = True  # a firewall forgot us: no answer, no reset
    bench.deliver(2)
    with pytest.raises(MailboxError):
        bench.box.wait(0.3)
    bench.proxy.heal()
    del bench.changes["timeout_seconds"]
    bench.until_done()
    bench.check()


def test_a_certificate_that_changes_to_a_wrong_one(
    dovecot: Dovecot, mail_user: str, engine: Engine, tmp_path: Path
) -> None:
    with FaultProxy(dovecot.imaps_port) as proxy:
        bench = Bench(dovecot, mail_user, proxy, engine, {"security": "tls"})
        bench.deliver(3)
        bench.until_done()
        bench.close()
        bench.deliver(3)
        bench.changes["ca_file"] = certificates.issue(tmp_path).ca
        bench.step()
        assert bench.errors[-1].person_must_act
        assert 3 == stored(engine)
        assert PASSWORD.encode() not in proxy.requests
        del bench.changes["ca_file"]
        bench.until_done()
        bench.check()
        bench.close()


def test_the_connection_is_kept_alive_while_storing_is_slow(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "KEEP_ALIVE_SECONDS", 0.1)
    monkeypatch.setattr(fetching, "BATCH_BYTES", 20_000)
    bench.step(on_stored=lambda: time.sleep(0.15))  # longer than the server would wait
    assert bench.proxy.requests.count(b"NOOP") >= 4
    assert [] == bench.errors
    bench.check()


def test_a_connection_lost_while_storing_is_slow_loses_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "KEEP_ALIVE_SECONDS", 0.1)
    monkeypatch.setattr(fetching, "BATCH_BYTES", 20_000)
    cut: list[None] = []

    def slow() -> None:
        if not cut:
            cut.append(None)
            bench.proxy.cut_all()
        time.sleep(0.15)

    bench.step(on_stored=slow)
    assert cut
    threads = [thread for thread in threading.enumerate() if thread.name.startswith(("read ", "store "))]
    assert [] == threads, "storing went on behind our back"
    bench.until_done()
    bench.check()


@pytest.mark.parametrize("waiting", [0, 3])
def test_what_comes_at_any_moment_of_a_first_pass_waits_for_no_poll(bench: Bench, waiting: int) -> None:
    late, number = [], 1
    while (comes_late := mail_comes_late(bench, number, waiting)) is not None:
        late += [number] if comes_late else []
        number += 1
    assert number > 8  # a pass has more requests than that
    assert [] == late


def mail_comes_late(bench: Bench, number: int, waiting: int) -> bool | None:
    """Whether a mail delivered before this request of a first pass is neither stored by it nor known to have come.

    None when the pass has fewer requests.
    """
    user, requests, come = bench.server.new_user(), itertools.count(1), threading.Event()
    for raw in numbered(waiting):
        bench.server.deliver(user, raw, received_at=NOW)

    def deliver(data: bytes) -> bytes:
        if next(requests) == number:
            bench.server.deliver(user, numbered(1, 1000 + number)[0], received_at=NOW)
            come.set()
        return data

    bench.proxy.rewrite_request = deliver
    name = f"kod {waiting} {number}"
    with Mailbox(name, settings(bench.server, user, port=bench.proxy.port), PASSWORD) as box:
        received = mailbox.receive(box, bench.engine, lambda: NOW, reconcile=True)
        bench.proxy.rewrite_request = None
        if not come.is_set():
            return None
        return received.new + received.repeated == waiting and not box.wait(5)
