"""Phone logs and their earlier versions, as ``arrivals`` has them: the keys of a file's rows begin with its digest."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.message import UNREAD, Message
from intake.storage import tables
from intake.storage.queries import WANTED, pieces

_KNOWN = sa.select(tables.messages.c.identity, tables.messages.c.follows, tables.messages.c.edited).where(
    tables.messages.c.identity.in_(WANTED)
)


class Counted(Struct, frozen=True):
    """What the reader says of a file's rows: how many there are, and how many it gave to nobody but staff."""

    rows: int
    handed_back: int
    unread: int


def note_read(
    connection: Connection, source: str, digest: str, counted: Counted, forgotten: Collection[str], now: datetime
) -> None:
    """A file was read to its end: keep what was ``counted``, beside the number of its rows that are stored.

    ``forgotten``: the keys of what was not let in again; ``now`` is aware.
    """
    key = tables.arrivals.c.key
    there = sa.select(sa.func.count()).where(tables.arrivals.c.source == source, _of(digest), ~key.contains(UNREAD))
    files = tables.files
    connection.execute(sa.delete(files).where(files.c.source == source, files.c.digest == digest))
    values = {
        "source": source,
        "digest": digest,
        "read_at": now,
        "rows": counted.rows,
        "stored": connection.scalar(there) or 0,
        "forgotten": sum(UNREAD not in one for one in forgotten),
        "handed_back": counted.handed_back,
        "unread": counted.unread,
    }
    connection.execute(sa.insert(files).values(values))


def has_any(connection: Connection, source: str) -> bool:
    """Whether anything ever came from ``source``."""
    query = sa.select(tables.arrivals.c.id).where(tables.arrivals.c.source == source).limit(1)
    return connection.scalar(query) is not None


def known(connection: Connection, identities: Sequence[bytes]) -> dict[bytes, bytes]:
    """Which of ``identities`` are stored, with the row that each continues ("" for none).

    Both keys and values are identities of rows (SHA-256, 32 bytes).
    """
    found: dict[bytes, bytes] = {}
    for some in pieces(identities):
        rows = connection.execute(_KNOWN, {"wanted": some})
        found.update((row.identity, row.follows if row.edited else b"") for row in rows)
    return found


def before(connection: Connection, source: str, digest: str, identities: Sequence[bytes]) -> str:
    """The digest of the last file from ``source`` but this one that had one of ``identities``; "" for none.

    Digests are SHA-256 in hex, identities 32 bytes each.
    """
    arrivals, messages = tables.arrivals.c, tables.messages.c
    last: tuple[int, str] = (0, "")
    query = (
        sa.select(arrivals.id, arrivals.key)
        .join(tables.messages, messages.id == arrivals.message_id)
        .where(arrivals.source == source, sa.not_(_of(digest)), messages.identity.in_(WANTED))
        .order_by(arrivals.id.desc())
        .limit(1)
    )
    for some in pieces(identities):
        row = connection.execute(query, {"wanted": some}).one_or_none()
        if row is not None:
            last = max(last, (row.id, row.key))
    return _digest(last[1])


def rows_of(connection: Connection, source: str, digest: str) -> Iterator[tuple[datetime, Message]]:
    """The rows of a file as far as they are compared: when the call was, and what was said.

    Pairs of (when, aware UTC; the message), in the order in which they were stored.
    """
    arrivals, messages = tables.arrivals.c, tables.messages.c
    query = (
        sa.select(
            *(messages.received_at, messages.identity, messages.channel, messages.date, messages.place),
            *(messages.text, messages.contact, messages.from_name),
        )
        .join(tables.arrivals, messages.id == arrivals.message_id)
        .where(arrivals.source == source, _of(digest))
        .order_by(arrivals.id)
    )
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield (
            row.received_at,
            Message(
                channel=row.channel,
                identity=row.identity,
                date=row.date,
                place=row.place,
                text=row.text,
                contact=row.contact,
                from_name=row.from_name,
            ),
        )


def _of(digest: str) -> sa.ColumnElement[bool]:
    """A row of the file with this digest: the digest, a colon and where the row stands."""
    key = tables.arrivals.c.key
    return sa.and_(key >= f"{digest}:", key < f"{digest};")


def _digest(key: str) -> str:
    return key.partition(":")[0]
