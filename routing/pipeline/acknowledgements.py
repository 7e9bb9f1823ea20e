"""Answers to citizens, off by default: that their mail came in, and to whom it was forwarded once that is true.

Only to a person's mail, never to an automatic one, to a body, to ourselves or to an address that nobody reads; at most
one of a kind for a sender and day (Krefeld's). Automatic answers with an empty return path, so that nothing answers
them (RFC 3834). Nothing that the citizen wrote is repeated.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import german
from intake.message import Kind, Message
from intake.storage import tables as stored_tables
from routing import letters
from routing.model.decision import Urgency
from routing.model.settings import Configuration, Settings
from routing.model.transport import outgoing, own_addresses
from routing.pipeline import mailing
from routing.planning.plan import Ruling
from routing.replies import recognise
from routing.store import outbox, tables

GIVE_UP_AFTER = timedelta(days=30)
_NOBODY = re.compile(
    r"(?:no-?_?\.?reply|do-?not-?reply|nicht-?antworten|keine-?antwort|mailer-daemon|postmaster|bounces?|newsletter|"
    r"owner-|noreply|daemon|root|abuse|listserv|majordomo|www-data)[^@]*@|[^@]*(?:-request|-owner|-bounces?)@",
    re.IGNORECASE,
)


def plan(connection: Connection, rulings: Sequence[Ruling], settings: Settings, now: datetime) -> None:
    """Note whose mail opened a case and shall be answered, at ``now`` (aware); ``freeze_due`` does it.

    In the caller's transaction.
    """
    kinds = [kind for kind in ("received", "forwarded") if _wanted(kind, settings)]
    wanted = [ruling.stored for ruling in rulings if kinds and _may_answer(ruling.stored.message, settings)]
    if not wanted:
        return
    cases = tables.cases.c
    query = sa.select(cases.id, cases.message_id).where(cases.message_id.in_([stored.id for stored in wanted]))
    opened = {row.message_id: row.id for row in connection.execute(query)}
    for stored in wanted:
        address = stored.message.from_addr
        for kind in kinds:
            if stored.id in opened and not _today(connection, address, kind, now):
                [number] = storage.reserve_ids(connection, tables.acknowledgements, 1)
                connection.execute(
                    sa.insert(tables.acknowledgements).values(
                        id=number,
                        message_id=stored.id,
                        case_id=opened[stored.id],
                        kind=kind,
                        address=address,
                        at=now,
                    )
                )


def _wanted(kind: str, settings: Settings) -> bool:
    return settings.acknowledgement.send if kind == "received" else settings.acknowledgement.forwarded


def _may_answer(message: Message, settings: Settings) -> bool:
    """Whether a person may be behind the sender, and is none of us."""
    sender = message.from_addr
    if message.automatic is not None or message.kind is not Kind.ORDINARY or message.returned is not None:
        return False
    if not letters.is_address(sender) or _NOBODY.match(sender) or recognise.speaking(message, settings.recipients):
        return False
    operator = {letters.bare(one).casefold() for one in settings.operator.address}
    return sender.casefold() not in own_addresses(settings) | operator


def _today(connection: Connection, address: str, kind: str, now: datetime) -> bool:
    """Whether this sender has got one today, on Krefeld's calendar."""
    known = tables.acknowledgements.c
    start = datetime.combine(german.local(now).date(), time(), tzinfo=german.BERLIN).astimezone(UTC)
    query = sa.select(known.id).where(
        sa.func.lower(known.address) == address.lower(), known.kind == kind, known.at >= start
    )
    return connection.scalar(query.limit(1)) is not None


def freeze_due(
    engine: Engine, configuration: Configuration, environment: letters.Templates, now: datetime, *, limit: int = 100
) -> int:
    """Freeze the answers whose time has come; returns how many."""
    known = tables.acknowledgements
    query = sa.select(known).where(known.c.letter_id.is_(None), known.c.kind != "expired").order_by(known.c.id)
    with storage.reading(engine) as connection:
        waiting = connection.execute(query.limit(limit)).all()
    if not waiting:
        return 0
    settings = configuration.settings
    made = 0
    with storage.writing(engine) as connection:
        for row in connection.execute(query.limit(limit)).all():
            if now - row.at > GIVE_UP_AFTER:
                connection.execute(sa.update(known).where(known.c.id == row.id).values(kind="expired"))
                continue
            bodies = _accepted(connection, row.case_id, settings) if row.kind == "forwarded" else ()
            if row.kind == "forwarded" and not bodies:
                continue
            answer = _letter(connection, row, bodies, settings, environment, now)
            new = mailing.addressed(answer, outbox.CITIZEN, Urgency.SAMMEL)
            [number] = mailing.freeze(connection, [new], settings, now)
            connection.execute(sa.update(known).where(known.c.id == row.id).values(letter_id=number))
            made += 1
    return made


def _accepted(connection: Connection, case_id: int, settings: Settings) -> tuple[str, ...]:
    """The bodies' names once every letter about the case was accepted by a server; never for an emergency.

    Nor for one in doubt: that somebody looks is no "weitergeleitet".
    """
    forwards, concerns, deliveries = tables.forwards.c, tables.concerns.c, tables.deliveries.c
    sent = sa.exists().where(deliveries.letter_id == forwards.letter_id, deliveries.state == "sent")
    query = (
        sa.select(forwards.recipient, forwards.urgency, sent.label("sent"))
        .join(tables.concerns, concerns.id == forwards.concern_id)
        .where(concerns.case_id == case_id, forwards.state != "cancelled", forwards.report_id.is_(None))
        .order_by(forwards.id)
    )
    notified = connection.execute(query).all()
    if not notified or not all(row.sent for row in notified) or any(Urgency(row.urgency).is_alarm for row in notified):
        return ()
    names = dict.fromkeys(row.recipient for row in notified)
    return tuple(settings.recipients[name].name for name in names if name in settings.recipients)


def _letter(
    connection: Connection,
    row: Any,
    bodies: Sequence[str],
    settings: Settings,
    environment: letters.Templates,
    now: datetime,
) -> letters.Letter:
    messages = stored_tables.messages.c
    query = sa.select(messages.received_at, messages.mail_id).where(messages.id == row.message_id)
    message = connection.execute(query).one()
    number = connection.scalar(sa.select(tables.cases.c.number).where(tables.cases.c.id == row.case_id))
    envelope = letters.envelope(
        outgoing(settings),
        str(number),
        [row.address],
        now,
        secrets.token_hex(8),
        answers=[message.mail_id] if message.mail_id else [],
        proof=mailing.new_token(),
        auto_submitted="auto-replied",
    )
    return letters.compose_acknowledgement(envelope, environment, received=message.received_at, bodies=bodies)
