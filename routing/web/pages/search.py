"""Suche: cases by number, words, sender, place, and by what they are."""

from datetime import date, datetime, time, timedelta

from intake.base import german
from routing.desk import searching
from routing.desk.searching import Wanted
from routing.model import words
from routing.model.web import Role
from routing.web import looking
from routing.web.visit import Answer, Page, Route, Visit

SHOWN = 100


def show(visit: Visit) -> Answer:
    """The form, and what was found, newest first."""
    query, settings = visit.query, visit.settings
    wanted = Wanted(
        words=query.get("worte", "").strip()[:200],
        channel=query.get("weg", ""),
        recipient=query.get("stelle", ""),
        category=query.get("kategorie", ""),
        state=query.get("stand", ""),
        since=_day(query.get("von", "")),
        until=_day(query.get("bis", ""), days=1),
    )
    found = searching.search(visit.work.engine, wanted, SHOWN) if any(query.values()) else None
    looking.note(visit, "search", (item.number for item in found or ()))
    values = {
        "found": found,
        "limit": SHOWN,
        "query": query,
        "channels": searching.channels(visit.work.engine),
        "recipients": {name: recipient.name for name, recipient in settings.recipients.items()},
        "categories": sorted({rule.category for rule in settings.rules}),
        "states": words.CONCERN,
    }
    return Page("suche.html.j2", values)


def _day(text: str, *, days: int = 0) -> datetime | None:
    """The beginning of a day that a date field names, ``days`` later; None for what is none."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), german.BERLIN)


ROUTES = (Route("/suche", show, roles=(Role.DESK, Role.PRIVACY)),)
