"""What is left of a concern for counting: everything that figures need, and no person, number, place or word.

``of`` works a figure out from the living rows; ``keep`` writes it down when these are deleted. A report counts both
the same way. One row a concern, or a message that brought none; ``first`` marks one row of each case, so that cases
are counted too. The times are the moments as they were: who counts waiting times needs them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage import tables as stored
from intake.storage.queries import WANTED, pieces
from routing.store import tables
from routing.store.cases.matching import REPEAT, SUPPLEMENT

DAEMON = "daemon"
REFUSED = "refused"
"""What a body's answer is called that hands a concern back."""
REPORTS = (REPEAT, SUPPLEMENT)
"""Kinds of decisions about messages that told of a case once more; letters count the same."""

_M, _D, _C, _F = stored.messages.c, tables.decisions.c, tables.concerns.c, tables.forwards.c
_MESSAGES = sa.select(_M.id, _M.channel, _M.automatic, _M.received_at, _M.stored_at).where(_M.id.in_(WANTED))
_DECISIONS = (
    sa.select(_D.message_id, _D.case_id, _D.at, _D.actor, _D.state, _D.kind, _D.detail)
    .where(_D.message_id.in_(WANTED))
    .order_by(_D.id)
)
_CONCERNS = sa.select(tables.concerns).where(_C.case_id.in_(WANTED)).order_by(_C.case_id, _C.position)
_CLOSED = (
    sa.select(stored.events.c.case_id, sa.func.max(stored.events.c.at).label("at"))
    .where(stored.events.c.case_id.in_(WANTED), stored.events.c.action.in_(["closed", "answered"]))
    .group_by(stored.events.c.case_id)
)
_ACCEPTED = (
    sa.select(sa.func.min(tables.deliveries.c.finished_at))
    .where(tables.deliveries.c.letter_id == _F.letter_id, tables.deliveries.c.state == "sent")
    .scalar_subquery()
)
_FORWARDS = (
    sa.select(tables.forwards, tables.letters.c.composed_at, _ACCEPTED.label("accepted_at"))
    .outerjoin(tables.letters, tables.letters.c.id == _F.letter_id)
    .where(_F.concern_id.in_(WANTED))
    .order_by(_F.id)
)
_NEWER = tables.decisions.alias("newer")
_REPORTS = (
    sa.select(_D.case_id, sa.func.count().label("number"))
    .where(
        _D.case_id.in_(WANTED),
        _D.kind.in_(REPORTS),
        ~sa.exists().where(_NEWER.c.message_id == _D.message_id, _NEWER.c.id > _D.id),
    )
    .group_by(_D.case_id)
)


class Forward(Struct, frozen=True):
    """A body that a concern went to; times are aware, UTC. The columns of ``figure_forwards``."""

    recipient: str
    urgency: str
    state: str
    further: bool
    planned_at: datetime
    due_at: datetime
    composed_at: datetime | None
    accepted_at: datetime | None
    answer: str
    answered_at: datetime | None
    chased: int


class Figure(Struct, frozen=True):
    """The columns of ``figures``, and the bodies beside them; times are aware, UTC."""

    counts: str
    first: bool
    channel: str
    kind: str
    automatic: str
    state: str
    category: str
    category_id: str
    district: str
    urgency: str
    rules: tuple[str, ...]
    received_at: datetime
    stored_at: datetime
    decided_at: datetime | None
    closed_at: datetime | None
    reports: int
    was_in_review: bool
    corrected: bool
    handed_back: bool
    forwards: tuple[Forward, ...] = ()


