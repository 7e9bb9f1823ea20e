"""A mailbox when server, network, certificate or password are wrong: never silent, never in the clear."""

import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from imapclient.exceptions import IMAPClientError

from intake.base import errors
from intake.mailbox import CertificateError, EncryptionError, FolderError, LoginRefusedError, MailboxError, QuotaError
from intake.mailbox import errors as failures
from tests.servers import certificates, processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.support.mailboxes import MAIL, mailbox, numbered
from tests.support.waiting import CEILING, in_one_round, until

SECRET = PASSWORD.encode()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_connections_work_and_hide_the_password(dovecot: Dovecot, mail_user: str, security: str) -> None:
    dovecot.deliver(mail_user, MAIL)
    port = dovecot.imaps_port if security == "tls" else dovecot.imap_port
    with FaultProxy(port) as proxy, mailbox(dovecot, mail_user, port=proxy.port, security=security) as box:
        assert [MAIL] == [mail.raw for batch in box.fetch(box.uids(0)) for mail in batch]
        assert SECRET not in proxy.requests
        assert mail_user.encode() not in proxy.requests


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_another_authority_is_refused(
    dovecot: Dovecot, mail_user: str, security: str, tmp_path: Path
) -> None:
    port = dovecot.imaps_port if security == "tls" else dovecot.imap_port
    other = certificates.issue(tmp_path).ca
    for ca_file in (other, None):  # None: the authorities that the system trusts
        with FaultProxy(port) as proxy, pytest.raises(CertificateError) as caught:
            mailbox(dovecot, mail_user, port=proxy.port, security=security, ca_file=ca_file).connect()
        assert caught.value.person_must_act
        assert "nicht vertrauenswürdig" in caught.value.german
        assert SECRET not in proxy.requests


def test_a_certificate_for_another_name_is_refused() -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, names=["imap.example.org"]) as server,
        pytest.raises(CertificateError, match="localhost"),
    ):
        mailbox(server, "anna", security="tls", port=server.imaps_port).connect()


@pytest.mark.parametrize("content", [None, "kein Zertifikat"])
def test_an_unreadable_list_of_authorities_is_said(dovecot: Dovecot, tmp_path: Path, content: str | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content:
        ca_file.write_text(content)
    with pytest.raises(CertificateError) as caught:
        mailbox(dovecot, "anna", security="tls", port=dovecot.imaps_port, ca_file=ca_file).connect()
    assert str(ca_file) in caught.value.german


Attack = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "attack",
    [
        lambda data: data.replace(b"STARTTLS", b"XTARTTLS"),
        lambda data: data.replace(b"* OK", b"* PREAUTH"),
        lambda data: data.replace(b"OK Begin TLS", b"NO not today"),
    ],
    ids=["not offered", "greets as logged in", "refused"],
)
def test_without_starttls_there_is_no_login(dovecot: Dovecot, mail_user: str, attack: Attack) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.rewrite = attack
        with pytest.raises(EncryptionError) as caught:
            mailbox(dovecot, mail_user, port=proxy.port, security="starttls").connect()
        assert SECRET not in proxy.requests
    assert caught.value.person_must_act
    assert "kein Passwort gesendet" in caught.value.german


def test_what_was_said_before_encryption_does_not_count(dovecot: Dovecot, mail_user: str) -> None:
    injected = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n"
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.rewrite = lambda data: data + injected if b"OK Begin TLS" in data else data
        try:
            with mailbox(dovecot, mail_user, port=proxy.port, security="starttls") as box:
                assert box.can_move
        except MailboxError:
            pass  # refusing such a connection is as good
        assert SECRET not in proxy.requests


def test_plain_text_is_for_this_machine_only(dovecot: Dovecot) -> None:
    with pytest.raises(EncryptionError):
        mailbox(dovecot, "anna", host="imap.krefeld.invalid").connect()


def test_tls_against_a_plain_text_port_is_said(dovecot: Dovecot) -> None:
    with pytest.raises(EncryptionError) as caught:
        mailbox(dovecot, "anna", security="tls").connect()
    assert "port und security" in caught.value.german


