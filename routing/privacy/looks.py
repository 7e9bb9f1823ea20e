"""Who looked at personal data: a line for each look, with who it really was; [retention] ends them.

What was searched for is a person's name and stays out; which cases and messages were seen is noted by their numbers.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from routing.store import tables

NAMED = 50


def note(engine: Engine, now: datetime, actor: str, action: str, numbers: Iterable[str] = ()) -> None:
    """Write down that ``actor`` saw these (numbers of cases or messages); nothing where nobody ever worked here.

    ``action`` is the command; ``now``: aware, UTC. Raises TemporaryError: who cannot be noted sees nothing.
    """
    with storage.writing(engine) as connection:
        add(connection, now, actor, action, numbers)


def add(connection: Connection, now: datetime, actor: str, action: str, numbers: Iterable[str] = ()) -> None:
    """``note``, in the caller's transaction."""
    seen = list(dict.fromkeys(numbers))
    what = " ".join(seen[:NAMED]) + (f" und {len(seen) - NAMED} weitere" if len(seen) > NAMED else "")
    [number] = storage.reserve_ids(connection, tables.looks, 1)
    row = {"id": number, "at": now, "actor": actor, "action": action, "what": what}
    connection.execute(sa.insert(tables.looks).values(row))


def lines(connection: Connection, *, number: str = "", actor: str = "", limit: int = 100) -> list[Any]:
    """The newest looks (rows of ``looks``), of one ``actor`` or at one ``number``, the newest first."""
    columns = tables.looks.c
    query = sa.select(tables.looks).order_by(columns.id.desc()).limit(limit)
    if actor:
        query = query.where(columns.actor == actor)
    if number:
        padded = sa.literal(" ") + columns.what + " "
        query = query.where(padded.contains(f" {number.strip()} ", autoescape=True))
    return list(connection.execute(query))
