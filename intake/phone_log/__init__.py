"""The phone log: any German table that staff keep by hand, tally at a market, or export from a telephone system.

``read`` gives the rows as messages, those that only a person can mend, and what was passed over; ``iterate`` gives the
same row after row in constant memory. They find encoding, delimiter, header and columns by themselves (``settings``
may name them), read the sheets of a workbook (.xlsx, .ods) as well, and never guess where a guess could mislead: what
is repaired or doubtful is said in German with row and column.

One bad row costs that row. A file in which no concern column is known, that is empty or no table, raises
``UnreadableError`` with the advice for staff (for unknown columns a mapping to paste); nothing else is raised,
whatever the bytes. The order of the rows matters only where a row leans on the one above (a date typed once, "dito").
``edits`` tells which new rows are known calls in other words.

Pure: no I/O but reading the open file that it is handed, no clock; ``today`` and ``fallback`` come from the caller.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import chain, islice
from typing import IO

from msgspec import Struct, structs

from intake import reference
from intake.phone_log import cells
from intake.phone_log.columns import detect, header, width
from intake.phone_log.columns.header import Columns, Role
from intake.phone_log.formats import charset, csv, ods, salvage, xlsx
from intake.phone_log.formats.csv import Dialect
from intake.phone_log.report.protocol import Protocol
from intake.phone_log.report.rejects import Rejects, rejects_file
from intake.phone_log.rows import date_formats
from intake.phone_log.rows.calls import Frame, Sheet
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
    "may_say_something",
    "plain_text",
    "read",
    "rejects_file",
]

_HEAD_BYTES = 2_000_000  # by which the encoding is recognised
_PART = 200_000


class _File(Struct, frozen=True):
    """What holds for a file whatever it is: the caller's side of it."""

    name: str
    settings: DropFolderSettings
    today: date
    fallback: datetime
    known: Dialect
    prefix: str


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
    file: IO[bytes],
    *,
    name: str,
    settings: DropFolderSettings,
    today: date,
    fallback: datetime,
    known: Dialect | None = None,
    prefix: str = reference.ANY,
) -> Iterator[Item]:
    """The same, one record of the table after the other, in the order of the open ``file`` (and of its sheets).

    ``known`` is what somebody says of the file's dialect; it goes before ``settings``. ``today`` is a day of the
    city's clock; ``fallback`` (aware, UTC) stands in for a moment that no cell tells. ``prefix`` is that of the city's
    case numbers, by which call-backs are known. Raises UnreadableError for what is no list, at the first item.
    """
    header.check(settings.columns)
    usual = Dialect(delimiter=settings.delimiter, encoding=settings.encoding)
    whole = _File(name, settings, today, fallback, known or usual, prefix)
    begin = file.read(_HEAD_BYTES)
    if ods.is_one(begin):
        yield from _sheets(ods.sheets(file), whole)
    elif xlsx.is_one(begin):
        yield from _sheets(xlsx.sheets(file), whole)
    else:
        yield from _text(begin, iter(lambda: file.read(_PART), b""), whole)


def may_say_something(item: Skipped) -> bool:
    """Whether words stand in a line that is no row, so that the rules must look through them: never wrongly no."""
    return item.reason is Reason.UNREAD or (item.reason is Reason.PREAMBLE and not cells.is_label(item.cells))


