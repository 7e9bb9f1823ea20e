"""One mail through two aliases is one; two mails are two."""

import base64
import quopri
import subprocess
import sys
from datetime import UTC, datetime

from intake import mail
from intake.message import Message
from tests.support.waiting import CEILING

RECEIVED = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
TEXT = "Hier liegt Müll.\r\nBitte abholen.\r\n"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(200))


def read(raw: bytes) -> Message:
    return mail.parse(raw, received_at=RECEIVED)


def letter(
    *,
    received: str = "by mx1.example.org",
    to: str = "kod@example.org",
    boundary: str = "b1",
    encoding: str = "8bit",
    text: str = TEXT,
    photo: bytes = PHOTO,
    message_id: str = "Message-ID: <a@example.org>\r\n",
) -> bytes:
    octets = text.encode()
    body = {"8bit": octets, "base64": base64.encodebytes(octets), "quoted-printable": quopri.encodestring(octets)}
    head = (
        f"Received: {received}\r\nTo: {to}\r\n{message_id}From: Petra <p@example.org>\r\nSubject: Müll\r\n"
        f"Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nContent-Type: multipart/mixed; boundary={boundary}\r\n\r\n"
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    photo_head = f"\r\n--{boundary}\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ending = f"\r\n--{boundary}--\r\n"
    return head.encode() + body[encoding] + photo_head.encode() + base64.encodebytes(photo) + ending.encode()


def test_the_way_of_delivery_does_not_matter() -> None:
    other = letter(received="by mx2.example.org", to="ordnungsamt@example.org")
    assert read(letter()).identity == read(other).identity


def test_boundary_and_transfer_encoding_do_not_matter() -> None:
    expected = read(letter()).identity
    assert expected == read(letter(boundary="anders")).identity
    assert expected == read(letter(encoding="base64")).identity
    assert expected == read(letter(encoding="quoted-printable")).identity
    assert expected == read(letter().replace(b"\r\n", b"\n")).identity


def test_another_text_or_photo_under_the_same_message_id_is_another_mail() -> None:
    identities = {read(letter()).identity}
    identities.add(read(letter(text="Hier liegt Sperrmüll.\r\n")).identity)
    identities.add(read(letter(photo=PHOTO + b"x")).identity)
    identities.add(read(letter().replace(b"Subject: M", b"Subject: N")).identity)
    identities.add(read(letter().replace(b"10:00:00", b"10:00:01")).identity)
    identities.add(read(letter(message_id="Message-ID: <b@example.org>\r\n")).identity)
    assert len(identities) == 6


def test_a_page_that_is_not_shown_counts_too() -> None:
    def alternatives(page: str) -> bytes:
        plain = "Ein Text, der lang genug ist, um für sich allein zu stehen. " * 5
        return (
            "Message-ID: <a@example.org>\nContent-Type: multipart/alternative; boundary=b\n\n"
            f"--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n"
            f"--b\nContent-Type: text/html; charset=utf-8\n\n{page}\n--b--\n"
        ).encode()

    assert read(alternatives("<p>eins</p>")).identity != read(alternatives("<p>zwei</p>")).identity


def test_without_a_message_id_the_bytes_decide() -> None:
    first = letter(message_id="")
    assert read(first).identity == read(first).identity
    assert read(first).identity != read(letter(message_id="", received="by mx2.example.org")).identity


def test_a_mail_too_large_is_read_as_far_as_it_was_fetched() -> None:
    whole = letter(photo=bytes(3_000_000))
    message = mail.parse_head(whole[: mail.limits.HEAD_BYTES], len(whole), received_at=RECEIVED)
    assert (
        "Die Nachricht ist mit 4,1 MB zu groß; gelesen wurde nur ihr Anfang. "
        "Vollständig liegt sie im Postfach im Ordner für Unlesbares."
    ) == message.problems[0]
    assert message.subject == "Müll"
    assert message.text == "Hier liegt Müll.\nBitte abholen."
    assert len(message.attachments) == 1


def test_the_channel_is_taken_over() -> None:
    assert mail.parse(b"\n\nText", received_at=RECEIVED, channel="Maak-et").channel == "Maak-et"


def test_importing_the_reader_is_light() -> None:
    heavy = ("pydantic", "email", "charset_normalizer", "sqlalchemy", "html.parser", "imapclient")
    code = f"import sys; from intake import mail; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=CEILING)
    assert done.stdout.strip() == "[]"


def test_a_mail_that_nobody_could_read_keeps_its_raw_text_and_says_why() -> None:
    message = mail.unread(b"Subject: x\r\n\r\nHier brennt es\0\xff", "Das Lesen dauerte zu lange.")
    assert message.text == "Subject: x\n\nHier brennt es�"
    assert message.new_text == message.text
    assert message.problems == ("Das Lesen dauerte zu lange.",)
    assert len(message.identity) == 32
