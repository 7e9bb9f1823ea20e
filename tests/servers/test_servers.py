"""The servers that the other tests stand on do what they are told."""

import imaplib
import smtplib
import socket
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tests.servers import certificates, processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink
from tests.support.waiting import CEILING, until

MAIL = b"Subject: Hallo\r\n\r\nGuten Tag\r\n"


def log_in(server: Dovecot, user: str, port: int | None = None) -> imaplib.IMAP4:
    client = imaplib.IMAP4(server.host, port or server.imap_port, timeout=CEILING)
    client.login(user, PASSWORD)
    return client


def uid_validity(server: Dovecot, user: str) -> int:
    with log_in(server, user) as client:
        client.select()
        _, data = client.response("UIDVALIDITY")
        return int(data[0] or b"0")


def test_a_delivered_mail_is_fetched_and_read_back(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL, received_at=datetime(2026, 11, 1, 12, 0, tzinfo=UTC))
    with log_in(dovecot, mail_user) as client:
        client.select()
        _, data = client.uid("FETCH", "1:*", "(INTERNALDATE BODY.PEEK[])")
        client.uid("STORE", "1", "+FLAGS", r"(\Seen $Merker)")
    assert data[0][1] == MAIL
    assert b"01-Nov-2026 12:00:00 +0000" in data[0][0]
    assert [(MAIL, frozenset({"\\Seen", "$Merker"}))] == [
        (mail.raw, mail.flags) for mail in dovecot.messages(mail_user)
    ]


def test_later_deliveries_get_higher_uids(dovecot: Dovecot, mail_user: str) -> None:
    raws = [MAIL + str(number).encode() for number in range(30)]
    for raw in raws:
        dovecot.deliver(mail_user, raw)
    with log_in(dovecot, mail_user) as client:
        client.select()
        _, data = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
    assert raws == [item[1] for item in data if isinstance(item, tuple)]
    assert raws == [mail.raw for mail in dovecot.messages(mail_user)]


def test_a_folder_with_umlauts_is_delivered_to_and_listed(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL, folder="Müll/Alt")
    with log_in(dovecot, mail_user) as client:
        assert client.select('"M&APw-ll/Alt"')[0] == "OK"
        client.subscribe('"M&APw-ll/Alt"')
    assert {"Müll/Alt"} == dovecot.folders(mail_user) == dovecot.subscriptions(mail_user)


def test_starttls_and_imaps_carry_a_certificate_of_the_test_authority(dovecot: Dovecot) -> None:
    context = ssl.create_default_context(cafile=dovecot.ca_file)
    context.verify_flags |= getattr(ssl, "VERIFY_X509_STRICT", ssl.VerifyFlags(0))  # Python 3.13's default
    with imaplib.IMAP4("localhost", dovecot.imap_port, timeout=CEILING) as client:
        client.starttls(context)
    with imaplib.IMAP4_SSL(dovecot.host, dovecot.imaps_port, ssl_context=context, timeout=CEILING):
        pass


def test_capabilities_can_be_taken_away() -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, without=["MOVE", "IDLE"]) as server,
        log_in(server, "anna") as client,
    ):
        _, data = client.capability()
    assert b"UIDPLUS" in data[0].split()
    assert not {b"MOVE", b"IDLE"} & set(data[0].split())


def test_a_bumped_uid_validity_differs(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL)
    before = uid_validity(dovecot, mail_user)
    assert before == uid_validity(dovecot, mail_user)
    dovecot.bump_uid_validity(mail_user)
    assert before != uid_validity(dovecot, mail_user)


def test_stopping_ends_logged_in_connections_and_the_ports_come_back() -> None:
    with processes.server_folder("dovecot") as folder, Dovecot(folder) as server:
        port = server.imap_port
        client = log_in(server, "anna")
        server.stop()
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            client.noop()
        client.shutdown()
        server.start()
        assert port == server.imap_port
        log_in(server, "anna").logout()
        server.kill()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((server.host, port), 1)


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(processes.MissingPackageError, match="apt-get install dovecot-imapd"):
        processes.find_program("dovecot-of-tomorrow", "dovecot-imapd")


def test_postgresql_gives_empty_databases(postgresql: PostgreSQL) -> None:
    first, second = postgresql.create_database(), postgresql.create_database()
    assert first != second
    with psycopg.connect(first.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE only_here (id int)")
    with psycopg.connect(second.replace("+psycopg", "")) as connection:
        assert connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_name = 'only_here'"
        ).fetchall() == [(0,)]


def test_database_urls_name_both_engines(database_url: str) -> None:
    assert database_url.startswith(("sqlite:///", "postgresql+psycopg://"))


def send(sink: SmtpSink, *recipients: str) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(sink.host, sink.port, timeout=CEILING) as client:
        return client.sendmail("kod@krefeld.invalid", recipients, MAIL)