def plain_text(file: IO[bytes], most: int) -> str:
    """What a file says that is no list, read from its beginning: text, a page's text, or the cells of a workbook.

    At most ``most`` bytes, or characters of a workbook; of a broken or an old one the words that are found in it, of
    ten times as many bytes; "" where there are none. Raises OSError.
    """
    file.seek(0)
    begin = file.read(most)
    try:
        if ods.is_one(begin) or xlsx.is_one(begin):
            file.seek(0)
            found = ods.sheets(file) if ods.is_one(begin) else xlsx.sheets(file)
            rows = (" ".join(filter(None, record.cells)) for sheet in found for record in sheet.records)
            said = "\n".join(islice(filter(None, rows), most // 100))[:most]
        else:
            said = charset.plain_text(begin)
    except UnreadableError:
        said = ""
    if said:
        return said
    file.seek(0)
    return salvage.words(file.read(10 * most), most)


def _text(begin: bytes, rest: Iterator[bytes], whole: _File) -> Iterator[Item]:
    written = charset.detected(begin, whole.known.encoding)
    charset.check_readable(begin, written)
    text = "".join(written.texts([begin[: 4 * detect.TEXT]]))[: detect.TEXT]
    named, start = csv.separator(text[:1000])
    known = structs.replace(whole.known, delimiter=whole.known.delimiter or named)
    found = detect.of(text[start:], known, whole.settings, whole.name)
    frame = _frame(whole, found.top[: found.first - 1], written.encode, found.marks.delimiter)
    shape = width.of(found.top[found.first :], found.columns.names)
    records = csv.records([text[start:]], found.marks, width=found.width)
    frame = structs.replace(frame, shape=shape, order=_order(records, found.columns, whole))
    texts = written.texts(chain([begin], rest))
    every = csv.records(_from(texts, start), found.marks, width=found.width)
    yield from _below(map(detect.clean, every), found.first, Sheet(frame, found.columns))


def _sheets(sheets: Iterator[xlsx.NamedSheet], whole: _File) -> Iterator[Item]:
    """Every sheet; one without a header goes on with the columns of the sheet before it, if its rows fit them.

    What does not fit, or is hidden, is told line by line. Of a workbook without any header the first sheet's advice is
    given.
    """
    unknown: UnreadableError | None = None
    columns: Columns | None = None
    untold: list[Item] = []
    for sheet in sheets:
        top = list(islice(sheet.records, detect.ROWS))
        every = chain(top, sheet.records)
        known = detect.columns(top, whole.settings)
        if sheet.hidden or sheet.remarks or (known is None and not (columns and _fit(top, columns, whole))):
            if known is None and top and not sheet.remarks:
                unknown = unknown or header.unknown(top, whole.name)
            items = _not_read(every, sheet)
            if columns is None:
                untold += items
            else:
                yield from items
            continue
        yield from untold
        untold = []
        columns, first = known or (columns, 0)
        assert columns is not None
        frame = _frame(whole, top[: max(0, first - 1)], str.encode, ";", sheet.name)
        frame = structs.replace(frame, order=_order(top, columns, whole), from_1904=sheet.from_1904)
        yield from _below(every, first, Sheet(frame, columns))
    if columns is None:
        raise unknown or header.unknown([], whole.name)
    yield from untold


def _order(records: Iterable[csv.Record], columns: Columns, whole: _File) -> date_formats.Order:
    """Which of day and month stands first in the list, by its beginning."""
    if not columns.has(Role.DATE):
        return date_formats.Order.DAY
    told = ((columns.cell(row.cells, Role.DATE), columns.cell(row.cells, Role.TIME)) for row in records)
    return date_formats.order_of(told, whole.today)


def _fit(top: list[csv.Record], columns: Columns, whole: _File) -> bool:
    """Whether the rows of a sheet without a header stand under the columns of another one, most of them.

    Day and time are where they should be, and where the concern should be stands neither.
    """
    rows = [record.cells for record in top if any(record.cells)]
    hints = date_formats.Hints(whole.today)

    def stands(cells: tuple[str, ...]) -> bool:
        clock, text = columns.cell(cells, Role.TIME), columns.cell(cells, Role.TEXT)
        is_day = date_formats.stamp(columns.cell(cells, Role.DATE), hints) is not None
        is_time = not clock or date_formats.minutes(clock) is not None
        return is_day and is_time and any(map(str.isalpha, text)) and date_formats.minutes(text) is None

    fitting = all(len(cells) <= len(columns.names) for cells in rows)
    return bool(rows) and fitting and 2 * sum(map(stands, rows)) > len(rows)


def _not_read(every: Iterable[csv.Record], sheet: xlsx.NamedSheet) -> Iterator[Item]:
    """The lines of a sheet that is no list, each told as such."""
    why = "ist ausgeblendet" if sheet.hidden else "hat keine Kopfzeile, die ein Anliegen nennt"
    what = f"Das Blatt „{sheet.name}“ {why}; seine Zeilen wurden nicht gelesen."
    advice = "Bitte blenden Sie es ein." if sheet.hidden else "Bitte schreiben Sie die Namen der Spalten darüber."
    if sheet.remarks:
        what = "Kommentare und Textfelder stehen neben den Zellen; sie wurden nicht als Anrufe gelesen."
        advice = "Bitte tragen Sie ein Anliegen darin als eigene Zeile nach."
    problems: tuple[Problem, ...] = (Problem(1, "", "", what, advice),)
    for record in every:
        blank = not any(record.cells)
        reason = Reason.BLANK if blank else Reason.UNREAD
        yield Skipped(record.number, reason, sheet.name, () if blank else problems, record.cells)
        problems = problems if blank else ()


def _below(every: Iterable[csv.Record], first: int, sheet: Sheet) -> Iterator[Item]:
    """The items of one table whose header is the record ``first``."""
    for record in every:
        if record.number == first:
            yield sheet.header(record)
        elif record.number < first:
            yield sheet.above(record)
        else:
            yield sheet.read(record)


def _frame(
    whole: _File, preamble: list[csv.Record], encode: Callable[[str], bytes], delimiter: str, sheet: str = ""
) -> Frame:
    said = "\n".join(" ".join(record.cells) for record in preamble)
    return Frame(
        channel=whole.settings.channel,
        today=whole.today,
        year=date_formats.year_of(said) or date_formats.year_of(sheet) or date_formats.year_of(whole.name),
        fallback=whole.fallback,
        encode=encode,
        delimiter=delimiter,
        configured=whole.settings.columns,
        prefix=whole.prefix,
        sheet=sheet,
    )


def _from(texts: Iterator[str], start: int) -> Iterator[str]:
    """The text from ``start`` on."""
    for text in texts:
        yield text[start:]
        start = max(0, start - len(text))
