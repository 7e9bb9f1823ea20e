"""Postausgang: letters that have not arrived, why, and what can be done about each."""

from routing.desk import letters
from routing.model.web import Role
from routing.web.visit import Answer, Go, Page, Route, Visit, row_number

SHOWN = 200
_ROLES = (Role.DESK, Role.ADMIN)


def show(visit: Visit) -> Answer:
    """What has not arrived, the most urgent first; addresses that get nothing; what the brake holds, by cause."""
    engine = visit.work.engine
    names = visit.settings.body_names
    values = {
        "lines": letters.listed(engine, (), SHOWN),
        "limit": SHOWN,
        "stopped": letters.stopped(engine),
        "causes": letters.causes(engine),
        "names": names,
    }
    return Page("postausgang.html.j2", values)


def act(visit: Visit) -> Answer:
    """Try again, hold, release or give up one letter by number; or release what the brake holds for one cause."""
    engine, now, actor = visit.work.engine, visit.now, visit.visitor.name
    what, number = visit.form.get("do", ""), visit.form.get("letter", "")
    one = row_number(number) or None
    if what == "release cause":
        sender, recipient = visit.form.get("sender", ""), visit.form.get("recipient", "")
        said = letters.release(engine, None, now, actor=actor, sender=sender, recipient=recipient)
    elif one is None:
        said = ""
    elif what == "retry":
        said = letters.retry(engine, one, now, actor=actor)
    elif what == "hold":
        said = letters.hold(engine, one, now, actor=actor)
    elif what == "release":
        said = letters.release(engine, one, now, actor=actor)
    elif what == "cancel":
        said = letters.cancel(engine, one, now, actor=actor)
    else:
        said = ""
    return Go("/postausgang", said)


ROUTES = (
    Route("/postausgang", show, roles=_ROLES),
    Route("/postausgang", act, "POST", roles=_ROLES),
)
