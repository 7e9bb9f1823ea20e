"""Excel workbooks (.xlsx) as records, sheet by sheet and row by row, so that 200,000 rows need no more than 200.

openpyxl's read-only mode takes the rows from the file as it goes and knows which numbers are dates. Cells become the
text that German Excel would show in a CSV file: 09.06.2023, 10:12, 3,5, WAHR. What a formula last gave is read, never
a formula; one that was never calculated is told as lost. Blank rows are told once, however many there are. A file
that unpacks to far more than a list can be, or that is no workbook inside, raises UnreadableError. Standard: ECMA-376;
the strict kind (ISO/IEC 29500) has other names for the same and is read by giving it the usual ones.
"""

import csv
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any, NamedTuple

from intake.phone_log import cells
from intake.phone_log.formats import charset
from intake.phone_log.formats.csv import Record
from intake.phone_log.values import UnreadableError

_MAGIC = b"PK\x03\x04"
_LARGEST_SHEET = 1_000_000_000  # bytes unpacked
_LARGEST_TEXTS = 150_000_000  # the texts of all cells are held in memory
_DENSEST = 400  # times that a part of the file may shrink when packed
WIDEST = 200  # columns that are looked at
_STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
}
_WORKBOOK = "xl/workbook.xml"
_LARGEST_STRICT = 50_000_000  # bytes unpacked
_NO_RESULT = re.compile(rb"(?:</f>|<f\b[^>]*/>)(?:<v\s*/>|<v></v>)?</c>")
_PART = 1_000_000
_MONTHS = ("Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
_SAVE_AS = (
    "Bitte öffnen Sie die Liste in Excel, speichern Sie sie mit „Speichern unter“ als „Excel-Arbeitsmappe (.xlsx)“ "
    "oder „CSV UTF-8“ und legen Sie diese Datei ab."
)

_TOO_LARGE = f"Die Arbeitsmappe ist ausgepackt viel zu groß für eine Telefonliste. {_SAVE_AS}"


class NamedSheet(NamedTuple):
    """One sheet of a workbook: take all its records, in order, before the next sheet."""

    name: str
    records: Iterator[Record]
    hidden: bool


def is_one(head: bytes) -> bool:
    """Whether a file that begins with these bytes may be a workbook."""
    return head.startswith(_MAGIC)


def sheets(file: IO[bytes]) -> Iterator[NamedSheet]:
    """The sheets, in order, hidden ones too. Raises UnreadableError."""
    check(file, _WORKBOOK)
    try:
        usual, uncalculated = _prepared(file)
        book = _opened(usual, results=True)
        written = _opened(usual, results=False) if uncalculated else None
    except UnreadableError:
        raise
    except Exception as error:  # a damaged file fails in many ways
        raise UnreadableError(f"Die Arbeitsmappe ist beschädigt. {_SAVE_AS}") from error
    try:
        for index, sheet in enumerate(book.worksheets):
            formulas = written.worksheets[index] if written else None
            yield NamedSheet(sheet.title, _records(sheet, formulas), sheet.sheet_state != "visible")
    finally:
        book.close()
        if usual is not file:
            usual.close()


def _opened(file: IO[bytes], *, results: bool) -> Any:
    import openpyxl  # noqa: PLC0415  (costs a fifth of a second; most lists are text)

    return openpyxl.load_workbook(file, read_only=True, data_only=results, keep_links=False)


def _prepared(file: IO[bytes]) -> tuple[IO[bytes], bool]:
    """The workbook under the usual names, and whether a formula in it was never calculated."""
    with zipfile.ZipFile(file) as packed:
        if b"http://purl.oclc.org/ooxml/" in packed.read(_WORKBOOK)[:_PART]:
            if sum(part.file_size for part in packed.infolist()) > _LARGEST_STRICT:
                raise UnreadableError(_TOO_LARGE)
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as usual:
                for part in packed.infolist():
                    data = packed.read(part)
                    for strict, transitional in _STRICT.items():
                        data = data.replace(strict, transitional)
                    usual.writestr(part.filename, data)
        names = [name for name in packed.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return file, any(_has_no_result(packed, name) for name in names)


def _has_no_result(packed: zipfile.ZipFile, name: str) -> bool:
    with packed.open(name) as content:
        before = b""
        while part := content.read(_PART):
            if _NO_RESULT.search(before + part):
                return True
            before = part[-1000:]
    return False


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
    if "xl/workbook.bin" in {part.filename for part in parts}:
        raise UnreadableError(f"Die Datei ist eine binäre Excel-Arbeitsmappe (.xlsb). {_SAVE_AS}")
    if needed not in {part.filename for part in parts}:
        raise UnreadableError(f"Die Datei ist keine Arbeitsmappe von Excel. {_SAVE_AS}")
    for part in parts:
        limit = _LARGEST_TEXTS if part.filename == "xl/sharedStrings.xml" else _LARGEST_SHEET
        dense = part.file_size > 10_000_000 and part.file_size > _DENSEST * max(1, part.compress_size)
        if part.file_size > limit or dense:
            raise UnreadableError(_TOO_LARGE)


def _records(sheet: Any, formulas: Any) -> Iterator[Record]:
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    written: Iterator[Any] = itertools.repeat(())
    if formulas is not None:
        formulas.reset_dimensions()
        written = formulas.iter_rows(max_col=WIDEST)
    gap: object = None  # openpyxl gives one and the same empty row for all that are missing
    after_blank = False
    try:
        for number, (row, as_written) in enumerate(
            zip(sheet.iter_rows(max_col=WIDEST), written, strict=False), start=1
        ):
            if row is gap and after_blank:
                continue
            found = [charset.clean(_shown(cell)) if cell.value is not None else "" for cell in row]
            for index, cell in enumerate(as_written):
                if cell.value is not None and not found[index] and str(cell.value).startswith("="):
                    found[index] = cells.NO_RESULT
            while found and not found[-1]:
                found.pop()
            if found or not after_blank:
                yield Record(number, tuple(found or [""]), line(found), line=number)
            gap, after_blank = (gap, False) if found else (row, True)
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
