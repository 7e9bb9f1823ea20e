"""When a letter is due: named days and times, office hours, holidays, closed days.

Pure: ``now`` comes in, an aware UTC moment goes out. Times in config.toml are Germany's wall clock; those from 02:00
to 02:59 are refused, because on two days a year they do not exist or exist twice. A moment is computed once and kept
(due is a column): a slot that passed while the daemon was down is then simply in the past.

A slot on a holiday or closed day moves to the recipient's next working day at the same time; where that day has slots
of its own it merges with them. A day that a slot names ("Sa 09:00") is good for it even outside the office days.
Whatever cannot be parsed is a ValueError with a German sentence for staff.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from dateutil.easter import easter
from dateutil.rrule import DAILY, rrule
from msgspec import Struct

from intake.base import did_you_mean, german
from routing.model.decision import Urgency
from routing.model.settings import OfficeHours, Recipient
from routing.planning import holidays

DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
REPLY_DAYS = {Urgency.SOFORT: 1, Urgency.HEUTE: 2, Urgency.SAMMEL: 5}  # working days until an answer is due
_HORIZON = 800  # days looked ahead; more than a year, for a single weekly slot beside many closed days
_CARNIVAL = {"altweiber": -52, "weiberfastnacht": -52, "rosenmontag": -48, "veilchendienstag": -47}
_NAMED = {"heiligabend": (24, 12), "silvester": (31, 12)}
_TIME = re.compile(r"(\d{1,2}):(\d\d)", re.ASCII)
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", re.ASCII)


class Slot(Struct, frozen=True):
    """A time on some days of the week (0 = Monday), on Germany's clock."""

    days: tuple[int, ...]
    at: time


class Hours(Struct, frozen=True):
    """Office hours: days of the week (0 = Monday), first minute of the day, minute after the last (1440 = 24:00)."""

    days: tuple[int, ...]
    start: int
    end: int


class Closed(Struct, frozen=True):
    """A closed day: a day and month, in one year or in each (0), or so many days from Easter Sunday."""

    day: int = 0
    month: int = 0
    year: int = 0
    from_easter: int = 0

    def holds(self, day: date) -> bool:
        """Whether ``day`` is this closed day."""
        if self.from_easter:
            return day == easter(day.year) + timedelta(days=self.from_easter)
        return (day.day, day.month) == (self.day, self.month) and self.year in (0, day.year)


@lru_cache(maxsize=256)
def parse_slots(text: str) -> tuple[Slot, ...]:
    """The slots of one entry, in order: "Mo-Fr 07:30", "Sa 09:00", "Mo, Mi 08:00", "täglich 08:00, 13:00".

    Times are of the city's clock. Raises ValueError, in German, for what is none.
    """
    if "*" in text or re.fullmatch(r"\s*[\d/,-]+(\s+\S+){4,5}\s*", text):
        raise ValueError(f"„{text}“ ist ein Cron-Ausdruck. Bitte schreiben Sie Tage und Uhrzeit aus: „Mo-Fr 07:30“.")
    found = re.fullmatch(r"\s*(\D*?[^\W\d])[\s,]*(\d[\d:,\s]*?)\s*(?:Uhr)?\s*", text)
    if found is None:
        raise ValueError(f"„{text}“ ist keine Zeit für eine Liste. Richtig wäre zum Beispiel „Mo-Fr 07:30“.")
    days = parse_days(found[1])
    return tuple(Slot(days, _slot_time(part)) for part in re.split(r"[,\s]+", found[2]) if part)


def with_days(text: str) -> str:
    """An entry that may be a time alone ("06:00"), which is meant for every day."""
    return f"täglich {text}" if text[:1].isdigit() else text


@lru_cache(maxsize=256)
def parse_hours(days: str, times: str) -> Hours:
    """Office hours from two entries: "Mo-So" and "08:00-24:00"."""
    parts = re.split(r"\s*[-–—]\s*", times.strip())
    if len(parts) != 2:
        raise ValueError(f"„{times}“ ist keine Dienstzeit. Richtig wäre zum Beispiel „08:00-16:30“.")
    start, end = _minutes(parts[0]), _minutes(parts[1])
    if start >= end:
        raise ValueError(f"Die Dienstzeit „{times}“ muss vor ihrem Ende beginnen und am selben Tag enden.")
    if start // 60 == 2:
        raise ValueError(f"Die Dienstzeit „{times}“ darf nicht zwischen 02:00 und 02:59 beginnen (Zeitumstellung).")
    return Hours(parse_days(days), start, end)


