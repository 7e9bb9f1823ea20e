"""The desk's list: every working day one letter with what waits in review, even when nothing does (promise P5).

When it is due follows from the time of the last one, so that a list missed while the daemon was down comes once after
the start. It goes through the outbox like every other letter.
"""

import secrets

import structlog
from sqlalchemy.engine import Engine

from intake import storage
from intake.base.clock import Clock
from routing import letters
from routing.desk import case_views
from routing.model.decision import Urgency
from routing.model.settings import Configuration
from routing.model.transport import outgoing
from routing.pipeline import mailing
from routing.planning import schedule

log = structlog.get_logger(__name__)

WORK = "desk list"  # its name among the heartbeats


def freeze_if_due(engine: Engine, configuration: Configuration, environment: letters.Templates, clock: Clock) -> bool:
    """Freeze the list's letter when its time has come; True when it has."""
    settings, now = configuration.settings, clock()
    recipient = settings.recipients.get(settings.city.duty_desk)
    if recipient is None or not settings.desk.schedule:
        return False
    with storage.reading(engine) as connection:
        last = storage.heartbeats(connection).get(WORK)
    if last is None:  # the first start: from now on
        with storage.writing(engine) as connection:
            storage.beat(connection, WORK, now)
        return False
    if schedule.next_slot(settings.desk.schedule, settings.office, min(last, now)) > now:
        return False
    waiting = case_views.listed(engine, ["review"], limit=letters.desk_list.MOST * 10)
    token, proof = secrets.token_hex(8), mailing.new_token()
    envelope = letters.envelope(outgoing(settings), "Klaerung", recipient.address, now, token, proof=proof)
    items = [
        letters.desk_list.Item(item.number, item.opened_at, item.channel, item.category, item.place, item.reason)
        for item in waiting
    ]
    composed = letters.compose_review(items, envelope, environment)
    new = mailing.addressed(composed, settings.city.duty_desk, Urgency.HEUTE)
    with storage.writing(engine) as connection:
        mailing.freeze(connection, [new], settings, now)
        storage.beat(connection, WORK, now)
    log.info("desk list composed", waiting=len(waiting))
    return True
