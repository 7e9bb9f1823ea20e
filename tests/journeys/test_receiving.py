"""The mail server fails: restarted, wrong password, untrusted certificate, encryption stripped."""

import functools
import time
from pathlib import Path

import pytest

from tests.servers import certificates, processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.smtp import SmtpSink
from tests.support.journeys import OIL, Clock, Installation, mail
from tests.support.waiting import until

PAUSES = 1 + 2 - 0.1  # seconds before the second and the third try
WEDNESDAY = "2026-06-10 10:00"
UNREAD = "Das Postfach „kod“ lässt sich nicht abholen."


def first_lines(texts: list[str]) -> list[str]:
    return [text.partition("\n")[0] for text in texts]


def test_work_goes_on_by_itself_after_the_mail_server_was_killed_and_started_again(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    with processes.server_folder("dovecot") as folder, Dovecot(folder) as server:
        place = Installation(tmp_path, server, smtp_sink)
        with place.process():
            place.deliver(mail(OIL))
            until(lambda: len(place.letters()) == 2)
            server.kill()
            until(place.commanded, "the operator is told")
            place.deliver(mail(OIL), mail(OIL))
            server.start()
            assert server.imap_port == place.mailbox["port"]
            until(lambda: len(place.letters()) == 6)
            until(lambda: len(place.commanded()) == 2)
        assert [f"Störung: {UNREAD}", f"Störung behoben: {UNREAD}"] == first_lines(place.commanded())
        assert 2 == len(place.alarms())
        assert (3, 6) == (place.count("messages"), len(place.letters()))
        assert 3 == len(server.messages(place.user, "kod-intake/Erledigt"))


def test_a_short_break_of_the_connection_is_told_to_nobody(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        place = Installation(tmp_path, dovecot, smtp_sink, database_url, mailbox={"port": proxy.port})
        with place.working(Clock(WEDNESDAY)):
            place.deliver(mail(OIL))
            smtp_sink.wait_for(2)
            for _ in range(3):
                before = proxy.connections
                proxy.cut_all()
                until(functools.partial(_more_connections, proxy, before))
                place.deliver(mail(OIL))
                sent = len(smtp_sink.messages)
                smtp_sink.wait_for(sent + 2)
        assert [] == place.commanded()
        assert 8 == len(place.letters())


def _more_connections(proxy: FaultProxy, known: int) -> bool:
    return proxy.connections > known


def test_a_wrong_password_is_told_once_and_not_tried_again_and_again_until_it_is_corrected(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        place = Installation(tmp_path, dovecot, smtp_sink, mailbox={"port": proxy.port})
        place.password.write_text("falsch")
        place.deliver(mail(OIL))
        began = time.monotonic()
        with place.working(Clock(WEDNESDAY)):
            (told,) = until(place.commanded)
            assert f"Störung: {UNREAD}" in told
            assert "Passwort" in told
            until(lambda: proxy.connections > 3)  # one of them would clear the mail server
            assert time.monotonic() - began >= PAUSES
            assert 1 == len(place.commanded())
            place.password.write_text(PASSWORD)
            until(lambda: len(place.letters()) == 2)
            until(lambda: len(place.commanded()) == 2)
        assert "behoben" in place.commanded()[1]


def test_a_missing_password_is_told_and_used_once_it_is_there(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.password.unlink()
    place.deliver(mail(OIL))
    with place.working(Clock(WEDNESDAY)):
        (told,) = until(place.commanded)
        assert str(place.password) in told
        place.password.touch(0o600)
        place.password.write_text(PASSWORD)
        until(lambda: len(place.letters()) == 2)


def test_a_certificate_that_is_not_trusted_gets_no_password(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    other = certificates.issue(tmp_path)
    place = Installation(
        tmp_path / "place",
        dovecot,
        smtp_sink,
        mailbox={"host": "localhost", "port": dovecot.imaps_port, "security": "tls", "ca_file": str(other.ca)},
    )
    place.deliver(mail(OIL))
    with place.working(Clock(WEDNESDAY)):
        (told,) = until(place.commanded)
        assert "Zertifikat" in told
        assert "nicht vertrauenswürdig" in told
        assert 0 == place.count("messages")
        place.mailbox["ca_file"] = str(dovecot.ca_file)
        place.write()
        until(lambda: len(place.letters()) == 2)


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_connection_whose_starttls_was_stripped_gets_no_password(
    encrypted: bool, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        if not encrypted:
            proxy.rewrite = lambda piece: piece.replace(b"STARTTLS", b"XNOTHING")
        login = {"host": "localhost", "port": proxy.port, "security": "starttls", "ca_file": str(dovecot.ca_file)}
        place = Installation(tmp_path, dovecot, smtp_sink, mailbox=login)
        place.deliver(mail(OIL))
        with place.working(Clock(WEDNESDAY)):
            if encrypted:
                smtp_sink.wait_for(2)
                assert [] == place.commanded()
            else:
                (told,) = until(place.commanded)
                assert "erschlüsselung" in told
                assert 0 == place.count("messages")
        assert PASSWORD.encode() not in bytes(proxy.requests)
        assert b"AUTHENTICATE" not in bytes(proxy.requests)
