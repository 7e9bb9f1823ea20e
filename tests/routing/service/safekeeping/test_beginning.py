"""A start on an empty database while the mailbox is silent: nothing is received before it has answered."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.base import errors
from routing.service import daemon
from routing.service.safekeeping import beginning
from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Installation, mail
from tests.support.waiting import until

LIST = "Datum;Uhrzeit;Anliegen\n10.06.2026;09:00;Auf der Straße ist eine Ölspur\n"


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[FaultProxy]:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.black_hole = True
        yield proxy


@pytest.fixture
def office(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    monkeypatch.setattr(beginning, "PATIENCE", 0.5)
    monkeypatch.setattr(daemon, "FILES_SECONDS", 0.5)
    office = Installation(tmp_path / "kod", dovecot, smtp_sink, mailbox={"port": proxy.port, "timeout_seconds": 2})
    office.deliver(mail(journeys.OIL))
    (office.drop / "liste.csv").write_text(LIST, encoding="utf-8")
    return office


def answers_when_asked_again(proxy: FaultProxy) -> threading.Thread:
    seen = proxy.connections

    def answer() -> None:
        until(lambda: proxy.connections > seen, "the daemon asks the mailbox")
        proxy.black_hole = False

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def test_what_a_silent_mailbox_shows_in_the_end_ends_the_daemon(office: Installation, proxy: FaultProxy) -> None:
    office.deliver(mail(journeys.UNKNOWN, "AW: [KOD-2026-000123-1] Ölspur"), folder="kod-intake/Erledigt")
    known = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    with office.opened() as work:
        begins = beginning.check(work, is_new=False)
        assert not begins.may_receive(work)
        thread = answers_when_asked_again(proxy)
        try:
            with pytest.raises(beginning.NotTheFirstError, match="bis KOD-2026-000123"):
                daemon.Daemon(work, begins).run()
        finally:
            thread.join()
            for number, handler in known.items():
                signal.signal(number, handler)

    assert (office.count("messages"), office.count("cases")) == (0, 0)
    assert (office.drop / "liste.csv").exists()
    assert len(office.server.messages(office.user, "INBOX")) == 1


def test_where_it_shows_nothing_the_work_begins_then(office: Installation, proxy: FaultProxy) -> None:
    with office.opened() as work:
        begins = beginning.check(work, is_new=False)
        running = daemon.Daemon(work, begins)
        running.start()
        try:
            answers_when_asked_again(proxy).join()
            until(lambda: office.count("cases") == 2, "mail and list are received")
        finally:
            running.end()

    assert begins.may_receive(work)


def test_a_single_pass_does_not_wait_and_does_nothing(office: Installation) -> None:
    with office.opened() as work, pytest.raises(errors.TemporaryError) as refused:
        beginning.check_whole(work, is_new=False)

    assert "ein Postfach antwortet nicht" in refused.value.german
    assert office.count("messages") == 0