def test_a_wrong_password_asks_for_a_person_but_is_tried_again(dovecot: Dovecot, mail_user: str) -> None:
    with pytest.raises(LoginRefusedError) as caught:
        mailbox(dovecot, mail_user, "falsches Wort").connect()
    assert isinstance(caught.value, errors.TemporaryError)
    assert caught.value.person_must_act
    assert mail_user in caught.value.german
    assert "falsches Wort" not in str(caught.value) + caught.value.german


@pytest.mark.parametrize("password", ["größer als 5 €", 'mit "Anführung" und \\', 'nur "ASCII" \\ %u'])
def test_passwords_of_all_letters_reach_the_server(password: str) -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, password=password) as server,
        mailbox(server, "anna", password) as box,
    ):
        assert [] == box.uids(0)


def test_a_user_name_cannot_smuggle_in_commands(dovecot: Dovecot) -> None:
    for user in ('anna" x', "anna x", "krefeld\\anna", "anna\r\nA1 NOOP"):
        with FaultProxy(dovecot.imap_port) as proxy, pytest.raises(LoginRefusedError):
            mailbox(dovecot, user, "falsch", port=proxy.port).connect()
        assert b"A1 NOOP" not in proxy.requests


def test_a_server_without_room_is_no_wrong_password(dovecot: Dovecot, mail_user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.rewrite = lambda data: data.replace(b"[AUTHENTICATIONFAILED]", b"[UNAVAILABLE]")
        with pytest.raises(MailboxError) as caught:
            mailbox(dovecot, mail_user, "falsch", port=proxy.port).connect()
    assert not caught.value.person_must_act


def test_a_connection_cut_during_login_is_no_wrong_password(dovecot: Dovecot, mail_user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.cut_on_reply = b"OK [CAPABILITY IMAP4rev1 LITERAL+"
        with pytest.raises(MailboxError) as caught:
            mailbox(dovecot, mail_user, port=proxy.port).connect()
    assert not caught.value.person_must_act


def test_a_server_that_is_down_or_unknown_is_a_passing_failure(dovecot: Dovecot) -> None:
    for host, port in (("localhost", processes.free_port()), ("imap.krefeld.invalid", 993)):
        with pytest.raises(MailboxError) as caught:
            mailbox(dovecot, "anna", host=host, port=port, security="tls").connect()
        assert not caught.value.person_must_act
        assert host in caught.value.german
        assert str(caught.value).startswith(f"{host}:{port}, connecting: ")


def test_a_black_hole_ends_in_time_and_the_mailbox_is_closed(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL)
    with FaultProxy(dovecot.imap_port) as proxy:
        box = mailbox(dovecot, mail_user, port=proxy.port, timeout_seconds=0.3)

        def is_well() -> bool:
            try:
                box.connect()
                return [1] == box.uids(0)
            except MailboxError:  # the machine is busy: a server that is only slow is given up as well
                return False

        def is_given_up_in_time() -> bool:
            until(is_well)
            proxy.black_hole = True
            start = time.monotonic()
            with pytest.raises(MailboxError, match="timed out"):
                box.uids(0)
            searching = time.monotonic() - start
            with pytest.raises(MailboxError, match="not connected"):
                box.uids(0)
            start = time.monotonic()
            with pytest.raises(MailboxError, match="timed out"):
                box.connect()
            proxy.black_hole = False
            return max(searching, time.monotonic() - start) < 1

        in_one_round(is_given_up_in_time)
        until(is_well)
        box.close()


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_in_the_middle_of_a_mail_gives_no_half_mail(dovecot: Dovecot, mail_user: str, *, reset: bool) -> None:
    sent = numbered(20, size=30_000)
    for raw in sent:
        dovecot.deliver(mail_user, raw)
    with FaultProxy(dovecot.imap_port) as proxy:
        box = mailbox(dovecot, mail_user, port=proxy.port)
        box.connect()
        uids = box.uids(0)
        proxy.reset, proxy.cut_after = reset, 400_000
        got: list[bytes] = []
        with pytest.raises(MailboxError):
            got.extend(mail.raw for batch in box.fetch(uids, max_bytes=100_000) for mail in batch)
        assert 0 < len(got) < 20
        assert sent[: len(got)] == got
        proxy.cut_after = None
        box.connect()
        assert sent == [mail.raw for batch in box.fetch(box.uids(0)) for mail in batch]
        box.close()


def test_a_cut_during_the_move_loses_nothing(dovecot: Dovecot, mail_user: str) -> None:
    for raw in numbered(10):
        dovecot.deliver(mail_user, raw)
    with FaultProxy(dovecot.imap_port) as proxy:
        box = mailbox(dovecot, mail_user, port=proxy.port)
        box.connect()
        uids = box.uids(0)
        proxy.cut_on_reply = b"COPYUID"
        with pytest.raises(MailboxError):
            box.file_away(uids, "done")
    both = dovecot.messages(mail_user) + dovecot.messages(mail_user, "kod-intake/Erledigt")
    assert sorted(numbered(10)) == sorted(mail.raw for mail in both)


def test_a_restart_of_the_server_is_survived_by_connecting_again() -> None:
    with processes.server_folder("dovecot") as folder, Dovecot(folder) as server:
        server.deliver("anna", MAIL)
        with mailbox(server, "anna") as box:
            server.kill()
            with pytest.raises(MailboxError):
                box.uids(0)
            with pytest.raises(MailboxError, match="refused"):
                box.connect()
            server.start()
            box.connect()
            assert [1] == box.uids(0)


def test_what_a_server_says_cannot_forge_a_log_line(dovecot: Dovecot, mail_user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.rewrite = lambda data: data.replace(b"Authentication failed.", b"\x1b[31mroot\x00: ok")
        with pytest.raises(LoginRefusedError) as caught:
            mailbox(dovecot, mail_user, "falsch", port=proxy.port).connect()
    assert (str(caught.value) + caught.value.german).isprintable()


def test_interrupting_ends_a_command_at_once(dovecot: Dovecot, mail_user: str) -> None:
    for security, port in (("none", dovecot.imap_port), ("tls", dovecot.imaps_port)):
        with FaultProxy(port) as proxy:
            box = mailbox(dovecot, mail_user, port=proxy.port, security=security, timeout_seconds=600)
            box.connect()
            proxy.black_hole = True
            timer = threading.Timer(0.2, box.interrupt)
            timer.start()
            start = time.monotonic()
            with pytest.raises(MailboxError):
                box.uids(0)
            assert time.monotonic() - start < CEILING
            timer.join()


def test_closing_twice_or_without_a_connection_is_fine(dovecot: Dovecot, mail_user: str) -> None:
    box = mailbox(dovecot, mail_user)
    box.close()
    box.interrupt()
    box.connect()
    box.close()
    box.close()


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("[OVERQUOTA] Quota exceeded (mailbox for user is full)", QuotaError, "Postfach ist voll"),
        ("Over quota", QuotaError, "Postfach ist voll"),
        ("The mailbox is full. [QuotaExceeded]", QuotaError, "Postfach ist voll"),
        ("[NOPERM] Permission denied", FolderError, "Rechte im Postfach prüfen"),
        ("Access to the mailbox is not permitted", FolderError, "Rechte im Postfach prüfen"),
        ("Server error. Please try again later.", MailboxError, "lehnt einen Befehl ab"),
    ],
)
def test_refusals_of_all_servers_are_understood(said: str, kind: type[MailboxError], words: str) -> None:
    place = failures.Place("kod", "imap.example.org", 993, "anna")
    error = failures.translate(IMAPClientError(f"move failed: {said}"), place, "moving")
    assert kind is type(error)
    assert words in error.german
    assert (str(error), error.german) == (str(copied := pickle.loads(pickle.dumps(error))), copied.german)


@pytest.mark.parametrize(
    ("host", "by_token", "words"),
    [
        ("imap.krefeld.de", False, "Benutzername und Passwort"),
        ("outlook.office365.com", False, "Exchange Online nimmt keine Passwörter an"),
        ("outlook.office365.com", True, "auf das Postfach zugreifen darf"),
    ],
)
def test_a_refused_login_says_what_to_look_at(host: str, words: str, *, by_token: bool) -> None:
    place = failures.Place("kod", host, 993, "anna")
    error = failures.refused_login("LOGIN failed.", place, by_token=by_token)
    assert error.person_must_act
    assert words in error.german