def test_the_sink_keeps_envelope_and_bytes(smtp_sink: SmtpSink) -> None:
    smtp_sink.recipient_replies["b@x.invalid"] = "550 5.1.1 unknown"
    assert send(smtp_sink, "a@x.invalid", "b@x.invalid") == {"b@x.invalid": (550, b"5.1.1 unknown")}
    mails = smtp_sink.wait_for(1)
    assert [(m.sender, m.recipients, m.content) for m in mails] == [("kod@krefeld.invalid", ("a@x.invalid",), MAIL)]


def test_the_sink_refuses_data_and_greylists(smtp_sink: SmtpSink) -> None:
    smtp_sink.data_reply = "452 4.3.1 disk full"
    with pytest.raises(smtplib.SMTPDataError, match="disk full"):
        send(smtp_sink, "a@x.invalid")
    smtp_sink.data_reply, smtp_sink.greylist_seconds = None, 0.1
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="Greylisted"):
        send(smtp_sink, "c@x.invalid")

    def is_taken() -> bool:
        try:
            return send(smtp_sink, "c@x.invalid") == {}
        except smtplib.SMTPRecipientsRefused:
            return False

    until(is_taken)


@pytest.mark.parametrize(
    ("cut", "kept"),
    [("before the final dot", 0), ("after the final dot, lost", 0), ("after the final dot, kept", 1)],
)
def test_the_sink_cuts_where_it_is_told(smtp_sink: SmtpSink, cut: str, kept: int) -> None:
    smtp_sink.cut = cut  # type: ignore[assignment] # the parameters above are the literal's values
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(smtp_sink, "a@x.invalid")
    assert kept == len(smtp_sink.messages)
    smtp_sink.cut = None
    send(smtp_sink, "a@x.invalid")
    assert kept + 1 == len(smtp_sink.messages)


def test_the_sink_comes_back_on_the_same_port(smtp_sink: SmtpSink) -> None:
    port = smtp_sink.port
    with smtplib.SMTP(smtp_sink.host, port, timeout=CEILING) as open_client:
        smtp_sink.stop()
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            open_client.noop()
    with pytest.raises(ConnectionRefusedError):
        send(smtp_sink, "a@x.invalid")
    smtp_sink.start()
    assert port == smtp_sink.port
    assert send(smtp_sink, "a@x.invalid") == {}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_sink_speaks_tls_and_judges_logins(tmp_path: Path, security: str) -> None:
    made = certificates.issue(tmp_path)
    context = ssl.create_default_context(cafile=made.ca)
    with SmtpSink(
        security=security,  # type: ignore[arg-type] # the parameters above are the literal's values
        certificates=made,
        user="kod",
        password="geheim",
    ) as sink:
        client = (
            smtplib.SMTP_SSL(sink.host, sink.port, timeout=CEILING, context=context)
            if security == "tls"
            else smtplib.SMTP(sink.host, sink.port, timeout=CEILING)
        )
        with client:
            if security == "starttls":
                client.starttls(context=context)
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("kod", "falsch")
            with pytest.raises(smtplib.SMTPSenderRefused):
                client.sendmail("kod@krefeld.invalid", ["a@x.invalid"], MAIL)
            client.login("kod", "geheim")
            client.sendmail("kod@krefeld.invalid", ["a@x.invalid"], MAIL)
        assert len(sink.wait_for(1)) == 1


def test_the_proxy_cuts_resets_and_refuses(dovecot: Dovecot, mail_user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        client = log_in(dovecot, mail_user, proxy.port)
        proxy.cut_all()
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            client.noop()
        client.shutdown()
        proxy.cut_after = 20
        with pytest.raises(imaplib.IMAP4.abort):
            imaplib.IMAP4(dovecot.host, proxy.port, timeout=CEILING)
        proxy.cut_after, proxy.cut_on_request, proxy.reset = None, b"NOOP", True
        client = log_in(dovecot, mail_user, proxy.port)
        client.select()
        with pytest.raises((imaplib.IMAP4.abort, ConnectionResetError)):
            [client.noop() for _ in range(2)]  # the reply to the first may have come through
        client.shutdown()
        proxy.refuse = True
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            imaplib.IMAP4(dovecot.host, proxy.port, timeout=CEILING)
        assert proxy.connections == 4


def test_the_proxy_swallows_delays_and_rewrites(dovecot: Dovecot, mail_user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.rewrite = lambda data: data.replace(b"MOVE", b"XXXX")
        client = log_in(dovecot, mail_user, proxy.port)
        assert b"XXXX" in client.capability()[1][0]
        proxy.latency = 0.05
        start = time.monotonic()
        client.noop()
        assert time.monotonic() - start >= 0.1
        proxy.black_hole = True
        client.sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.noop()
        client.shutdown()
