"""Which days a report is about, and which it compares them with. Pure; days are those of the city's clock.

A month, a quarter and a year are compared with the one before, other days with as many days just before.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from intake.base import german
from routing.figures.values import Period

_MONTH = re.compile(r"(\d{4})-(\d{1,2})", re.ASCII)
_GERMAN_MONTH = re.compile(r"(\d{1,2})[./](\d{4})", re.ASCII)
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


def of_days(first: date, last: date, kind: str = "days") -> Period:
    """From the beginning of ``first`` to the end of ``last``. Raises ValueError, in German, when it ends before."""
    if last < first:
        raise ValueError(f"Der Zeitraum endet ({last:%d.%m.%Y}), bevor er beginnt ({first:%d.%m.%Y}).")
    return Period(first, last, _start(first), _start(last + timedelta(days=1)), kind)


def of_month(year: int, month: int) -> Period:
    """A whole month. Raises ValueError for what is none."""
    first = date(year, month, 1)
    return of_days(first, first + relativedelta(months=1, days=-1), "month")


def of_year(year: int) -> Period:
    """A whole year. Raises ValueError for what is none."""
    return of_days(date(year, 1, 1), date(year, 12, 31), "year")


def of_quarter(year: int, quarter: int) -> Period:
    """Three whole months, the first from January on. Raises ValueError for what is none."""
    first = date(year, 3 * quarter - 2, 1)
    return of_days(first, first + relativedelta(months=3, days=-1), "quarter")


def quarter(day: date) -> int:
    """Which quarter of its year a day is in, from 1 on."""
    return (day.month + 2) // 3


def of_week(day: date) -> Period:
    """The days from Monday to Sunday among which ``day`` is. Raises OverflowError at the ends of the calendar."""
    first = day - timedelta(days=day.weekday())
    return of_days(first, first + timedelta(days=6))


def between(since: datetime, until: datetime) -> Period:
    """The days from ``since`` to the one in which ``until`` (not included) lies; both aware, in any time zone.

    A whole month, quarter or year is known as one. Raises ValueError, in German, when it ends before it begins.
    """
    first, last = german.local(since).date(), german.local(until - timedelta(microseconds=1)).date()
    found = of_days(first, last)
    for whole in _wholes(first):
        if (whole.first, whole.last) == (first, last):
            return whole
    return found


def _wholes(day: date) -> tuple[Period, ...]:
    """The month, the quarter and the year of a day."""
    return of_month(day.year, day.month), of_quarter(day.year, quarter(day)), of_year(day.year)


def before(period: Period) -> Period:
    """What a period is compared with."""
    if period.kind == "month":
        first = period.first - relativedelta(months=1)
        return of_month(first.year, first.month)
    if period.kind == "quarter":
        first = period.first - relativedelta(months=3)
        return of_quarter(first.year, quarter(first))
    if period.kind == "year":
        return of_year(period.first.year - 1)
    days = (period.last - period.first).days + 1
    return of_days(period.first - timedelta(days=days), period.first - timedelta(days=1))


def after(period: Period) -> Period:
    """The period that is compared with this one. Raises OverflowError and ValueError at the end of the calendar."""
    day = period.last + timedelta(days=1)
    for whole in _wholes(day):
        if whole.kind == period.kind:
            return whole
    return of_days(day, day + (period.last - period.first))


def parse_day(text: str) -> date:
    """A day as people write it: "2026-06-01" or "1.6.2026". Raises ValueError, in German."""
    try:
        if found := _GERMAN_DAY.fullmatch(text.strip()):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"„{text}“ ist kein Tag. Richtig wäre „01.06.2026“ oder „2026-06-01“.") from None


def parse_month(text: str) -> Period:
    """A month as people write it: "2026-06" or "6.2026". Raises ValueError, in German."""
    found, spoken = _MONTH.fullmatch(text.strip()), _GERMAN_MONTH.fullmatch(text.strip())
    try:
        if found:
            return of_month(int(found[1]), int(found[2]))
        if spoken:
            return of_month(int(spoken[2]), int(spoken[1]))
    except ValueError:
        pass
    raise ValueError(f"„{text}“ ist kein Monat. Richtig wäre „2026-06“ oder „06.2026“.")


def said(period: Period) -> str:
    """The period in German: "Juni 2026", "2. Quartal 2026", "2026", "6. bis 15. Juni 2023"."""
    first, last = period.first, period.last
    if period.kind == "year":
        return str(first.year)
    if period.kind == "quarter":
        return f"{quarter(first)}. Quartal {first.year}"
    if period.kind == "month":
        return f"{german.MONTHS[first.month - 1]} {first.year}"
    end = f"{last.day}. {german.MONTHS[last.month - 1]} {last.year}"
    if first == last:
        return end
    start = f"{first.day}."
    if (first.month, first.year) != (last.month, last.year):
        start += f" {german.MONTHS[first.month - 1]}"
    if first.year != last.year:
        start += f" {first.year}"
    return f"{start} bis {end}"


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), german.BERLIN).astimezone(UTC)
