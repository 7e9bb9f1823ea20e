"""What a letter for the desk is about: the concerns that it numbers, and what an answer to the one before did.

It stands with the letter (``letters.desk``), so that an answer to an old list means what that list said. Each number
keeps how its concern looked, so that nobody decides unseen about what has changed since. Plain values, for JSON.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct, convert, to_builtins
from sqlalchemy.engine import Connection

from routing.store import tables


class Numbered(Struct, frozen=True):
    """A concern (by id) as a list shows it; ``look``: see ``look``."""

    concern: int
    look: str


class Ongoing(Struct, frozen=True):
    """What is under way for a concern: its forwards (id, state, when to ask again) and unsent deliveries."""

    forwards: tuple[tuple[int, str, datetime | None], ...] = ()
    deliveries: tuple[tuple[int, str, str], ...] = ()  # id, state, why it is held


class Did(Struct, frozen=True):
    """What an order did to a concern, as far as it can be taken back."""

    number: int  # in the list
    concern: int
    name: str  # of the concern: KOD-2026-000123-1
    before: dict[str, str]  # columns of ``concerns``
    then: int  # the newest decision about its message before it
    look: str  # of the concern after it
    forwards: tuple[int, int]  # ids of its newest forward before and after it, 0 for none
    ended: Ongoing = Ongoing()  # what of it was under way before, and the order ended


class DeskLetter(Struct, frozen=True):
    """A list with its numbers in order, or the reply to an answer, which has those of the list answered."""

    items: tuple[Numbered, ...]
    did: tuple[Did, ...] = ()
    by: str = ""  # the address of the member whose answer it replies to
    puzzled: bool = False  # nothing of that answer was understood


def look(row: Any) -> str:
    """How a concern (row of ``concerns``) looks to who decides: another value when anything of that has changed."""
    seen = f"{row.state}\x00{row.category}\x00{row.urgency}\x00{row.place}\x00{row.waits_for}"
    return hashlib.sha256(seen.encode()).hexdigest()[:12]


def packed(letter: DeskLetter) -> Any:
    """For the column."""
    return to_builtins(letter)


def unpacked(column: Any) -> DeskLetter | None:
    """From the column; None of any other letter."""
    return convert(column, DeskLetter) if column else None


def tell(connection: Connection, concerns: Sequence[int]) -> None:
    """The desk is told of these concerns (ids), as they wait now."""
    change = sa.update(tables.concerns).where(tables.concerns.c.id.in_(concerns))
    connection.execute(change.values(told=tables.concerns.c.waits_for))


def untold() -> sa.ColumnElement[bool]:
    """The concerns in review that the desk was not told of, or not since they wait for what they wait for now."""
    concerns = tables.concerns.c
    return sa.and_(concerns.state == "review", sa.or_(concerns.told.is_(None), concerns.told != concerns.waits_for))
