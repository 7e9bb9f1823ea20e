"""A citizen writes about a case that is closed: "liegt immer noch da". It is opened again with its place and history.

What the message says anew goes out as usual, with the place of the closed concern where it names none. Where it says
only that it is still so, the closed concerns are before a person, with what became of them. Nothing is sent twice by
itself: whether the body must hear of it again, a person decides.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.engine import Connection

from intake.base import german
from routing.model.decision import Concern, Place, State, Urgency
from routing.planning.plan import Ruling
from routing.store import tables
from routing.store.cases import matching

_ENDED = frozenset({"closed", "replaced"})
_UNCLEAR = "unclear"


def with_history(connection: Connection, rulings: Sequence[Ruling], joined: Mapping[int, int]) -> list[Ruling]:
    """The rulings in order, those that join a closed case (by message id) with what that case knows."""
    if not joined:
        return list(rulings)
    concerns = tables.concerns.c
    query = sa.select(tables.concerns).where(concerns.case_id.in_(set(joined.values()))).order_by(concerns.id)
    of_case: dict[int, list[Any]] = {}
    for row in connection.execute(query):
        of_case.setdefault(row.case_id, []).append(row)
    closed = {
        case_id: [row for row in rows if row.state == "closed" and row.category]
        for case_id, rows in of_case.items()
        if all(row.state in _ENDED for row in rows)
    }
    return [_with(connection, ruling, closed.get(joined.get(ruling.stored.id, 0), ())) for ruling in rulings]


def _with(connection: Connection, ruling: Ruling, closed: Sequence[Any]) -> Ruling:
    decision = ruling.decision
    if not closed or decision.state is State.KEPT:
        return ruling
    if decision.concerns:
        concerns = tuple(_placed(concern, closed) for concern in decision.concerns)
        return Ruling(ruling.stored, structs.replace(decision, concerns=concerns), ruling.planned)
    if decision.kind != _UNCLEAR:
        return ruling
    concerns = tuple(
        Concern(
            row.category,
            row.category_id,
            (),
            Urgency(row.urgency) if row.urgency else Urgency.SAMMEL,
            (),
            (),
            State.REVIEW,
            _place(row),
        )
        for row in {row.category: row for row in closed}.values()
    )
    reason = f"Neues zu einem Vorgang, der geschlossen ist: {_history(connection, closed)}. Ein Mensch entscheidet."
    return Ruling(ruling.stored, structs.replace(decision, concerns=concerns, reason=reason), ())


def _placed(concern: Concern, closed: Sequence[Any]) -> Concern:
    """The concern with the place of a closed one, if it has none: of its kind, else the only place of the case."""
    if concern.places:
        return concern
    kind = matching.family(concern.category, concern.category_id)
    alike = [row for row in closed if row.place and matching.family(row.category, row.category_id) == kind]
    rows = alike or [row for row in closed if row.place]
    return structs.replace(concern, places=_place(rows[-1])) if len({row.place for row in rows}) == 1 else concern


def _place(row: Any) -> tuple[Place, ...]:
    return (Place(row.place, district=row.district, found=row.place),) if row.place or row.district else ()


def _history(connection: Connection, closed: Sequence[Any]) -> str:
    """What each concern was about, where, and who has a letter on it since when."""
    forwards = tables.forwards.c
    query = (
        sa.select(forwards.concern_id, forwards.recipient, tables.letters.c.composed_at)
        .join(tables.letters, tables.letters.c.id == forwards.letter_id)
        .where(forwards.concern_id.in_([row.id for row in closed]))
        .order_by(forwards.id)
    )
    sent: dict[int, list[str]] = {}
    for row in connection.execute(query):
        day = german.long_date(german.local(row.composed_at).date())
        sent.setdefault(row.concern_id, []).append(f"an {row.recipient} am {day}")
    return "; ".join(", ".join(filter(None, (row.category, row.place, *sent.get(row.id, ())))) for row in closed)
