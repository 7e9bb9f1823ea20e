"""What nothing deletes (a hold: a lawsuit, a complaint), and what nobody works on (restriction, Art. 18 GDPR).

Both stand on messages, and hold the whole case that a message is in. A restricted message is not forwarded: what was
planned for it ends, and its concerns wait in review. Both hold until a person ends them, with a reason and a date.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage.queries import pieces
from routing.store import forwards, tables

RESTRICTED_TEXT = "Verarbeitung eingeschränkt (Art. 18 DSGVO); aufheben: kod-intake hold --end"
_H = tables.holds.c


class Kind(StrEnum):
    """What a row of ``holds`` means."""

    HOLD = "hold"
    RESTRICTED = "restricted"


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
    new = sorted(set(messages) - active(connection, messages, kind))
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
        mine = sa.and_(concerns.c.message_id.in_(some), concerns.c.waits_for == RESTRICTED_TEXT)
        connection.execute(sa.update(concerns).where(mine).values(waits_for=""))
    return sorted(ended)


def active(connection: Connection, messages: Collection[int], kind: Kind | None = None) -> set[int]:
    """The set of those messages (ids) that are held or restricted, or of one kind."""
    found: set[int] = set()
    for some in pieces(sorted(messages)):
        query = sa.select(_H.message_id).where(_H.message_id.in_(some), _H.ended_at.is_(None))
        found.update(connection.scalars(query if kind is None else query.where(_H.kind == kind)))
    return found


def lines(connection: Connection, *, ended: bool = False) -> Sequence[Any]:
    """The rows of ``holds`` in force, the oldest first; with ``ended`` all of them."""
    query = sa.select(tables.holds).order_by(_H.id)
    return connection.execute(query if ended else query.where(_H.ended_at.is_(None))).all()


def _stop(connection: Connection, messages: Sequence[int]) -> None:
    """Nothing planned goes out, and the concerns wait for a person."""
    concerns = tables.concerns.c
    for some in pieces(messages):
        living = sa.and_(concerns.message_id.in_(some), concerns.state.in_(["review", "open"]))
        ids = list(connection.scalars(sa.select(concerns.id).where(living)))
        forwards.cancel_with_letters(connection, ids)
        change = sa.update(tables.concerns).where(concerns.id.in_(ids))
        connection.execute(change.values(state="review", waits_for=RESTRICTED_TEXT))