@lru_cache(maxsize=256)
def parse_closed(text: str) -> Closed:
    """A closed day as config.toml writes it: "24.12.", "02.01.2027", "Altweiber", "Rosenmontag", "Heiligabend".

    Raises ValueError, in German, for what is none.
    """
    word = text.strip().casefold()
    if word in _CARNIVAL:
        return Closed(from_easter=_CARNIVAL[word])
    if word in _NAMED:
        return Closed(*_NAMED[word])
    found = _DATE.fullmatch(word)
    if found is None:
        guess = did_you_mean.sentence(word, [name.capitalize() for name in (*_CARNIVAL, *_NAMED)])
        raise ValueError(f"„{text}“ ist kein Tag. Richtig wäre „24.12.“, „02.01.2027“ oder „Rosenmontag“.{guess}")
    day, month, year = (int(part or 0) for part in found.groups())
    try:
        date(year or 2028, month, day)  # a leap year, so that "29.02." may be closed
    except ValueError:
        raise ValueError(f"Den Tag „{text}“ gibt es im Kalender nicht.") from None
    return Closed(day, month, year)


def due(urgency: Urgency, recipient: Recipient, office: OfficeHours, now: datetime) -> datetime:
    """When a concern of this urgency goes to this recipient (aware, UTC); ``office`` is the general [office].

    notfall, pruefen, sofort: now. heute: now within the recipient's office hours, else at their next start. sammel,
    liste: the next slot strictly after now; a recipient without digest times gets a sammel as if it were heute.
    """
    now = now.astimezone(UTC)
    own = recipient.office or office
    if urgency is Urgency.HEUTE or (urgency is Urgency.SAMMEL and not recipient.schedule):
        return _in_office(own, now)
    if urgency is Urgency.SAMMEL:
        return _next_slot(tuple(slot for text in recipient.schedule for slot in parse_slots(text)), own, now)
    if urgency is Urgency.LISTE:
        return _next_slot(parse_slots(recipient.weekly), own, now)
    return now


def outside_office(recipient: Recipient, office: OfficeHours, now: datetime) -> bool:
    """Whether nobody works at the recipient's ``now`` (aware), so that an urgent letter goes to its urgent_address."""
    own = recipient.office or office
    at = german.local(now)
    hours = parse_hours(own.days, own.times)
    return not (_works(own, at.date()) and hours.start <= at.hour * 60 + at.minute < hours.end)


def next_slot(texts: Iterable[str], office: OfficeHours, after: datetime) -> datetime:
    """The first of these slots strictly after ``after`` (aware, UTC), on working days of ``office``."""
    return _next_slot(tuple(slot for text in texts for slot in parse_slots(text)), office, after)


def reply_by(urgency: Urgency, recipient: Recipient, office: OfficeHours, now: datetime) -> date | None:
    """The recipient's working day by which an answer is asked for; None where none is. ``now`` is aware."""
    days = REPLY_DAYS.get(urgency)
    return _working_day(recipient.office or office, german.local(now).date(), days) if days else None


