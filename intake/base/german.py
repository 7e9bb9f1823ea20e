"""German wording that several doors share: dates, numbers, counts, guesses. Pure text, no I/O.

Staff, recipients and citizens read what is made here (Sie-form, plain sentences); logs never use it.
"""

import errno
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
_REFUSALS = {
    errno.ENOENT: "nicht vorhanden",
    errno.EACCES: "keine Berechtigung",
    errno.EPERM: "nicht erlaubt",
    errno.EROFS: "nur zum Lesen",
    errno.ENOTDIR: "kein Ordner",
    errno.EISDIR: "ein Ordner, keine Datei",
    errno.ENOSPC: "der Datenträger ist voll",
    errno.EDQUOT: "das Kontingent ist erschöpft",
    errno.EIO: "Lese- oder Schreibfehler des Datenträgers",
    errno.ENAMETOOLONG: "der Name ist zu lang",
    errno.ELOOP: "eine Verknüpfung, die auf sich selbst zeigt",
    errno.EMFILE: "zu viele offene Dateien",
    **dict.fromkeys(
        (errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN), "das Netzlaufwerk antwortet nicht"
    ),
}


def refusal(error: OSError) -> str:
    """Why the operating system refused, in a few words; its own where it seldom does so."""
    return _REFUSALS.get(error.errno or 0) or error.strerror or str(error)


def local(moment: datetime) -> datetime:
    """The aware ``moment`` on the clock of Krefeld."""
    return moment.astimezone(BERLIN)


def long_date(day: date) -> str:
    """Montag, 23. November 2026."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day}. {MONTHS[day.month - 1]} {day.year}"


def long_moment(moment: datetime) -> str:
    """Montag, 23. November 2026, 10:12 Uhr, in Krefeld's time. ``moment``: aware, in any time zone."""
    at = local(moment)
    return f"{long_date(at.date())}, {at:%H:%M} Uhr"


def short_moment(moment: datetime) -> str:
    """23.11.2026 10:12, in Krefeld's time. ``moment``: aware, in any time zone."""
    return f"{local(moment):%d.%m.%Y %H:%M}"


def number(value: int) -> str:
    """1204 as 1.204."""
    return f"{value:,}".replace(",", ".")


def counted(value: int, one: str, many: str) -> str:
    """One word or the other: 1 Hinweis, 2 Hinweise."""
    return f"{number(value)} {one if value == 1 else many}"


def listed(words: Iterable[str], joint: str = "und") -> str:
    """The words in order, joined as spoken: a; a und b; a, b und c."""
    *head, last = list(words) or [""]
    return f"{', '.join(head)} {joint} {last}" if head else last