def of(connection: Connection, cases: Collection[int], messages: Collection[int]) -> list[Figure]:
    """The figures of these cases' concerns, and of these messages (ids) that brought none. A list in order."""
    known = {row.id: row for row in _rows(connection, _MESSAGES, messages)}
    decisions: dict[int, list[Any]] = {}
    for row in _rows(connection, _DECISIONS, messages):
        decisions.setdefault(row.message_id, []).append(row)
    concerns = _rows(connection, _CONCERNS, cases)
    closed = {row.case_id: row.at for row in _rows(connection, _CLOSED, cases)}
    reports = {row.case_id: row.number for row in _rows(connection, _REPORTS, cases)}
    forwards: dict[int, list[Forward]] = {}
    for row in _rows(connection, _FORWARDS, [one.id for one in concerns]):
        forwards.setdefault(row.concern_id, []).append(_forward(row))
    found, counted = [], set()
    for row in concerns:
        is_first = row.case_id not in counted
        counted.add(row.case_id)
        sent = tuple(forwards.get(row.id, ()))
        message = known[row.message_id]
        here = decisions.get(row.message_id, [])
        found.append(
            _figure(message, here, is_first=is_first)
            | _concern(row, sent, here)
            | {"closed_at": closed.get(row.case_id), "reports": reports.get(row.case_id, 0)}
        )
    bringing = {row.message_id for row in concerns}
    found += [
        _figure(row, decisions.get(row.id, []), is_first=True) for row in known.values() if row.id not in bringing
    ]
    return [Figure(**values) for values in found]


def _rows(connection: Connection, query: sa.Select[Any], wanted: Collection[int]) -> list[Any]:
    return [row for some in pieces(sorted(wanted)) for row in connection.execute(query, {"wanted": some}).all()]


def _figure(message: Any, decisions: Sequence[Any], *, is_first: bool) -> dict[str, Any]:
    """What a message without a concern counts as."""
    newest = decisions[-1] if decisions else None
    return {
        "counts": "message",
        "first": is_first,
        "channel": message.channel,
        "kind": newest.kind if newest else "",
        "automatic": message.automatic,
        "state": newest.state if newest else "",
        "category": "",
        "category_id": "",
        "district": "",
        "urgency": "",
        "rules": (),
        "received_at": message.received_at,
        "stored_at": message.stored_at,
        "decided_at": decisions[0].at if decisions else None,
        "closed_at": None,
        "reports": 0,
        "was_in_review": any(row.state == "review" for row in decisions),
        "corrected": any(row.actor != DAEMON for row in decisions),
        "handed_back": False,
    }


def _concern(row: Any, sent: tuple[Forward, ...], decisions: Sequence[Any]) -> dict[str, Any]:
    """What a concern has beyond its message."""
    decided = [one for decision in decisions for one in decision.detail.get("concerns", ())]
    return {
        "counts": "concern",
        "state": row.state,
        "category": row.category,
        "category_id": row.category_id,
        "district": row.district,
        "urgency": row.urgency,
        "rules": tuple(
            dict.fromkeys(
                name for one in decided if one.get("category") == row.category for name in one.get("rules", ())
            )
        ),
        "was_in_review": any(one.state == "review" for one in decisions)
        or any(one.get("state") == "review" for one in decided if one.get("category") == row.category),
        "handed_back": any(one.answer == REFUSED for one in sent),
        "forwards": sent,
    }


def _forward(row: Any) -> Forward:
    return Forward(
        recipient=row.recipient,
        urgency=row.urgency,
        state=row.state,
        further=row.report_id is not None,
        planned_at=row.planned_at,
        due_at=row.due_at,
        composed_at=row.composed_at,
        accepted_at=row.accepted_at,
        answer=row.answer,
        answered_at=row.answered_at,
        chased=row.chased,
    )


def keep(connection: Connection, found: Sequence[Figure]) -> None:
    """Write these down, in the transaction that deletes what they were worked out from."""
    rows: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = []
    for number, figure in zip(storage.reserve_ids(connection, tables.figures, len(found)), found, strict=True):
        values = asdict(figure)
        sent += [asdict(one) | {"figure_id": number} for one in values.pop("forwards")]
        rows.append(values | {"id": number})
    if rows:
        connection.execute(sa.insert(tables.figures), rows)
    numbers = storage.reserve_ids(connection, tables.figure_forwards, len(sent))
    if sent:
        connection.execute(
            sa.insert(tables.figure_forwards),
            [one | {"id": number} for number, one in zip(numbers, sent, strict=True)],
        )
