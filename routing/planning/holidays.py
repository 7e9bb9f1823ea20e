"""The public holidays of Germany's sixteen states, by the names that [city] holidays and [office] holidays know.

The package ``holidays`` is the source: a test compares each state and year with it. It is not asked at run time, since
it costs every process a tenth of a second and 18 MB (docs/decisions/2026-11-30-the-city-is-data.md).
"""

from datetime import date, timedelta
from functools import cache

from dateutil.easter import easter

_EVERYWHERE = ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
_BY_EASTER_EVERYWHERE = (
    -2,
    1,
    39,
    50,
)  # Karfreitag, Ostermontag, Himmelfahrt, Pfingstmontag: days after Easter Sunday
_FIXED = {
    (1, 6): ("BW", "BY", "ST"),  # Heilige Drei Könige
    (3, 8): ("BE", "MV"),  # Frauentag
    (8, 15): ("SL",),  # Mariä Himmelfahrt; in Bavaria by municipality: there it is a closed day of [office]
    (9, 20): ("TH",),  # Weltkindertag
    (10, 31): ("BB", "HB", "HH", "MV", "NI", "SH", "SN", "ST", "TH"),  # Reformationstag
    (11, 1): ("BW", "BY", "NW", "RP", "SL"),  # Allerheiligen
}
_BY_EASTER = {
    0: ("BB",),
    49: ("BB",),
    60: ("BW", "BY", "HE", "NW", "RP", "SL"),  # Fronleichnam
}
_ONCE = {"BE": (date(2025, 5, 8), date(2028, 6, 17))}  # §1 of Berlin's Gesetz über die Sonn- und Feiertage


@cache
def of(state: str, year: int) -> frozenset[date]:
    """The set of days that are public holidays of a state ("NW") in ``year``; correct from 2024 on."""
    sunday = easter(year)
    fixed = (*_EVERYWHERE, *(day for day, states in _FIXED.items() if state in states))
    moving = (*_BY_EASTER_EVERYWHERE, *(days for days, states in _BY_EASTER.items() if state in states))
    days = [date(year, month, day) for month, day in fixed] + [sunday + timedelta(after) for after in moving]
    if state == "SN":  # Buß- und Bettag: the Wednesday before the 23rd of November
        days.append(date(year, 11, 22) - timedelta((date(year, 11, 22).weekday() - 2) % 7))
    days += (day for day in _ONCE.get(state, ()) if day.year == year)
    return frozenset(days)
