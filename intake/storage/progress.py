"""How far each mailbox was read, the timeline of who did what, and what an installation knows of itself."""

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.storage import tables
from intake.storage.engine import reserve_ids

BEGUN = "begun"
"""When somebody said that this is the beginning, whatever the mailbox shows."""
MOVED_TO = "moved to"
"""The database that took this one's place; no daemon works here any more."""
RESTORED_FROM = "restored from"
"""When the backup was made that is being brought up to date; no daemon works here until that is done."""


class Mark(Struct, frozen=True):
    """Every mail of ``name`` up to and including UID ``uid`` (under ``uid_validity``) is stored."""

    name: str
    uid_validity: int
    uid: int


def mark(connection: Connection, name: str) -> Mark | None:
    """How far the source was read; None before its first start."""
    row = connection.execute(sa.select(tables.sources).where(tables.sources.c.name == name)).one_or_none()
    return Mark(row.name, row.uid_validity, row.uid_mark) if row else None


def set_mark(connection: Connection, new: Mark, now: datetime) -> None:
    """Remember how far the source was read; in the transaction that stores what was read. ``now``: aware, UTC."""
    changed = connection.execute(
        sa.update(tables.sources)
        .where(tables.sources.c.name == new.name)
        .values(uid_validity=new.uid_validity, uid_mark=new.uid)
    )
    if changed.rowcount == 0:
        connection.execute(
            sa.insert(tables.sources).values(
                name=new.name, uid_validity=new.uid_validity, uid_mark=new.uid, first_seen=now
            )
        )


def first_read(connection: Connection, name: str) -> datetime | None:
    """When the source was read for the first time; None before that. Aware, UTC."""
    return connection.scalar(sa.select(tables.sources.c.first_seen).where(tables.sources.c.name == name))


def beat(connection: Connection, name: str, now: datetime) -> None:
    """The work ``name`` was done with success just now. ``now``: aware, UTC."""
    heartbeats = tables.heartbeats
    changed = connection.execute(sa.update(heartbeats).where(heartbeats.c.name == name).values(at=now))
    if changed.rowcount == 0:
        connection.execute(sa.insert(heartbeats).values(name=name, at=now))


def heartbeats(connection: Connection) -> dict[str, datetime]:
    """When each work was last done with success. Keyed by name of the work; times are aware, UTC."""
    return {row.name: row.at for row in connection.execute(sa.select(tables.heartbeats))}


def note(
    connection: Connection,
    now: datetime,
    action: str,
    *,
    actor: str = "daemon",
    case_id: int | None = None,
    message_id: int | None = None,
    detail: str = "",
) -> None:
    """Add a line to the timeline; ``detail`` is German and holds no personal data. ``now``: aware, UTC."""
    [number] = reserve_ids(connection, tables.events, 1)
    connection.execute(
        sa.insert(tables.events).values(
            id=number, at=now, actor=actor, action=action, case_id=case_id, message_id=message_id, detail=detail
        )
    )


def fact(connection: Connection, name: str) -> str:
    """The text under this name; "" without one."""
    return connection.scalar(sa.select(tables.installation.c.value).where(tables.installation.c.name == name)) or ""


def note_fact(connection: Connection, name: str, value: str) -> None:
    """Keep this text under this name; an empty one removes it."""
    connection.execute(sa.delete(tables.installation).where(tables.installation.c.name == name))
    if value:
        connection.execute(sa.insert(tables.installation).values(name=name, value=value))
