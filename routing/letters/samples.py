"""Values as composing gives them, for trying a template: once with all there can be, once with as little as can be."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from intake.base import german
from intake.message import Message, Stored
from routing.letters import answer_links, desk_list, reminders
from routing.letters.view import ForwardView, Policy, view
from routing.model.decision import Urgency
from routing.model.forward import DueForward, Enclosed, Further, Suspicion
from routing.text.redaction import NO_CITY

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


def of(file: str) -> Sequence[Mapping[str, Any]]:
    """What the template ``file`` ("forward.txt.j2") is to be tried with, mappings keyed by name, in order."""
    name = file.partition(".")[0]
    if name == "klaerung":
        item = desk_list.Item("AZ-2026-004712", NOW, "Telefon", "", "Roßstraße 12", "Keine Regel trifft zu.")
        return desk_list.values([item], NOW), desk_list.values([], NOW)
    if name in {"eingang", "weitergeleitet"}:
        return _citizen("https://www.stadt.invalid/datenschutz"), _citizen("")
    if name in reminders.NAMES:
        return (reminders.sample(name),)
    if name == "alarm":
        return _alarm("Der Server antwortet nicht.", resolved=False), _alarm("", resolved=True)
    if name == "pruefen":
        return _letter(_doubtful()), _letter(_bare())
    return _letter(_full(), _bare()), _letter(_bare())


def _letter(*views: ForwardView) -> Mapping[str, Any]:
    number = "AZ-S-2026-11-23-BAUHOF-1"
    links = answer_links.sample(number)
    return {
        "view": views[0],
        "views": views,
        "number": number,
        "links": links,
        "links_of": {one.number: links for one in views},
        "recipient": "Bauhof",
        "weekly": len(views) == 1,
        "sent": german.long_moment(NOW),
        "day": german.long_date(NOW.date()),
    }


def _citizen(privacy: str) -> Mapping[str, Any]:
    return {
        "number": "AZ-2026-004712",
        "received": german.long_moment(NOW),
        "bodies": "Bauhof",
        "privacy": privacy,
    }


def _alarm(details: str, *, resolved: bool) -> Mapping[str, Any]:
    return {
        "what": f"Test\n{details}",
        "title": "Test",
        "details": details,
        "todo": details,
        "since": "",
        "resolved": resolved,
        "sent": german.long_moment(NOW),
    }


def _full() -> ForwardView:
    words = "Mehrere Säcke und eine Matratze, liegt seit drei Tagen.\n\nMit freundlichen Grüßen\nPetra Sommer"
    forward = _forward("AZ-2026-004712", "Telefon", words, Urgency.SOFORT)
    forward = structs.replace(
        forward,
        category="Abfall / Müllablagerung",
        category_id="S01",
        place="Roßstraße 12",
        district="Stadtmitte",
        reports=2,
        further=Further("1@stadt.invalid", NOW, NOW, cancelled=False, kind="repeat"),
    )
    policy = Policy("full", "Petra Sommer, 02151 123456", "weitere Meldung (2.)", confirm=30, reply_by=NOW.date())
    return view(forward, NO_CITY, policy, Enclosed((b"", b""), (51.3324, 6.5646), "1 PDF liegt bei uns"))


def _doubtful() -> ForwardView:
    forward = _forward("AZ-2026-004714", "E-Mail", "Liegt da jemand?", Urgency.PRUEFEN)
    return view(structs.replace(forward, suspicion=Suspicion(("liegt", "jemand"), "wird nur gefragt")), NO_CITY)


def _bare() -> ForwardView:
    return view(_forward("AZ-2026-004713", "", "", Urgency.LISTE), NO_CITY)


def _forward(number: str, channel: str, words: str, urgency: Urgency) -> DueForward:
    """A forward with nothing but what it must have."""
    return DueForward(
        id=1,
        recipient="bauhof",
        urgency=urgency,
        template="forward",
        photos=False,
        further=None,
        due_at=NOW,
        number=number,
        single=True,
        case_id=1,
        category="",
        category_id="",
        place="",
        district="",
        reports=1,
        opened_at=NOW,
        stored=Stored(1, "post", NOW, Message(channel=channel, identity=b"", new_text=words)),
    )
