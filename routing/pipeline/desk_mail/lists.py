"""What the desk is told of review: a list each working day, even an empty one (promise P5), and between them the news.

When the list is due follows from the time of the last one, so that a list missed while the daemon was down comes once
after the start. What came in since is told in a short mail, the gravest first, at most every ``[desk] review_minutes``
in the desk's hours: the first at once, the others together. What is urgent has a mail of its own, at once, at any
hour. A concern that comes into review again, for another reason, is told again. Each mail numbers its concerns; the
numbers stand with the letter (``routing.store.desk_mail``). All go through the outbox like every other letter.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base.clock import Clock
from routing import letters
from routing.desk import case_views
from routing.desk.case_views import ListedConcern
from routing.letters import desk_list
from routing.model.decision import Urgency
from routing.model.settings import Configuration, Settings
from routing.model.transport import outgoing
from routing.pipeline import mailing
from routing.planning import schedule
from routing.store import desk_mail, tables

log = structlog.get_logger(__name__)

WORK, NEWS = "desk list", "desk news"  # their names among the heartbeats


class _Mail(Struct, frozen=True):
    """One of the desk's mails: which, to whom, how fast."""

    kind: desk_list.Kind
    to: tuple[str, ...]
    urgency: Urgency = Urgency.HEUTE


def freeze_if_due(engine: Engine, configuration: Configuration, environment: letters.Templates, clock: Clock) -> bool:
    """Freeze what the desk is to get now, the list or a short mail; True when a letter was made."""
    made = _list(engine, configuration, environment, clock)
    return _news(engine, configuration, environment, clock) or made


def _list(engine: Engine, configuration: Configuration, environment: letters.Templates, clock: Clock) -> bool:
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
    waiting = case_views.listed(engine, ["review"], limit=desk_list.MOST * 10, gravest_first=True)
    with storage.writing(engine) as connection:
        _freeze(connection, waiting, _Mail("list", recipient.address), settings, environment, now)
        storage.beat(connection, WORK, now)
    log.info("desk list composed", waiting=len(waiting))
    return True


def _news(engine: Engine, configuration: Configuration, environment: letters.Templates, clock: Clock) -> bool:
    """What is urgent at once, what is not when its time has come."""
    settings, now = configuration.settings, clock()
    recipient = settings.recipients.get(settings.city.duty_desk)
    if recipient is None or not settings.desk.review_minutes:
        return False
    with storage.reading(engine) as connection:
        due = next_news(connection, settings, now)
    if due is None:
        return False
    waiting = case_views.listed(engine, ["review"], limit=desk_list.MOST * 10, gravest_first=True, untold=True)
    urgent = [item for item in waiting if _is_urgent(item)]
    rest = [item for item in waiting if not _is_urgent(item)] if due <= now else []
    if not urgent and not rest:
        return False
    outside = schedule.outside_office(recipient, settings.office, now)
    at_once = recipient.urgent_address if outside and recipient.urgent_address else recipient.address
    with storage.writing(engine) as connection:
        if urgent:
            _freeze(connection, urgent, _Mail("urgent", at_once, Urgency.SOFORT), settings, environment, now)
        if rest:
            _freeze(connection, rest, _Mail("news", recipient.address), settings, environment, now)
            storage.beat(connection, NEWS, now)
    log.info("desk told what came into review", urgent=len(urgent), others=len(rest))
    return True


def next_news(connection: Connection, settings: Settings, now: datetime) -> datetime | None:
    """When the desk is told next of what came into review (aware, UTC); None when it knows all.

    ``now``: aware, UTC. Raises SQLAlchemy's errors.
    """
    recipient = settings.recipients.get(settings.city.duty_desk)
    if recipient is None or not settings.desk.review_minutes:
        return None
    if connection.scalar(sa.select(tables.concerns.c.id).where(desk_mail.untold()).limit(1)) is None:
        return None
    last = storage.heartbeats(connection).get(NEWS)
    pause = timedelta(minutes=settings.desk.review_minutes)
    earliest = max(now, min(last, now) + pause) if last else now
    return schedule.due(Urgency.HEUTE, recipient, settings.office, earliest)


def _is_urgent(item: ListedConcern) -> bool:
    return bool(item.urgency) and Urgency(item.urgency).is_urgent


def _freeze(
    connection: Connection,
    waiting: Sequence[ListedConcern],
    mail: _Mail,
    settings: Settings,
    environment: letters.Templates,
    now: datetime,
) -> None:
    """One mail with these concerns, numbered from 1, in the caller's transaction; the desk is told of them all."""
    token, proof = secrets.token_hex(8), mailing.new_token()
    envelope = letters.envelope(outgoing(settings), "Klaerung", mail.to, now, token, proof=proof)
    items = [
        desk_list.Item(
            item.number, item.opened_at, item.channel, item.category, item.place, item.reason, _urgency(item)
        )
        for item in waiting
    ]
    bodies = settings.body_names if settings.desk.members else {}
    composed = letters.compose_review(items, envelope, environment, kind=mail.kind, bodies=bodies)
    shown = waiting[: desk_list.MOST]
    about = desk_mail.DeskLetter(tuple(desk_mail.Numbered(item.id, item.look) for item in shown))
    new = mailing.addressed(composed, settings.city.duty_desk, mail.urgency, desk=about)
    mailing.freeze(connection, [new], settings, now)
    desk_mail.tell(connection, [item.id for item in waiting])


def _urgency(item: ListedConcern) -> str:
    return Urgency(item.urgency).value if _is_urgent(item) else ""
