"""What the beginning of a text says: how the table is written, which row is its header, and what the columns mean.

The header's words decide on the delimiter. Quotes and escapes are other than usual only where the rows prove it, and
a delimiter that no list should have is believed only of a table that is one beyond doubt. A header with a stray quote
or delimiter in it is seen through where only one reading is possible.
"""

import re
from collections.abc import Iterable
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from intake.phone_log.columns import header, width
from intake.phone_log.columns.header import Columns, Role
from intake.phone_log.formats import charset, csv
from intake.phone_log.formats.csv import Dialect, Flaw, Marks, Record
from intake.settings import DropFolderSettings

ROWS = 60  # the header stands within these
TEXT = 200_000  # characters that are looked at
_UNUSUAL = ("::", ":", " ", "~", "^", "#")
_LEAST_KNOWN = 3  # columns, before an unusual delimiter is believed
_IN_PAIRS = re.compile(r'[^"]*(?:[^"]"[^"]*"(?=[^"]))*[^"]*')  # none at the beginning or the end
_STRAY = re.compile(r'^"|(?<!\d)"$')
_DOUBLED = re.compile(r'[^\s";,\t|]""|""[^\s";,\t|]')  # not an empty cell


class DetectedHeader(Struct, frozen=True):
    """``first`` is the number of the header's record, ``top`` the first records, ``width`` the cells of a row."""

    marks: Marks
    columns: Columns
    first: int
    width: int
    top: list[Record]


def of(text: str, known: Dialect, settings: DropFolderSettings, name: str) -> DetectedHeader:
    """The head of the table that begins with ``text``; ``known`` is what somebody said of its dialect.

    ``text`` is as much of the table's beginning as is at hand, some kilobytes. Raises UnreadableError, with the advice
    for staff, when no row names a concern.
    """
    dialect, (found, first) = _found(text, known, settings, name)
    sure = csv.sure(text, dialect, len(found.names))
    if sure != dialect:
        again = columns(_records(text, sure.marks()), settings)
        if again is not None and len(again[0].places) >= len(found.places):
            dialect, (found, first) = sure, again
    marks = dialect.marks()
    top = _records(text, marks, len(found.names))
    names = width.mended(found.names, top[first:], lambda name: header.is_known(name, settings.columns))
    mended = header.columns(top[first - 1]._replace(cells=names), settings.columns) if names is not None else None
    if mended is None or len(mended.places) < len(found.places):
        return DetectedHeader(marks, found, first, len(found.names), top)
    cells = len(mended.names)
    return DetectedHeader(marks, mended, first, cells, _records(text, marks, cells))


def clean(record: Record) -> Record:
    """The record with its cells as text that can be stored, and without a flaw that is none in a list."""
    cells = charset.cleaned(record.cells, record.text.rstrip("\r\n"))
    if record.flaw:
        return _without_stray_quote(record._replace(cells=cells))
    return Record(record.number, cells, record.text, record.flaw, record.line)


def columns(records: Iterable[Record], settings: DropFolderSettings) -> tuple[Columns, int] | None:
    """The columns and the number of the record that names them, a pair of (columns, number from 1).

    The first header of several: a later one changes the columns from there on. A line that only resembles one, with
    fewer than three columns or a digit, gives way to one that names more. None when no record names a concern.
    """
    best: tuple[Columns, int] | None = None
    every = list(records)
    for index, record in enumerate(every):
        found = header.columns(record, settings.columns)
        if found is None or (found.says_nothing_alone and not _is_said(found, every[index + 1 :])):
            continue
        if len(found.places) >= _LEAST_KNOWN and not any(map(str.isdigit, "".join(record.cells))):
            return found, record.number
        if best is None or len(found.places) > len(best[0].places):
            best = (found, record.number)
    return best


def _is_said(columns: Columns, rows: Iterable[Record]) -> bool:
    """Whether one of the ``rows`` has a concern."""
    return any(columns.cell(row.cells, Role.TEXT) for row in rows)


def _without_stray_quote(record: Record) -> Record:
    """The stray quote itself says nothing to anybody; quotes in pairs within a cell, and inches, are text.

    A program that doubles quotes leaves none undoubled: beside a doubled one a single one is damage.
    """
    cells = tuple(_STRAY.sub("", cell).strip() if cell.count('"') == 1 else cell for cell in record.cells)
    is_text = (
        record.flaw is Flaw.STRAY_QUOTE
        and all(_IN_PAIRS.fullmatch(cell) for cell in record.cells)
        and not _DOUBLED.search(record.text)
    )
    return record._replace(cells=cells, flaw=Flaw.NONE if is_text else record.flaw)


def _records(text: str, marks: Marks, width: int = 0) -> list[Record]:
    return [clean(record) for record in islice(csv.records([text], marks, width=width), ROWS)]


def _found(text: str, known: Dialect, settings: DropFolderSettings, name: str) -> tuple[Dialect, tuple[Columns, int]]:
    """The dialect, the columns and the header's row: the delimiter that makes the most of a header wins."""
    delimiters = (known.delimiter,) if known.delimiter else csv.DELIMITERS
    best = _best(text, [replace(known, delimiter=delimiter) for delimiter in delimiters], settings)
    if best is None and not known.delimiter:
        odd = [replace(known, delimiter=delimiter) for delimiter in _UNUSUAL if delimiter in text]
        best = _best(text, [dialect for dialect in odd if _is_table(text, dialect, settings)], settings)
    if best is None:
        likely = known.delimiter or max(csv.DELIMITERS, key=text.count)
        raise header.unknown(_records(text, replace(known, delimiter=likely).marks()), name)
    return best


def _best(
    text: str, dialects: Iterable[Dialect], settings: DropFolderSettings
) -> tuple[Dialect, tuple[Columns, int]] | None:
    best: tuple[Dialect, tuple[Columns, int]] | None = None
    for dialect in dialects:
        found = _header_under(text, dialect, settings)
        if found is not None and (best is None or len(found[0].places) > len(best[1][0].places)):
            best = dialect, found
    return best


def _header_under(text: str, dialect: Dialect, settings: DropFolderSettings) -> tuple[Columns, int] | None:
    """The header if the table is written so, even below a stray quote or with one in it."""
    marks = dialect.marks()
    found = columns(_records(text, marks), settings)
    if found is not None and not _runs_on(found[0], marks.delimiter):
        return found
    alone = columns(map(clean, islice(csv.lines(text, marks), ROWS)), settings)
    again = columns(_records(text, marks, len(alone[0].names)), settings) if alone else None
    better = found is None or (again is not None and len(again[0].places) >= len(found[0].places))
    return again if better else found


def _is_table(text: str, dialect: Dialect, settings: DropFolderSettings) -> bool:
    """Whether hardly a name is unknown, and nearly all the rows are as wide as the header; a sentence is no table."""
    found = _header_under(text, dialect, settings)
    if found is None or len(found[0].places) < _LEAST_KNOWN:
        return False
    names, first = found[0].names, found[1]
    known = sum(header.is_known(name, settings.columns) for name in names if name)
    rows = [one for one in _records(text, dialect.marks(), len(names))[first:] if any(one.cells)]
    alike = sum(len(one.cells) == len(names) for one in rows)
    return 3 * known >= 2 * sum(map(bool, names)) and alike >= max(2, 0.8 * len(rows))


def _runs_on(columns: Columns, delimiter: str) -> bool:
    """Whether one of the names may have the first row in it."""
    return any("\n" in name and delimiter in name for name in columns.names)
