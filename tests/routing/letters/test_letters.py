"""Letters read back with the standard library: headers, both bodies, hostile words, digests, alarms."""

import email
import email.policy
import re
import textwrap
from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routing import letters
from routing.letters import headers, mime, templates
from routing.model.decision import Urgency
from routing.model.settings import Recipient
from tests import ROOT
from tests.support import forward_views
from tests.support.rule_examples import KREFELD_CITY
from tests.support.waiting import is_cheaper

SHIPPED = ROOT / "templates"
TEMPLATES = letters.environment(None, SHIPPED, KREFELD_CITY)
NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
GSAK = Recipient(name="GSAK", address=("leitstelle@gsak.invalid",))
KINDS: tuple[letters.Kind, ...] = ("forward", "vorgang", "digest")
WORDS = "Mehrere Säcke und eine Matratze, liegt seit drei Tagen."


def view(case: int = 4711, urgency: Urgency = Urgency.HEUTE, **more: Any) -> letters.ForwardView:
    values: dict[str, Any] = {
        "number": f"KOD-2026-{case:06}",
        "category": "Abfall / Müllablagerung",
        "urgency": urgency,
        "received": NOW,
        "channel": "Telefon",
        "text": WORDS,
        "place": "Roßstraße 12",
        "district": "Stadtmitte",
    }
    return forward_views.view(**(values | more))


def envelope(**more: Any) -> letters.Envelope:
    values: dict[str, Any] = {
        "number": "KOD-2026-004711",
        "sender": "KOD Krefeld <kod@krefeld.invalid>",
        "reply_to": "kod@krefeld.invalid",
        "to": GSAK.address,
        "message_id": "kod-1.abc@krefeld.invalid",
        "date": NOW,
    }
    return letters.Envelope(**(values | more))


def composed(
    *views: letters.ForwardView,
    kind: letters.Kind = "forward",
    recipient: Recipient = GSAK,
    environment: letters.Templates = TEMPLATES,
    **more: Any,
) -> letters.Letter:
    return letters.compose(kind, views, recipient, envelope(**more), environment)


def read(made: letters.Letter) -> tuple[EmailMessage, str, str]:
    """(message, text, HTML) as a mail program sees them."""
    message = email.message_from_bytes(made.raw, _class=EmailMessage, policy=email.policy.default)
    assert not message.defects
    bodies = []
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        bodies.append(body.get_content().replace("\r\n", "\n") if body is not None else "")
    return message, bodies[0], bodies[1]


