"""Days and times as people and Excel write them in Germany: 09.06.2023, 9.6.23, Fr 09.06., 45086, 8:05, ca. 10 Uhr.

Day before month, unless the list as a whole is written the American way (``order_of``); in any other list a cell
that is only possible so (06.13.2023) is not a date. "Gestern" counts from the file's own day. Months in words go
through dateutil with German names; it is not asked about numbers, because it swaps day and month when that "fits". A
year that is missing comes from the row above, the file's preamble, or the weekday written beside it.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from dateutil import parser
from msgspec import Struct

from intake.base.german import BERLIN

_WEEKDAYS = ("mo", "di", "mi", "do", "fr", "sa", "so")
_WEEKDAY = (
    r"(?:(?P<weekday>mo|di|mi|do|fr|sa|so)"
    r"(?:ntag|enstag|ttwoch|nnerstag|eitag|mstag|nnabend|nntag)?\b[.,]*[ ]*(?:den[ ]+)?)?"
)
_GERMAN = re.compile(
    _WEEKDAY + r"(?P<day>\d{1,2})(?P<edge>[./-])[ ]?(?P<month>\d{1,2})(?:(?P=edge)[ ]?(?P<year>\d{4}|\d{2}(?!\d))?)?"
    r"(?![\d:])",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_MONTH = r"(?:jan|feb|mär|mrz|maerz|apr|mai|jun|jul|aug|sep|okt|nov|dez)[a-zä]*\.?"
_NAMED = re.compile(
    _WEEKDAY + rf"(?P<text>\d{{1,2}}\.?[ -]?{_MONTH}(?:[ -]?(?:\d{{4}}|\d{{2}}(?![\d:])))?)",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?P<day>[3-5]\d{4})(?:[.,](?P<part>\d+))?$")
_SECONDS = re.compile(r"1[0-9]{9}")  # since 1970 (UTC), as telephone systems count
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[ ]*[:.h][ ]*(?=\d\d)|[ ]*uhr[ ]*)(?P<minute>\d\d?)(?!\d)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_HOUR = re.compile(r"(?P<hour>\d{1,2})[ ]*(?:uhr|h|[ap]\.?[ ]?m\.?|[-–].*)?$", re.IGNORECASE)
_A_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d")  # the end of a span of days
_HALF = re.compile(r"(?<![a-zäöüß])([ap])\.?[ ]?m\b\.?(?![a-zäöüß])", re.IGNORECASE)
_DIGITS = re.compile(r"(?P<hour>\d{1,2})(?P<minute>[0-5]\d)(?:[ ]*uhr)?$", re.IGNORECASE)
_FRACTION = re.compile(r"0?[.,](?P<part>\d|\d{3,})$")
_ABOUT = re.compile(r"^(?:ca\.?|circa|gegen|etwa|um|ab|so|~|≈|kurz (?:nach|vor))[ ]*", re.IGNORECASE)
_MONTH_YEAR = re.compile(rf"\b{_MONTH}[ ]*(?P<year>20\d\d)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_EPOCH = date(1899, 12, 30)  # day 0 of Excel's serial numbers, its leap-year mistake of 1900 included
_DAYS_TO_1904 = 1462
_DAY = 24 * 60
_YEARS_BACK = 12  # a weekday falls on the same date again after at most eleven years, with one exception (1896)
_DATED = re.compile(r"\d{4}-\d{1,2}-|\d{1,2}\.\d{1,2}\.\d{2}|[3-5]\d{4}[.,]\d")
_DATE_BEFORE = re.compile(
    r"(?:\d{1,2}(?P<edge>[./-])\d{1,2}(?P=edge)(?:\d{4}|\d{2}(?=[ ,]))|\d{4}-\d{1,2}-\d{1,2})[T ,]+"
)
_MONTH_FIRST = re.compile(r"(?P<month>\d{1,2})(?P<edge>[./-])(?P<day>\d{1,2})(?P=edge)(?P<year>\d{4}|\d{2})(?!\d)")
_RELATIVE = {"heute": 0, "gestern": 1, "vorgestern": 2, "vorhin": 0, "eben": 0, "gerade eben": 0, "jetzt": 0}
_RELATIVELY = re.compile(rf"(?P<word>{'|'.join(sorted(_RELATIVE, key=len, reverse=True))})\b[ ,]*", re.IGNORECASE)


class _German(parser.parserinfo):  # type: ignore[misc, unused-ignore]  # the stubs leave it partly untyped
    MONTHS = [  # noqa: RUF012 - dateutil's way to name them
        ("jan", "januar"),
        ("feb", "februar"),
        ("mrz", "mär", "märz"),
        ("apr", "april"),
        ("mai", "mai"),
        ("jun", "juni"),
        ("jul", "juli"),
        ("aug", "august"),
        ("sep", "sept", "september"),
        ("okt", "oktober"),
        ("nov", "november"),
        ("dez", "dezember"),
    ]


_INFO = _German(dayfirst=True)


class Hints(Struct, frozen=True):
    """What tells a missing year: the row above, else the preamble, else it is the newest not ahead of today."""

    today: date
    year: int | None = None
    near: date | None = None
    month_first: bool = False  # the list as a whole is written the American way
    written: date | None = None  # the day on which the file was last changed, which "gestern" counts from
    from_1904: bool = False  # a workbook's numbers count days from 1904, as Excel for Macintosh did


class Stamp(Struct, frozen=True):
    """What a cell says: a day, perhaps minutes after midnight (1440 is 24:00), and whether the year was guessed."""

    day: date
    minutes: int | None = None
    mismatch: bool = False  # the weekday written beside it is another one
    relative: bool = False  # "gestern": counted from the file's own day


@lru_cache(4096)
def stamp(cell: str, hints: Hints) -> Stamp | None:
    """The day in ``cell``, with a time behind it in minutes after midnight if there is one; None when it is no date.

    Of the city's clock, without a time zone: a list has none.
    """
    if (found := _SERIAL.match(cell)) is not None:
        part = round(float(f"0.{found['part'] or 0}") * _DAY)
        epoch = _EPOCH + timedelta(days=_DAYS_TO_1904 if hints.from_1904 else 0)
        return _made(epoch + timedelta(days=int(found["day"]), minutes=part), part if found["part"] else None, "")
    if _SECONDS.fullmatch(cell):
        moment = datetime.fromtimestamp(int(cell), BERLIN)
        return _made(moment.date(), moment.hour * 60 + moment.minute, "")
    if (found := _ISO.match(cell)) is not None:
        return _iso(cell, found)
    if hints.written and (found := _RELATIVELY.match(cell)) is not None:
        ago = timedelta(days=_RELATIVE[found["word"].lower()])
        return Stamp(hints.written - ago, minutes(cell[found.end() :]), relative=True)
    if hints.month_first and (found := _MONTH_FIRST.match(cell)) is not None:
        year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
        american = _date(year, int(found["month"]), int(found["day"]))
        return _made(american, minutes(cell[found.end() :].strip(" ,T-–")), "") if american else None
    if (found := _GERMAN.match(cell)) is not None:
        weekday = (found["weekday"] or "").lower()
        day = _full(int(found["day"]), int(found["month"]), found["year"], weekday, hints)
    elif (found := _NAMED.match(cell)) is not None:
        weekday = (found["weekday"] or "").lower()
        day = _named(found["text"], weekday, hints)
    else:
        return None
    return _made(day, minutes(cell[found.end() :].strip(" ,T-–")), weekday) if day else None


@lru_cache(4096)
def minutes(cell: str) -> int | None:
    """Minutes after midnight of a time of day (0 to 1440); None when it is none."""
    text = _ABOUT.sub("", _ABOUT.sub("", _DATE_BEFORE.sub("", cell.strip())))
    if (found := _FRACTION.match(text)) is not None:
        return round(float(f"0.{found['part']}") * _DAY)
    if _A_DATE.match(text):
        return None
    found = _CLOCK.match(text) or _HOUR.match(text) or _DIGITS.match(text)
    if found is None:
        return None
    groups = found.groupdict()
    hour, minute = int(groups["hour"]), int(groups.get("minute") or 0)
    if (half := _HALF.search(text)) is not None and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half[1] in "pP" else 0)
    total = hour * 60 + minute
    return total if minute < 60 and total <= _DAY else None


class Order(StrEnum):
    """Which of day and month stands first in the dates of a list."""

    DAY = "day"
    MONTH = "month"
    MIXED = "mixed"


def order_of(cells: Iterable[tuple[str, str]], today: date) -> Order:
    """How the dates of a list are written, pairs of (date, time) as they stand in its rows: the German way at first.

    The American way is proved by days above twelve, by AM and PM beside slashes, or where the German way leads beyond
    ``today`` and this one never does. Some of each is mixed.
    """
    first = second = halves = ahead = possible = False
    latest = today + timedelta(days=1)
    for day, clock in cells:
        if (found := _MONTH_FIRST.match(day)) is None:
            continue
        one, other = int(found["month"]), int(found["day"])
        first |= one > 12
        second |= other > 12
        slashed = found["edge"] == "/"
        halves |= slashed and (_HALF.search(day) or _HALF.search(clock)) is not None
        year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
        german, american = _date(year, other, one), _date(year, one, other)
        ahead |= slashed and german is not None and german > latest
        possible |= american is not None and american > latest
    if first and second:
        return Order.MIXED
    return Order.MONTH if not first and (second or halves or (ahead and not possible)) else Order.DAY


def dated(cell: str) -> bool:
    """Whether a cell of the time column says a whole date too; "08.05" there is a time."""
    return _DATED.match(cell) is not None


def year_of(text: str) -> int | None:
    """The year that a preamble or a file's name speaks of ("Monat: Juni 2023"); None when it is not just one."""
    found = {int(match["year"]) for match in _MONTH_YEAR.finditer(text)} or {int(y) for y in _YEAR.findall(text)}
    return found.pop() if len(found) == 1 else None


