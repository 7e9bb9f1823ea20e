"""How people name a case: KOD-2026-000123, and -1, -2 … behind it for one of its several concerns."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import reference
from intake.base import errors, german
from routing.store import tables

ENDED = frozenset({"closed", "replaced"})
"""States of concerns that wait for nobody."""


class UnknownCaseError(errors.UsageError):
    """No case has this number."""


def find(connection: Connection, number: str) -> tuple[int, int | None]:
    """The id of the case and the position behind it; of any prefix, as it is looked up. Raises UnknownCaseError.

    A pair of (case id, position from 1 or None).
    """
    named = reference.parse_case(number, reference.ANY)
    if named is None:
        raise UnknownCaseError(f"„{number}“ ist keine Vorgangsnummer.{_example(connection)}")
    case_id = connection.scalar(sa.select(tables.cases.c.id).where(tables.cases.c.number == named.case))
    if case_id is None:
        raise UnknownCaseError(f"Den Vorgang {named.case} gibt es nicht. Alle offenen zeigt: kod-intake list")
    return case_id, named.position


def position(number: str) -> int | None:
    """The position behind a case's number, from 1; None without one."""
    named = reference.parse_case(number, reference.ANY)
    return named.position if named else None


def _example(connection: Connection) -> str:
    """A sentence with a number as this city writes them: that of the newest case."""
    newest = connection.scalar(sa.select(tables.cases.c.number).order_by(tables.cases.c.id.desc()).limit(1))
    return f" So sieht eine aus: {newest}" if newest else ""


def concerns(connection: Connection, case_id: int) -> Sequence[Any]:
    """The concerns of a case in order, each with the case's number."""
    query = (
        sa.select(tables.concerns, tables.cases.c.number)
        .join(tables.cases, tables.cases.c.id == tables.concerns.c.case_id)
        .where(tables.concerns.c.case_id == case_id)
        .order_by(tables.concerns.c.position)
    )
    return connection.execute(query).all()


def chosen(concerns: Sequence[Any], position: int | None) -> Any:
    """The concern at ``position``; without one, what waits for a person comes first. Raises UnknownCaseError."""
    if position is None and concerns:
        return min(concerns, key=lambda row: (row.state != "review", row.state in ENDED))
    for row in concerns:
        if row.position == position:
            return row
    known = german.listed(name(concerns, row) for row in concerns) or "keinen"
    raise UnknownCaseError(f"Den Hinweis -{position} gibt es in diesem Vorgang nicht. Es gibt: {known}.")


def name(concerns: Sequence[Any], row: Any) -> str:
    """As people name a concern: the case's number, with the position where there are several."""
    return reference.concern_number(row.number, row.position) if len(concerns) > 1 else str(row.number)
