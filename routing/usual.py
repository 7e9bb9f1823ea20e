"""How many letters are usual at this hour of this kind of day, and so how many are a storm: learned from the store.

Looked at are the last eight weeks, workdays or weekends as today is, in the hours around this one. One hour in twenty
may have been a storm itself without being taken for usual; three times what remains is still no storm, nor is
anything below FLOOR. Until four weeks of letters are there, nothing is learned.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import wording
from routing import tables

FLOOR = 30
TIMES = 3
DAYS = 56
ENOUGH = timedelta(days=28)
AROUND = (-1, 0, 1)  # hours
_SHARE = 0.95
_HOUR = timedelta(hours=1)
_SATURDAY = 5
_BETWEEN = sa.select(sa.func.count()).where(
    tables.letters.c.composed_at > sa.bindparam("after"), tables.letters.c.composed_at <= sa.bindparam("until")
)


@dataclass(frozen=True, slots=True)
class Usual:
    """``most`` letters went out in the busiest ordinary hours like this one; above ``limit`` it is a storm."""

    most: int
    limit: int

    def __str__(self) -> str:
        return (
            f"höchstens {wording.number(self.limit)} Schreiben in dieser Stunde; "
            f"üblich sind zu dieser Zeit bis zu {wording.number(self.most)}"
        )


def learned(connection: Connection, now: datetime) -> Usual | None:
    """What is usual now; None as long as the store is too young to tell."""
    composed = tables.letters.c.composed_at
    first = connection.scalar(sa.select(sa.func.min(composed)))
    if first is None or now - first < ENOUGH:
        return None
    today = wording.local(now).weekday() >= _SATURDAY
    counts = []
    for day in range(1, DAYS + 1):
        then = now - timedelta(days=day)
        if then < first or (wording.local(then).weekday() >= _SATURDAY) is not today:
            continue
        for hours in AROUND:
            end = then + hours * _HOUR
            counts.append(connection.scalar(_BETWEEN, {"after": end - _HOUR, "until": end}) or 0)
    most = sorted(counts)[int(_SHARE * (len(counts) - 1))] if counts else 0
    return Usual(most, max(FLOOR, TIMES * most))
