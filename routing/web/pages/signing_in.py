"""Anmeldung: sign in and out, and a new password."""

from intake import storage
from intake.base import errors
from routing.store import accounts
from routing.web import signing_in as doing
from routing.web.guesses import RefusedError
from routing.web.visit import Answer, Go, Page, Route, Visit


def show(visit: Visit) -> Answer:
    """The form; whoever is signed in goes on."""
    if visit.visitor.account:
        return Go("/")
    return Page("anmelden.html.j2", {"after": _inside(visit.query.get("weiter", "")), "problem": "", "name": ""})


def sign_in(visit: Visit) -> Answer:
    """Begin a session."""
    name, after = visit.form.get("name", ""), _inside(visit.form.get("weiter", ""))
    try:
        secret = doing.sign_in(
            visit.work.engine, visit.memory.guesses, name, visit.form.get("password", ""), visit.client, visit.now
        )
    except RefusedError as error:
        return Page("anmelden.html.j2", {"after": after, "problem": error.german, "name": name}, 403)
    return Go(after or "/", begin=secret)


def sign_out(visit: Visit) -> Answer:
    """End the session, here and in the store."""
    with storage.writing(visit.work.engine) as connection:
        accounts.end_session(connection, visit.visitor.session)
    return Go("/anmelden", end=True)


def show_password(_visit: Visit) -> Answer:
    """The form for a new password."""
    return Page("passwort.html.j2", {"problem": ""})


def change_password(visit: Visit) -> Answer:
    """Take the new password, if the old one is right and both new ones are the same."""
    old, new = visit.form.get("old", ""), visit.form.get("new", "")
    if new != visit.form.get("again", ""):
        return Page("passwort.html.j2", {"problem": "Die beiden neuen Passwörter sind verschieden."}, 400)
    try:
        doing.change_password(visit.work.engine, visit.memory.guesses, visit.visitor, old, new, visit.client)
    except errors.UsageError as error:
        return Page("passwort.html.j2", {"problem": error.german}, 400)
    return Go("/", "Ihr Passwort ist geändert.")


def _inside(path: str) -> str:
    """A path of ours to go on to; "" for what leads elsewhere."""
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_ours else ""


ROUTES = (
    Route("/anmelden", show, is_open=True),
    Route("/anmelden", sign_in, "POST", is_open=True),
    Route("/abmelden", sign_out, "POST"),
    Route("/passwort", show_password),
    Route("/passwort", change_password, "POST"),
)