class Visible(HTMLParser):
    """The text a reader sees, and the elements used."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"

    def names(self) -> list[str]:
        return [name for name, _ in self.tags]


def test_the_headers_are_those_of_an_automatic_letter() -> None:
    made = composed(view(urgency=Urgency.SOFORT))
    message, _, _ = read(made)
    assert (
        message["Subject"] == "[KOD-2026-004711] SOFORT: Muellablagerung - Rossstrasse 12, Stadtmitte" == made.subject
    )
    assert message["From"] == "KOD Krefeld <kod@krefeld.invalid>"
    assert message["To"] == "leitstelle@gsak.invalid"
    assert message["Reply-To"] == "kod@krefeld.invalid"
    assert message["Date"] == "Mon, 23 Nov 2026 10:12:00 +0100"
    assert message["Message-ID"] == "<kod-1.abc@krefeld.invalid>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-KOD-Intake"] == "KOD-2026-004711"
    assert message["Content-Language"] == "de"
    assert message.get_content_type() == "multipart/alternative"
    assert ["text/plain", "text/html"] == [part.get_content_type() for part in message.iter_parts()]


def everything() -> Sequence[tuple[str, letters.Letter]]:
    full: dict[str, Any] = {"reports": 2, "photos": 1, "reply_by": date(2026, 11, 25)}
    return (
        ("forward", composed(view(urgency=Urgency.SOFORT, **full))),
        ("notfall", composed(view(urgency=Urgency.NOTFALL, **full))),
        ("vorgang", composed(view(category="Einspruch", **full), kind="vorgang")),
        ("digest", composed(view(1, **full), view(2, place="", district=""), kind="digest", number="KOD-S-1")),
    )


@pytest.mark.parametrize(("kind", "made"), everything())
def test_both_bodies_say_the_same_in_good_form(kind: str, made: letters.Letter) -> None:
    _, text, html = read(made)
    assert not [line for line in text.splitlines() if len(line) > 78]
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert "\n\n\n" not in text
    seen = Visible(html)
    shown = "".join(seen.text.split())
    for word in re.findall(r"[\wÄÖÜäöüß-]+", text):
        assert word.strip("-") in shown, (kind, word)
    assert ("html", {"lang": "de"}) in seen.tags
    assert seen.names().count("h1") == 1
    assert all(attributes.get("scope") for tag, attributes in seen.tags if tag == "th")
    assert not {"script", "img", "style", "a"} & set(seen.names())


@pytest.mark.parametrize(("kind", "made"), everything())
def test_lines_end_in_crlf_and_are_short_ascii(kind: str, made: letters.Letter) -> None:
    assert made.raw.isascii(), kind
    assert made.raw.count(b"\r\n") == made.raw.count(b"\n") == made.raw.count(b"\r")
    assert max(len(line) for line in made.raw.split(b"\r\n")) <= 78


def test_place_and_topic_stand_in_the_first_lines() -> None:
    _, text, _ = read(composed(view(urgency=Urgency.SOFORT)))
    assert text.splitlines()[:2] == ["SOFORT: Abfall / Müllablagerung", "Ort: Roßstraße 12, Stadtmitte"]


def test_an_emergency_begins_with_the_numbers_to_call() -> None:
    _, text, html = read(composed(view(urgency=Urgency.NOTFALL)))
    warning = "Bei Gefahr: 110 oder 112. Dieses Programm hat niemanden alarmiert."
    assert text.splitlines()[0] == warning
    assert warning in html


def test_a_matter_for_a_person_is_no_hint_for_a_crew() -> None:
    _, text, _ = read(composed(view(category="Einspruch gegen einen Bußgeldbescheid"), kind="vorgang"))
    assert "Fristen laufen ab dem Eingang" in " ".join(text.split())
    assert "ERLEDIGT" not in text


@pytest.mark.parametrize(
    ("more", "subject"),
    [
        ({}, "[KOD-2026-004711] Muellablagerung - Rossstrasse 12, Stadtmitte"),
        ({"category": "Drogenhandel"}, "[KOD-2026-004711] Hinweis - Rossstrasse 12, Stadtmitte"),
        ({"place": "Drogenhilfezentrum"}, "[KOD-2026-004711] Muellablagerung"),
        ({"place": "", "district": ""}, "[KOD-2026-004711] Muellablagerung"),
        ({"place": "bei Herrn Hauser"}, "[KOD-2026-004711] Muellablagerung - bei Herrn [Name entfernt], Stadtmitte"),
        (
            {"place": "Ostwall 5 " + "x" * 99},
            "[KOD-2026-004711] Muellablagerung - Ostwall 5 xxxxxxxxxxxxxxxxxxxxxxxxxxxxx...",
        ),
        ({"category": "Straße / Gehweg 😀 Ğ"}, "[KOD-2026-004711] Gehweg G - Rossstrasse 12, Stadtmitte"),
    ],
)
def test_the_subject_is_plain_and_discreet(more: dict[str, Any], subject: str) -> None:
    assert subject == composed(view(**more)).subject


HOSTILE = (
    "x\r\nBcc: evil@x.invalid\r\n\r\n{{ 7*7 }}{% raw %}<script>alert(1)</script>"
    "=HYPERLINK(1)../../\u202eabc\x00\x1b[31m" + "y" * 9999
)


def test_hostile_words_in_every_field_stay_words() -> None:
    one = view(
        number=HOSTILE,
        category=HOSTILE,
        place=HOSTILE,
        district=HOSTILE,
        channel=HOSTILE,
        text=HOSTILE,
    )
    for kind in KINDS:
        message, text, html = read(composed(one, kind=kind, number=HOSTILE))
        assert message["Bcc"] is None
        assert len(message.keys()) == len(set(message.keys())) == 12
        assert len(message["Subject"]) <= 78
        assert "49" not in text
        assert "script" not in Visible(html).names()
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", text + html)
        assert not [line for line in text.splitlines() if len(line) > 78]


def test_nothing_of_the_citizen_is_found_in_any_byte() -> None:
    secrets = (
        "Mustermannova",
        "mustermannova@web.invalid",
        "02151 987654",
        "KR-XY 9876",
        "DE89370400440532013000",
        "Geheimweg 7",
    )
    words = f"Ich bin Petra {' und '.join(secrets)}.\nMit freundlichen Grüßen\nP. Mustermannova"
    one = view(
        text=words, place="bei Mustermannova", name="Petra Mustermannova", address=secrets[1], home="Geheimweg 7"
    )
    for kind in KINDS:
        made = composed(one, kind=kind, number="KOD-S-1")
        _, text, html = read(made)
        for secret in (*secrets, "Petra", "987654", "9876"):
            assert secret not in text + html + made.subject
            assert secret.encode() not in made.raw


def test_a_digest_is_sorted_by_district_street_and_house_number() -> None:
    views = [
        view(1, place="Ostwall 100"),
        view(2, place="Ostwall 9"),
        view(3, place="", district=""),
        view(4, place="Äußere Straße 1"),
        view(5, place="Zollstraße 1", district="Hüls"),
        view(6, place="Ostwall 9"),
    ]
    made = composed(*views, kind="digest", number="KOD-S-2026-11-23-GSAK-1")
    message, text, _ = read(made)
    assert made.subject == "[KOD-S-2026-11-23-GSAK-1] Sammelliste 6 Hinweise"
    assert message["X-KOD-Intake"] == "KOD-S-2026-11-23-GSAK-1"
    assert ["5", "4", "2", "6", "1", "3"] == re.findall(r"Vorgang: +KOD-2026-00000(\d)", text)
    assert made.raw == composed(*reversed(views), kind="digest", number="KOD-S-2026-11-23-GSAK-1").raw


def test_a_weekly_list_says_so_and_one_hint_is_one() -> None:
    assert composed(view(urgency=Urgency.LISTE), kind="digest", number="N").subject == "[N] Wochenliste 1 Hinweis"


def test_an_empty_digest_is_never_composed() -> None:
    with pytest.raises(ValueError, match="empty"):
        composed(kind="digest", number="N")


def test_a_long_text_is_cut_between_words_and_says_so() -> None:
    words = view(text="Sack " * 790 + "petra.mustermannova.mit.langem.namen@web.invalid " * 3).text
    assert words.endswith("(gekürzt; der ganze Text liegt bei uns)")
    assert "petra" not in words


def test_a_display_name_with_umlauts_is_encoded() -> None:
    message, _, _ = read(composed(view(), sender="Ordnungsdienst\r\nKöln <kod@krefeld.invalid>"))
    assert message["From"].addresses[0].display_name == "Ordnungsdienst Köln"


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="keine E-Mail-Adresse"):
        composed(view(), to=("niemand",))


def test_a_message_id_takes_nothing_that_does_not_belong_there() -> None:
    assert letters.new_message_id("KOD-2026-1", "krefeld.invalid", "a b>\r\n") == "kod-2026-1.ab@krefeld.invalid"


def test_many_addresses_are_folded() -> None:
    to = [f"leitstelle{number}@gsak.invalid" for number in range(40)]
    made = composed(view(), to=to)
    assert list(to) == [address.addr_spec for address in read(made)[0]["To"].addresses]
    assert max(len(line) for line in made.raw.split(b"\r\n")) <= 78


@given(st.text(max_size=300))
@example("00000000000¡¡¡¡¡¡𐀀𐀀𐀀𐀀𐀀")  # encoded words that end just before the place of a fold
def test_any_text_comes_back_as_it_was(text: str) -> None:
    body = re.sub(r"[\ud800-\udfff\r]", "", text).rstrip("\n")
    fields = headers.fields(envelope(number=text, answers=("first@a.invalid", text)), text)
    raw = mime.message(fields, body, f"<p>{body}")
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    parts = list(message.iter_parts())
    assert len(parts) == 2
    for part, expected in zip(parts, (body, f"<p>{body}"), strict=True):
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        assert expected == payload.decode().replace("\r\n", "\n").removesuffix("\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@given(st.text(max_size=200), st.integers(0, 30), st.integers(31, 78))
def test_wrapped_lines_never_exceed_their_width_and_lose_nothing(text: str, indent: int, width: int) -> None:
    lines = templates.wrapped(text, indent, width=width + 1).split("\n")
    assert not [line for line in lines if len(line) > width + 1]
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.lists(st.text("abcä-„.", min_size=1, max_size=30), min_size=1, max_size=40), st.integers(1, 40))
def test_lines_are_broken_as_textwrap_breaks_them(words: list[str], width: int) -> None:
    line = " ".join(words)
    expected = textwrap.wrap(line, width, break_on_hyphens=False)
    assert templates.wrapped(line, width=width).split("\n") == expected


def test_an_alarm_says_what_since_when_and_what_to_do() -> None:
    values: dict[str, Any] = {
        "what": "Der Mailserver antwortet nicht.\nVersuche: 3",
        "todo": "Prüfen Sie [smtp] in config.toml.",
        "since": NOW,
    }
    made = letters.compose_alarm(envelope(number="alarm"), TEMPLATES, **values)
    message, text, html = read(made)
    assert message["Subject"] == "[KOD-Störung] Der Mailserver antwortet nicht." == made.subject
    assert not html
    assert text.startswith("Störung: Der Mailserver antwortet nicht.")
    assert "Besteht seit Montag, 23. November 2026, 10:12 Uhr." in text
    assert "Prüfen Sie [smtp]" in text
    resolved = letters.compose_alarm(envelope(), TEMPLATES, **values, resolved=True)
    assert resolved.subject.startswith("[KOD-Störung behoben] ")
    assert read(resolved)[1].startswith("Behoben: ")


def test_composing_by_hand_is_much_faster_than_the_standard_library() -> None:
    one = view()

    def by_hand() -> None:
        for _ in range(100):
            composed(one)

    def standard() -> None:
        for _ in range(100):
            message = EmailMessage()
            message["Subject"], message["From"], message["To"] = "x", "a@b.invalid", "c@d.invalid"
            message.set_content("ä" * 1000)
            message.add_alternative("ö" * 3500, subtype="html")
            message.as_bytes()

    assert is_cheaper(by_hand, 0.5, standard)


def test_an_acknowledgement_has_the_number_and_the_emergency_note_and_answers_the_mail() -> None:
    to_citizen = envelope(
        to=("hinweis@web.invalid",), answers=("a=1$b@web.invalid", "c\r\nBcc: x@y"), auto_submitted="auto-replied"
    )
    made = letters.compose_acknowledgement(to_citizen, TEMPLATES, received=NOW, privacy="https://krefeld.invalid/ds")
    message, text, html = read(made)
    assert "[KOD-2026-004711] Ihr Hinweis ist eingegangen" == message["Subject"] == made.subject
    assert "auto-replied" == message["Auto-Submitted"]
    assert "<cBcc:x@y>" == message["In-Reply-To"]
    assert "<a=1$b@web.invalid> <cBcc:x@y>" == message["References"]
    assert "" == to_citizen.return_path
    assert "kod@krefeld.invalid" == envelope().return_path
    assert "Montag, 23. November 2026, 10:12 Uhr, unter der Nummer KOD-2026-004711" in text.replace("\n", " ")
    assert "keine Notrufstelle und nicht ständig besetzt.\nBei Gefahr wählen Sie bitte 110 oder 112." in text
    assert "Datenschutzhinweise: https://krefeld.invalid/ds" in text
    assert not html
    assert not [line for line in text.splitlines() if len(line) > 78]


def test_a_citizen_may_be_told_who_has_the_concern_now() -> None:
    made = letters.compose_acknowledgement(envelope(), TEMPLATES, received=NOW, bodies=("GSAK", "KBK"))
    assert made.subject == "[KOD-2026-004711] Ihr Hinweis wurde weitergeleitet"
    assert "weitergeleitet an: GSAK\nund KBK." in read(made)[1]
