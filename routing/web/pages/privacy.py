"""Datenschutz: what a person may ask for (Art. 15 to 20 GDPR), holds, what was deleted, and who looked.

The same functions as the commands ``person``, ``hold``, ``retention --log`` and ``access``. What is looked for is a
person's name, so it is sent in forms and stands in no address. Nothing is erased before a page has said what.
"""

from datetime import UTC, date, datetime, time

from intake import reference, storage
from intake.base import errors, german
from routing.model.web import Role
from routing.privacy import export as exporting
from routing.privacy import holds, looks, persons, places
from routing.privacy.deletion import protocol
from routing.service import channels, erasure
from routing.store import held
from routing.text.redaction import city_words
from routing.web import looking
from routing.web.visit import Answer, File, Go, Page, Route, Visit

SHOWN = 100
_ROLES = (Role.PRIVACY,)
_TICKED = "n "
"""Fields of a form that choose a message are named so, with its id behind."""


def show(visit: Visit) -> Answer:
    """The form to find somebody, what is held, and the protocol of deletions."""
    with storage.reading(visit.work.engine) as connection:
        values = {
            "holds": holds.lines(connection),
            "deleted": protocol.lines(connection, SHOWN),
            "kinds": {held.Kind.HOLD: "gesperrt gegen Löschen", held.Kind.RESTRICTED: "Verarbeitung eingeschränkt"},
            "limit": SHOWN,
        }
    return Page("datenschutz.html.j2", values)


def find(visit: Visit) -> Answer:
    """Candidates with why, for what was said: a name, an address, a number in each line."""
    said = _said(visit)
    if not said:
        raise errors.UsageError("Bitte nennen Sie etwas, wonach gesucht werden soll.")
    with storage.reading(visit.work.engine) as connection:
        found = persons.find(connection, said)
    looking.note(visit, "person find", (one.number for one in found))
    return Page("person.html.j2", {"found": found, "said": "\n".join(said)})


def export(visit: Visit) -> Answer:
    """The ZIP for the person, of the chosen messages. Raises UsageError without any."""
    work, known = visit.work, _said(visit) if visit.form.get("known") == "yes" else []
    with storage.reading(work.engine) as connection:
        chosen = persons.candidates(connection, _numbers(visit), known)
        values = exporting.collect(
            connection,
            chosen,
            [persons.term(one) for one in known],
            city_words.of_configuration(work.active.configuration),
            sentences=visit.form.get("sentences") == "yes",
        )
    looking.note(visit, "person export", (one.number for one in chosen))
    content = exporting.packed(values, work.settings.city.name, visit.now)
    return File(content, "application/zip", f"auskunft-{german.local(visit.now):%Y-%m-%d}.zip")


def ask(visit: Visit) -> Answer:
    """What would be erased, where, and what would stay; nothing is changed."""
    numbers = _numbers(visit)
    with storage.reading(visit.work.engine) as connection:
        ids = persons.chosen(connection, numbers)
        kept = held.active(connection, ids, held.Kind.HOLD)
    named = dict.fromkeys(rows.name for _, rows in places.personal())
    values = {"ids": ids, "held": sorted(kept), "places": list(named)}
    return Page("loeschen.html.j2", values)


def erase(visit: Visit) -> Answer:
    """Erase the chosen messages everywhere; says what went, what stays and why."""
    with storage.reading(visit.work.engine) as connection:
        ids = persons.chosen(connection, _numbers(visit))
    notify = visit.form.get("notify") == "yes"
    done = erasure.erase(
        visit.work, ids, channels.clearing(visit.settings), actor=visit.visitor.account, notify=notify
    )
    return Page("geloescht.html.j2", {"lines": list(erasure.sentences(done))}, 500 if done.troubles else 200)


def hold(visit: Visit) -> Answer:
    """Hold or restrict the chosen messages with a reason, or end both for one (``end``)."""
    form, actor = visit.form, visit.visitor.account
    is_end = form.get("do") == "end"
    kind = held.Kind.RESTRICTED if form.get("do") == "restrict" else held.Kind.HOLD
    reason = form.get("reason", "").strip()[:500]
    if not is_end and not reason:
        raise errors.UsageError("Bitte nennen Sie einen Grund; er steht bei der Sperre.")
    until = _end_of(form.get("until", ""))
    with storage.writing(visit.work.engine) as connection:
        ids = persons.chosen(connection, _numbers(visit))
        if is_end:
            changed = holds.end(connection, ids, visit.now, actor=actor)
        else:
            changed = holds.begin(connection, kind, ids, reason, visit.now, actor=actor, until=until)
    what = "Aufgehoben" if is_end else {held.Kind.HOLD: "Gesperrt", held.Kind.RESTRICTED: "Eingeschränkt"}[kind]
    return Go("/datenschutz", f"{what}: {', '.join(map(reference.message_number, changed)) or 'nichts Neues'}.")


def show_looks(visit: Visit) -> Answer:
    """Who looked, the newest first: all, at one number, or of one account. Asking is a look, too."""
    number, actor = (visit.query.get(name, "").strip()[:64] for name in ("nummer", "konto"))
    with storage.reading(visit.work.engine) as connection:
        rows = looks.lines(connection, number=number, actor=actor, limit=SHOWN)
    looking.note(visit, "access", [number or "alle"])
    return Page("blicke.html.j2", {"rows": rows, "number": number, "actor": actor, "limit": SHOWN})


def _said(visit: Visit) -> list[str]:
    lines = visit.form.get("said", "")[:2000].splitlines()
    return [line.strip() for line in lines if line.strip()][:20]


def _numbers(visit: Visit) -> list[str]:
    """The messages that were ticked. Raises UsageError without any."""
    ticked = [name.removeprefix(_TICKED) for name, value in visit.form.items() if name.startswith(_TICKED) and value]
    numbers = [f"N-{one}" for one in ticked if one.isdecimal()]  # of any length: ``persons`` refuses
    if not numbers:
        raise errors.UsageError("Bitte wählen Sie mindestens eine Nachricht aus.")
    return numbers


def _end_of(text: str) -> datetime | None:
    """The end of a day that a date field names, in UTC; None for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(23, 59), german.BERLIN).astimezone(UTC)


ROUTES = (
    Route("/datenschutz", show, roles=_ROLES),
    Route("/datenschutz/person", find, "POST", roles=_ROLES),
    Route("/datenschutz/auskunft", export, "POST", roles=_ROLES),
    Route("/datenschutz/loeschen", ask, "POST", roles=_ROLES),
    Route("/datenschutz/geloescht", erase, "POST", roles=_ROLES),
    Route("/datenschutz/sperre", hold, "POST", roles=_ROLES),
    Route("/datenschutz/blicke", show_looks, roles=_ROLES),
)
