"""The SMTP adapter against servers that refuse, hang up, lie, or speak no TLS: what is sent, refused and in doubt."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from routing import smtp
from routing.model.settings import SmtpSettings
from tests.servers import certificates
from tests.servers.smtp import SmtpSink

SENDER = "KOD Krefeld <kod@krefeld.invalid>"
GSAK, KBK = "leitstelle@gsak.invalid", "KBK <leitstelle@kbk.invalid>"
RAW = b"Subject: Hallo\r\n\r\n.Punkt am Anfang\r\n..zwei\r\nEnde\r\n"


def settings(port: int, **more: Any) -> SmtpSettings:
    values = {"host": "127.0.0.1", "port": port, "security": "none", "from": SENDER, "timeout_seconds": 120}
    return SmtpSettings.model_validate(values | more)


def states(outcomes: dict[str, smtp.AddressOutcome]) -> list[tuple[str, int]]:
    return [(outcome.state, outcome.code) for outcome in outcomes.values()]


class Scripted:
    """An SMTP server of a few lines: a reply per verb ("DOT" is the final dot).

    None hangs up, "" is silence, a list is used up.
    """

    host = "127.0.0.1"

    def __init__(self, **replies: Any) -> None:
        self.replies: dict[str, Any] = {
            "HELLO": "220 test ESMTP",
            "EHLO": "250-test\r\n250 SIZE 1000000",
            "MAIL": "250 ok",
            "RCPT": "250 ok",
            "DATA": "354 go",
            "DOT": "250 taken",
            "RSET": "250 ok",
            "QUIT": "221 bye",
        } | replies
        self.said: list[str] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        for client in self._open:
            client.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                self.connections += 1
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), client, client.makefile("rb") as lines:
            if not self._answer(client, "HELLO"):
                return
            while line := lines.readline():
                self.said.append(line.decode().strip())
                verb = self.said[-1].split(" ")[0].upper()
                if not self._answer(client, verb):
                    return
                if verb == "DATA" and self.said[-1] == "DATA" and str(self.replies["DATA"]).startswith("354"):
                    body = b""
                    while not body.endswith(b"\r\n.\r\n"):
                        body += lines.readline()
                    self.bodies.append(body)
                    if not self._answer(client, "DOT"):
                        return

    def _answer(self, client: socket.socket, verb: str) -> bool:
        reply = self.replies.get(verb, "500 what?")
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if reply == "":
            return True  # says nothing
        if reply is None:
            client.shutdown(socket.SHUT_RDWR)
            return False
        client.sendall(f"{reply}\r\n".encode())
        return True


@pytest.fixture
def out(smtp_sink: SmtpSink) -> Iterator[smtp.Smtp]:
    with smtp.Smtp(settings(smtp_sink.port), None) as adapter:
        yield adapter


def test_many_letters_go_over_one_connection_byte_for_byte(smtp_sink: SmtpSink, out: smtp.Smtp) -> None:
    for _ in range(3):
        assert [("sent", 250), ("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[GSAK, KBK]))
    received = smtp_sink.wait_for(3)
    assert smtp_sink.connections == 1
    assert {RAW} == {one.content for one in received}
    assert received[0].sender == "kod@krefeld.invalid"
    assert received[0].recipients == (GSAK, "leitstelle@kbk.invalid")


def test_bare_line_ends_are_mended_and_no_letter_can_end_early(smtp_sink: SmtpSink, out: smtp.Smtp) -> None:
    raw = b"Subject: x\n\nein\r.\r\nzwei\n.\nMAIL FROM:<evil@x.invalid>\r\n.\r\nEnde"
    out.send(raw, sender=SENDER, to=[GSAK])
    (received,) = smtp_sink.wait_for(1)
    assert received.content == (
        b"Subject: x\r\n\r\nein\r\n.\r\nzwei\r\n.\r\nMAIL FROM:<evil@x.invalid>\r\n.\r\nEnde\r\n"
    )


@pytest.mark.parametrize(
    ("reply", "state", "code"), [("550 5.1.1 unbekannt", "permanent", 550), ("451 4.2.0 spaeter", "temporary", 451)]
)
def test_a_refused_address_does_not_stop_the_other(
    smtp_sink: SmtpSink, out: smtp.Smtp, reply: str, state: str, code: int
) -> None:
    smtp_sink.recipient_replies[GSAK] = reply
    assert [(state, code), ("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[GSAK, KBK]))
    assert [(state, code)] == states(out.send(RAW, sender=SENDER, to=[GSAK]))
    assert [("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[KBK]))
    assert smtp_sink.connections == 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("452 4.3.1 voll", ("temporary", 452)),
        ("554 5.7.1 nein", ("permanent", 554)),
        ("552 zu gross", ("permanent", 552)),
    ],
)
def test_the_reply_to_the_whole_letter_counts_for_all_addresses(
    smtp_sink: SmtpSink, out: smtp.Smtp, reply: str, expected: tuple[str, int]
) -> None:
    smtp_sink.data_reply = reply
    assert [expected, expected] == states(out.send(RAW, sender=SENDER, to=[GSAK, KBK]))
    smtp_sink.data_reply = None
    assert [("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[GSAK]))


def test_a_connection_lost_before_the_final_dot_is_temporary(smtp_sink: SmtpSink, out: smtp.Smtp) -> None:
    smtp_sink.recipient_replies[GSAK] = "550 weg"
    smtp_sink.cut = "before the final dot"
    big = RAW + b"x" * 76 * 100_000  # more than the buffers of the two sockets hold
    found = states(out.send(big, sender=SENDER, to=[GSAK, KBK]))
    assert [("permanent", 550), ("temporary", 0)] == found
    assert not smtp_sink.messages


@pytest.mark.parametrize("kept", ["after the final dot, lost", "after the final dot, kept"])
def test_a_connection_lost_after_the_final_dot_is_in_doubt(smtp_sink: SmtpSink, out: smtp.Smtp, kept: Any) -> None:
    smtp_sink.recipient_replies[GSAK] = "550 weg"
    smtp_sink.cut = kept
    assert [("permanent", 550), ("in doubt", 0)] == states(out.send(RAW, sender=SENDER, to=[GSAK, KBK]))
    smtp_sink.cut = None
    assert [("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[KBK]))


def test_silence_after_the_final_dot_is_in_doubt(smtp_sink: SmtpSink) -> None:
    smtp_sink.delay = 600
    with smtp.Smtp(settings(smtp_sink.port, timeout_seconds=1), None) as out:
        assert [("in doubt", 0)] == states(out.send(RAW, sender=SENDER, to=[GSAK]))


def test_a_server_that_came_back_is_found_again(smtp_sink: SmtpSink, out: smtp.Smtp) -> None:
    out.send(RAW, sender=SENDER, to=[GSAK])
    smtp_sink.stop()
    with pytest.raises(smtp.UnreachableError, match="nicht erreichbar"):
        out.send(RAW, sender=SENDER, to=[GSAK])
    smtp_sink.start()
    assert [("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[GSAK]))


def test_a_connection_that_the_server_closed_is_opened_again_without_a_word() -> None:
    with (
        Scripted(MAIL=["250 ok", "421 zu lange still", "250 ok"]) as server,
        smtp.Smtp(settings(server.port), None) as out,
    ):
        assert [("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[GSAK]))
        assert [("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[GSAK]))
        assert server.connections == 2


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ({"RCPT": None}, ("temporary", 0)),
        ({"RCPT": "421 Feierabend"}, ("temporary", 0)),
        ({"DATA": None}, ("temporary", 0)),
        ({"DATA": "451 spaeter"}, ("temporary", 451)),
        ({"DATA": "554 nein"}, ("permanent", 554)),
        ({"DATA": "Unsinn"}, ("temporary", 0)),
        ({"MAIL": "450 spaeter"}, ("temporary", 450)),
        ({"MAIL": "552 zu gross"}, ("permanent", 552)),
        ({"DOT": "421 Feierabend"}, ("temporary", 421)),
        ({"DOT": "Unsinn"}, ("in doubt", 0)),
        ({"DOT": "354 weiter"}, ("in doubt", 0)),
        ({"DOT": "2" + "x" * 20_000}, ("in doubt", 0)),
        ({"DOT": None}, ("in doubt", 0)),
        ({"RCPT": "251 wird weitergeleitet"}, ("sent", 250)),
    ],
)
def test_each_step_says_what_became_of_the_letter(replies: dict[str, Any], expected: tuple[str, int]) -> None:
    with Scripted(**replies) as server, smtp.Smtp(settings(server.port), None) as out:
        assert [expected] == states(out.send(RAW, sender=SENDER, to=[GSAK]))


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"HELLO": "554 niemand da"}, smtp.UnreachableError),
        ({"HELLO": None}, smtp.UnreachableError),
        ({"EHLO": "554 nein", "HELO": "554 nein"}, smtp.RefusedError),
        ({"EHLO": "421 voll", "HELO": "421 voll"}, smtp.UnreachableError),
        ({"MAIL": "550 Absender gesperrt"}, smtp.RefusedError),
        ({"MAIL": "530 bitte anmelden"}, smtp.RefusedError),
        ({"MAIL": None}, smtp.UnreachableError),
        ({"MAIL": "421 zu"}, smtp.UnreachableError),
    ],
)
def test_a_fault_of_the_whole_session_is_an_error_for_the_operator(
    replies: dict[str, Any], error: type[Exception]
) -> None:
    with (
        Scripted(**replies) as server,
        smtp.Smtp(settings(server.port), None) as out,
        pytest.raises(error, match="Mailserver"),
    ):
        out.send(RAW, sender=SENDER, to=[GSAK])


def test_the_words_of_the_server_are_cleaned_and_cut() -> None:
    reply = "550 \x1b[31mrot\tund\u202e " + "x" * 600
    with Scripted(RCPT=reply) as server, smtp.Smtp(settings(server.port), None) as out:
        (outcome,) = out.send(RAW, sender=SENDER, to=[GSAK]).values()
    assert outcome.text.startswith("[31mrot und x")
    assert len(outcome.text) == 500


@pytest.mark.parametrize(
    "address", ["a@b.invalid>\r\nRCPT TO:<evil@x.invalid", "kein", "ä@b.invalid", "a b@c.invalid"]
)
def test_an_address_that_is_none_is_refused_without_asking(address: str) -> None:
    with Scripted() as server, smtp.Smtp(settings(server.port), None) as out:
        assert [("permanent", 0), ("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[address, GSAK]))
        assert [f"RCPT TO:<{GSAK}>"] == [line for line in server.said if "RCPT" in line]
        with pytest.raises(smtp.RefusedError, match="Absenderadresse"):
            out.send(RAW, sender=address, to=[GSAK])


def test_without_an_address_nobody_is_asked() -> None:
    with Scripted() as server, smtp.Smtp(settings(server.port), None) as out:
        assert [("permanent", 0), ("sent", 250)] == states(out.send(RAW, sender=SENDER, to=["", GSAK]))


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.issue(tmp_path_factory.mktemp("smtp"))


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_is_verified_and_the_password_goes_through_it(security: Any, pems: certificates.Certificates) -> None:
    with SmtpSink(security=security, certificates=pems, user="kod", password="gehäüm") as sink:
        right = settings(sink.port, security=security, ca_file=pems.ca, user="kod")
        with smtp.Smtp(right, "gehäüm") as out:
            assert [("sent", 250)] == states(out.send(RAW, sender=SENDER, to=[GSAK]))
        with smtp.Smtp(right, "falsch") as out, pytest.raises(smtp.RefusedError, match="Anmeldung wurde abgelehnt"):
            out.connect()
        with smtp.Smtp(right, None) as out, pytest.raises(smtp.RefusedError, match="fehlt das Passwort"):
            out.connect()
        unknown = settings(sink.port, security=security)
        with smtp.Smtp(unknown, None) as out, pytest.raises(smtp.RefusedError, match="ca_file"):
            out.connect()


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    other = certificates.issue(tmp_path, "mail.anders.invalid")
    with (
        SmtpSink(security="tls", certificates=other) as sink,
        smtp.Smtp(settings(sink.port, security="tls", ca_file=other.ca), None) as out,
        pytest.raises(smtp.RefusedError, match="gesicherte Verbindung"),
    ):
        out.connect()


@pytest.mark.parametrize("reply", [{}, {"EHLO": "250-test\r\n250 STARTTLS", "STARTTLS": "454 TLS kaputt"}])
def test_without_starttls_nothing_is_sent(reply: dict[str, Any]) -> None:
    with Scripted(**reply) as server:
        secure = settings(server.port, security="starttls", user="kod")
        refused = pytest.raises((smtp.RefusedError, smtp.UnreachableError), match="STARTTLS")
        with smtp.Smtp(secure, "geheim") as out, refused:
            out.send(RAW, sender=SENDER, to=[GSAK])
        assert not [line for line in server.said if line.split(" ")[0] not in ("ehlo", "STARTTLS")]


def test_replies_slipped_in_before_tls_are_not_believed() -> None:
    reply = {"EHLO": "250-test\r\n250 STARTTLS", "STARTTLS": "220 go\r\n250-test\r\n250 AUTH PLAIN"}
    with Scripted(**reply) as server:
        out = smtp.Smtp(settings(server.port, security="starttls", timeout_seconds=1), None)
        with pytest.raises((smtp.RefusedError, smtp.UnreachableError)):
            out.connect()


def test_plain_text_is_for_the_own_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # another machine cannot be had in a test: the peer's address is what the adapter asks, so that is changed
    with Scripted() as server:
        monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("192.0.2.1", 25))
        with smtp.Smtp(settings(server.port), None) as out, pytest.raises(smtp.RefusedError, match="eigenen Rechner"):
            out.send(RAW, sender=SENDER, to=[GSAK])
        assert not server.said


def test_login_is_done_where_plain_is_not_offered() -> None:
    steps = {"EHLO": "250-test\r\n250 AUTH LOGIN CRAM-MD5", "AUTH": "334 VXNlcm5hbWU6", "Z2VOW6R1BQ==": "235 ok"}
    with Scripted(**steps) as server, smtp.Smtp(settings(server.port, user="kod"), "gehäum") as out:
        out.connect()
        assert ["AUTH LOGIN a29k", "Z2Vow6R1bQ=="] == server.said[1:]
