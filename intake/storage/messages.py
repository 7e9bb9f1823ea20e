"""Storing messages and finding them again.

``add`` is the one way in. It is safe to call again with the same arrivals: what is known by its place (source and key)
is skipped, what is known by its identity gets only a further row in ``arrivals``, and what was deleted (``forgotten``)
does not come back. All of a call lies in the caller's transaction; nothing is acknowledged here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.message import Arrival, Stored
from intake.storage import bulk_insert, forgotten, message_rows, tables
from intake.storage.engine import reserve_ids
from intake.storage.queries import WANTED, pieces

_KNOWN_KEYS = sa.select(tables.arrivals.c.key).where(
    tables.arrivals.c.source == sa.bindparam("source"), tables.arrivals.c.key.in_(WANTED)
)
_KNOWN_IDENTITIES = sa.select(tables.messages.c.identity, tables.messages.c.id).where(
    tables.messages.c.identity.in_(WANTED)
)
_WAITING = (
    sa.select(tables.messages)
    .join(tables.waiting, tables.waiting.c.message_id == tables.messages.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_OLDEST_URGENT = _WAITING.where(tables.waiting.c.turn == 0).order_by(tables.waiting.c.message_id)
_NEWEST_URGENT = _WAITING.where(tables.waiting.c.turn == 0).order_by(tables.waiting.c.message_id.desc())
_OTHERS = _WAITING.where(tables.waiting.c.turn > 0).order_by(tables.waiting.c.turn, tables.waiting.c.message_id)
_CLAIMED = (
    sa.select(tables.waiting.c.message_id)
    .where(tables.waiting.c.message_id.in_(WANTED))
    .with_for_update(skip_locked=True)
)
_DECIDED = sa.delete(tables.waiting).where(tables.waiting.c.message_id.in_(WANTED))


class Added(Struct, frozen=True):
    """What ``add`` did: ids of new messages, how many arrivals were not new, the keys of those not let in."""

    new: tuple[int, ...]
    repeated: int
    forgotten: tuple[str, ...] = ()


def add(connection: Connection, arrived: Sequence[Arrival], now: datetime) -> Added:
    """Store what is new of ``arrived`` and put it in line for a decision.

    Gives the ids of new ones and counts repeats; ``now``: aware, UTC.
    """
    known_places = _known_places(connection, arrived)
    unseen = [item for item in arrived if (item.source, item.key) not in known_places]
    if not unseen:
        return Added((), len(arrived))
    ids = _known_identities(connection, (item.message.identity for item in unseen))
    gone = forgotten.identities(connection, [one for item in unseen if (one := item.message.identity) not in ids])
    forgotten_keys = tuple(item.key for item in unseen if item.message.identity in gone)
    unseen = [item for item in unseen if item.message.identity not in gone]
    new: dict[bytes, Arrival] = {}
    for item in unseen:
        if item.message.identity not in ids:
            new.setdefault(item.message.identity, item)
    new_ids = reserve_ids(connection, tables.messages, len(new))
    ids.update(zip(new, new_ids, strict=True))
    numbered = list(zip(new_ids, new.values(), strict=True))
    rows = [message_rows.values(number, item, now) for number, item in numbered]
    bulk_insert.insert(connection, tables.messages, rows)
    raws = [{"message_id": number, "data": item.raw} for number, item in numbered]
    bulk_insert.insert(connection, tables.raw_messages, raws)
    first = [{"message_id": number, "turn": 0} for number, item in numbered if item.looks_urgent]
    bulk_insert.insert(connection, tables.waiting, first)
    later = [{"message_id": number} for number, item in numbered if not item.looks_urgent]
    bulk_insert.insert(connection, tables.waiting, later)
    _note_places(connection, unseen, ids, now)
    return Added(tuple(new_ids), len(arrived) - len(new), forgotten_keys)


def _known_places(connection: Connection, arrived: Sequence[Arrival]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for source in {item.source for item in arrived}:
        keys = [item.key for item in arrived if item.source == source]
        found.update((source, key) for key in known_keys(connection, source, keys))
    return found


def known_keys(connection: Connection, source: str, keys: Sequence[str]) -> set[str]:
    """The set of those ``keys`` that were stored from ``source`` before."""
    found: set[str] = set()
    for some in pieces(keys):
        found.update(connection.scalars(_KNOWN_KEYS, {"source": source, "wanted": some}))
    return found


def _known_identities(connection: Connection, identities: Iterable[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for some in pieces(list(identities)):
        rows = connection.execute(_KNOWN_IDENTITIES, {"wanted": some})
        found.update((row.identity, row.id) for row in rows)
    return found


def _note_places(connection: Connection, unseen: list[Arrival], ids: dict[bytes, int], now: datetime) -> None:
    places = {(item.source, item.key): ids[item.message.identity] for item in unseen}
    numbers = reserve_ids(connection, tables.arrivals, len(places))
    rows = [
        {"id": number, "source": source, "key": key, "message_id": message_id, "seen_at": now}
        for number, ((source, key), message_id) in zip(numbers, places.items(), strict=True)
    ]
    bulk_insert.insert(connection, tables.arrivals, rows)


def get(connection: Connection, message_id: int) -> Stored | None:
    """The message with this id."""
    row = connection.execute(sa.select(tables.messages).where(tables.messages.c.id == message_id)).one_or_none()
    return message_rows.stored(row) if row else None


def raw(connection: Connection, message_id: int) -> bytes:
    """The bytes as they came."""
    query = sa.select(tables.raw_messages.c.data).where(tables.raw_messages.c.message_id == message_id)
    return connection.scalar(query) or b""


def id_of(connection: Connection, identity: bytes) -> int | None:
    """The id of the message with this identity. None when none is stored; ``identity`` has 32 bytes."""
    return connection.scalar(sa.select(tables.messages.c.id).where(tables.messages.c.identity == identity))


def undecided(connection: Connection, limit: int, *, urgent_alone: bool = False) -> list[Stored]:
    """Messages nobody has decided about: what looks urgent first, then the oldest. A list of at most ``limit``.

    Of more than so many that look urgent half are the oldest, and half the newest: what has just come waits for no
    backlog, and nothing waits for ever. ``urgent_alone``: where something looks urgent, nothing else.
    """
    urgent = connection.execute(_OLDEST_URGENT, {"limit": limit}).all()
    if len(urgent) == limit and limit > 1:
        half = limit // 2
        known = {row.id: row for row in urgent[: limit - half]}
        known.update((row.id, row) for row in connection.execute(_NEWEST_URGENT, {"limit": half}))
        urgent = [known[number] for number in sorted(known)]
    left = 0 if urgent and urgent_alone else limit - len(urgent)
    others = connection.execute(_OTHERS, {"limit": left}).all() if left else []
    return [message_rows.stored(row) for row in (*urgent, *others)]


def claim(connection: Connection, ids: Sequence[int]) -> set[int]:
    """The set of those ``ids`` that still wait; nobody else can decide them until this transaction ends."""
    found: set[int] = set()
    for some in pieces(ids):
        found.update(connection.scalars(_CLAIMED, {"wanted": some}))
    return found


def decided(connection: Connection, ids: Sequence[int]) -> None:
    """Take these messages out of the line: their decision is stored in the same transaction."""
    for some in pieces(ids):
        connection.execute(_DECIDED, {"wanted": some})


def put_in_line(connection: Connection, message_id: int) -> None:
    """Have this message decided once more."""
    query = sa.select(tables.waiting.c.message_id).where(tables.waiting.c.message_id == message_id)
    if connection.scalar(query) is None:
        connection.execute(sa.insert(tables.waiting).values(message_id=message_id))


def anything_waiting(connection: Connection) -> bool:
    """Whether a message waits for a decision."""
    return connection.scalar(sa.select(tables.waiting.c.message_id).limit(1)) is not None


def count_waiting(connection: Connection) -> tuple[int, datetime | None]:
    """How many messages wait for a decision, and since when the oldest does.

    A pair of (number, time: aware UTC or None).
    """
    count = connection.scalar(sa.select(sa.func.count()).select_from(tables.waiting)) or 0
    if not count:
        return 0, None
    oldest = sa.select(sa.func.min(tables.waiting.c.message_id)).scalar_subquery()
    return count, connection.scalar(sa.select(tables.messages.c.stored_at).where(tables.messages.c.id == oldest))
