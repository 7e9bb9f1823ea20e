"""The figures of the month before by mail, to [operator] report: on the first day of a month, from eight o'clock.

Worked out in the night's thread, since it may take half a minute, and no letter waits for it. What was missed while
the daemon was down comes after its start; who switches the mail on gets the first with the next month.
"""

import secrets
from datetime import datetime, time
from typing import TYPE_CHECKING

import structlog

from intake import storage
from intake.base import german
from routing import figures, letters
from routing.figures import periods
from routing.figures.forms import text
from routing.model.decision import Urgency
from routing.model.transport import outgoing
from routing.pipeline import mailing

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

WORK = "figures"
"""Its name among the heartbeats."""
OPERATOR = "operator"  # the recipient in the outbox
HOUR = 8


def is_due(last: datetime, now: datetime) -> bool:
    """Whether this month's mail is still to come; both aware, in any time zone."""
    first = german.local(now).date().replace(day=1)
    due_at = datetime.combine(first, time(HOUR), german.BERLIN)
    return last < due_at <= now


def look_after(runtime: "Runtime") -> None:
    """Freeze the mail when its time has come. Raises TemporaryError when the database does not answer."""
    settings, now = runtime.settings, runtime.clock()
    if not settings.operator.report:
        return
    with storage.reading(runtime.engine) as connection:
        last = storage.heartbeats(connection).get(WORK)
    if last is None:
        with storage.writing(runtime.engine) as connection:
            storage.beat(connection, WORK, now)
    elif is_due(last, now) and runtime.leases.take(WORK):
        _send(runtime, now)


def _send(runtime: "Runtime", now: datetime) -> None:
    settings, month = runtime.settings, figures.last_month(now)
    ways = runtime.active.configuration.gazetteer.ways
    found = figures.report(runtime.engine, settings, month.since, month.until, streets=ways)
    token = secrets.token_hex(8)
    envelope = letters.envelope(outgoing(settings), "Zahlen", settings.operator.report, now, token)
    subject = (
        f"[{settings.city.reference}-Zahlen] {periods.said(month)}: {german.number(found.counts.concerns)} Anliegen"
    )
    letter = letters.compose_plain(envelope, subject, text.write(found))
    with storage.writing(runtime.engine) as connection:
        if not is_due(storage.heartbeats(connection).get(WORK, now), now):
            return  # another daemon was first
        storage.beat(connection, WORK, now)
        mailing.freeze(connection, [mailing.addressed(letter, OPERATOR, Urgency.HEUTE)], settings, now)
    log.info("figures of the month composed", month=f"{month.first:%Y-%m}", concerns=found.counts.concerns)
