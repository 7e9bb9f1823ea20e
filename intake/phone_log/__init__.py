"""The phone log: any German table that staff keep by hand, tally at a market, or export from a telephone system.

``read`` gives the rows as messages, those that only a person can mend, and what was passed over; ``iterate`` gives the
same row after row in constant memory. They find encoding, delimiter, header and columns by themselves (``settings``
may name them), read the sheets of an Excel workbook as well, and never guess where a guess could mislead: what is
repaired or doubtful is said in German with row and column.

One bad row costs that row. A file in which no concern column is known, that is empty or no table, raises
``UnreadableError`` with the advice for staff (for unknown columns a mapping to paste); nothing else is raised,
whatever the bytes. The order of the rows matters only where a row leans on the one above (a date typed once, "dito").
``edits`` tells which new rows are known calls in other words.

Pure: no I/O but reading the open file that it is handed, no clock; ``today`` and ``fallback`` come from the caller.
"""

import dataclasses
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import IO

from intake.phone_log import charset, header, moments, shape, table, workbook
from intake.phone_log.header import Columns, Role
from intake.phone_log.protocol import Protocol
from intake.phone_log.rejects import Rejects, rejects_file
from intake.phone_log.rows import Frame, Sheet
from intake.phone_log.values import Item, Log, Problem, Reason, Rejected, Row, Skipped, UnreadableError
from intake.settings import DropFolderSettings

__all__ = [
    "Item",
    "Log",
    "Problem",
    "Protocol",
    "Reason",
    "Rejected",
    "Rejects",
    "Role",
    "Row",
    "Skipped",
    "UnreadableError",
    "iterate",
    "read",
    "rejects_file",
]

_HEAD_ROWS = 60  # the header stands within these
_HEAD_TEXT = 200_000
_HEAD_BYTES = 2_000_000  # by which the encoding is recognised
_PART = 200_000
_IN_PAIRS = re.compile(r'[^"]*(?:[^"]"[^"]*"(?=[^"]))*[^"]*')  # none at the beginning or the end
_STRAY = re.compile(r'^"|(?<!\d)"$')


@dataclass(frozen=True, slots=True)
class _File:
    """What holds for a file whatever it is: the caller's side of it."""

    name: str
    settings: DropFolderSettings
    today: date
    fallback: datetime


def read(data: bytes, *, name: str, settings: DropFolderSettings, today: date, fallback: datetime) -> Log:
    """The whole file at once. ``today`` is Krefeld's day, ``fallback`` (aware) dates rows that have no date.

    Raises UnreadableError when the file as a whole cannot be read.
    """
    items = list(iterate(io.BytesIO(data), name=name, settings=settings, today=today, fallback=fallback))
    return Log(
        rows=tuple(item for item in items if isinstance(item, Row)),
        problems=tuple(problem for item in items for problem in item.problems),
        skipped=tuple(item for item in items if isinstance(item, Skipped)),
        rejected=tuple(item for item in items if isinstance(item, Rejected)),
    )


def iterate(
    file: IO[bytes], *, name: str, settings: DropFolderSettings, today: date, fallback: datetime
) -> Iterator[Item]:
    """The same, one record of the table after the other, in the order of the open ``file`` (and of its sheets)."""
    header.check(settings.columns)
    whole = _File(name, settings, today, fallback)
    head = file.read(_HEAD_BYTES)
    if workbook.is_one(head):
        yield from _sheets(file, whole)
    else:
        yield from _text(head, iter(lambda: file.read(_PART), b""), whole)


def _text(head: bytes, rest: Iterator[bytes], whole: _File) -> Iterator[Item]:
    settings = whole.settings
    written = charset.detected(head, settings.encoding)
    charset.check_readable(head, written)
    begin = "".join(written.texts([head[: 4 * _HEAD_TEXT]]))[:_HEAD_TEXT]
    named, start = table.separator(begin[:1000])
    delimiter, columns, first = _found(begin[start:], settings.delimiter or named, settings, whole.name)
    columns, width, top = _mended(begin[start:], delimiter, columns, first, settings)
    frame = _frame(whole, top[: first - 1], written.encode, delimiter)
    frame = dataclasses.replace(frame, shape=shape.of(top[first:], columns.names))
    texts = written.texts(chain([head], rest))
    every = table.records(_from(texts, start), _marks(delimiter), width=width)
    yield from _below(map(_clean, every), first, Sheet(frame, columns))


def _mended(
    text: str, delimiter: str, columns: Columns, first: int, settings: DropFolderSettings
) -> tuple[Columns, int, list[table.Record]]:
    """The columns, how many they are, and the first records; a header that lost or gained a delimiter is mended."""
    top = _head(text, delimiter, len(columns.names))
    names = shape.mended(columns.names, top[first:], lambda name: header.is_known(name, settings.columns))
    again = header.columns(top[first - 1]._replace(cells=names), settings.columns) if names is not None else None
    if again is None or len(again.places) < len(columns.places):
        return columns, len(columns.names), top
    return again, len(again.names), _head(text, delimiter, len(again.names))


