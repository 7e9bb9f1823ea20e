"""Subjects: the number, the urgency, the topic and the place; nothing that should not show on a locked telephone."""

import re
from collections.abc import Sequence

from intake.base import german
from routing.letters import headers
from routing.letters.view import ForwardView, one_line
from routing.model import words
from routing.model.decision import URGENT

LONGEST = 78
LONGEST_ALARM = 110
_URGENT = frozenset(words.URGENCY[urgency] for urgency in URGENT)
_UNSEEMLY = re.compile(  # crime and health: never in a subject
    r"drog|rausch|dealer|heroin|kokain|cannabis|alkohol|sucht|süchtig|gewalt|strafta|diebstahl|einbruch|überfall|messer|"
    r"leiche|suizid|überdosis|prostitu|krank|betäub|verletz|körper|bedroh|raub|mord|sexu|exhib",
    re.IGNORECASE,
)


def of_forward(one: ForwardView) -> str:
    """[KOD-2026-004711] SOFORT: Spritzen - Spielplatz Moritzplatz; "weitere Meldung (3.):" behind the number."""
    urgent = f"{one.urgency}: " if one.urgency in _URGENT else ""
    again = f"{one.further}: " if one.further else ""
    topics = [part.strip() for part in reversed(one.category.split("/"))]
    topic = next((part for part in topics if part and not _UNSEEMLY.search(part)), "Hinweis")
    place = "" if _UNSEEMLY.search(one.place) else ", ".join(part for part in (one.place, one.district) if part)
    return plain(f"[{one.number}] {again}{urgent}{topic}{' - ' if place else ''}{place}")


def of_digest(number: str, views: Sequence[ForwardView], *, weekly: bool) -> str:
    """[KOD-S-2026-11-23-GSAK-1] Sammelliste 7 Hinweise."""
    kind = "Wochenliste" if weekly else "Sammelliste"
    return plain(f"[{number}] {kind} {german.counted(len(views), 'Hinweis', 'Hinweise')}")


def with_token(subject: str, token: str) -> str:
    """[KOD-2026-004711 #k7f3q2] …: an answer to the letter is known by the ``token`` behind its number.

    It does not count for the length, so that the place is not cut for its sake.
    """
    return subject.replace("]", f" #{token}]", 1) if token else subject


def plain(text: str) -> str:
    """``text`` in ASCII, cut where a telephone would cut it."""
    line = headers.plain(text)
    return line if len(line) <= LONGEST else line[: LONGEST - 3].rstrip(" ,.-") + "..."


def cut(text: str) -> str:
    """An alarm's subject, cut between two words when it is too long."""
    line = one_line(text, 4 * LONGEST_ALARM)
    return line if len(line) <= LONGEST_ALARM else line[:LONGEST_ALARM].rpartition(" ")[0].rstrip(" ,.-") + " …"
