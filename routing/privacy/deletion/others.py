"""Deletion by age of what belongs to no case: figures, looks, the protocol, events, probes, rule states, hashes.

Stages for ``retention``, simple ones: rows older than a moment. Those without a number of their own go in one batch
and show up as one page of the number 1.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.storage import tables as stored
from routing.privacy.deletion.due import AFTER, CUTOFF, LIMIT
from routing.store import tables

MANY = "many"
"""The column of a page that says how many rows one of it stands for."""
Take = Callable[[Connection, Sequence[int], datetime, datetime], int]


class Simple(Struct, frozen=True):
    """A kind of rows: key, place (German), the page of what is due, how it goes."""

    key: str
    place: str
    page: sa.Select[Any]
    take: Take


def _rows(
    key: str,
    place: str,
    table: sa.Table,
    time: sa.Column[datetime],
    *which: sa.ColumnElement[bool],
    first: Take | None = None,
) -> Simple:
    """Rows of ``table``, which has an id, older by ``time``; ``first`` takes what hangs on them."""
    query = sa.select(table.c.id, time.label("at")).where(time <= CUTOFF, table.c.id > AFTER, *which)

    def take(connection: Connection, ids: Sequence[int], now: datetime, cutoff: datetime) -> int:
        if first:
            first(connection, ids, now, cutoff)
        connection.execute(sa.delete(table).where(table.c.id.in_(ids)))
        return len(ids)

    return Simple(key, place, query.order_by(table.c.id).limit(LIMIT), take)


def _old(key: str, place: str, table: sa.Table, time: sa.Column[datetime], *which: sa.ColumnElement[bool]) -> Simple:
    """Rows of ``table``, which has no id, older by ``time``, at once."""
    oldest = sa.select(
        sa.literal(1).label("id"), sa.func.min(time, type_=time.type).label("at"), sa.func.count().label(MANY)
    ).select_from(table)
    found = oldest.where(time <= CUTOFF, *which).subquery()
    query: sa.Select[Any] = sa.select(found).where(found.c.at.is_not(None), found.c.id > AFTER).limit(LIMIT)

    def take(connection: Connection, ids: Sequence[int], now: datetime, cutoff: datetime) -> int:
        del ids, now
        return connection.execute(sa.delete(table).where(time <= cutoff, *which)).rowcount

    return Simple(key, place, query, take)


def _bodies(connection: Connection, ids: Sequence[int], now: datetime, cutoff: datetime) -> int:
    del now, cutoff
    column = tables.figure_forwards.c.figure_id
    return connection.execute(sa.delete(tables.figure_forwards).where(column.in_(ids))).rowcount


_E, _S = stored.events.c, tables.snapshots.c
_UNUSED = ~sa.exists().where(tables.decisions.c.fingerprint == _S.fingerprint)
_UNNAMED = ~sa.exists().where(tables.deliveries.c.address == tables.stopped.c.address)
_NEWEST = sa.select(sa.func.max(_S.first_used)).scalar_subquery()

STAGES: tuple[Simple, ...] = (
    _rows("figures", "Statistik", tables.figures, tables.figures.c.received_at, first=_bodies),
    _old("figures", "Schlüsselhashes des Gelöschten", stored.forgotten, stored.forgotten.c.at),
    _rows("looks", "Wer was angesehen hat", tables.looks, tables.looks.c.at),
    _rows(
        "operations", "Ereignisse ohne Vorgang", stored.events, _E.at, _E.case_id.is_(None), _E.message_id.is_(None)
    ),
    _old("operations", "Probesendungen", stored.probes, stored.probes.c.sent_at),
    _old("operations", "Post, die der Server nicht hergab", stored.stubborn, stored.stubborn.c.last_at),
    _old("operations", "Adressen, die ein Server nicht kannte", tables.stopped, tables.stopped.c.since, _UNNAMED),
    _old("operations", "Regelstände", tables.snapshots, _S.first_used, _UNUSED, _S.first_used < _NEWEST),
    _rows("protocol", "Löschprotokoll", tables.deletions, tables.deletions.c.at),
    _rows("protocol", "beendete Sperren", tables.holds, tables.holds.c.ended_at),
)
