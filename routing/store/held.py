"""Which messages are held (nothing deletes them) or restricted (nobody works on them, Art. 18 GDPR). Reads only.

Whoever decides about a concern, sends something about it or shows it in a list asks here; holds begin and end in
``routing.privacy.holds``.
"""

from collections.abc import Collection
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake.storage.queries import pieces
from routing.store import tables

WAITS_FOR = "Verarbeitung eingeschränkt (Art. 18 DSGVO); aufheben: kod-intake hold --end"
"""Why a concern of a restricted message waits."""
_H = tables.holds.c


class Kind(StrEnum):
    """What a row of ``holds`` means."""

    HOLD = "hold"
    RESTRICTED = "restricted"


def active(connection: Connection, messages: Collection[int], kind: Kind | None = None) -> set[int]:
    """The set of those messages (ids) that are held or restricted, or of one kind."""
    found: set[int] = set()
    for some in pieces(sorted(messages)):
        query = sa.select(_H.message_id).where(_H.message_id.in_(some), _H.ended_at.is_(None))
        found.update(connection.scalars(query if kind is None else query.where(_H.kind == kind)))
    return found


def is_active(message_id: sa.ColumnElement[int], kind: Kind | None = None) -> sa.ColumnElement[bool]:
    """Whether the message of this column is held or restricted, or of one kind: for a query."""
    mine = sa.exists().where(_H.message_id == message_id, _H.ended_at.is_(None))
    return mine if kind is None else mine.where(_H.kind == kind)