def _made(day: date, after_midnight: int | None, weekday: str) -> Stamp | None:
    if not 1990 <= day.year <= 2099:
        return None
    return Stamp(day, after_midnight, bool(weekday) and _WEEKDAYS[day.weekday()] != weekday)


def _iso(cell: str, found: re.Match[str]) -> Stamp | None:
    if "T" in cell or "+" in cell or cell.endswith("Z"):
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError:
            pass
        else:
            moment = moment.astimezone(BERLIN) if moment.tzinfo else moment
            return _made(moment.date(), moment.hour * 60 + moment.minute, "")
    day = _date(int(found["year"]), int(found["month"]), int(found["day"]))
    return _made(day, minutes(cell[found.end() :].strip(" ,T")), "") if day else None


def _full(day: int, month: int, written: str | None, weekday: str, hints: Hints) -> date | None:
    """The date; a missing year is the one that fits the weekday and lies nearest to what is known, never ahead."""
    if written:
        return _date(int(written) + (2000 if len(written) == 2 else 0), month, day)
    years = range(hints.today.year + 1, hints.today.year - _YEARS_BACK, -1)
    latest = hints.today + timedelta(days=1)
    past = [found for year in years if (found := _date(year, month, day)) and found <= latest]
    fitting = [found for found in past if not weekday or _WEEKDAYS[found.weekday()] == weekday] or past
    if hints.near is not None:
        near = hints.near
        return min(fitting, key=lambda found: abs(found - near), default=None)
    return next((found for found in fitting if found.year == hints.year), next(iter(fitting), None))


def _named(text: str, weekday: str, hints: Hints) -> date | None:
    def read(year_if_missing: int) -> Any:
        default = datetime.combine(date(year_if_missing, 1, 1), time())
        return parser.parse(re.sub(r"[.-]", " ", text), parserinfo=_INFO, default=default)

    try:
        first, second = read(2000), read(2004)
    except (ValueError, OverflowError):
        return None
    written = str(first.year) if first.year == second.year else None
    return _full(first.day, first.month, written, weekday, hints)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
