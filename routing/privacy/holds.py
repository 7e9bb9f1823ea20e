"""What nothing deletes (a hold: a lawsuit, a complaint), and what nobody works on (restriction, Art. 18 GDPR).

Both stand on messages. Nothing of the whole case that a held or restricted message is in is deleted. A restricted
message goes to nobody: what was planned for it ends, a frozen letter that tells of others, too, is held, its concerns
wait in review, nobody decides about them or is reminded of them, and no list shows what it says. Its case is shown
to whom asks again. Both hold until a person ends them, with a reason and a date.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage.queries import pieces
from routing.store import forwards, held, tables
from routing.store.held import Kind
from routing.store.outbox import undelivered

_H = tables.holds.c


def begin(
    connection: Connection,
    kind: Kind,
    messages: Collection[int],
    reason: str,
    now: datetime,
    *,
    actor: str,
    until: datetime | None = None,
) -> list[int]:
    """Hold or restrict these messages (ids); those that are already stay as they are. Gives the new ones.

    ``until`` (aware) is when a person should look again; ``now``: aware, UTC.
    """
    new = sorted(set(messages) - held.active(connection, messages, kind))
    numbers = storage.reserve_ids(connection, tables.holds, len(new))
    values = {"kind": kind, "reason": reason, "actor": actor, "since": now, "until": until}
    rows = [values | {"id": number, "message_id": message} for number, message in zip(numbers, new, strict=True)]
    if rows:
        connection.execute(sa.insert(tables.holds), rows)
    if kind is Kind.RESTRICTED:
        _stop(connection, new)
    for message in new:
        storage.note(connection, now, kind, actor=actor, message_id=message, detail=f"{actor}: {_WORDS[kind]}.")
    return new


_WORDS = {Kind.HOLD: "gesperrt gegen Löschen", Kind.RESTRICTED: "Verarbeitung eingeschränkt"}


def end(connection: Connection, messages: Collection[int], now: datetime, *, actor: str) -> list[int]:
    """End every hold and restriction of these messages (ids); gives those that had one. ``now``: aware, UTC."""
    ended: set[int] = set()
    for some in pieces(sorted(messages)):
        mine = sa.and_(_H.message_id.in_(some), _H.ended_at.is_(None))
        ended.update(connection.scalars(sa.select(_H.message_id).where(mine)))
        connection.execute(sa.update(tables.holds).where(mine).values(ended_at=now, ended_by=actor))
    concerns = tables.concerns
    for some in pieces(sorted(ended)):
        mine = sa.and_(concerns.c.message_id.in_(some), concerns.c.waits_for == held.WAITS_FOR)
        connection.execute(sa.update(concerns).where(mine).values(waits_for=""))
    return sorted(ended)


def lines(connection: Connection, *, ended: bool = False) -> Sequence[Any]:
    """The rows of ``holds`` in force, the oldest first; with ``ended`` all of them."""
    query = sa.select(tables.holds).order_by(_H.id)
    return connection.execute(query if ended else query.where(_H.ended_at.is_(None))).all()


def _stop(connection: Connection, messages: Sequence[int]) -> None:
    """Nothing planned goes out, and the concerns wait for a person."""
    concerns, planned = tables.concerns.c, tables.forwards.c
    for some in pieces(messages):
        living = sa.and_(concerns.message_id.in_(some), concerns.state.in_(["review", "open"]))
        ids = list(connection.scalars(sa.select(concerns.id).where(living)))
        forwards.cancel_with_letters(connection, ids)
        forwards.cancel_reports(connection, some)
        change = sa.update(tables.concerns).where(concerns.id.in_(ids))
        connection.execute(change.values(state="review", waits_for=held.WAITS_FOR))
        of_them = concerns.message_id.in_(some)
        tells = sa.or_(planned.report_id.in_(some), planned.concern_id.in_(sa.select(concerns.id).where(of_them)))
        letters = sa.select(planned.letter_id).where(tells, planned.letter_id.is_not(None)).distinct()
        for letter in connection.scalars(letters).all():
            undelivered.hold(connection, letter, forwards.UNSENT)
