"""Mails that a server does not give, or does not let go: how often each was tried, so that it holds up no other.

A mail is named by its source and its key there, as in ``arrivals``. All within the caller's transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.storage import tables
from intake.storage.queries import WANTED, pieces

_ROWS = tables.stubborn
_OF = sa.select(_ROWS).where(_ROWS.c.source == sa.bindparam("of"))
_GONE = sa.delete(_ROWS).where(_ROWS.c.source == sa.bindparam("of"), _ROWS.c.key.in_(WANTED))


class Stubborn(Struct, frozen=True):
    """A mail at ``key``. ``tries``: how often it alone was asked for in vain; ``copied``: it lies in its folder too.

    ``since`` and ``last_at`` are aware, UTC; ``reason`` is what the server said, cleaned.
    """

    key: str
    tries: int
    since: datetime
    last_at: datetime
    reason: str
    copied: bool = False


def known(connection: Connection, source: str) -> list[Stubborn]:
    """All of a source, the longest known first."""
    rows = connection.execute(_OF.order_by(_ROWS.c.since, _ROWS.c.key), {"of": source})
    return [Stubborn(row.key, row.tries, row.since, row.last_at, row.reason, row.copied) for row in rows]


def note(connection: Connection, source: str, found: Sequence[Stubborn]) -> None:
    """Remember these as they are now."""
    forget(connection, source, [one.key for one in found])
    if found:
        values = [
            {
                "source": source,
                "key": one.key,
                "tries": one.tries,
                "copied": one.copied,
                "since": one.since,
                "last_at": one.last_at,
                "reason": one.reason,
            }
            for one in found
        ]
        connection.execute(sa.insert(_ROWS), values)


def forget(connection: Connection, source: str, keys: Iterable[str]) -> None:
    """These came after all, or are gone from the server."""
    for some in pieces(list(keys)):
        connection.execute(_GONE, {"of": source, "wanted": some})
