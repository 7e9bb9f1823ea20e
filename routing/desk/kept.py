"""Messages that are only kept: automatic mail, thanks, lines of a list that were not read. They have no case.

Each can be listed and shown all the same, by the number of its message (N-42), so that nothing that came in is out of
sight. Reading only.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from intake import reference, storage
from intake.storage import tables as stored_tables
from routing.desk import case_views
from routing.desk.case_numbers import UnknownCaseError
from routing.desk.case_views import Case, Entry, ListedConcern
from routing.store import held, tables


def listed(engine: Engine, limit: int) -> list[ListedConcern]:
    """The messages whose newest decision keeps them without a case, at most ``limit``, newest first."""
    messages, decisions = stored_tables.messages, tables.decisions
    query = (
        sa.select(messages.c.id, messages.c.received_at, decisions.c.reason, *case_views.SAID)
        .join(decisions, decisions.c.message_id == messages.c.id)
        .where(decisions.c.state == "kept", decisions.c.case_id.is_(None), _is_newest(decisions))
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    with storage.reading(engine) as connection:
        return [
            ListedConcern(
                number=reference.message_number(row.id),
                state="kept",
                urgency="",
                category="",
                place="",
                opened_at=row.received_at,
                channel=row.channel,
                reason=row.reason,
                about=case_views.about(row),
            )
            for row in connection.execute(query)
        ]


def is_number(number: str) -> bool:
    """Whether ``number`` is one of ``listed``."""
    return reference.parse_message(number) is not None


def show(engine: Engine, number: str) -> Case:
    """A message with its decisions, as a case without concerns. Raises UnknownCaseError."""
    message = reference.parse_message(number)
    with storage.reading(engine) as connection:
        stored = storage.get(connection, message) if message is not None else None
        if stored is None:
            raise UnknownCaseError(f"Eine Nachricht {number.strip()} gibt es nicht.")
        decisions = connection.execute(
            sa.select(tables.decisions)
            .where(tables.decisions.c.message_id == stored.id)
            .order_by(tables.decisions.c.id)
        ).all()
        restricted = frozenset(held.active(connection, [stored.id], held.Kind.RESTRICTED))
    timeline = (
        Entry(stored.received_at, "", f"Eingang ({stored.message.channel})"),
        *(Entry(row.at, row.actor, "Entscheidung: nur gespeichert") for row in decisions if row.state == "kept"),
    )
    return Case(0, reference.message_number(stored.id), (stored,), (), tuple(decisions), (), timeline, restricted)


def _is_newest(decisions: Any) -> sa.ColumnElement[bool]:
    later = decisions.alias("later")
    return ~sa.exists().where(later.c.message_id == decisions.c.message_id, later.c.id > decisions.c.id)
