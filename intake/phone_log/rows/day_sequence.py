"""When each call of a list came in: dates typed once count downward, and past midnight for the next day.

``Calendar`` holds the date carried down. A date that is typed is believed as it stands; one that cannot be read, or
lies ahead, is not carried down either: those rows say that their date is missing.
"""

from datetime import UTC, date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from intake.base.german import BERLIN
from intake.phone_log import cells
from intake.phone_log.columns.header import Columns, Role
from intake.phone_log.formats.csv import Record
from intake.phone_log.report import faults
from intake.phone_log.rows import date_formats
from intake.phone_log.values import Problem

_HALF_DAY = 12 * 60
_ASK = "Bitte tragen Sie Datum und Uhrzeit nach, zum Beispiel 09.06.2023 und 10:12."


class When(Struct, frozen=True):
    """A day and a minute of it in Krefeld's time, as far as the list says."""

    day: date | None = None
    minute: int | None = None

    def moment(self) -> datetime | None:
        """In UTC; a row without a time counts from its day's first minute, one without a day has no moment."""
        if self.day is None:
            return None
        hour, minute = divmod(self.minute or 0, 60)
        local = datetime(self.day.year, self.day.month, self.day.day, hour, minute, tzinfo=BERLIN)
        return local.astimezone(UTC)


class Calendar:
    """The date carried from row to row."""

    def __init__(self, hints: date_formats.Hints) -> None:
        self._latest = hints.today + timedelta(days=1)
        self._hints = hints
        self._above = When()

    def heading(self, cell: str) -> None:
        """A line between the rows may carry the date of those below it."""
        found = None if cell.isdecimal() else self._stamp(cell)
        if found is not None:
            self._type(found.day)

    def read(self, record: Record, columns: Columns, problems: list[Problem]) -> When:
        """The row's day and its minutes after midnight; what cannot be read is added to the list of ``problems``."""
        when = self._read(record, columns, problems)
        if when.day is not None:
            self._above = When(when.day, when.minute if when.minute is not None else self._above.minute)
        return when

    def _read(self, record: Record, columns: Columns, problems: list[Problem]) -> When:
        written, clock = columns.cell(record.cells, Role.DATE), columns.cell(record.cells, Role.TIME)
        found = self._stamp(written or (clock if date_formats.dated(clock) else ""))
        minute = date_formats.minutes(clock)
        if found and found.minutes is not None and (found.minutes or minute is None):
            minute = found.minutes  # midnight beside another time is only what a day is in a database
        if found and found.relative:
            what = f"„{written or clock}“ wurde vom Tag der Datei aus gerechnet: {found.day:%d.%m.%Y}."
            problems.append(faults.problem(record, columns, Role.DATE, what, _ASK))
        if cells.back_reference(clock) == "":
            minute = self._above.minute
        elif clock and minute is None and (written or found is None):
            advice = "Bitte schreiben Sie die Uhrzeit wie 10:12."
            problems.append(faults.problem(record, columns, Role.TIME, "Die Uhrzeit ist nicht zu lesen.", advice))
        if found is None and (not written or cells.back_reference(written) == ""):
            if self._above.day is None:
                problems.append(faults.problem(record, columns, Role.DATE, "Das Datum fehlt.", _ASK))
            return self._carried(minute)
        doubt = self._doubt(found)
        if doubt:
            problems.append(faults.problem(record, columns, Role.DATE, doubt, _ASK))
        if found is None or found.day > self._latest:
            self._type(None)
            return When(None, minute)
        self._type(found.day)
        return _at(found.day, minute)

    def _doubt(self, found: date_formats.Stamp | None) -> str:
        if found is None:
            return "Das Datum ist nicht zu lesen."
        if found.day > self._latest:
            return "Das Datum liegt in der Zukunft."
        return "Der Wochentag passt nicht zum Datum." if found.mismatch else ""

    def _carried(self, minute: int | None) -> When:
        above = self._above
        if above.day is None or minute is None or above.minute is None:
            return When(above.day, minute)
        return _at(above.day + timedelta(days=above.minute - minute > _HALF_DAY), minute)

    def _stamp(self, cell: str) -> date_formats.Stamp | None:
        return date_formats.stamp(cell, self._hints) if cell else None

    def _type(self, day: date | None) -> None:
        """Carry ``day`` down: as typed, before midnight passed."""
        self._above = When(day)
        if day != self._hints.near:
            self._hints = replace(self._hints, near=day)


def _at(day: date, minute: int | None) -> When:
    return When(day + timedelta(days=1), 0) if minute == 24 * 60 else When(day, minute)