def chase_at(urgency: Urgency, recipient: Recipient, office: OfficeHours, now: datetime) -> datetime | None:
    """When somebody must ask again about a letter of now that nobody has answered (aware, UTC); None: never.

    An urgent letter so many minutes later at any hour; another one after so many working days of the recipient, when
    its office opens. Both only where config.toml says so.
    """
    if urgency.is_urgent and recipient.acknowledge_minutes:
        return now + timedelta(minutes=recipient.acknowledge_minutes)
    if not recipient.remind_days or urgency not in REPLY_DAYS:
        return None
    own = recipient.office or office
    day = _working_day(own, german.local(now).date(), recipient.remind_days)
    start = parse_hours(own.days, own.times).start
    return _utc(day, time(start // 60, start % 60)) if day else None


def parse_days(text: str) -> tuple[int, ...]:
    """The days of the week in "Mo-Fr", "Mo, Mi, Fr", "Fr-Mo", "täglich"."""
    if text.strip().casefold() == "täglich":
        return tuple(range(7))
    found: set[int] = set()
    for part in re.split(r"\s*(?:,|\bund\b)\s*", text.strip()):
        ends = [_weekday(name, text) for name in re.split(r"\s*(?:[-–—]|\bbis\b)\s*", part)]
        if len(ends) > 2:
            raise ValueError(f"„{text}“ sind keine Wochentage. Richtig wäre „Mo-Fr“ oder „Mo, Mi, Fr“.")
        span = (ends[-1] - ends[0]) % 7
        found.update((ends[0] + step) % 7 for step in range(span + 1))
    return tuple(sorted(found))


def _weekday(name: str, text: str) -> int:
    word = name.strip().rstrip(".").casefold()
    for index, (short, long) in enumerate(zip(DAYS, german.WEEKDAYS, strict=True)):
        if word in (short.casefold(), long.casefold(), long.casefold() + "s") or (index == 5 and word == "sonnabend"):
            return index
    guess = did_you_mean.sentence(word, (*german.WEEKDAYS, *DAYS)) if word else ""
    place = f" in „{text}“" if name.strip() != text.strip() else ""
    raise ValueError(f"„{name}“{place} ist kein Wochentag. Bekannt sind {', '.join(DAYS)}.{guess}")


def _minutes(text: str) -> int:
    found = _TIME.fullmatch(text.strip().removesuffix("Uhr").strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1
    if not 0 <= minutes <= 1440:
        raise ValueError(f"„{text}“ ist keine Uhrzeit. Richtig wäre zum Beispiel „07:30“.")
    return minutes


def _slot_time(text: str) -> time:
    minutes = _minutes(text)
    if minutes == 1440:
        raise ValueError("„24:00“ ist als Zeit einer Liste nicht möglich. Bitte nehmen Sie „00:00“ am Tag danach.")
    if minutes // 60 == 2:
        raise ValueError(
            f"„{text}“ ist nicht möglich: Zwischen 02:00 und 02:59 wird zweimal im Jahr die Uhr umgestellt. "
            "Bitte wählen Sie eine andere Zeit."
        )
    return time(minutes // 60, minutes % 60)


def is_free(office: OfficeHours, day: date) -> bool:
    """Whether ``day`` is a holiday or a closed day."""
    if office.holidays and day in holidays.of(office.holidays, day.year):
        return True
    return any(parse_closed(text).holds(day) for text in office.closed)


def _works(office: OfficeHours, day: date) -> bool:
    return day.weekday() in parse_hours(office.days, office.times).days and not is_free(office, day)


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=german.BERLIN).astimezone(UTC)


def _days_from(first: date, weekdays: tuple[int, ...] | None = None) -> Iterator[date]:
    """``first`` and the days after it, as far as is looked ahead; of these days of the week alone (0 = Monday)."""
    midnight = datetime.combine(first, time())
    days = rrule(DAILY, dtstart=midnight, until=midnight + timedelta(days=_HORIZON), byweekday=weekdays)
    return (day.date() for day in days)


def _working_days(office: OfficeHours, first: date) -> Iterator[date]:
    """The working days from ``first`` on."""
    return (day for day in _days_from(first, parse_hours(office.days, office.times).days) if not is_free(office, day))


@lru_cache(maxsize=256)
def _working_day(office: OfficeHours, day: date, days: int) -> date | None:
    """The ``days``-th working day after ``day``; all letters of a pass ask for the same few."""
    return next(itertools.islice(_working_days(office, day + timedelta(days=1)), days - 1, None), None)


def _in_office(office: OfficeHours, now: datetime) -> datetime:
    """Now, or the next moment at which the office opens; now as well when it never does."""
    hours = parse_hours(office.days, office.times)
    at = german.local(now)
    minute = at.hour * 60 + at.minute
    if _works(office, at.date()) and hours.start <= minute < hours.end:
        return now
    opening = time(hours.start // 60, hours.start % 60)
    first = at.date() + timedelta(days=0 if minute < hours.start else 1)
    return next((_utc(day, opening) for day in _working_days(office, first)), now)


def _next_slot(slots: tuple[Slot, ...], office: OfficeHours, now: datetime) -> datetime:
    """The first slot strictly after now; now when the calendar has none (every day closed)."""
    for day in _days_from(german.local(now).date()):
        later = [moment for at in _times_on(day, slots, office) if (moment := _utc(day, at)) > now]
        if later:
            return min(later)
    return now


def _times_on(day: date, slots: tuple[Slot, ...], office: OfficeHours) -> set[time]:
    """The times on ``day``: its own slots, or without any those that moved there from the free days before."""
    if is_free(office, day):
        return set()
    own = {slot.at for slot in slots if day.weekday() in slot.days}
    if own or not _works(office, day):
        return own
    return {slot.at for before in _days_off_before(day, office) for slot in slots if before.weekday() in slot.days}


def _days_off_before(day: date, office: OfficeHours) -> Iterator[date]:
    """The holidays and closed days between ``day`` and the working day before it."""
    for back in range(1, _HORIZON):
        before = day - timedelta(days=back)
        if _works(office, before):
            return
        if is_free(office, before):
            yield before
