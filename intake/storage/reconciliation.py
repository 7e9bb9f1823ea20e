"""Questions of reconciliation: what is stored of these places, these Message-IDs, these sizes. All by index.

Nothing here holds more than one piece of the store in memory. Each question is put together once: one that is made
anew holds its values in a circle of references, which stays until the garbage is collected.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.storage import tables
from intake.storage.queries import WANTED, pieces

PAGE = 5_000


class Candidate(Struct, frozen=True):
    """A stored message: how long its stored bytes are, and how often its source brought it."""

    id: int
    size: int
    arrivals: int


_arrivals, _messages = tables.arrivals.c, tables.messages.c
_SOURCE: sa.BindParameter[str] = sa.bindparam("source")

_BY_KEY = sa.select(_arrivals.key, _arrivals.message_id).where(_arrivals.source == _SOURCE, _arrivals.key.in_(WANTED))
_BY_MAIL_ID = (
    sa.select(_messages.id, _messages.mail_id, _messages.size, sa.func.count(_arrivals.id).label("arrivals"))
    .outerjoin(tables.arrivals, (_arrivals.message_id == _messages.id) & (_arrivals.source == _SOURCE))
    .where(_messages.mail_id.in_(WANTED))
    .group_by(_messages.id, _messages.mail_id, _messages.size)
    .order_by(_messages.id)
)
_WITHOUT_MAIL_ID = sa.select(_messages.id, _messages.size, _messages.received_at).where(
    _messages.mail_id == "", _messages.source == _SOURCE, _messages.size.in_(WANTED)
)
_OF_SOURCE = (
    sa.select(_arrivals.id, _arrivals.message_id)
    .where(_arrivals.source == _SOURCE, _arrivals.id > sa.bindparam("after"), _arrivals.id <= sa.bindparam("last"))
    .order_by(_arrivals.id)
    .limit(PAGE)
)


def last_arrival(connection: Connection) -> int:
    """The number of the newest arrival; 0 when there is none."""
    return connection.scalar(sa.select(sa.func.max(_arrivals.id))) or 0


def by_key(connection: Connection, source: str, keys: Collection[str]) -> dict[str, int]:
    """The messages that were stored from these places, by key."""
    found: dict[str, int] = {}
    for some in pieces(sorted(keys)):
        rows = connection.execute(_BY_KEY, {"source": source, "wanted": some})
        found.update((row.key, row.message_id) for row in rows)
    return found


def by_mail_id(connection: Connection, source: str, mail_ids: Collection[str]) -> dict[str, list[Candidate]]:
    """The messages with these Message-IDs, whichever source they came through, the oldest first."""
    found: dict[str, list[Candidate]] = {}
    for some in pieces(sorted(mail_ids)):
        for row in connection.execute(_BY_MAIL_ID, {"source": source, "wanted": some}):
            found.setdefault(row.mail_id, []).append(Candidate(row.id, row.size, row.arrivals))
    return found


def without_mail_id(
    connection: Connection, source: str, sizes: Collection[int]
) -> dict[tuple[int, datetime], list[int]]:
    """Messages of ``source`` without Message-ID and of these sizes, by size and date of arrival.

    Keyed by (size in bytes, arrival: aware UTC); values are lists of message ids.
    """
    found: dict[tuple[int, datetime], list[int]] = {}
    for some in pieces(sorted(sizes)):
        for row in connection.execute(_WITHOUT_MAIL_ID, {"source": source, "wanted": some}):
            found.setdefault((row.size, row.received_at), []).append(row.id)
    return found


def messages_of(connection: Connection, source: str, last: int) -> Iterator[list[int]]:
    """The messages that came through ``source``, up to the arrival ``last``, in pieces; some may come twice.

    Lists of message ids.
    """
    after = 0
    while rows := connection.execute(_OF_SOURCE, {"source": source, "after": after, "last": last}).all():
        after = rows[-1].id
        yield [row.message_id for row in rows]
