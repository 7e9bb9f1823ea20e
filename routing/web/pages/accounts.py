"""Konten: who may use the pages and for what; the same functions as the command ``user``.

A first password is shown on the page that answers, once, and is kept nowhere in the open.
"""

from intake import storage
from intake.base import errors
from routing.model.web import Role
from routing.store import accounts
from routing.web import account_changes as changes
from routing.web.visit import Answer, Go, Page, Route, Visit

_ROLES = (Role.ADMIN,)
NAMES = {
    Role.DESK: "Leitstelle",
    Role.RULES: "Regeln",
    Role.PRIVACY: "Datenschutz",
    Role.ADMIN: "Administration",
}


def show(visit: Visit) -> Answer:
    """All accounts, and a form for a new one."""
    return _page(visit)


def act(visit: Visit) -> Answer:
    """Add an account, give it a new first password or other roles, or end it."""
    engine, form, now, actor = visit.work.engine, visit.form, visit.now, visit.visitor.account
    what, name = form.get("do", ""), form.get("name", "")
    roles = [role for role in Role if form.get(f"role {role}") == "yes"]
    if what in {"end", "roles"} and name.strip().casefold() == actor:
        return _page(visit, problem="Das eigene Konto kann nur jemand anderes ändern.", status=400)
    try:
        if what == "add":
            by_proxy = form.get("proxy") == "yes"
            password = changes.add(engine, name, form.get("shown", ""), roles, now, actor=actor, by_proxy=by_proxy)
            return _page(visit, password=password, name=name)
        if what == "password":
            return _page(visit, password=changes.new_password(engine, name, now, actor=actor), name=name)
        if what == "roles":
            return Go("/konten", changes.set_roles(engine, name, roles, now, actor=actor))
        if what == "end":
            return Go("/konten", changes.end(engine, name, now, actor=actor))
    except errors.UsageError as error:
        return _page(visit, problem=error.german, status=400)
    return Go("/konten")


def _page(visit: Visit, *, problem: str = "", password: str = "", name: str = "", status: int = 200) -> Page:
    with storage.reading(visit.work.engine) as connection:
        found = accounts.every(connection)
    values = {"accounts": found, "roles": NAMES, "problem": problem, "password": password, "name": name}
    return Page("konten.html.j2", values, status)


ROUTES = (
    Route("/konten", show, roles=_ROLES),
    Route("/konten", act, "POST", roles=_ROLES),
)
