"""Heute: does everything work, what waits for somebody, and since when."""

from routing.desk import case_views
from routing.model.web import Role
from routing.service import channels, health
from routing.web import looking
from routing.web.visit import Answer, Page, Route, Visit

SHOWN = 10


def show(visit: Visit) -> Answer:
    """The state of the service as ``status`` tells it; for the desk the first of what waits, oldest first."""
    work = visit.work
    known = channels.configured(work.settings)
    state = health.read(work.engine, work.settings, known, visit.now, broken=work.broken is not None)
    waiting = case_views.listed(work.engine, ["review"], SHOWN) if visit.visitor.may(Role.DESK) else ()
    looking.note(visit, "list", (item.number for item in waiting))
    return Page("heute.html.j2", {"state": state, "waiting": waiting})


ROUTES = (Route("/", show),)
