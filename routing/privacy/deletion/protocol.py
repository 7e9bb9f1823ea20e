"""The protocol of deletions (DIN 66398): rule, place, how many, of which time span, when, by whom; never a content."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import storage
from routing.store import tables

_COLUMNS = tables.deletions.c


class Run(Struct, frozen=True):
    """Who deletes, since when (aware, UTC); all lines of one run bear it."""

    at: datetime
    actor: str


def note(
    connection: Connection, run: Run, rule: str, place: str, count: int, span: tuple[datetime | None, datetime | None]
) -> None:
    """Add so many to the run's line of this rule and place, in the transaction that deletes them.

    ``span`` is from the oldest to the newest (aware, UTC; None where that has no time).
    """
    if not count:
        return
    mine = sa.and_(_COLUMNS.at == run.at, _COLUMNS.actor == run.actor, _COLUMNS.rule == rule, _COLUMNS.place == place)
    row = connection.execute(sa.select(tables.deletions).where(mine)).one_or_none()
    oldest = min(filter(None, (span[0], row.oldest if row else None)), default=None)
    newest = max(filter(None, (span[1], row.newest if row else None)), default=None)
    if row:
        change = sa.update(tables.deletions).where(_COLUMNS.id == row.id)
        connection.execute(change.values(count=_COLUMNS["count"] + count, oldest=oldest, newest=newest))
        return
    [number] = storage.reserve_ids(connection, tables.deletions, 1)
    values = {"id": number, "at": run.at, "actor": run.actor, "rule": rule, "place": place, "count": count}
    connection.execute(sa.insert(tables.deletions).values(values | {"oldest": oldest, "newest": newest}))


def lines(connection: Connection, limit: int) -> list[Any]:
    """The newest lines, at most ``limit``, the newest first: rows of ``deletions``."""
    return list(connection.execute(sa.select(tables.deletions).order_by(_COLUMNS.id.desc()).limit(limit)))
