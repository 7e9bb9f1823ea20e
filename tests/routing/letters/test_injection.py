"""Whatever a citizen or a recipient writes into whichever field, it stays harmless text in every letter.

Tried in each field of a mail and of a phone log's row, by itself and encoded as mail programs encode it: header
fields after a line end, template code, formulas, HTML, paths, marks that turn the direction of writing, a megabyte of
subject.
"""

import base64
import csv
import io
import re
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from intake.message import Arrival
from routing import letters
from routing.model.settings import Configuration
from tests.routing.letters.test_letters import TEMPLATES, envelope, everything
from tests.support import leaks, letterbox
from tests.support.letterbox import NOW

PAYLOADS = {
    "header": "x\r\nBcc: evil@x.invalid\r\nX-Evil: 1\r\n\r\nevil body",
    "line feed": "x\nBcc: evil@x.invalid\n\nevil",
    "unicode line end": "x\u2028Bcc: evil@x.invalid\u0085Bcc: evil@x.invalid",
    "template": "{{ 7 * 191 }}{% for x in range(9) %}{{ self }}{% endfor %}{{ view.__class__ }}${7*191}#{7*191}",
    "formula": '=HYPERLINK("http://evil.invalid";"Klick")',
    "formula cell": "x\";=cmd|' /C calc'!A1;\"",
    "html": "</title></td></blockquote><script>alert(1)</script><img src=x onerror=alert(1)><a href=//evil>x</a>",
    "html entity": "&lt;script&gt;alert(1)&lt;/script&gt;&#60;img src=x&#62;",
    "path": "../../../../etc/passwd\\..\\..\\windows\\win.ini",
    "device": "C:\\con.jpg\x00.exe",
    "direction": "\u202egpj.exe\u202d\u2066abc\u2069\u200fshalom\u061c",
    "control": "\x00\x07\x08\x1b[31mrot\x1b]0;titel\x07\x7f\x9b31m",
    "invisible": "a\u200b\u200c\u200d\ufeff\u00adb\U000e0041\U000e0042",
    "surrogate": "\ud83d halb",
    "long": "y" * 1_000_000,
    "many lines": "z\n" * 30_000,
    "boundary": "--=_intake_bodies_0\r\nContent-Type: text/html\r\n\r\n<b>evil</b>\r\n--=_intake_bodies_0--",
    "encoded word": "=?utf-8?q?=0D=0ABcc:_evil@x.invalid?=",
}
FIELDS = ("from", "reply-to", "subject", "message-id", "references", "text", "html", "file name", "file type", "date")
HEADERS = {
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("X-KOD-Intake", "Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
}
ELEMENTS = set(
    "html head meta title body main a h1 h2 p table thead tbody tr th td strong br ul li blockquote code".split()  # noqa: SIM905  # readable
)
LINK = re.compile(r"mailto:weiterleitung@krefeld\.invalid\?subject=KOD-[A-Z0-9-]+%20%23[a-z0-9]+&body=[A-Z0-9%-]+")
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


def word(text: str) -> bytes:
    """As an encoded word, in which anything may stand (RFC 2047)."""
    return b"=?utf-8?b?" + base64.b64encode(text.encode("utf-8", "surrogatepass")) + b"?="


def mail(field: str, payload: str, number: int) -> bytes:
    """A citizen's mail with ``payload`` in one of its fields."""
    raw = payload.encode("utf-8", "surrogatepass")
    bare = raw.replace(b"\r", b" ").replace(b"\n", b" ")
    values = {
        "from": b"Anna <anna%d@web.invalid>" % number,
        "reply-to": b"anna%d@web.invalid" % number,
        "subject": b"Hinweis",
        "message-id": b"<%d@web.invalid>" % number,
        "references": b"",
        "text": f"Am Ostwall {10 + number} läuft ein Hund ohne Leine\r\n".encode(),  # a place each: no repeats
        "html": b"",
        "file name": b"foto.txt",
        "file type": b"application/octet-stream",
        "date": b"Tue, 09 Jun 2026 09:00:00 +0200",
    }
    if field in {"text", "html"}:
        values[field] = values["text"] + raw
    elif field in {"from", "reply-to"}:
        values[field] = word(payload) + b" <anna%d@web.invalid>" % number
    else:
        values[field] = word(payload) if field in {"subject", "file name"} else bare
    kind = b"text/html" if field == "html" else b"text/plain"
    return b"\r\n".join(
        (
            b"From: " + values["from"],
            b"Reply-To: " + values["reply-to"],
            b"Subject: " + values["subject"],
            b"Message-ID: " + values["message-id"],
            b"References: " + values["references"],
            b"Date: " + values["date"],
            b'Content-Type: multipart/mixed; boundary="e"',
            b"",
            b"--e",
            b"Content-Type: " + kind + b"; charset=utf-8",
            b"",
            values["html"] or values["text"],
            b"--e",
            b"Content-Type: " + values["file type"] + b'; name="' + values["file name"] + b'"',
            b'Content-Disposition: attachment; filename="' + values["file name"] + b'"',
            b"",
            b"nothing",
            b"--e--",
            b"",
        )
    )


def row(field: str, payload: str, number: int) -> Arrival:
    """A phone log's row with ``payload`` in one of its columns; the body may have contact data."""
    values: dict[str, Any] = {
        "text": f"An der Marktstraße {10 + number} sind Ratten",
        "from_name": f"Anna {number}",
        "contact": f"0157 123456{number}",
        "place": f"Marktstraße {10 + number}",
        "channel": "Telefon",
        "consent": True,
    }
    payload = payload.encode("utf-8", "replace").decode()  # no file gives half a character
    values[field] = f"{values['text']} {payload}" if field == "text" else payload
    message = letterbox.message(1000 + number, **values)
    return Arrival(source="telefon", key=str(number), received_at=NOW, raw=b"", message=message)


def _of_links(raw: bytes) -> int:
    """How many bytes of a letter (base64) the links of its page take, which nobody's words make longer."""
    page = message_from_bytes(raw, policy=policy.default).get_body(("html",))
    return sum(len(link) for link in Elements(page.get_content()).links) * 4 // 3 if page is not None else 0


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.attributes.update(name for name, _ in attrs)


def harmless(raw: bytes, to: str) -> None:
    """Assert that a letter has only what our own program puts there."""
    message = leaks.read(raw)
    assert not message.defects
    assert HEADERS >= set(message.keys())
    assert len(message.keys()) == len(set(message.keys()))
    assert to == message["To"]
    assert len(message["Subject"]) <= 110
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert len(raw) - _of_links(raw) < 120_000
    for part in message.walk():
        name = part.get_filename()
        assert name is None or re.fullmatch(r"[A-Za-z0-9-]+\.(?:csv|json)", name), name
        if part.is_multipart():
            continue
        content = str(part.get_content()) if part.get_content_maintype() == "text" else part.get_content().decode()
        assert not UNSEEN.search(content.replace("\r\n", "\n").removeprefix("\ufeff"))
        assert "1337" not in content
        if part.get_content_type() == "text/html":
            page = Elements(content)
            assert ELEMENTS >= page.names
            assert {"lang", "charset", "name", "content", "style", "scope", "href"} >= page.attributes
            assert not [link for link in page.links if not LINK.fullmatch(link)]
        if part.get_content_type() == "text/plain":
            assert not [line for line in content.splitlines() if len(line) > 78 and "<mailto:" not in line]
        if part.get_content_type() == "text/csv":
            rows = list(
                csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""), delimiter=";", strict=True)
            )
            assert {15} == {len(one) for one in rows}
            assert not [
                cell for one in rows for cell in one if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
            ]


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return letterbox.configured(tmp_path_factory.mktemp("config"))


