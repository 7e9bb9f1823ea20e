"""The outbox as staff sees it: every letter that has not arrived, with its age and the reason, and what to do with it.

A letter is named by its number in the outbox. What a person does goes into the timeline of every case in the letter.
Frozen bytes are never changed: a redirected letter goes as it is to another address; one that a person sends again
after it arrived or came back is a new letter with a new Message-ID (promise P9).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage import tables as stored_tables
from routing.model.decision import Urgency
from routing.store import forwards, held, tables
from routing.store.outbox.letters import freeze
from routing.store.outbox.values import NewLetter

OPEN = ("planned", "sending", "parked", "held", "bounced")
"""States of deliveries that have not arrived."""
BRAKED = ("brake", "learned", "sender", "trial")
"""Why letters are held that ``release`` lets go together."""


class Line(Struct, frozen=True):
    """One delivery that has not arrived; ``letter`` is its number in the outbox."""

    letter: int
    recipient: str
    address: str
    subject: str
    urgency: str
    state: str
    held: str
    since: datetime
    due_at: datetime
    attempts: int
    in_doubt: bool
    reply: str


class Failing(Struct, frozen=True):
    """What one recipient has not got: how many letters, since when, and the newest reason."""

    recipient: str
    count: int
    since: datetime
    reply: str


def lines(
    connection: Connection, states: Sequence[str] = OPEN, limit: int = 100, letter: int | None = None
) -> list[Line]:
    """Deliveries in these states, the most urgent and oldest first."""
    letters, deliveries = tables.letters.c, tables.deliveries.c
    query = (
        sa.select(letters.recipient, letters.subject, letters.urgency, letters.composed_at, tables.deliveries)
        .join(tables.letters, letters.id == deliveries.letter_id)
        .where(deliveries.state.in_(states))
        .order_by(tables.urgency_rank(letters.urgency), letters.composed_at, deliveries.id)
        .limit(limit)
    )
    if letter is not None:
        query = query.where(deliveries.letter_id == letter)
    return [_line(row) for row in connection.execute(query)]


def _line(row: Any) -> Line:
    return Line(
        letter=row.letter_id,
        recipient=row.recipient,
        address=row.address,
        subject=row.subject,
        urgency=row.urgency,
        state=row.state,
        held=row.held,
        since=row.composed_at,
        due_at=row.due_at,
        attempts=row.attempts,
        in_doubt=row.in_doubt,
        reply=row.reply,
    )


def failing(connection: Connection) -> list[Failing]:
    """Per recipient what was tried without success, was refused, came back or is held. A list of one per recipient."""
    found: dict[str, Failing] = {}
    for one in lines(connection, limit=10_000):
        if one.state == "planned" and not one.attempts:
            continue
        before = found.get(one.recipient)
        count, since = (before.count, before.since) if before else (0, one.since)
        found[one.recipient] = Failing(one.recipient, count + 1, min(since, one.since), one.reply or one.held)
    return list(found.values())


def retry(connection: Connection, letter: int | None, now: datetime) -> int:
    """Refused letters (one, or all), and those waiting for another try, are tried now.

    ``now``: aware, UTC. Returns how many.
    """
    deliveries = tables.deliveries.c
    query = sa.update(tables.deliveries).where(deliveries.state.in_(["parked", "planned"]))
    query = query.where(~tells_of_restricted(deliveries.letter_id))
    query = query.where(deliveries.letter_id == letter) if letter is not None else query
    return connection.execute(query.values(state="planned", due_at=now)).rowcount


def hold(connection: Connection, letter: int, states: Sequence[str] = ("planned", "parked")) -> int:
    """What of the letter has not gone out (deliveries in ``states``) is held until a person's ``release``.

    Returns how many addresses, each with its delivery.
    """
    deliveries = tables.deliveries.c
    query = sa.update(tables.deliveries).where(deliveries.letter_id == letter, deliveries.state.in_(states))
    return connection.execute(query.values(state="held", held="person")).rowcount


def release(
    connection: Connection, letter: int | None, now: datetime, *, sender: str = "", recipient: str = ""
) -> int:
    """Held letters go out: one, or all but those that a person holds or whose address is stopped.

    Of all only those that ``sender`` (an address) caused, or that are for ``recipient``. ``now``: aware, UTC. Returns
    how many.
    """
    deliveries = tables.deliveries.c
    query = sa.update(tables.deliveries).where(deliveries.state == "held")
    if letter is not None:
        query = query.where(deliveries.letter_id == letter)
    else:
        query = query.where(deliveries.held.in_((*BRAKED, "restore")))
    if recipient:
        mine = sa.select(tables.letters.c.id).where(tables.letters.c.recipient == recipient)
        query = query.where(deliveries.letter_id.in_(mine))
    if sender:
        query = query.where(deliveries.letter_id.in_(_caused_by(sender)))
    return connection.execute(query.values(state="planned", held="", due_at=now)).rowcount


def _caused_by(sender: str) -> sa.Select[Any]:
    """The letters about messages of this address."""
    forwards, concerns, messages = tables.forwards, tables.concerns, stored_tables.messages.c
    cause = sa.func.coalesce(forwards.c.report_id, concerns.c.message_id)
    return (
        sa.select(forwards.c.letter_id)
        .join(concerns, concerns.c.id == forwards.c.concern_id)
        .join(stored_tables.messages, messages.id == cause)
        .where(forwards.c.letter_id.is_not(None), sa.func.lower(messages.from_addr) == sender.lower())
    )


def causes(connection: Connection) -> list[tuple[str, str, int]]:
    """What the brake holds, by (sender's address or "", recipient, how many letters), the most first."""
    deliveries, messages = tables.deliveries.c, stored_tables.messages.c
    letters, forwards, concerns = tables.letters, tables.forwards, tables.concerns
    cause = sa.func.coalesce(forwards.c.report_id, concerns.c.message_id)
    count = sa.func.count(sa.distinct(deliveries.letter_id))
    sender = sa.func.coalesce(messages.from_addr, "")
    query = (
        sa.select(sender, letters.c.recipient, count)
        .select_from(tables.deliveries)
        .join(letters, letters.c.id == deliveries.letter_id)
        .outerjoin(forwards, forwards.c.letter_id == letters.c.id)
        .outerjoin(concerns, concerns.c.id == forwards.c.concern_id)
        .outerjoin(stored_tables.messages, messages.id == cause)
        .where(deliveries.state == "held", deliveries.held.in_(BRAKED))
        .group_by(sender, letters.c.recipient)
        .order_by(count.desc(), sender)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def cancel(connection: Connection, letter: int) -> int:
    """What of the letter has not gone out never will; returns how many addresses, each with its delivery."""
    deliveries = tables.deliveries.c
    query = sa.update(tables.deliveries).where(
        deliveries.letter_id == letter, deliveries.state.in_(["planned", "parked", "held", "bounced"])
    )
    return connection.execute(query.values(state="cancelled", held="")).rowcount


def redirect(connection: Connection, letter: int, address: str, now: datetime) -> int:
    """What of the letter has not gone out goes, once, to ``address`` instead.

    ``now``: aware, UTC. Returns how many.
    """
    deliveries = tables.deliveries.c
    waiting = [line.address for line in lines(connection, ("planned", "parked", "held", "bounced"), letter=letter)]
    if not waiting:
        return 0
    here = sa.and_(deliveries.letter_id == letter, deliveries.address.in_(waiting), deliveries.state != "sent")
    first = connection.scalar(sa.select(sa.func.min(deliveries.id)).where(here))
    connection.execute(
        sa.update(tables.deliveries).where(here, deliveries.id != first).values(state="cancelled", held="")
    )
    values = {"state": "planned", "held": "", "due_at": now, "address": address, "attempts": 0}
    connection.execute(sa.update(tables.deliveries).where(deliveries.id == first).values(values))
    return len(waiting)


def resume(
    connection: Connection, address: str, to: str, now: datetime, again: Callable[[Any], tuple[str, str, bytes]]
) -> int:
    """The address (or the one in its place) is good: what is held or refused for it goes out, what came back as new.

    ``again`` makes (Message-ID, subject, bytes) of a letter's row. Returns how many letters go out.
    """
    deliveries, letters, stopped = tables.deliveries.c, tables.letters, tables.stopped
    connection.execute(sa.delete(stopped).where(stopped.c.address == address))
    waiting = sa.update(tables.deliveries).where(
        deliveries.address == address,
        sa.or_(deliveries.state == "parked", sa.and_(deliveries.state == "held", deliveries.held == "address")),
    )
    count = connection.execute(waiting.values(state="planned", held="", due_at=now, address=to)).rowcount
    query = (
        sa.select(letters, deliveries.id.label("delivery_id"))
        .join(tables.deliveries, deliveries.letter_id == letters.c.id)
        .where(deliveries.address == address, deliveries.state == "bounced", sa.func.length(letters.c.raw) > 0)
        .where(~tells_of_restricted(deliveries.letter_id))
        .order_by(letters.c.id)
    )  # of a letter that was deleted nothing can be sent again
    for row in connection.execute(query).all():
        mail_id, subject, raw = again(row)
        urgency = Urgency(row.urgency)
        new = NewLetter(mail_id, row.recipient, urgency, row.sender, subject, raw, (to,), (), resend_of=row.id)
        [number] = freeze(connection, [new], now)
        forwards.moved(connection, row.id, number)
        connection.execute(
            sa.update(tables.deliveries).where(deliveries.id == row.delivery_id).values(state="cancelled")
        )
        count += 1
    return count


def tells_of_restricted(letter: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether a letter tells of a message that nobody works on (Art. 18 GDPR)."""
    concerns, told = tables.concerns.c, tables.forwards.c
    return (
        sa.exists()
        .where(told.letter_id == letter, concerns.id == told.concern_id)
        .where(
            sa.or_(
                held.is_active(concerns.message_id, held.Kind.RESTRICTED),
                held.is_active(told.report_id, held.Kind.RESTRICTED),
            )
        )
    )


def waiting_for(connection: Connection, address: str) -> list[int]:
    """The letters that came back from an address, were refused there or wait for it. A list of letter ids."""
    deliveries = tables.deliveries.c
    query = sa.select(deliveries.letter_id).distinct()
    query = query.where(
        deliveries.address == address,
        sa.or_(deliveries.state.in_(["parked", "bounced"]), deliveries.held == "address"),
    )
    return list(connection.scalars(query.order_by(deliveries.letter_id)))


def stopped(connection: Connection) -> list[Any]:
    """Addresses that get no ordinary letters, a list of (address, since, reason, letters); ``since`` is aware, UTC."""
    deliveries = tables.deliveries.c
    affected = (
        sa.select(sa.func.count())
        .where(
            deliveries.address == tables.stopped.c.address,
            sa.or_(deliveries.state == "bounced", deliveries.held == "address"),
        )
        .scalar_subquery()
    )
    return list(connection.execute(sa.select(tables.stopped, affected.label("letters"))))


def cases(connection: Connection, letter: int) -> list[Any]:
    """The cases in a letter: (case_id, number, position, category, place)."""
    concerns, forwards, numbers = tables.concerns, tables.forwards, tables.cases
    query = (
        sa.select(concerns.c.case_id, numbers.c.number, concerns.c.position, concerns.c.category, concerns.c.place)
        .join(forwards, forwards.c.concern_id == concerns.c.id)
        .join(numbers, numbers.c.id == concerns.c.case_id)
        .where(forwards.c.letter_id == letter)
        .order_by(concerns.c.id)
    )
    return list(connection.execute(query))


def messages(connection: Connection, letter: int) -> list[int]:
    """The messages (ids) that a letter tells of: those of its concerns, and further reports."""
    concerns, forwards = tables.concerns.c, tables.forwards.c
    query = (
        sa.select(concerns.message_id, forwards.report_id)
        .join(tables.forwards, forwards.concern_id == concerns.id)
        .where(forwards.letter_id == letter)
    )
    return sorted({number for row in connection.execute(query) for number in row if number is not None})


def note(connection: Connection, letter: int, action: str, detail: str, now: datetime, actor: str) -> None:
    """What a person did with a letter, in the timeline of each of its cases. ``now``: aware, UTC."""
    known = dict.fromkeys(row.case_id for row in cases(connection, letter))
    for case_id in known or (None,):
        storage.note(connection, now, action, actor=actor, case_id=case_id, detail=detail)
