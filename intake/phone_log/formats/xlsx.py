"""Excel workbooks (.xlsx) as records, sheet by sheet and row by row, so that 200,000 rows need no more than 200.

openpyxl's read-only mode takes the rows from the file as it goes and knows which numbers are dates. Cells become the
text that German Excel would show in a CSV file: 09.06.2023, 10:12, 3,5, WAHR. What a formula last gave is read, never
a formula. A file that unpacks to far more than a list can be, or that is no workbook inside, raises UnreadableError.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from intake.phone_log.formats import charset
from intake.phone_log.formats.csv import Record
from intake.phone_log.values import UnreadableError

_MAGIC = b"PK\x03\x04"
_LARGEST_SHEET = 1_000_000_000  # bytes unpacked
_LARGEST_TEXTS = 150_000_000  # the texts of all cells are held in memory
_DENSEST = 400  # times that a part of the file may shrink when packed
WIDEST = 200  # columns that are looked at
_MONTHS = ("Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
_SAVE_AS = (
    "Bitte öffnen Sie die Liste in Excel, speichern Sie sie mit „Speichern unter“ als „Excel-Arbeitsmappe (.xlsx)“ "
    "oder „CSV UTF-8“ und legen Sie diese Datei ab."
)


def is_one(head: bytes) -> bool:
    """Whether a file that begins with these bytes may be a workbook."""
    return head.startswith(_MAGIC)


def sheets(file: IO[bytes]) -> Iterator[tuple[str, Iterator[Record]]]:
    """The visible sheets' names and records, in order. Take all records of a sheet before the next one.

    Raises UnreadableError.
    """
    import openpyxl  # noqa: PLC0415  (costs a fifth of a second; most lists are text)

    check(file, "xl/workbook.xml")
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # a damaged file fails in many ways
        raise UnreadableError(f"Die Arbeitsmappe ist beschädigt. {_SAVE_AS}") from error
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield sheet.title, _records(sheet)
    finally:
        book.close()


def check(file: IO[bytes], needed: str) -> None:
    """Refuse what is no workbook, for lack of the part that is ``needed``, and what was made to fill the memory.

    Raises UnreadableError.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if isinstance(error, OSError):
            raise
        raise UnreadableError(f"Die Datei ist beschädigt oder unvollständig kopiert. {_SAVE_AS}") from error
    if needed not in {part.filename for part in parts}:
        raise UnreadableError(f"Die Datei ist keine Arbeitsmappe von Excel. {_SAVE_AS}")
    for part in parts:
        limit = _LARGEST_TEXTS if part.filename == "xl/sharedStrings.xml" else _LARGEST_SHEET
        dense = part.file_size > 10_000_000 and part.file_size > _DENSEST * max(1, part.compress_size)
        if part.file_size > limit or dense:
            raise UnreadableError(f"Die Arbeitsmappe ist ausgepackt viel zu groß für eine Telefonliste. {_SAVE_AS}")


def _records(sheet: Any) -> Iterator[Record]:
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=WIDEST), start=1):
            cells = [charset.clean(_shown(cell)) if cell.value is not None else "" for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            yield Record(number, tuple(cells or [""]), line(cells), line=number)
    except OSError:
        raise
    except Exception as error:
        raise UnreadableError(f"Ein Blatt der Arbeitsmappe ist beschädigt. {_SAVE_AS}") from error


def _shown(cell: Any) -> str:
    value = cell.value
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "WAHR" if value else "FALSCH"
    if isinstance(value, datetime | date):
        return _date(value, str(cell.number_format).lower())
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value).replace(".", ",")
    return str(value)


def _date(value: date, shown_as: str) -> str:
    """A day as its format shows it: a house number that was taken for a date has no year or no day."""
    if "y" not in shown_as and "j" not in shown_as and "mmm" in shown_as:
        return f"{value.day:02}. {_MONTHS[value.month - 1]}"
    if "d" not in shown_as and "t" not in shown_as and "mmm" in shown_as:
        return f"{_MONTHS[value.month - 1]} {value:%y}"
    return day(value)


def day(value: date) -> str:
    """A day with its year, and its time if it has one."""
    written = f"{value:%d.%m.%Y}"
    if isinstance(value, datetime) and (value.hour or value.minute):
        return f"{written} {value:%H:%M}"
    return written


def line(cells: Iterable[str]) -> str:
    """The row, its cells in order, as a line of a CSV file: what is kept of it as it came."""
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerow(cells)
    return written.getvalue()
