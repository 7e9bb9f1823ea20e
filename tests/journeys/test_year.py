"""All of 2027 by a clock that is set: every digest exactly once at its slot, every urgent letter at once.

Both changes of the clock, all holidays of North Rhine-Westphalia, closed days, and three outages of 1, 26 and 80 hours
in which nobody works. What is expected is computed here from the calendar alone, with the holidays written out.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

from intake.base.german import BERLIN
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import OIL, RATS, RUBBISH
from tests.support.office import Office

HOLIDAYS = "01-01 03-26 03-29 05-01 05-06 05-17 05-27 10-03 11-01 12-25 12-26"  # Easter Sunday is 28 March
CLOSED = "02-08 12-24 12-31"  # Rosenmontag, Heiligabend, Silvester
FREE = {date.fromisoformat(f"2027-{day}") for day in f"{HOLIDAYS} {CLOSED}".split()}
OFFICE = '[office]\nclosed = ["24.12.", "31.12.", "Rosenmontag"]\n'
OUTAGES = [
    ("2027-03-28 01:30", 1),  # over the beginning of summer time
    ("2027-05-06 06:00", 26),  # Ascension Day and the Friday after it
    ("2027-10-29 14:00", 80),  # a weekend, the end of summer time, All Saints' Day
]
BODIES = journeys.WHOLE.replace('"Mo-Fr 13:00", ', "")  # GSAK: Mo-Fr 07:30, Sa 09:00
KINDS = {"gsak": RUBBISH, "kbk": RATS, "sofort": OIL}
MARK = re.compile(r"Zeichen[A-Z]\d{4}")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


DAYS = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
LOST = [(local(start), local(start).timestamp() + hours * 3600) for start, hours in OUTAGES]


def up_again(moment: datetime) -> datetime:
    """The moment itself, or the end of the outage that it falls into."""
    for start, end in LOST:
        if start.timestamp() <= moment.timestamp() < end:
            return datetime.fromtimestamp(end, tz=BERLIN)
    return moment


def slots(body: str) -> list[datetime]:
    """The year's digests of a body, and the first of the next year."""
    found = []
    for day in [*DAYS, *(date(2028, 1, number) for number in range(1, 11))]:
        is_free = day in FREE or day == date(2028, 1, 1)
        if body == "kbk":  # the weekly list: Monday 08:00, on the next working day when that is free
            monday = day.weekday() == 0 and not is_free
            moved = day.weekday() == 1 and not is_free and day - timedelta(days=1) in FREE
            times = ["08:00"] if monday or moved else []
        else:
            times = [] if is_free else ["07:30"] if day.weekday() < 5 else ["09:00"] * (day.weekday() == 5)
        found += [local(f"{day} {time}") for time in times]
    return found


def arrivals() -> list[tuple[datetime, str, str]]:
    """(moment, kind, mark): something comes in every other day, at another hour; every day around a free one."""
    found = []
    for number, day in enumerate(DAYS):
        is_near = any(abs((day - free).days) < 3 for free in FREE)
        kind = "kbk" if number % 9 == 4 else "sofort" if number % 7 == 6 else "gsak"
        minute = (number * 487) % 1440
        moment = local(f"{day} {minute // 60:02}:{minute % 60:02}")
        if moment.hour != 2 and (is_near or number % 2):  # two is an hour that two days have not, or twice
            found.append((moment, kind, f"Zeichen{kind[0].upper()}{number:04}"))
    return found


def expected() -> dict[tuple[str, float], set[str]]:
    """(body, moment of the letter) → the marks in it."""
    found: dict[tuple[str, float], set[str]] = defaultdict(set)
    for moment, kind, mark in arrivals():
        decided = up_again(moment)
        if kind == "sofort":
            for body in ("kbk", "kod"):
                found[body + " " + mark, decided.timestamp()].add(mark)
            continue
        dates = [slot.timestamp() for slot in slots(kind)]
        slot = slots(kind)[bisect_right(dates, decided.timestamp())]
        found[kind, up_again(slot).timestamp()].add(mark)
    return {key: marks for key, marks in found.items() if key[1] < local("2028-01-01 00:00").timestamp()}


def moments() -> list[datetime]:
    """When somebody looks: at each slot, each arrival, and the end of each outage; never during one."""
    wanted = [slot for body in ("gsak", "kbk") for slot in slots(body)]
    wanted += [moment for moment, _, _ in arrivals()]
    wanted += [datetime.fromtimestamp(end, tz=BERLIN) for _, end in LOST]
    wanted += [local(f"{day} 12:00") for day in FREE]
    seen = {moment.timestamp(): moment for moment in wanted if up_again(moment) == moment}
    return [seen[key] for key in sorted(seen) if key < local("2028-01-01 00:00").timestamp()]


def letters_of(place: Office, before: int) -> list[tuple[str, set[str]]]:
    """(body, marks) of the letters after the first ``before``; an urgent one is told apart by its mark."""
    names = {address: name for name, address in journeys.ADDRESSES.items()}
    found = []
    for letter in map(journeys.read_letter, place.sink.messages[before:]):
        marks = set(MARK.findall(letter.text))
        name = names[letter.to[0]]
        found.append((f"{name} {min(marks)}" if min(marks)[7] == "S" else name, marks))
    return found


def test_a_year_of_letters(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    waiting = arrivals()
    told: list[tuple[tuple[str, float], set[str]]] = []
    with office.opened(tmp_path, smtp_sink, "2027-01-01 00:00", more=OFFICE, rules=BODIES + journeys.RULES) as place:
        for moment in moments():
            place.clock.now = moment
            while waiting and waiting[0][0].timestamp() <= moment.timestamp():
                _, kind, mark = waiting.pop(0)
                place.store(f"{mark}: {KINDS[kind]}", sender=f"{mark}@example.org")
            before = len(smtp_sink.messages)
            if place.run():
                told += [((body, moment.timestamp()), marks) for body, marks in letters_of(place, before)]

    assert len(told) == len(dict(told)), "no body got two letters at once"
    assert expected() == dict(told)
    assert [] == waiting
