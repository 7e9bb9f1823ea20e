"""Who looked at what on the pages: a row for each page that shows a person's data, by the visitor's account.

Messages whose processing is restricted (Art. 18 GDPR) are not shown until the visitor asks for them, as with the
command ``show``; that look is noted by a name of its own. A look that cannot be noted shows the page all the same and
is told in the log: unlike a command, the pages are how an emergency is seen.
"""

from collections.abc import Collection, Iterable

import structlog

from intake import storage
from routing.privacy import looks
from routing.store import held
from routing.web.visit import Answer, Page, Visit

log = structlog.get_logger(__name__)

ANYWAY = "trotzdem"
"""The query of an address by which somebody asks for what is restricted, with the value „ja“."""


def note(visit: Visit, action: str, numbers: Iterable[str]) -> None:
    """Write down that the visitor sees these (numbers of cases or messages); nothing where nothing is seen."""
    seen = list(numbers)
    if not seen:
        return
    try:
        looks.note(visit.work.look, visit.now, visit.visitor.account, action, seen)
    except Exception:
        log.exception("look not noted", account=visit.visitor.account, action=action, what=seen)


def refused(visit: Visit, number: str, messages: Collection[int], action: str) -> Answer | None:
    """What is shown instead of these messages (ids) while they are restricted; else None, and the look is noted.

    ``number`` (of a case, a letter or a message) says which they are.
    """
    with storage.reading(visit.work.engine) as connection:
        is_restricted = bool(held.active(connection, messages, held.Kind.RESTRICTED))
    is_asked = visit.query.get(ANYWAY) == "ja"
    if is_restricted and not is_asked:
        values = {"number": number, "address": f"{visit.path}?{ANYWAY}=ja"}
        return Page("eingeschraenkt.html.j2", values, 403)
    note(visit, f"{action} restricted" if is_restricted else action, [number])
    return None
