"""How many letters are usual at this hour of this kind of day, and so how many are a storm: learned from the store.

Looked at are the last eight weeks, workdays or weekends as today is, in the hours around this one. One hour in twenty
may have been a storm itself without being taken for usual; three times what remains is still no storm, nor is
anything below FLOOR. Until four weeks of letters are there, nothing is learned.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.base import german
from routing.store import tables

FLOOR = 30
TIMES = 3
DAYS = 56
ENOUGH = timedelta(days=28)
AROUND = (-1, 0, 1)  # hours
_SHARE = 0.95
_HOUR = timedelta(hours=1)
_SATURDAY = 5


class Usual(Struct, frozen=True):
    """``most`` letters went out in the busiest ordinary hours like this one; above ``limit`` it is a storm."""

    most: int
    limit: int

    def __str__(self) -> str:
        return (
            f"höchstens {german.number(self.limit)} Schreiben in dieser Stunde; "
            f"üblich sind zu dieser Zeit bis zu {german.number(self.most)}"
        )


def learned(connection: Connection, now: datetime) -> Usual | None:
    """What is usual now; None as long as the store is too young to tell. ``now``: aware, UTC."""
    composed = tables.letters.c.composed_at
    first = connection.scalar(sa.select(sa.func.min(composed)))
    if first is None or now - first < ENOUGH:
        return None
    today = german.local(now).weekday() >= _SATURDAY
    hours = []
    for day in range(1, DAYS + 1):
        then = now - timedelta(days=day)
        if then < first or (german.local(then).weekday() >= _SATURDAY) is not today:
            continue
        hours += [then + around * _HOUR for around in AROUND]
    counts = sorted(_counts(connection, hours))
    most = counts[int(_SHARE * (len(counts) - 1))] if counts else 0
    return Usual(most, max(FLOOR, TIMES * most))


def _counts(connection: Connection, ends: Sequence[datetime]) -> list[int]:
    """How many letters were composed in the hours that end then."""
    if not ends:
        return []
    hours = {f"after{number}": end - _HOUR for number, end in enumerate(ends)}
    hours |= {f"until{number}": end for number, end in enumerate(ends)}
    return list(connection.execute(_counting(len(ends)), hours).one())


@cache
def _counting(hours: int) -> sa.Select[*tuple[Any, ...]]:
    """The one question for so many hours; building it takes longer than asking it."""
    composed = tables.letters.c.composed_at

    def within(number: int) -> sa.ScalarSelect[int]:
        is_within = sa.and_(composed > sa.bindparam(f"after{number}"), composed <= sa.bindparam(f"until{number}"))
        return sa.select(sa.func.count()).where(is_within).scalar_subquery()

    columns: Sequence[sa.Label[int]] = [within(number).label(f"hour{number}") for number in range(hours)]
    return sa.select(*columns)
