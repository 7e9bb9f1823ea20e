"""Zahlen: the figures of a period with plots, compared with the time before, sentences for the press, and files.

The same report as the command ``report``, by the same functions. Counting takes longer than a page may: it goes on
beside, and the page says so until it is done (``routing.figures.remembered``). No person stands in it; streets and
small numbers do, so it is for those who see the cases anyway (desk) or may ask for a report on the server (admin).
What may be published is one of the files, without streets and small numbers.
"""

import importlib
from datetime import date, timedelta
from urllib.parse import urlencode

from intake.base import errors, german
from routing import figures
from routing.figures import periods
from routing.figures.values import Period
from routing.model.web import Role
from routing.web.visit import Answer, File, Go, Page, Route, Visit

ROLES = (Role.DESK, Role.ADMIN)
KINDS = {"woche": "Woche", "monat": "Monat", "quartal": "Quartal", "jahr": "Jahr", "tage": "eigene Tage"}
FILES = {
    "html": "Zum Drucken (HTML)",
    "xlsx": "Für Excel (xlsx)",
    "csv": "Tabelle (CSV)",
    "json": "Für Programme (JSON)",
    "open": "Zum Veröffentlichen (CSV, Zahlen unter 5 fehlen)",
}
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
LONGEST = timedelta(days=3660)


def show(visit: Visit) -> Answer:
    """The figures of the period that is asked for, of the month before without one."""
    kind, period = _asked(visit)
    counted = _counted(visit, period)
    today = german.local(visit.now).date()
    values = {
        "counted": counted,
        "is_counting": visit.memory.figures.is_counting(period),
        "here": f"/zahlen?{_query(kind, period)}",
        "kind": kind,
        "kinds": KINDS,
        "period": period,
        "said": periods.said(period),
        "earlier": periods.said(periods.before(period)),
        "is_running": period.first <= today <= period.last,
        "shortcuts": [(name, f"/zahlen?{_query(of, one)}") for name, of, one in _shortcuts(kind, period, today)],
        "files": [(name, f"/zahlen/{form}?{_query(kind, period)}") for form, name in FILES.items()],
    }
    return Page("zahlen.html.j2", values)


def download(visit: Visit) -> Answer:
    """The same as a file; back to the page as long as it is being counted."""
    form = visit.parts["form"]
    if form not in FILES:
        return Page("meldung.html.j2", {"text": "Diese Seite gibt es nicht."}, 404)
    kind, period = _asked(visit)
    counted = _counted(visit, period)
    if counted is None:
        return Go(f"/zahlen?{_query(kind, period)}")
    files = importlib.import_module("routing.figures.forms.files")  # openpyxl: 8 MB that few processes ever need
    written = files.content(form, counted.report, counted.at)
    return File(written, files.FORMS[form].content_type, files.name(form, period))


def _counted(visit: Visit, period: Period) -> figures.Counted | None:
    work, configuration = visit.work, visit.work.active.configuration
    return visit.memory.figures.of(
        period,
        configuration.fingerprint,
        visit.now,
        lambda: figures.report(
            work.engine, configuration.settings, period.since, period.until, streets=configuration.gazetteer.ways
        ),
    )


def _asked(visit: Visit) -> tuple[str, Period]:
    """The kind and the period that an address asks for. Raises UsageError for what is none."""
    kind, query = visit.query.get("art", "monat"), visit.query
    if not query.get("von"):
        today = german.local(visit.now).date()
        return ("monat", figures.last_month(visit.now)) if kind not in KINDS or kind == "monat" else _of(kind, today)
    try:
        first = periods.parse_day(query["von"][:20])
        last = periods.parse_day(query["bis"][:20]) if kind == "tage" and query.get("bis") else first
        found = _of(kind, first, last) if first >= EARLIEST and last <= LATEST else None
    except ValueError as error:
        raise errors.UsageError(str(error)) from error
    if found is None or last - first > LONGEST:
        raise errors.UsageError("Bitte wählen Sie Tage von 1990 bis 2199, und höchstens zehn Jahre auf einmal.")
    return found


def _of(kind: str, first: date, last: date | None = None) -> tuple[str, Period]:
    """The kind, "monat" for an unknown one, and the period of that kind in which ``first`` lies."""
    if kind == "woche":
        return kind, periods.of_week(first)
    if kind == "quartal":
        return kind, periods.of_quarter(first.year, periods.quarter(first))
    if kind == "jahr":
        return kind, periods.of_year(first.year)
    if kind == "tage":
        return kind, periods.of_days(first, last or first)
    return "monat", periods.of_month(first.year, first.month)


def _shortcuts(kind: str, period: Period, today: date) -> list[tuple[str, str, Period]]:
    """Names, kinds and periods that are one click away: before and after this one, and those that run now."""
    earlier, later = periods.before(period), periods.after(period)
    found = [(f"← {periods.said(earlier)}", kind, earlier)] if earlier.first >= EARLIEST else []
    if later.first <= today:
        found.append((f"{periods.said(later)} →", kind, later))
    names = {"woche": "diese Woche", "monat": "dieser Monat", "quartal": "dieses Quartal", "jahr": "dieses Jahr"}
    return found + [(name, of, _of(of, today)[1]) for of, name in names.items()]


def _query(kind: str, period: Period) -> str:
    last = {"bis": f"{period.last}"} if kind == "tage" else {}
    return urlencode({"art": kind, "von": f"{period.first}"} | last)


ROUTES = (
    Route("/zahlen", show, roles=ROLES),
    Route("/zahlen/{form}", download, roles=ROLES),
)
