"""The pages as one ASGI application: every page's addresses, behind the one door.

A page is a module in ``pages`` with its ``ROUTES``; ``PAGES`` below lists them, ``MENU`` what people find in the menu.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as AsgiRoute

from routing.model.web import Role
from routing.web import answers, visit
from routing.web.answers import Answers
from routing.web.door import Door
from routing.web.memory import Memory
from routing.web.pages import (
    accounts,
    case,
    figures,
    for_machines,
    outbox,
    privacy,
    review,
    rules,
    search,
    signing_in,
    today,
)

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

PAGES = (today, review, case, search, rules, figures, outbox, privacy, accounts, signing_in, for_machines)
MENU: dict[str, tuple[str, tuple[Role, ...]]] = {
    "/": ("Heute", ()),
    "/klaerung": ("Klärung", (Role.DESK,)),
    "/suche": ("Suche", (Role.DESK, Role.PRIVACY)),
    "/regeln": ("Regeln", (Role.RULES, Role.DESK)),
    "/zahlen": ("Zahlen", figures.ROLES),
    "/postausgang": ("Postausgang", (Role.DESK, Role.ADMIN)),
    "/datenschutz": ("Datenschutz", (Role.PRIVACY,)),
    "/konten": ("Konten", (Role.ADMIN,)),
}
"""Address → name and who finds it there (empty: everybody)."""


def create(work: "Runtime") -> Starlette:
    """The application on an open runtime; it closes nothing."""
    door = Door(work, Answers(MENU), Memory())
    routes = [_asgi(door, route) for page in PAGES for route in page.ROUTES]
    routes += [AsgiRoute(f"/{name}", _static(name)) for name in answers.STATIC]
    missing = visit.Route("/", _missing, is_open=True)

    async def not_found(request: Request, _error: Exception) -> Response:
        return await door.open(missing, request)

    return Starlette(routes=routes, exception_handlers={404: not_found, 405: not_found})


def _asgi(door: Door, route: visit.Route) -> AsgiRoute:
    async def endpoint(request: Request) -> Response:
        return await door.open(route, request)

    return AsgiRoute(route.path, endpoint, methods=[route.method])


def _static(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        return answers.static(name)

    return endpoint


def _missing(_visit: visit.Visit) -> visit.Answer:
    return visit.Page("meldung.html.j2", {"text": "Diese Seite gibt es nicht."}, 404)