@pytest.mark.parametrize("name", PAYLOADS)
def test_in_every_field_of_mails_and_rows(name: str, configuration: Configuration, tmp_path: Path) -> None:
    mails = letterbox.mails(*(mail(field, PAYLOADS[name], number) for number, field in enumerate(FIELDS)))
    columns = ("text", "from_name", "contact", "place", "channel")
    rows = [row(field, PAYLOADS[name], number) for number, field in enumerate(columns)]
    with letterbox.worked(tmp_path, configuration, [*mails, *rows]) as engine:
        frozen = letterbox.letters(engine)
    for one in frozen:
        harmless(one.raw, *configuration.settings.recipients[one.recipient].address)
    assert len(FIELDS) - 2 + 2 * len(columns) - 1 <= sum(leaks.concerns(one.raw) for one in frozen)


@pytest.mark.parametrize("name", PAYLOADS)
def test_in_the_letters_to_the_desk_the_operator_and_the_citizen(name: str) -> None:
    text = PAYLOADS[name]
    item = letters.desk_list.Item(number=text, received=NOW, channel=text, category=text, place=text, reason=text)
    own = envelope(number=text, answers=(text, "a@b.invalid"), to=("a@b.invalid",))
    made = (
        letters.compose_review([item], own, TEMPLATES),
        letters.compose_acknowledgement(own, TEMPLATES, received=NOW, bodies=(text,), privacy=text),
        letters.compose_alarm(own, TEMPLATES, what=text, todo=text, since=None),
    )
    for one in made:
        message = leaks.read(one.raw)
        assert HEADERS | {"In-Reply-To", "References"} >= set(message.keys())
        assert "a@b.invalid" == message["To"]
        assert max(len(line) for line in one.raw.split(b"\r\n")) <= 998
        assert "1337" not in leaks.body(one.raw)
    assert not UNSEEN.search(leaks.body(made[0].raw).replace("\r\n", "\n"))


def test_a_header_that_was_smuggled_in_would_be_seen() -> None:
    (_, good), *_ = everything()
    with pytest.raises(AssertionError):
        harmless(good.raw.replace(b"Date:", b"Bcc: evil@x.invalid\r\nDate:"), "leitstelle@gsak.invalid")
    with pytest.raises(AssertionError):
        harmless(good.raw.replace(b"<main", b"<script>alert(1)</script><main"), "leitstelle@gsak.invalid")
    harmless(good.raw, "leitstelle@gsak.invalid")
