"""The stored history as the tools for staff read it: what came in, what was decided, what people corrected.

Only reads, a few hundred rows at a time and each time in a transaction of its own: memory stays the same however long
the history is, and a working daemon is never held up. Raw bytes are not touched. What an erasure has emptied says
nothing any more, and is left out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct, convert, field
from sqlalchemy.engine import Engine

from intake import storage
from intake.message import Message
from intake.storage import message_rows
from intake.storage import tables as stored_tables
from routing.model.decision import Concern, Decision, State
from routing.store import tables

ROWS = 200
EMPTIED = "[gelöscht]"
"""What stands where a person's words stood."""
PROGRAM = "daemon"  # the actor of decisions that no person made
COMMENTS = frozenset({"answer", "edit", "follow-up", "repeat", "supplement"})
"""Kinds of decisions about messages that belong to an older one and are not routed by themselves."""


class Decided(Struct, frozen=True):
    """One decision about a message, as far as the tools compare it.

    ``detail`` is what explains it, as stored; ``fingerprint`` that of the configuration it was made with.
    """

    by_person: bool
    state: str
    kind: str
    category: str
    recipients: tuple[str, ...]
    detail: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def decision(self) -> Decision:
        """As it was decided, by whatever version of the program; what that one did not know has its usual value."""
        concerns = convert(self.detail.get("concerns", ()), tuple[Concern, ...])
        return Decision(State(self.state), self.kind, concerns, "")


class Past(Struct, frozen=True):
    """A message as it was judged, its case's number (or nothing) and its decisions, the newest last."""

    id: int
    received_at: datetime
    message: Message
    case: str
    decisions: tuple[Decided, ...]

    @property
    def name(self) -> str:
        """What staff find it by."""
        return self.case or f"Nachricht {self.id}"

    @property
    def is_comment(self) -> bool:
        """Whether it belongs to an older message and was not routed by itself."""
        return bool(self.decisions) and self.decisions[-1].kind in COMMENTS

    @property
    def by_program(self) -> Decided | None:
        """What the program decided last, whatever a person made of it."""
        mine = [one for one in self.decisions if not one.by_person and one.kind not in COMMENTS]
        return mine[-1] if mine else None


class Judged(Struct, frozen=True):
    """What the rules found in a message: (rule, keyword) of every match; and, if a person decided otherwise, that."""

    at: datetime
    matches: frozenset[tuple[str, str]]
    is_corrected: bool


def count(engine: Engine, since: datetime | None = None) -> int:
    """How many messages ``messages`` would give. ``since``: aware, UTC; None for all."""
    columns = stored_tables.messages.c
    query = sa.select(sa.func.count()).select_from(stored_tables.messages).where(_says_something())
    with storage.reading(engine) as connection:
        return connection.scalar(query if since is None else query.where(columns.received_at >= since)) or 0


def messages(engine: Engine, since: datetime | None = None) -> Iterator[Past]:
    """Every message, in the order in which they were stored; only those received ``since`` then.

    ``since``: aware, UTC; None for all.
    """
    columns = stored_tables.messages.c
    query = sa.select(stored_tables.messages).where(_says_something()).order_by(columns.id).limit(ROWS)
    if since is not None:
        query = query.where(columns.received_at >= since)
    last = 0
    while True:
        with storage.reading(engine) as connection:
            rows = connection.execute(query.where(columns.id > last)).all()
            decisions = _decisions(connection, [row.id for row in rows]) if rows else {}
        if not rows:
            return
        for row in rows:
            case, decided = decisions.get(row.id, ("", ()))
            yield Past(row.id, row.received_at, message_rows.stored(row).message, case, decided)
        last = rows[-1].id


def _says_something() -> sa.ColumnElement[bool]:
    columns = stored_tables.messages.c
    return sa.or_(columns.bytes_gone_at.is_(None), columns.text != EMPTIED)


def _decisions(connection: sa.Connection, ids: Sequence[int]) -> dict[int, tuple[str, tuple[Decided, ...]]]:
    decisions, cases = tables.decisions.c, tables.cases.c
    query = (
        sa.select(
            *(decisions.message_id, decisions.actor, decisions.state, decisions.kind, decisions.category),
            *(decisions.recipients, decisions.detail, decisions.fingerprint, cases.number),
        )
        .outerjoin(tables.cases, cases.id == decisions.case_id)
        .where(decisions.message_id.in_(ids))
        .order_by(decisions.id)
    )
    found: dict[int, tuple[str, tuple[Decided, ...]]] = {}
    for row in connection.execute(query):
        by_person = row.actor != PROGRAM
        recipients = tuple(row.recipients)
        decided = Decided(by_person, row.state, row.kind, row.category, recipients, row.detail, row.fingerprint)
        case, earlier = found.get(row.message_id, ("", ()))
        found[row.message_id] = (row.number or case, (*earlier, decided))
    return found


def texts(engine: Engine, fingerprint: str) -> Mapping[str, str]:
    """The files of the configuration with this fingerprint, keyed by name; empty where it is not kept."""
    query = sa.select(tables.snapshots.c.texts).where(tables.snapshots.c.fingerprint == fingerprint)
    with storage.reading(engine) as connection:
        return connection.scalar(query) or {}


def judged(engine: Engine, since: datetime) -> Iterator[Judged]:
    """What the rules found in each message that they judged ``since`` then, the newest first."""
    columns = tables.decisions.c
    query = sa.select(columns.id, columns.message_id, columns.at, columns.recipients, columns.detail)
    query = query.where(columns.actor == PROGRAM).order_by(columns.id.desc()).limit(ROWS)
    last: int | None = None
    while True:
        with storage.reading(engine) as connection:
            rows = connection.execute(query if last is None else query.where(columns.id < last)).all()
            corrections = _corrections(connection, [row.message_id for row in rows]) if rows else {}
        for row in rows:
            if row.at < since:
                return
            matches = frozenset(
                (match["rule"], match["keyword"])
                for concern in row.detail.get("concerns", ())
                for match in concern["matches"]
            )
            later = [recipients for number, recipients in corrections.get(row.message_id, ()) if number > row.id]
            yield Judged(row.at, matches, any(set(recipients) != set(row.recipients) for recipients in later))
        if len(rows) < ROWS:
            return
        last = rows[-1].id


def _corrections(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[tuple[int, list[str]]]]:
    """By message, what people decided about it: the decision's id and its recipients."""
    columns = tables.decisions.c
    query = sa.select(columns.id, columns.message_id, columns.recipients)
    query = query.where(columns.message_id.in_(ids), columns.actor != PROGRAM)
    found: dict[int, list[tuple[int, list[str]]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.message_id].append((row.id, row.recipients))
    return found
