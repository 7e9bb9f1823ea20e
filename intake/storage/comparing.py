"""Questions of reconciliation: what is stored of these places, these Message-IDs, these sizes. All by index.

Nothing here holds more than one piece of the store in memory.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake.storage import tables

Item = TypeVar("Item", str, int)

AT_ONCE = 500
PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored message: how long its stored bytes are, and how often its source brought it."""

    id: int
    size: int
    arrivals: int


def last_arrival(connection: Connection) -> int:
    """The number of the newest arrival; 0 when there is none."""
    return connection.scalar(sa.select(sa.func.max(tables.arrivals.c.id))) or 0


def by_key(connection: Connection, source: str, keys: Collection[str]) -> dict[str, int]:
    """The messages that were stored from these places, by key."""
    found: dict[str, int] = {}
    places = tables.arrivals.c
    for some in _pieces(sorted(keys)):
        query = sa.select(places.key, places.message_id).where(places.source == source, places.key.in_(some))
        found.update((row.key, row.message_id) for row in connection.execute(query))
    return found


def by_mail_id(connection: Connection, source: str, mail_ids: Collection[str]) -> dict[str, list[Candidate]]:
    """The messages with these Message-IDs, whichever source they came through, the oldest first."""
    found: dict[str, list[Candidate]] = {}
    messages, arrivals = tables.messages.c, tables.arrivals.c
    for some in _pieces(sorted(mail_ids)):
        query = (
            sa.select(messages.id, messages.mail_id, messages.size, sa.func.count(arrivals.id).label("arrivals"))
            .outerjoin(tables.arrivals, (arrivals.message_id == messages.id) & (arrivals.source == source))
            .where(messages.mail_id.in_(some))
            .group_by(messages.id, messages.mail_id, messages.size)
            .order_by(messages.id)
        )
        for row in connection.execute(query):
            found.setdefault(row.mail_id, []).append(Candidate(row.id, row.size, row.arrivals))
    return found


def without_mail_id(
    connection: Connection, source: str, sizes: Collection[int]
) -> dict[tuple[int, datetime], list[int]]:
    """Messages of ``source`` without Message-ID and of these sizes, by size and date of arrival."""
    found: dict[tuple[int, datetime], list[int]] = {}
    messages = tables.messages.c
    for some in _pieces(sorted(sizes)):
        query = sa.select(messages.id, messages.size, messages.received_at).where(
            messages.mail_id == "", messages.source == source, messages.size.in_(some)
        )
        for row in connection.execute(query):
            found.setdefault((row.size, row.received_at), []).append(row.id)
    return found


def messages_of(connection: Connection, source: str, last: int) -> Iterator[list[int]]:
    """The messages that came through ``source``, up to the arrival ``last``, in pieces; some may come twice."""
    arrivals = tables.arrivals.c
    after = 0
    while True:
        query = (
            sa.select(arrivals.id, arrivals.message_id)
            .where(arrivals.source == source, arrivals.id > after, arrivals.id <= last)
            .order_by(arrivals.id)
            .limit(PAGE)
        )
        rows = connection.execute(query).all()
        if not rows:
            return
        after = rows[-1].id
        yield [row.message_id for row in rows]


def _pieces(items: list[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
