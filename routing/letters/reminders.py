"""Short letters of the program itself, plain text: reminders to bodies, calls to the desk, the operator's overview."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from intake.base import german
from routing.letters import answer_links, headers
from routing.letters.view import one_line

MOST = 200
NAMES = ("erinnerung", "eskalation", "bericht")


class Open(Struct, frozen=True):
    """A concern that a body has not answered; ``sent`` aware."""

    number: str
    category: str
    place: str
    sent: datetime


class Stuck(Struct, frozen=True):
    """What one recipient has not got."""

    recipient: str
    letters: str  # "3 Schreiben"
    since: datetime
    reason: str


def reminder(items: Sequence[Open], reference: str) -> tuple[str, dict[str, Any]]:
    """(subject, values) of the letter that asks a body what became of these; ``reference`` is the city's prefix."""
    count = german.counted(len(items), "Hinweis", "Hinweisen")
    shown = [
        {
            "number": one_line(item.number),
            "category": one_line(item.category),
            "place": one_line(item.place),
            "sent": german.long_date(german.local(item.sent).date()),
        }
        for item in items[:MOST]
    ]
    return headers.plain(f"[{reference}-Erinnerung] Rückmeldung zu {count}"), {"items": shown, "count": count}


def escalation(
    item: Open, body: str, minutes: int, *, times: int, addresses: Sequence[str]
) -> tuple[str, dict[str, Any]]:
    """(subject, values) of the call to the desk: ``body`` has not answered an urgent letter within ``minutes``."""
    waited = f"{minutes} Minuten" if minutes < 120 else f"{minutes // 60} Stunden"
    subject = headers.plain(f"[{item.number}] OHNE ANTWORT: {one_line(body)} seit {waited}")
    return subject, {
        "number": one_line(item.number),
        "category": one_line(item.category),
        "place": one_line(item.place),
        "body": one_line(body),
        "waited": waited,
        "times": times,
        "sent": german.long_moment(item.sent),
        "addresses": [one_line(address) for address in addresses],
    }


def overview(
    items: Sequence[Stuck], others: Sequence[str], date: datetime, reference: str
) -> tuple[str, dict[str, Any]]:
    """(subject, values) of the operator's overview: what each recipient has not got, and ``others`` to know of."""
    count = german.counted(len(items), "Stelle hat Schreiben", "Stellen haben Schreiben")
    shown = [
        {
            "recipient": one_line(item.recipient),
            "letters": item.letters,
            "since": german.short_moment(item.since),
            "reason": one_line(item.reason, 300),
        }
        for item in items
    ]
    subject = headers.plain(f"[{reference}-Versand] {count} nicht bekommen")
    return subject, {"items": shown, "others": list(others), "sent": german.long_moment(date)}


def sample(name: str) -> dict[str, Any]:
    """A mapping with values as above, for trying a template."""
    moment = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
    item = Open("AZ-2026-004712", "Abfall / Müllablagerung", "Roßstraße 12", moment)
    if name == "erinnerung":
        return reminder([item], "AZ")[1] | {"links": answer_links.sample("Erinnerung")}
    if name == "eskalation":
        return escalation(item, "Bauhof", 30, times=1, addresses=["leitstelle@bauhof.invalid"])[1]
    stuck = Stuck("Bauhof", "3 Schreiben", moment, "550 unbekannt")
    return overview([stuck], ["Der Versand ist aus."], moment, "AZ")[1]
