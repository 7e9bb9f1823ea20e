"""A row of the phone log that was written anew with another place: its concerns have the new one from then on.

A letter that is still to be composed names the new place; the bodies that have a letter are told by ``further``.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake.storage import tables as stored_tables
from routing.planning.plan import Ruling
from routing.store import tables
from routing.store.cases import cases
from routing.store.cases.matching import EDIT


def correct(connection: Connection, judged: Sequence[Ruling], written: Sequence[Ruling]) -> dict[int, set[int]]:
    """Put the places of edited rows among ``written`` right; returns the concerns that have a new one, by message.

    Message id → set of concern ids. ``judged`` are the same rulings before they were counted with their cases: they
    know which of several places belongs to which concern.
    """
    edited = {ruling.stored.id for ruling in written if ruling.decision.kind == EDIT}
    found: dict[int, set[int]] = {}
    for ruling in judged:
        if ruling.stored.id not in edited:
            continue
        own = {concern.category: concern.places for concern in ruling.decision.concerns}
        for row in _concerns(connection, ruling):
            place, district = cases.main_place(ruling.stored, own.get(row.category, ruling.decision.places))
            if _differs(place, row.place, ruling):
                change = {
                    "place": place,
                    "district": district,
                    "likeness": "",
                }  # its key held the old place
                connection.execute(sa.update(tables.concerns).where(tables.concerns.c.id == row.id).values(change))
                found.setdefault(ruling.stored.id, set()).add(row.id)
    return found


def _concerns(connection: Connection, ruling: Ruling) -> Sequence[Any]:
    """The living concerns that the row brought when it was first read."""
    concerns, messages = tables.concerns.c, stored_tables.messages.c
    query = (
        sa.select(concerns.id, concerns.category, concerns.place)
        .join(stored_tables.messages, messages.id == concerns.message_id)
        .where(messages.identity == ruling.stored.message.follows, concerns.state.in_(["review", "open", "answered"]))
    )
    return connection.execute(query).all()


def _differs(place: str, before: str, ruling: Ruling) -> bool:
    """Whether the place is another; one that the words alone tell less exactly than before is not."""
    if not place or place == before:
        return False
    return bool(ruling.stored.message.place) or not before.startswith(place)
