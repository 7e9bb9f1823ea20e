"""Decisions, concerns and planned forwards as rows, many at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage import bulk_insert
from intake.storage.queries import WANTED, pieces
from routing.model.decision import Decision, Place, State
from routing.planning.plan import Planned, Ruling
from routing.store import forwards, tables
from routing.store.cases import cases, matching
from routing.store.forwards import NewForward

Rows = list[dict[str, Any]]

_LAST = (
    sa.select(tables.concerns.c.case_id, sa.func.max(tables.concerns.c.position).label("last"))
    .where(tables.concerns.c.case_id.in_(WANTED))
    .group_by(tables.concerns.c.case_id)
)


def numbers(connection: Connection, messages: Sequence[int]) -> dict[int, str]:
    """The case numbers of these messages (by id), as far as they have one."""
    decisions, cases = tables.decisions.c, tables.cases.c
    query = (
        sa.select(decisions.message_id, cases.number)
        .join(tables.cases, cases.id == decisions.case_id)
        .where(decisions.message_id.in_(messages))
        .order_by(decisions.id)
    )
    return {row.message_id: row.number for row in connection.execute(query)}


def insert_decisions(
    connection: Connection,
    rulings: Sequence[Ruling],
    cases: Mapping[int, int],
    fingerprint: str,
    now: datetime,
    actor: str,
) -> None:
    """Write the decisions, one per ruling, with the cases that they joined (keyed by message id); ``now`` is aware.

    In the caller's transaction.
    """
    ids = storage.reserve_ids(connection, tables.decisions, len(rulings))
    rows = [
        {
            "id": number,
            "message_id": ruling.stored.id,
            "case_id": cases.get(ruling.stored.id),
            "at": now,
            "actor": actor,
            "state": ruling.decision.state,
            "kind": ruling.decision.kind,
            "category": ", ".join(dict.fromkeys(concern.category for concern in ruling.decision.concerns)),
            "urgency": ruling.decision.urgency or "",
            "recipients": ruling.decision.recipients,
            "reason": ruling.decision.reason,
            "detail": detail(ruling.decision),
            "fingerprint": fingerprint,
        }
        for number, ruling in zip(ids, rulings, strict=True)
    ]
    bulk_insert.insert(connection, tables.decisions, rows)


def detail(decision: Decision) -> dict[str, Any]:
    """What an explanation needs, for JSON. A dict of plain values: texts, numbers, lists."""
    return {
        "concerns": decision.concerns,
        "places": decision.places,
        "near_misses": decision.near_misses,
        "alert": decision.alert,
    }


def insert_concerns(
    connection: Connection,
    rulings: Sequence[Ruling],
    cases: Mapping[int, int],
    opened: Mapping[int, int],
    exactness: matching.Exactness,
    now: datetime,
) -> None:
    """Write the concerns of the rulings and who gets them, in order; ``now`` is aware.

    ``cases`` and ``opened`` map to case ids, keyed by message id. In the caller's transaction.
    """
    taken = _positions(connection, [case for message, case in cases.items() if message not in opened])
    rows: Rows = []
    plans: list[tuple[int, Planned]] = []  # with the index of its concern's row
    for ruling in rulings:
        case_id = cases.get(ruling.stored.id)
        if case_id is None or ruling.decision.state is State.KEPT:
            continue
        first = len(rows)
        rows += _concern_rows(ruling, case_id, taken, exactness, now)
        plans += [(first + one.concern, one) for one in ruling.planned]
    for number, row in zip(storage.reserve_ids(connection, tables.concerns, len(rows)), rows, strict=True):
        row["id"] = number
    bulk_insert.insert(connection, tables.concerns, rows)
    new = [NewForward(rows[row]["id"], one.recipient, one.urgency, one.template, one.due_at) for row, one in plans]
    forwards.plan(connection, new, now)


def _concern_rows(
    ruling: Ruling, case_id: int, taken: dict[int, int], exactness: matching.Exactness, now: datetime
) -> Rows:
    shared = {"case_id": case_id, "message_id": ruling.stored.id, "opened_at": now}
    rows: Rows = []
    states = {State.ROUTED: "open" if ruling.decision.state is State.ROUTED else "review", State.KEPT: "closed"}
    for concern in ruling.decision.concerns:
        taken[case_id] = taken.get(case_id, 0) + 1
        rows.append(
            shared
            | _place(ruling, concern.places)
            | {
                "position": taken[case_id],
                "state": states.get(concern.state, "review"),
                "category": concern.category,
                "category_id": concern.category_id,
                "urgency": concern.urgency,
                "likeness": matching.likeness(ruling.stored, ruling.decision, concern, exactness),
            }
        )
    if not rows:
        taken[case_id] = taken.get(case_id, 0) + 1
        rows.append(
            shared
            | _place(ruling, ruling.decision.places)
            | {
                "position": taken[case_id],
                "state": "review",
                "category": "",
                "category_id": "",
                "urgency": "",
                "likeness": "",
            }
        )
    return rows


def _place(ruling: Ruling, places: Sequence[Place]) -> dict[str, str]:
    place, district = cases.main_place(ruling.stored, places)
    return {"place": place, "district": district}


def _positions(connection: Connection, case_ids: list[int]) -> dict[int, int]:
    if not case_ids:
        return {}
    last: dict[int, int] = {}
    for some in pieces(case_ids):
        last.update((row.case_id, row.last) for row in connection.execute(_LAST, {"wanted": some}))
    return last
