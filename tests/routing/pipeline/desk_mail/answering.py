"""Answers of the desk's members as their mail programs write them, to lists that were really sent, and what came."""

import html
import itertools
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from intake import mail as mail_reader
from routing.model.settings import Recipient
from routing.replies import desk
from routing.replies.desk import names
from tests import TESTS
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import Letter
from tests.support.office import Office

SERVER = "mx.krefeld.invalid"
ANNA, BERND = "anna.beispiel@krefeld.invalid", "bernd@krefeld.invalid"
DESK = f"""[desk]
schedule = []
review_minutes = 1
members = ["Anna Beispiel <{ANNA}>", "Bernd Muster <{BERND}>"]
[mailboxes.kod]
host = "127.0.0.1"
security = "none"
user = "{office.OWN}"
trusted_authserv_id = "{SERVER}"
[linking]
days = 0
[brake]
letters_per_hour = 0
letters_per_sender = 0
"""
MANY = 8
_count = itertools.count(1)
BODIES = {
    identity: Recipient(name=name, address=(f"{identity}@{identity}.invalid",))
    for identity, name in (
        ("gsak", "GSAK"),
        ("kbk", "Kommunalbetrieb Krefeld"),
        ("ngn", "Netzgesellschaft Niederrhein"),
        ("kod", "KOD-Leitstelle"),
    )
}


def corpus(name: str) -> list[dict[str, Any]]:
    """The answers of one of the corpora in tests/data."""
    found: list[dict[str, Any]] = tomllib.loads((TESTS / "data" / name).read_text(encoding="utf-8"))["answers"]
    return found


@contextmanager
def opened(folder: Path, sink: SmtpSink) -> Iterator[Office]:
    """An office whose desk has two members and a mail server that proves senders."""
    with office.opened(folder, sink, more=DESK) as place:
        yield place


def mailed(place: Office, count: int = MANY, text: str = "Guten Tag, ich wollte nur einmal fragen") -> Letter:
    """So many new concerns are in review, and the desk's mail about them."""
    for _ in range(count):
        place.store(f"{text}. Brief {next(_count)}", sender=f"b{next(_count)}@example.org")
    place.clock.advance(minutes=2)
    place.run()
    return journeys.read_letter(list(place.sink.messages)[-1])


def written(letter: Letter, sender: str, body: str, *, is_page: bool = False, **fields: str) -> EmailMessage:
    """The mail with which somebody answers the letter; an empty field is left out."""
    mail = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    head = {
        "From": sender,
        "To": office.OWN,
        "Subject": f"AW: {letter.subject}",
        "Message-ID": f"<answer-{next(_count)}@krefeld.invalid>",
        "Authentication-Results": f"{SERVER}; dmarc=pass header.from={domain}",
        "In-Reply-To": letter.message_id,
        "References": letter.message_id,
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    for name, value in head.items():
        if value:
            mail[name] = value
    mail.set_content(body, subtype="html" if is_page else "plain")
    return mail


def send(place: Office, letter: Letter, body: str, sender: str = ANNA, **fields: str) -> Letter | None:
    """Somebody answers the letter, and all is worked; the mail that the desk's members get for it, if any."""
    before = len(place.sink.messages)
    place.put(written(letter, sender, body, is_page=False, **fields).as_bytes())
    place.run()
    sent = [journeys.read_letter(one) for one in list(place.sink.messages)[before:]]
    replies = [one for one in sent if {ANNA, BERND} & set(one.to)]
    assert len(replies) <= 1
    return replies[0] if replies else None


def filled(answer: str, letter: Letter) -> str:
    """The answer with the letter in it, as the corpus asks for."""
    quote = "\n".join(f"> {line}" for line in letter.text.splitlines())
    page = "<p>" + "<br>\n".join(html.escape(line) for line in letter.text.splitlines()) + "</p>"
    numbers = {f"{{ref{at}}}": name for at, name in enumerate(listed(letter), start=1)}
    for mark, value in {"{quote}": quote, "{original}": letter.text, "{html}": page, **numbers}.items():
        answer = answer.replace(mark, value)
    return answer


def listed(letter: Letter) -> list[str]:
    """The names of the concerns in the letter, in the order of their numbers."""
    lines = [line.split() for line in letter.text.splitlines()]
    return [one[1] for one in lines if len(one) > 2 and one[0].rstrip(".").isdigit() and "KOD-" in one[1]]


def states(place: Office, letter: Letter) -> dict[int, str]:
    """What each number of the letter is now: review, closed, or open with its bodies and urgency."""
    found = {}
    for at, name in enumerate(listed(letter), start=1):
        [row] = place.rows(
            f"SELECT concerns.id, state FROM concerns JOIN cases ON cases.id = case_id WHERE number = '{name}'"
        )
        plans = place.rows(
            f"SELECT recipient, urgency FROM forwards WHERE concern_id = {row['id']} AND state != 'cancelled'"
        )
        bodies = ",".join(plan["recipient"] for plan in plans)
        urgency = plans[-1]["urgency"] if plans else ""
        found[at] = f"{bodies} {urgency}" if row["state"] == "open" else row["state"]
    return found


def judged(answer: dict[str, Any], letter: Letter) -> str:
    """An answer of a corpus to a letter, read from its mail: "" where it says what it must, else what was wrong."""
    mail = written(letter, ANNA, filled(answer.get("html") or answer["text"], letter), is_page="html" in answer)
    numbers = {name: at for at, name in enumerate(listed(letter), start=1)}
    message = mail_reader.parse(mail.as_bytes(), received_at=journeys.moment("2026-06-10 09:30"))
    found = desk.of_mail(message, letter.text, MANY, names.of(BODIES), lambda name: numbers.get(name, 0))
    done = {_said(order) for order in found.orders}
    asked = len(found.unclear) or (not done and not found.is_thanks)
    want, also = set(answer.get("done", ())), set(answer.get("either", ()))
    wrong, missing = done - want - also, want - done
    fits = asked == answer.get("asked", 0) or "either_asked" in answer or bool(also)
    if not (wrong or missing) and fits:
        return ""
    return (
        f"{answer['name']}: wrong {wrong}, missing {missing}, asked {[(one.text, one.why) for one in found.unclear]}"
    )


def _said(order: desk.Order) -> str:
    rest = {
        "assign": f"{','.join(order.bodies)} {order.urgency or ''}",
        "close": f"zu: {order.reason}" if order.reason else "zu",
        "same": f"wie {order.target}",
        "text": "text",
        "back": "zurück",
    }[order.act]
    return f"{order.number} {rest}".strip()


def decoded(subject: str) -> str:
    """A subject with the umlauts that its ASCII stands for, as the tests name them."""
    return subject.replace("ue", "ü")
