"""Values as composing gives them, for trying a template: once with all there can be, once with as little as can be."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from intake.base import german
from routing.letters import desk_list, reminders
from routing.letters.view import ForwardView, view
from routing.model.decision import Urgency

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


def of(file: str) -> Sequence[Mapping[str, Any]]:
    """What the template ``file`` ("forward.txt.j2") is to be tried with."""
    name = file.partition(".")[0]
    if name == "klaerung":
        item = desk_list.Item("KOD-2026-004712", NOW, "Telefon", "", "Roßstraße 12", "Keine Regel trifft zu.")
        return desk_list.values([item], NOW), desk_list.values([], NOW)
    if name in {"eingang", "weitergeleitet"}:
        return _citizen("https://www.krefeld.invalid/datenschutz"), _citizen("")
    if name in reminders.NAMES:
        return (reminders.sample(name),)
    if name == "alarm":
        return _alarm("Der Server antwortet nicht.", resolved=False), _alarm("", resolved=True)
    return _letter(_full(), _bare()), _letter(_bare())


def _letter(*views: ForwardView) -> Mapping[str, Any]:
    return {
        "view": views[0],
        "views": views,
        "number": "KOD-S-2026-11-23-GSAK-1",
        "recipient": "GSAK",
        "weekly": len(views) == 1,
        "sent": german.long_moment(NOW),
        "day": german.long_date(NOW.date()),
    }


def _citizen(privacy: str) -> Mapping[str, Any]:
    return {
        "number": "KOD-2026-004712",
        "received": german.long_moment(NOW),
        "bodies": "GSAK",
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
    return view(
        number="KOD-2026-004712",
        category="Abfall / Müllablagerung",
        code="S01",
        urgency=Urgency.SOFORT,
        received=NOW,
        channel="Telefon",
        text="Mehrere Säcke und eine Matratze, liegt seit drei Tagen.\n\nMit freundlichen Grüßen\nPetra Sommer",
        place="Roßstraße 12",
        district="Stadtmitte",
        spot=(51.3324, 6.5646),
        contact="Petra Sommer, 02151 123456",
        reports=2,
        first=NOW,
        further="weitere Meldung (2.)",
        told=NOW,
        photos=2,
        kept="1 PDF liegt beim KOD",
        confirm=30,
        reply_by=NOW.date(),
    )


def _bare() -> ForwardView:
    return view(number="KOD-2026-004713", category="", urgency=Urgency.LISTE, received=NOW, channel="", text="")
