"""What came of the demo, read from its database and from the sink: plain values for the page, nothing is changed.

``missing`` is the proof: it names every letter that should have arrived and did not, so that the demo can fail.
"""

from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.storage import tables as stored_tables
from routing.cli.demo.servers import Arrived
from routing.store import tables

Row = sa.Row[Any]


class Concern(Struct, frozen=True):
    """One line of the overview; ``recipients`` are ids, the times are aware."""

    number: str
    received_at: datetime
    state: str
    urgency: str
    recipients: tuple[str, ...]
    category: str
    subject: str
    place: str


class Remark(Struct, frozen=True):
    """A message about which there is something to say in German; ``number`` is empty without a case."""

    number: str
    channel: str
    received_at: datetime
    subject: str
    text: str


class Letter(Struct, frozen=True):
    """A letter as it arrived at the sink, with its body's id; an alarm to the operator has none, and no urgency."""

    recipient: str
    urgency: str
    sent_at: datetime | None
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    files: tuple[tuple[str, bytes], ...]
    raw: bytes


def channels(engine: Engine) -> list[tuple[str, int]]:
    """How many messages came by each channel, sorted pairs of (channel, count)."""
    channel = stored_tables.messages.c.channel
    query = sa.select(channel, sa.func.count()).group_by(channel).order_by(sa.func.min(stored_tables.messages.c.id))
    with storage.reading(engine) as connection:
        return [(row[0], row[1]) for row in connection.execute(query)]


def next_due(engine: Engine, after: datetime) -> datetime | None:
    """When the next planned letter is due (aware, UTC), if any is planned later than ``after``; None otherwise."""
    with storage.reading(engine) as connection:
        planned = (
            connection.scalar(sa.select(sa.func.min(table.c.due_at)).where(table.c.state == "planned"))
            for table in (tables.forwards, tables.deliveries)
        )
        return min((moment for moment in planned if moment is not None and moment > after), default=None)


def concerns(engine: Engine) -> list[Concern]:
    """Every concern, sorted by case number."""
    wanted, cases, messages, forwards = tables.concerns, tables.cases, stored_tables.messages, tables.forwards
    query = (
        sa.select(
            wanted,
            cases.c.number,
            messages.c.received_at,
            messages.c.subject,
            messages.c.new_text,
            sa.func.count().over(partition_by=wanted.c.case_id).label("of"),
        )
        .join(cases, cases.c.id == wanted.c.case_id)
        .join(messages, messages.c.id == wanted.c.message_id)
        .order_by(cases.c.number, wanted.c.position)
    )
    going: dict[int, list[str]] = {}
    with storage.reading(engine) as connection:
        planned = sa.select(forwards.c.concern_id, forwards.c.recipient).where(forwards.c.state != "cancelled")
        for row in connection.execute(planned.order_by(forwards.c.id)):
            going.setdefault(row.concern_id, []).append(row.recipient)
        return [_concern(row, going.get(row.id, [])) for row in connection.execute(query)]


def _concern(row: Row, recipients: Sequence[str]) -> Concern:
    return Concern(
        number=f"{row.number}-{row.position}" if row.of > 1 else row.number,
        received_at=row.received_at,
        state=row.state,
        urgency=row.urgency,
        recipients=tuple(recipients),
        category=row.category,
        subject=row.subject or row.new_text,
        place=row.place,
    )


def review(engine: Engine) -> list[Remark]:
    """The messages, in order, that wait for a person, wholly or with one of their concerns, and why."""
    concerns = tables.concerns.c
    waits = sa.exists().where(concerns.message_id == stored_tables.messages.c.id, concerns.state == "review")
    return _decided(engine, sa.or_(tables.decisions.c.state == "review", waits))


def kept(engine: Engine) -> list[Remark]:
    """The messages that were only stored, in order, and why."""
    return _decided(engine, tables.decisions.c.state == "kept")


