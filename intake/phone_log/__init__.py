"""The phone log: any German table that staff keep by hand, tally at a market, or export from a telephone system.

``read`` gives the rows as messages, those that only a person can mend, and what was passed over. It finds encoding,
delimiter, header and columns by itself (``settings`` may name encoding and columns), takes the file as it is, and
never guesses where a guess could mislead: what is repaired or doubtful is said in German with row and column.

One bad row costs that row. A file in which no concern column is known, that is empty or no text table, raises
``UnreadableError`` with the advice for staff (for unknown columns a mapping to paste); nothing else is raised,
whatever the bytes. The order of the rows matters only where a row leans on the one above (a date typed once, "dito").

Pure: no I/O, no clock; ``today`` and ``fallback`` come from the caller.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice

from intake.phone_log import charset, header, moments, table
from intake.phone_log.header import Columns, Role
from intake.phone_log.rejects import rejects_file
from intake.phone_log.rows import Frame, Sheet
from intake.phone_log.values import Log, Problem, Reason, Rejected, Row, Skipped, UnreadableError
from intake.settings import DropFolderSettings

__all__ = [
    "Log",
    "Problem",
    "Reason",
    "Rejected",
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


def read(data: bytes, *, name: str, settings: DropFolderSettings, today: date, fallback: datetime) -> Log:
    """The whole file at once. ``today`` is Krefeld's day, ``fallback`` (aware) dates rows that have no date.

    Raises UnreadableError when the file as a whole cannot be read.
    """
    items = list(iterate(data, name=name, settings=settings, today=today, fallback=fallback))
    return Log(
        rows=tuple(item for item in items if isinstance(item, Row)),
        problems=tuple(problem for item in items if not isinstance(item, Skipped) for problem in item.problems),
        skipped=tuple(item for item in items if isinstance(item, Skipped)),
        rejected=tuple(item for item in items if isinstance(item, Rejected)),
    )


def iterate(
    data: bytes, *, name: str, settings: DropFolderSettings, today: date, fallback: datetime
) -> Iterator[Row | Rejected | Skipped]:
    """The same, one record of the table after the other, in the order of the file."""
    header.check(settings.columns)
    decoded = charset.detected(data, settings.encoding)
    charset.check_readable(data, decoded)
    text = "".join(decoded.texts([data]))
    named, start = table.separator(text[:1000])
    head_text = text[start : start + _HEAD_TEXT]
    delimiter, columns, first = _found(head_text, named, settings, name)
    width = len(columns.names)
    head = _head(head_text, delimiter, width)
    preamble = "\n".join(" ".join(record.cells) for record in head[: first - 1])
    frame = Frame(
        channel=settings.channel,
        today=today,
        year=moments.year_of(preamble) or moments.year_of(name),
        fallback=fallback,
        encode=decoded.encode,
        delimiter=delimiter,
        configured=settings.columns,
        padded=bool(columns.names[-1]) and any(len(record.cells) == width and not record.cells[-1] for record in head),
    )
    sheet = Sheet(frame, columns)
    for record in table.records([text[start:]], _marks(delimiter), width=width):
        cleaned = _clean(record)
        if record.number < first:
            blank = not any(cleaned.cells)
            yield Skipped(record.number, Reason.BLANK if blank else Reason.PREAMBLE)
            continue
        yield sheet.read(cleaned)


def _marks(delimiter: str) -> table.Marks:
    return table.marks(delimiter, '"', '"')


def _clean(record: table.Record) -> table.Record:
    cells = map(charset.clean, record.cells)
    if record.flaw:  # the stray quote itself says nothing to anybody
        cells = (cell.strip('"').strip() if cell.count('"') == 1 else cell for cell in cells)
    return table.Record(record.number, tuple(cells), record.text, record.flaw, record.line)


def _head(text: str, delimiter: str, width: int = 0) -> list[table.Record]:
    return [_clean(record) for record in islice(table.records([text], _marks(delimiter), width=width), _HEAD_ROWS)]


def _found(text: str, named: str | None, settings: DropFolderSettings, name: str) -> tuple[str, Columns, int]:
    """The delimiter, the columns and the header's row: the delimiter that makes the most of a header wins."""
    best: tuple[int, str, Columns, int] | None = None
    for delimiter in (named,) if named else table.DELIMITERS:
        found = _header(_head(text, delimiter), settings)
        if found is None:  # a stray quote above it may hide it
            alone = _header(map(_clean, islice(table.lines(text, _marks(delimiter)), _HEAD_ROWS)), settings)
            found = _header(_head(text, delimiter, len(alone[0].names)), settings) if alone else None
        if found is not None and (best is None or len(found[0].places) > best[0]):
            best = (len(found[0].places), delimiter, *found)
    if best is None:
        likely = named or max(table.DELIMITERS, key=text.count)
        raise header.unknown(_head(text, likely), name)
    return best[1:]


def _header(records: Iterable[table.Record], settings: DropFolderSettings) -> tuple[Columns, int] | None:
    """The columns and the number of the record that names most of them; the first of equals."""
    best: tuple[Columns, int] | None = None
    for record in records:
        columns = header.columns(record, settings.columns)
        if columns is not None and (best is None or len(columns.places) > len(best[0].places)):
            best = (columns, record.number)
    return best
