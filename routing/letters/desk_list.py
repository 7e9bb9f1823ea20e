"""The desk's daily list: what waits in review, why, and the command that settles it; no citizen's words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from intake.base import german
from routing.letters import headers
from routing.letters.view import one_line

MOST = 100  # items in one list; the rest is counted


class Item(Struct, frozen=True):
    """One concern in review as the list shows it; ``received`` aware."""

    number: str
    received: datetime
    channel: str
    category: str
    place: str
    reason: str


def values(items: Sequence[Item], date: datetime) -> dict[str, Any]:
    """What the template sees, a mapping of names to values; ``items`` are in the order in which they are shown.

    ``date`` is aware.
    """
    shown = [
        {
            "number": one_line(item.number),
            "received": german.short_moment(item.received),
            "channel": one_line(item.channel),
            "category": one_line(item.category),
            "place": one_line(item.place),
            "reason": one_line(item.reason, 400),
        }
        for item in items[:MOST]
    ]
    return {
        "items": shown,
        "more": max(0, len(items) - MOST),
        "waiting": german.counted(len(items), "Hinweis", "Hinweise"),
        "sent": german.long_moment(date),
    }


def subject(items: Sequence[Item], reference: str) -> str:
    """[KOD-Klaerung] 3 Hinweise warten; ``reference`` is the city's prefix."""
    count = german.counted(len(items), "Hinweis wartet", "Hinweise warten") if items else "nichts wartet"
    return headers.plain(f"[{reference}-Klärung] {count}")