def _decided(engine: Engine, which: sa.ColumnElement[bool]) -> list[Remark]:
    decisions, messages, cases = tables.decisions, stored_tables.messages, tables.cases
    newest = sa.select(sa.func.max(decisions.c.id)).group_by(decisions.c.message_id)
    query = (
        sa.select(messages, decisions.c.reason, cases.c.number)
        .join(messages, messages.c.id == decisions.c.message_id)
        .outerjoin(cases, cases.c.id == decisions.c.case_id)
        .where(decisions.c.id.in_(newest), which)
        .order_by(decisions.c.id)
    )
    with storage.reading(engine) as connection:
        return [_remark(row, row.number or "", row.reason) for row in connection.execute(query)]


def problems(engine: Engine) -> list[Remark]:
    """What was noticed while reading, in order of the messages."""
    messages = stored_tables.messages
    with storage.reading(engine) as connection:
        rows = connection.execute(sa.select(messages).order_by(messages.c.id)).all()
    return [_remark(row, "", " ".join(row.problems)) for row in rows if row.problems]


def _remark(row: Row, number: str, text: str) -> Remark:
    return Remark(number, row.channel, row.received_at, row.subject or row.new_text, text)


def letters(engine: Engine, arrived: Sequence[Arrived]) -> list[Letter]:
    """What arrived at the sink, in the order of arrival."""
    with storage.reading(engine) as connection:
        known = {row.mail_id.strip("<>"): row for row in _composed(connection)}
    return [_letter(item, known) for item in arrived]


def _composed(connection: Connection) -> Sequence[Any]:
    wanted, deliveries = tables.letters, tables.deliveries
    sent = sa.func.max(deliveries.c.finished_at).label("sent_at")
    query = (
        sa.select(wanted.c.mail_id, wanted.c.recipient, wanted.c.urgency, sent)
        .join(deliveries, deliveries.c.letter_id == wanted.c.id)
        .group_by(wanted.c.id)
    )
    return connection.execute(query).all()


def _letter(item: Arrived, known: dict[str, Row]) -> Letter:
    mail = message_from_bytes(item.raw, policy=policy.default)
    row = known.get(_mail_id(mail))
    return Letter(
        recipient=row.recipient if row else "",
        urgency=row.urgency if row else "",
        sent_at=row.sent_at if row else None,
        to=item.recipients,
        subject=str(mail["Subject"] or ""),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        files=_files(mail),
        raw=item.raw,
    )


def _mail_id(mail: EmailMessage) -> str:
    return str(mail["Message-ID"] or "").strip().strip("<>")


def _files(mail: EmailMessage) -> tuple[tuple[str, bytes], ...]:
    parts = [(part.get_filename() or "datei", part.get_payload(decode=True)) for part in mail.iter_attachments()]
    return tuple((name, content) for name, content in parts if isinstance(content, bytes))


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def missing(engine: Engine, arrived: Sequence[Arrived]) -> list[str]:
    """In German, every letter that should be at the sink and is not, in order."""
    seen = {
        (_mail_id(message_from_bytes(item.raw, policy=policy.default)), address)
        for item in arrived
        for address in item.recipients
    }
    deliveries, wanted, forwards = tables.deliveries, tables.letters, tables.forwards
    expected = sa.select(wanted.c.mail_id, wanted.c.subject, deliveries.c.address, deliveries.c.reply).join(
        deliveries, deliveries.c.letter_id == wanted.c.id
    )
    waiting = sa.select(forwards.c.recipient, forwards.c.state, forwards.c.reason).where(
        forwards.c.state.in_(("planned", "parked"))
    )
    with storage.reading(engine) as connection:
        lost = [
            f"Das Schreiben „{row.subject}“ ist nicht bei {row.address} angekommen. {row.reply}".strip()
            for row in connection.execute(expected)
            if (row.mail_id.strip("<>"), row.address) not in seen
        ]
        stuck = [
            f"Eine Weiterleitung an {row.recipient} ist nicht hinausgegangen ({row.state}). {row.reason}".strip()
            for row in connection.execute(waiting)
        ]
    return lost + stuck
