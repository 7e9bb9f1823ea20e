"""Healthy means work was done: what was done last, what waits and since when, what is stuck. Read from the database.

``read`` gives a value for people (``status``), for machines (``status --json``) and for the exit code. It asks only
indexed questions: on a million concerns it is as quick as on a thousand.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.storage import tables as stored_tables
from routing.model.decision import URGENT
from routing.model.settings import Settings
from routing.model.transport import outgoing
from routing.service import outage_texts
from routing.service.outage_texts import OutageText
from routing.store import tables
from routing.store.outbox import baseline

if TYPE_CHECKING:
    from routing.service.channels import Channel

WAITING_LIMIT = timedelta(minutes=15)
SENDING_LIMIT = timedelta(hours=4)
URGENT_LIMIT = timedelta(minutes=15)
DAEMON_LIMIT = timedelta(minutes=1)
CHANNEL_LIMIT = timedelta(minutes=5)


class Source(Struct, frozen=True):
    """A channel that is watched (a mailbox) and when it was last read with success (None: never)."""

    name: str
    last_read: datetime | None


class Trouble(Struct, frozen=True):
    """Something that needs a person; ``what`` and ``todo`` are German. ``name`` tells the kind."""

    name: str
    what: str
    todo: str = ""


class Health(Struct, frozen=True):
    """How things stand at ``at``; no ``troubles`` when all is well."""

    at: datetime
    daemon_seen: datetime | None
    sources: tuple[Source, ...]
    messages: int
    waiting: int
    waiting_since: datetime | None
    review: int
    planned: int
    unsent: int
    unsent_since: datetime | None
    parked: int
    in_doubt: int
    conditions: tuple[tuple[str, datetime, str], ...]
    troubles: tuple[Trouble, ...]
    held: int = 0
    bounced: int = 0
    unanswered: int = 0  # urgent letters that were repeated because nobody answered
    asked: bool = True  # False: the database said nothing, and the figures mean nothing
    trial: str = ""  # German: how trial operation changes sending; empty in ordinary operation

    @property
    def healthy(self) -> bool:
        return not self.troubles


def read(
    engine: Engine, settings: Settings, known: Sequence["Channel"], now: datetime, *, broken: bool = False
) -> Health:
    """How things stand now, of the channels ``known`` too; ``broken``: config.toml has mistakes.

    Raises TemporaryError when the database is out.
    """
    watched = _watched(known)
    with storage.reading(engine) as connection:
        beats = storage.heartbeats(connection)
        waiting, since = storage.count_waiting(connection)
        unsent, unsent_since = _unsent(connection, now)
        parked = _count(connection, tables.deliveries, "parked") + _count(connection, tables.forwards, "parked")
        sources = tuple(Source(channel.name, beats.get(channel.source)) for channel, _ in watched)
        conditions = tuple((row.name, row.since, row.text) for row in connection.execute(sa.select(tables.conditions)))
        health = Health(
            at=now,
            daemon_seen=beats.get("daemon"),
            sources=sources,
            messages=connection.scalar(sa.select(sa.func.max(stored_tables.messages.c.id))) or 0,
            waiting=waiting,
            waiting_since=since,
            review=_count(connection, tables.concerns, "review"),
            planned=_count(connection, tables.forwards, "planned"),
            unsent=unsent,
            unsent_since=unsent_since,
            parked=parked,
            in_doubt=_in_doubt(connection),
            conditions=conditions,
            troubles=(),
            held=_count(connection, tables.deliveries, "held"),
            bounced=_count(connection, tables.deliveries, "bounced"),
            unanswered=_unanswered(connection),
            trial=_trial(settings),
        )
        stopped = tuple(row.address for row in connection.execute(sa.select(tables.stopped)))
        braked = _braked(connection)
        urgent_late = _urgent_late(connection, now)
    health = _judged(health, watched, urgent_late=urgent_late)
    letters = _letters(health, stopped, braked)
    health = structs.replace(health, troubles=(*health.troubles, *letters))
    if not broken:
        return health
    return structs.replace(health, troubles=(configuration_trouble(), *health.troubles))


def configuration_trouble() -> Trouble:
    """config.toml has mistakes."""
    return _trouble("configuration", outage_texts.CONFIGURATION)


def _count(connection: Connection, table: sa.Table, state: str) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.state == state)) or 0


def learned(engine: Engine, settings: Settings, now: datetime) -> str:
    """In German, the limit that the brake has learned for this hour of ``now`` (aware), or "".

    The watchdog does not ask.
    """
    if not settings.brake.learn or not settings.brake.letters_per_hour:
        return ""
    with storage.reading(engine) as connection:
        found = baseline.learned(connection, now)
    return str(found) if found and found.limit < settings.brake.letters_per_hour else ""


def _unsent(connection: Connection, now: datetime) -> tuple[int, datetime | None]:
    deliveries = tables.deliveries
    query = (
        sa.select(sa.func.count(), sa.func.min(tables.letters.c.composed_at))
        .select_from(deliveries)
        .join(tables.letters, tables.letters.c.id == deliveries.c.letter_id)
        .where(deliveries.c.state.in_(["planned", "sending"]), tables.letters.c.composed_at <= now)
    )
    row = connection.execute(query).one()
    return row[0], row[1]


def _in_doubt(connection: Connection) -> int:
    deliveries = tables.deliveries
    query = sa.select(sa.func.count()).where(
        deliveries.c.in_doubt.is_(True), deliveries.c.state.in_(["planned", "sending", "parked"])
    )
    return connection.scalar(query) or 0


def _urgent_late(connection: Connection, now: datetime) -> int:
    deliveries, letters = tables.deliveries, tables.letters
    query = (
        sa.select(sa.func.count())
        .select_from(deliveries)
        .join(letters, letters.c.id == deliveries.c.letter_id)
        .where(
            deliveries.c.state.in_(["planned", "sending", "parked", "held", "bounced"]),
            deliveries.c.held != "trial",
            letters.c.urgency.in_(URGENT),
            letters.c.composed_at < now - URGENT_LIMIT,
        )
    )
    return connection.scalar(query) or 0


def _unanswered(connection: Connection) -> int:
    forwards = tables.forwards.c
    query = sa.select(sa.func.count()).where(
        forwards.urgency.in_(URGENT), forwards.chase_at.is_not(None), forwards.chased > 0
    )
    return connection.scalar(query) or 0


def _braked(connection: Connection) -> int:
    deliveries = tables.deliveries.c
    query = sa.select(sa.func.count()).where(
        deliveries.state == "held", deliveries.held.in_(["brake", "learned", "sender"])
    )
    return connection.scalar(query) or 0


def _trial(settings: Settings) -> str:
    known = outgoing(settings)
    if not known.sends:
        return "ausgeschaltet: Schreiben werden angehalten ([smtp] send = false)"
    return f"umgeleitet: alles geht an {known.redirect_to}" if known.redirect_to else ""


def _letters(health: Health, stopped: Sequence[str], braked: int) -> list[Trouble]:
    """What keeps letters from their bodies beside the server itself."""
    troubles: list[Trouble] = []
    if braked:
        troubles.append(_trouble("brake", outage_texts.braked(braked)))
    if health.bounced or stopped:
        troubles.append(_trouble("bounced", outage_texts.bounced(stopped)))
    if health.unanswered:
        troubles.append(_trouble("unanswered", outage_texts.UNANSWERED))
    return troubles


def _trouble(name: str, text: OutageText) -> Trouble:
    return Trouble(name, text.what, text.todo)


def _judged(health: Health, watched: Sequence[tuple["Channel", OutageText]], *, urgent_late: int) -> Health:
    """With what is wrong. A sign of life that lies ahead is as bad as an old one: the clock was put back since."""
    lasting = [condition for condition in health.conditions if condition[0] not in STANDING]  # those are judged anew
    troubles = [Trouble(name, text.partition("\n")[0]) for name, _, text in lasting]
    if health.daemon_seen is None or abs(health.at - health.daemon_seen) > DAEMON_LIMIT:
        troubles.append(_trouble("daemon", outage_texts.DAEMON))
    for source, (channel, text) in zip(health.sources, watched, strict=True):
        limit = max(CHANNEL_LIMIT, timedelta(seconds=3 * channel.poll_seconds))
        if source.last_read is None or abs(health.at - source.last_read) > limit:
            troubles.append(_trouble(f"late {source.name}", text))
    troubles += _late(health, urgent_late=urgent_late)
    named = {trouble.name: trouble for trouble in reversed(troubles)}
    return structs.replace(health, troubles=tuple(reversed(named.values())))


def _watched(known: Sequence["Channel"]) -> list[tuple["Channel", OutageText]]:
    """The channels that are late when nothing was received for long, and what is said then."""
    return [(channel, channel.texts.late) for channel in known if channel.texts.late is not None]


def _late(health: Health, *, urgent_late: int) -> list[Trouble]:
    """What waits too long; the daemon notifies the operator of these too."""
    troubles: list[Trouble] = []
    if health.waiting_since and health.at - health.waiting_since > WAITING_LIMIT:
        troubles.append(_trouble("waiting", outage_texts.WAITING))
    if health.unsent_since and health.at - health.unsent_since > SENDING_LIMIT:
        troubles.append(_trouble("unsent", outage_texts.UNSENT))
    if urgent_late:
        troubles.append(_trouble("urgent", outage_texts.URGENT))
    if health.parked:
        troubles.append(_trouble("parked", outage_texts.PARKED))
    return troubles


STANDING = ("waiting", "unsent", "urgent", "parked", "brake", "bounced", "unanswered")
"""Troubles that the daemon reports to the operator: once when they begin, once when they end."""
