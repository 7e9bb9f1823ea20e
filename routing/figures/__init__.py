"""Figures: what came in during a period, how long it took, where it came to, and a sentence for the press.

``report`` reads everything out of the store, living rows and what is left of forgotten ones alike, and changes
nothing. ``routing.figures.tables`` puts it into German words; ``forms`` writes text, CSV, a workbook, JSON and open
data.
"""

import re
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.engine import Engine

from intake.base import german
from routing.figures import periods, press
from routing.figures.collecting import collect
from routing.figures.remembered import Counted
from routing.figures.values import OTHER_PLACE, Counts, Desk, Period, Report
from routing.model.settings import Settings
from routing.planning import opening

__all__ = ["Counted", "Report", "report"]

_BEHIND = re.compile(r"\s+\d.*|,.*", re.DOTALL)


def report(
    engine: Engine, settings: Settings, since: datetime, until: datetime, *, streets: Collection[str] = ()
) -> Report:
    """The figures of what was received from the day of ``since`` to the day before ``until`` (aware), and before.

    ``streets``: names that may stand in it; a place at none of them is another place. Without any, a place is named up
    to its number. Raises ValueError, in German, for a period that ends before it begins; TemporaryError.
    """
    period = periods.between(since, until)
    earlier = periods.before(period)
    known = {name.casefold(): name for name in streets}

    def street(place: str) -> str:
        bare = _BEHIND.sub("", place).strip()
        if not known or not bare:
            return bare
        return known.get(bare.casefold(), OTHER_PLACE)

    counts, before = (collect(engine, one, street) for one in (period, earlier))
    desks = _desks(settings, period, counts)
    names = settings.body_names
    notes = [f"{one.name}: {one.problem}" for one in desks if one.problem]
    if counts.concerns and not before.concerns:
        notes.append(f"Aus der Zeit davor ({periods.said(earlier)}) ist nichts gespeichert.")
    return Report(
        city=settings.city.name,
        period=period,
        earlier=earlier,
        counts=counts,
        before=before,
        desks=desks,
        press=press.sentences(period, counts, desks, settings.city.name),
        names=names,
        notes=tuple(notes),
    )


def _desks(settings: Settings, period: Period, counts: Counts) -> tuple[Desk, ...]:
    """The desks of config.toml, then the other channels, most first.

    A channel is a desk's whose name it begins with, or is the beginning of ("Kontaktpunkt").
    """
    left = {name: dict(days) for name, days in counts.days.items()}
    found = []
    for desk in settings.city.contact.desks:
        mine = [name for name in left if _is_of(name, desk.name)]
        came: dict[date, int] = {}
        for name in mine:
            for day, count in left.pop(name).items():
                came[day] = came.get(day, 0) + count
        days, problem = len(came), ""
        try:
            if desk.hours:
                days = len(opening.days_of_operation(desk.hours, settings, period.first, period.last))
        except ValueError as error:
            problem = f"{error} Gezählt sind die Tage, an denen etwas kam."
        found.append(Desk(desk.name, sum(came.values()), days, is_desk=True, hours=desk.hours, problem=problem))
    others = [Desk(name, sum(days.values()), len(days), is_desk=False) for name, days in left.items()]
    return (*found, *sorted(others, key=lambda one: (-one.concerns, one.name)))


def _is_of(channel: str, desk: str) -> bool:
    one, other = channel.strip().casefold(), desk.strip().casefold()
    return bool(one) and (one == other or other.startswith(f"{one} ") or one.startswith(f"{other} "))


def last_month(now: datetime) -> Period:
    """The whole month before the one in which ``now`` (aware) lies, on the city's clock."""
    today = german.local(now).date()
    return periods.before(periods.of_month(today.year, today.month))
