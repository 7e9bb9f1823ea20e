"""What the desk is told of: what waits in review, with its number and why, and how to answer; no citizen's words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct

from intake.base import german
from routing.letters import headers
from routing.letters.view import one_line

MOST = 100  # items in one list; the rest is counted
Kind = Literal["list", "news", "urgent"]
"""The account of each working day, what came in since, what is urgent."""

_SENDER = " Absender: "
"""What a reason says behind it names a person: the pages and `show` tell it, mail does not."""


class Item(Struct, frozen=True):
    """One concern in review as the list shows it; ``received`` aware."""

    number: str
    received: datetime
    channel: str
    category: str
    place: str
    reason: str
    urgency: str = ""  # where it is an urgent one


def values(
    items: Sequence[Item], date: datetime, kind: Kind = "list", bodies: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """What the template sees, a mapping of names to values; ``items`` are in the order in which they are shown.

    ``date`` is aware; ``bodies`` are the names of those that an answer may name, by id: empty where nobody may answer.
    """
    shown = [
        {
            "number": one_line(item.number),
            "received": german.short_moment(item.received),
            "channel": one_line(item.channel),
            "category": one_line(item.category),
            "place": one_line(item.place),
            "reason": one_line(item.reason.partition(_SENDER)[0], 400),
            "urgency": one_line(item.urgency).upper(),
        }
        for item in items[:MOST]
    ]
    return {
        "items": shown,
        "more": max(0, len(items) - MOST),
        "waiting": german.counted(len(items), "Hinweis", "Hinweise"),
        "sent": german.long_moment(date),
        "kind": kind,
        "bodies": [one_line(name) for name in bodies],
    }


def subject(items: Sequence[Item], reference: str, kind: Kind = "list") -> str:
    """[KOD-Klaerung] 3 Hinweise warten; ``reference`` is the city's prefix."""
    if kind == "list":
        count = german.counted(len(items), "Hinweis wartet", "Hinweise warten") if items else "nichts wartet"
    else:
        count = german.counted(len(items), "neuer Hinweis", "neue Hinweise")
    urgent = "DRINGEND: " if kind == "urgent" else ""
    return headers.plain(f"[{reference}-Klärung] {urgent}{count}")
