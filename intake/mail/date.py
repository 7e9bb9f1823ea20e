"""The field Date (RFC 5322, section 3.3, its obsolete forms, and what robots write instead), in UTC. Never raises."""

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar mär mrz", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), 1
    )
    for name in names.split()
}
_USUAL = re.compile(
    r"\s*+(?:[^\W\d]++[.,]*+\s*+)?(\d{1,2})[\s.-]++([^\W\d]{3})[^\W\d]*+[\s.-]++(\d{2,4})\s++"
    r"(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?:\.\d++)?\s*+(?:([+-])(\d\d):?(\d\d)|([A-Za-z]{1,5}))?"
)
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_ZONES |= {"cet": 1, "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "bst": 1, "eet": 2, "eest": 3, "msk": 3}


def read(value: str) -> datetime | None:
    """The moment in UTC, however absurd; without a zone it counts as UTC. None when it is no date."""
    usual = _USUAL.match(value)
    try:
        return (_assembled(usual) if usual else None) or _unusual(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _assembled(found: re.Match[str]) -> datetime | None:
    day, name, year_text, hour, minute, second, sign, zone_hours, zone_minutes, zone_name = found.groups()
    month = _MONTHS.get(name.lower())
    if month is None:
        return None
    year = int(year_text)
    if len(year_text) < 4:
        year += 1900 if len(year_text) == 3 or year >= 50 else 2000
    offset = timedelta(hours=_ZONES.get((zone_name or "").lower(), 0))
    if sign:
        offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes)) * (-1 if sign == "-" else 1)
    moment = datetime(year, month, int(day), int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC)
    return moment - offset


def _unusual(value: str) -> datetime | None:
    """Everything else that the standard library reads, ISO 8601 first."""
    from email import utils  # noqa: PLC0415  (20 ms that hardly any mail needs)

    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        parsed = utils.parsedate_tz(value[:200])
        if parsed is None:
            return None
        seconds = parsed[9] or 0
        zone = timezone(timedelta(seconds=seconds)) if abs(seconds) < 86_400 else UTC
        moment = datetime(*parsed[:5], min(parsed[5], 59), tzinfo=zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
