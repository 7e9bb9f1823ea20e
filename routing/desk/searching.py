"""Finding cases: by number, words of the text, sender, place, and by what they are. Reading only.

A search looks at the newest cases first and ends at ``limit``; words are looked for as they stand (``LIKE``), so that
one finds what was written, whatever the rules made of it. No index helps with that, so it goes through the concerns in
slices and ends, too, when its time is over: it says how far it came, and can be gone on with there.
"""

import time
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import reference, storage
from intake.storage import tables as stored_tables
from routing.desk import case_views
from routing.desk.case_views import ListedConcern
from routing.store import tables


class Wanted(Struct, frozen=True):
    """What is looked for; empty is anything. ``since`` and ``until`` are aware, UTC; ``until`` itself is outside."""

    words: str = ""
    channel: str = ""
    recipient: str = ""
    category: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None


SLICE = 2000  # concerns that are looked through at once
SECONDS = 0.2  # for a whole search; the rest of a page needs the other tenth


class Found(Struct, frozen=True):
    """What was found, the newest first.

    ``before`` and ``since`` tell where the search ended before it had seen all: go on there (a concern's id), and what
    is older than this (aware, UTC) was not looked at. Both are None when nothing is left.
    """

    concerns: tuple[ListedConcern, ...]
    before: int | None = None
    since: datetime | None = None


def search(engine: Engine, wanted: Wanted, limit: int, *, before: int | None = None) -> Found:
    """Concerns that are wanted, the newest first: at most ``limit``, and what is seen in ``SECONDS``.

    ``before``: go on where a search ended.
    """
    ends = time.monotonic() + SECONDS
    columns = tables.concerns.c
    with storage.reading(engine) as connection:
        newest = connection.scalar(sa.select(sa.func.max(columns.id))) or 0
        top = newest if before is None else min(before - 1, newest)
        if reference.parse_case(wanted.words, reference.ANY):
            return Found(_slice(connection, wanted, 0, top, limit))
        found: list[ListedConcern] = []
        while top > 0:
            found += _slice(connection, wanted, top - SLICE, top, limit - len(found))
            top -= SLICE
            if len(found) >= limit or (top > 0 and time.monotonic() >= ends):
                break
        if top <= 0 or len(found) >= limit:
            return Found(tuple(found))
        last = sa.select(columns.opened_at).where(columns.id > top).order_by(columns.id).limit(1)
        return Found(tuple(found), top + 1, connection.scalar(last))


def _slice(connection: Connection, wanted: Wanted, above: int, top: int, limit: int) -> tuple[ListedConcern, ...]:
    """Of the concerns with ids from ``above`` (not itself) to ``top``, the newest that are wanted."""
    concerns, cases, messages = tables.concerns, tables.cases, stored_tables.messages
    query = (
        sa.select(concerns, cases.c.number, *case_views.SAID)
        .join(cases, cases.c.id == concerns.c.case_id)
        .join(messages, messages.c.id == concerns.c.message_id)
        .where(concerns.c.id > above, concerns.c.id <= top, *_conditions(wanted))
        .order_by(concerns.c.id.desc())
        .limit(limit)
    )
    return tuple(case_views.of_row(row, row.number, row.waits_for) for row in connection.execute(query))


def channels(engine: Engine) -> list[str]:
    """The channels that concerns have come by lately, by name."""
    with storage.reading(engine) as connection:
        return sorted(_channels(connection))


def _channels(connection: Connection) -> set[str]:
    messages = stored_tables.messages.c
    newest = sa.select(messages.channel).order_by(messages.id.desc()).limit(5000).subquery()
    return set(connection.scalars(sa.select(newest.c.channel).distinct()))


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    concerns, messages, forwards = tables.concerns.c, stored_tables.messages.c, tables.forwards.c
    named = reference.parse_case(wanted.words, reference.ANY) if wanted.words else None
    found = [tables.cases.c.number == named.case] if named else [_has(word) for word in wanted.words.split()]
    for column, value in (
        (messages.channel, wanted.channel),
        (concerns.category, wanted.category),
        (concerns.state, wanted.state),
    ):
        found += [column == value] if value else []
    if wanted.recipient:
        goes = sa.exists().where(
            forwards.concern_id == concerns.id, forwards.recipient == wanted.recipient, forwards.state != "cancelled"
        )
        found.append(goes)
    if wanted.since:
        found.append(concerns.opened_at >= wanted.since)
    if wanted.until:
        found.append(concerns.opened_at < wanted.until)
    return found


def _has(word: str) -> sa.ColumnElement[bool]:
    messages = stored_tables.messages.c
    said = (messages.new_text, messages.subject, messages.from_name, messages.from_addr, messages.contact)
    columns = (*said, tables.concerns.c.place, tables.cases.c.number)
    return sa.or_(*(column.icontains(word, autoescape=True) for column in columns))
