"""Excel workbooks (.xlsx) as records, sheet by sheet and row by row, so that 200,000 rows need no more than 200.

openpyxl's read-only mode takes the rows from the file as it goes and knows which numbers are dates. Cells become the
text that German Excel would show in a CSV file: 09.06.2023, 10:12, 3,5, WAHR. What a formula last gave is read, never
a formula; one that was never calculated is told as lost. Blank rows are told once, however many there are. A file
that unpacks to far more than a list can be, or that is no workbook inside, raises UnreadableError. Standard: ECMA-376;
the strict kind (ISO/IEC 29500) has other names for the same and is read by giving it the usual ones.
"""

import csv
import html
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
WIDEST = 200  # columns; what stands further right is told with the last one
_FAR_RIGHT = re.compile(rb'<c r="(?:G[S-Z]|[H-Z][A-Z]|[A-Z]{3})\d+"[^>/]*>\s*<(?:v|is|f)\b')
_REMARKS = re.compile(r"xl/(?:comments\d*|comments/\w+|threadedComments/\w+|drawings/drawing\d+)\.xml")
_REMARK = re.compile(
    rb"<(?:\w+:)?(?:comment|threadedComment|txBody)\b.*?</(?:\w+:)?(?:comment|threadedComment|txBody)>", re.DOTALL
)
_RUN = re.compile(rb"<(?:\w+:)?(?:t|text)(?: [^>]*)?>([^<]+)<")
MOST_REMARKS = 1_000
_LARGEST_REMARKS = 5_000_000  # bytes
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
    """One sheet of a workbook: take all its records, in order, before the next sheet.

    ``remarks``: no sheet, but what stands in comments and text boxes. ``from_1904``: its numbers count days from then.
    """

    name: str
    records: Iterator[Record]
    hidden: bool
    remarks: bool = False
    from_1904: bool = False


class _Told(NamedTuple):
    """Whether a formula was never calculated, a cell far to the right says something; what remarks say."""

    uncalculated: bool
    wide: bool
    remarks: tuple[str, ...]


def is_one(head: bytes) -> bool:
    """Whether a file that begins with these bytes may be a workbook."""
    return head.startswith(_MAGIC)


def sheets(file: IO[bytes]) -> Iterator[NamedSheet]:
    """The sheets, in order, hidden ones too. Raises UnreadableError."""
    check(file, _WORKBOOK)
    try:
        usual, told = _prepared(file)
        book = _opened(usual, results=True)
        written = _opened(usual, results=False) if told.uncalculated else None
        widest = None if told.wide else WIDEST
    except UnreadableError:
        raise
    except Exception as error:  # a damaged file fails in many ways
        raise UnreadableError(f"Die Arbeitsmappe ist beschädigt. {_SAVE_AS}") from error
    try:
        for index, sheet in enumerate(book.worksheets):
            formulas = written.worksheets[index] if written else None
            hidden = sheet.sheet_state != "visible"
            yield NamedSheet(sheet.title, _records(sheet, formulas, widest), hidden, from_1904=book.epoch.year == 1904)
        if told.remarks:
            yield remarks(told.remarks)
    finally:
        book.close()
        if usual is not file:
            usual.close()


def _opened(file: IO[bytes], *, results: bool) -> Any:
    import openpyxl  # noqa: PLC0415  (costs a fifth of a second; most lists are text)

    return openpyxl.load_workbook(file, read_only=True, data_only=results, keep_links=False)


def _prepared(file: IO[bytes]) -> tuple[IO[bytes], _Told]:
    """The workbook under the usual names, and what its parts tell before they are read."""
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
        uncalculated = wide = False
        said: list[str] = []
        for name in packed.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                for piece in _pieces(packed, name):
                    uncalculated = uncalculated or _NO_RESULT.search(piece) is not None
                    wide = wide or _FAR_RIGHT.search(piece) is not None
            elif _REMARKS.fullmatch(name):
                said += [html.unescape(found.decode("utf-8", "replace")) for found in _said_in(packed, name)]
        return file, _Told(uncalculated, wide, tuple(said[:MOST_REMARKS]))


def _pieces(packed: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The part, piece after piece, each with the end of the one before."""
    with packed.open(name) as content:
        before = b""
        while part := content.read(_PART):
            yield before + part
            before = part[-1000:]


def _said_in(packed: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The texts of a part that holds comments or text boxes, each whole."""
    with packed.open(name) as content:
        for whole in _REMARK.findall(content.read(_LARGEST_REMARKS)):
            said = b"".join(_RUN.findall(whole))
            if said.strip():
                yield said


def remarks(texts: Iterable[str]) -> NamedSheet:
    """What comments say as a sheet of its own, a record each, in order."""
    cells = [(charset.clean(said),) for said in texts]
    found = (Record(number, said, line(said), line=number) for number, said in enumerate(cells, start=1))
    return NamedSheet("Kommentare", found, hidden=False, remarks=True)


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


def _records(sheet: Any, formulas: Any, widest: int | None) -> Iterator[Record]:
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    written: Iterator[Any] = itertools.repeat(())
    if formulas is not None:
        formulas.reset_dimensions()
        written = formulas.iter_rows(max_col=widest)
    gap: object = None  # openpyxl gives one and the same empty row for all that are missing
    after_blank = False
    try:
        for number, (row, as_written) in enumerate(
            zip(sheet.iter_rows(max_col=widest), written, strict=False), start=1
        ):
            if row is gap and after_blank:
                continue
            found = [charset.clean(_shown(cell)) if cell.value is not None else "" for cell in row]
            for index, cell in enumerate(as_written):
                if cell.value is not None and not found[index] and str(cell.value).startswith("="):
                    found[index] = cells.NO_RESULT
            while found and not found[-1]:
                found.pop()
            if len(found) > WIDEST:
                found[WIDEST - 1 :] = [" ".join(filter(None, found[WIDEST - 1 :]))]
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
