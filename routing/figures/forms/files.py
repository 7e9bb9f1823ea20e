"""The forms of a report that are files: what each is called, what it is for a browser, and what writes it."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from routing.figures.forms import data, page, sheets, text
from routing.figures.values import Period, Report


class Form(Struct, frozen=True):
    """``ending`` of a file's name; ``write`` takes the report and the moment (aware) at which it was counted."""

    ending: str
    content_type: str
    write: Callable[[Report, datetime], str | bytes]


FORMS = {
    "text": Form("txt", "text/plain; charset=utf-8", lambda found, _: text.write(found)),
    "csv": Form("csv", "text/csv; charset=utf-8", lambda found, _: sheets.as_csv(found)),
    "xlsx": Form(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda found, _: sheets.as_workbook(found),
    ),
    "json": Form("json", "application/json", lambda found, _: data.as_json(found)),
    "open": Form("csv", "text/csv; charset=utf-8", lambda found, _: data.as_open_data(found)),
    "html": Form("html", "text/html; charset=utf-8", page.write),
}


def name(form: str, period: Period) -> str:
    """What the file is called: "zahlen-2026-06-01-bis-2026-06-30.xlsx". Raises KeyError for no form of these."""
    what = "offene-daten" if form == "open" else "zahlen"
    return f"{what}-{period.first:%Y-%m-%d}-bis-{period.last:%Y-%m-%d}.{FORMS[form].ending}"


def content(form: str, report: Report, made_at: datetime) -> bytes:
    """The file itself; ``made_at``: aware. Raises KeyError for no form of these."""
    written = FORMS[form].write(report, made_at)
    return written if isinstance(written, bytes) else written.encode()