def _sheets(file: IO[bytes], whole: _File) -> Iterator[Item]:
    """Every sheet that has a header; of a workbook without one the first sheet's advice is given."""
    unknown: UnreadableError | None = None
    found = False
    for sheet, every in workbook.sheets(file):
        top = list(islice(every, _HEAD_ROWS))
        known = _header(top, whole.settings)
        if known is None:
            unknown = unknown or (header.unknown(top, whole.name) if top else None)
            continue
        found = True
        columns, first = known
        frame = _frame(whole, top[: first - 1], str.encode, ";", sheet)
        yield from _below(chain(top, every), first, Sheet(frame, columns))
    if not found:
        raise unknown or header.unknown([], whole.name)


def _below(every: Iterable[table.Record], first: int, sheet: Sheet) -> Iterator[Item]:
    """The items of one table whose header is the record ``first``."""
    for record in every:
        if record.number == first:
            yield sheet.header(record)
        elif record.number < first:
            yield sheet.skipped(record, Reason.PREAMBLE if any(record.cells) else Reason.BLANK)
        else:
            yield sheet.read(record)


def _frame(
    whole: _File, preamble: list[table.Record], encode: Callable[[str], bytes], delimiter: str, sheet: str = ""
) -> Frame:
    said = "\n".join(" ".join(record.cells) for record in preamble)
    return Frame(
        channel=whole.settings.channel,
        today=whole.today,
        year=moments.year_of(said) or moments.year_of(sheet) or moments.year_of(whole.name),
        fallback=whole.fallback,
        encode=encode,
        delimiter=delimiter,
        configured=whole.settings.columns,
        sheet=sheet,
    )


def _from(texts: Iterator[str], start: int) -> Iterator[str]:
    """The text from ``start`` on."""
    for text in texts:
        yield text[start:]
        start = max(0, start - len(text))


def _marks(delimiter: str) -> table.Marks:
    return table.marks(delimiter, '"', '"')


def _clean(record: table.Record) -> table.Record:
    cells = charset.cleaned(record.cells, record.text.rstrip("\r\n"))
    if record.flaw:
        return _without_stray_quote(record._replace(cells=cells))
    return table.Record(record.number, cells, record.text, record.flaw, record.line)


def _without_stray_quote(record: table.Record) -> table.Record:
    """The stray quote itself says nothing to anybody; quotes in pairs within a cell, and inches, are text."""
    cells = tuple(_STRAY.sub("", cell).strip() if cell.count('"') == 1 else cell for cell in record.cells)
    is_text = record.flaw is table.Flaw.STRAY_QUOTE and all(_IN_PAIRS.fullmatch(cell) for cell in record.cells)
    return record._replace(cells=cells, flaw=table.Flaw.NONE if is_text else record.flaw)


def _head(text: str, delimiter: str, width: int = 0) -> list[table.Record]:
    return [_clean(record) for record in islice(table.records([text], _marks(delimiter), width=width), _HEAD_ROWS)]


def _found(text: str, named: str | None, settings: DropFolderSettings, name: str) -> tuple[str, Columns, int]:
    """The delimiter, the columns and the header's row: the delimiter that makes the most of a header wins."""
    best: tuple[int, str, Columns, int] | None = None
    for delimiter in (named,) if named else table.DELIMITERS:
        found = _header(_head(text, delimiter), settings)
        if found is None or _runs_on(found[0], delimiter):  # a stray quote above it or in it
            alone = _header(map(_clean, islice(table.lines(text, _marks(delimiter)), _HEAD_ROWS)), settings)
            again = _header(_head(text, delimiter, len(alone[0].names)), settings) if alone else None
            if found is None or (again is not None and len(again[0].places) >= len(found[0].places)):
                found = again
        if found is not None and (best is None or len(found[0].places) > best[0]):
            best = (len(found[0].places), delimiter, *found)
    if best is None:
        likely = named or max(table.DELIMITERS, key=text.count)
        raise header.unknown(_head(text, likely), name)
    return best[1:]


def _runs_on(columns: Columns, delimiter: str) -> bool:
    """Whether one of the names may have the first row in it."""
    return any("\n" in name and delimiter in name for name in columns.names)


def _header(records: Iterable[table.Record], settings: DropFolderSettings) -> tuple[Columns, int] | None:
    """The columns and the number of the record that names most of them; the first of equals."""
    best: tuple[Columns, int] | None = None
    for record in records:
        columns = header.columns(record, settings.columns)
        if columns is not None and (best is None or len(columns.places) > len(best[0].places)):
            best = (columns, record.number)
    return best
