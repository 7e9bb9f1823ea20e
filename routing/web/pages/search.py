"""Suche: cases by number, words, sender, place, and by what they are."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from intake.base import german
from routing.desk import searching
from routing.desk.searching import Wanted
from routing.model import words
from routing.model.web import Role
from routing.web import looking
from routing.web.visit import Answer, Page, Route, Visit, row_number

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
    before = row_number(query.get("vor", "")) or None
    found = searching.search(visit.work.engine, wanted, SHOWN, before=before) if any(query.values()) else None
    on = {name: value for name, value in query.items() if name != "vor"} | {"vor": found.before if found else ""}
    looking.note(visit, "search", (item.number for item in found.concerns) if found else ())
    values = {
        "found": found,
        "on": f"/suche?{urlencode(on)}",
        "limit": SHOWN,
        "query": query,
        "channels": searching.channels(visit.work.engine),
        "recipients": settings.body_names,
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
