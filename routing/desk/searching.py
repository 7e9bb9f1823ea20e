"""Finding cases: by number, words of the text, sender, place, and by what they are. Reading only.

A search looks at the newest cases first and ends at ``limit``; words are looked for as they stand (``LIKE``), so that
one finds what was written, whatever the rules made of it.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import reference, storage
from intake.storage import tables as stored_tables
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


def search(engine: Engine, wanted: Wanted, limit: int) -> list[ListedConcern]:
    """Concerns that are wanted, the newest first."""
    concerns, cases, messages = tables.concerns, tables.cases, stored_tables.messages
    words = sa.func.substr(messages.c.new_text, 1, 200).label("words")
    query = (
        sa.select(concerns, cases.c.number, messages.c.channel, messages.c.subject, words)
        .join(cases, cases.c.id == concerns.c.case_id)
        .join(messages, messages.c.id == concerns.c.message_id)
        .where(*_conditions(wanted))
        .order_by(concerns.c.id.desc())
        .limit(limit)
    )
    with storage.reading(engine) as connection:
        return [_listed(row) for row in connection.execute(query)]


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
        mine = sa.select(forwards.concern_id).where(
            forwards.recipient == wanted.recipient, forwards.state != "cancelled"
        )
        found.append(concerns.id.in_(mine))
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


def _listed(row: Any) -> ListedConcern:
    return ListedConcern(
        number=row.number,
        state=row.state,
        urgency=row.urgency,
        category=row.category,
        place=row.place,
        opened_at=row.opened_at,
        channel=row.channel,
        reason=row.waits_for,
        about=row.subject.strip() or row.words,
    )
