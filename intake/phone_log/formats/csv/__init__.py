"""Any delimiter-separated table: bytes or text to rows of cells. No meaning of columns here.

``read`` takes a whole table and gives rows and faults; what the caller does not say of encoding and dialect it
recognises. ``records`` gives the same row after row, in constant memory, from text that is still being read.

One bad row costs that row: a stray quote, a quote that never closes, a delimiter too many or too few never changes a
neighbour, and is reported. Never raises on any bytes, except ``UnreadableError`` for an encoding that does not exist.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from intake.phone_log.formats import charset
from intake.phone_log.formats.csv.dialect import DELIMITERS, Dialect, recognised, separator, sure, width
from intake.phone_log.formats.csv.records import Flaw, Record, lines, records
from intake.phone_log.formats.csv.scan import Marks, marks

__all__ = [
    "DELIMITERS",
    "Dialect",
    "Fault",
    "Flaw",
    "Marks",
    "Record",
    "Table",
    "lines",
    "marks",
    "read",
    "recognised",
    "records",
    "separator",
    "sure",
    "width",
]

_HEAD = 200_000  # characters from which a dialect is recognised
_LIKE = 3  # so many rows of another width below each other are a table of their own


class Fault(Struct, frozen=True):
    """A row that is not as it should be. ``row`` and ``line`` count from 1; ``cells`` of ``width``."""

    row: int
    line: int
    flaw: Flaw
    cells: int
    width: int


class Table(Struct, frozen=True):
    """A table as read: its complete dialect, its records without the blank ones, and what is wrong with which."""

    dialect: Dialect
    width: int
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]

    @property
    def rows(self) -> list[list[str]]:
        """A list of rows, each a list of its cells, in the order of the file.

        Header and preamble are rows like all others.
        """
        return [list(record.cells) for record in self.records]


def read(data: bytes, dialect: Dialect | None = None) -> Table:
    """A whole table from its bytes; ``dialect`` says what is known of it.

    A line ``sep=;`` before the table is no row; it is obeyed unless the caller knows better. Empty bytes are an empty
    table.
    """
    known = dialect or Dialect()
    written = charset.detected(data, known.encoding)
    text = charset.mended("".join(written.texts([data])))
    named, start = separator(text[:1000])
    head = _lines_of(text[start : start + _HEAD], len(text) - start)
    complete = recognised(head, replace(known, delimiter=known.delimiter or named, encoding=written.codec))
    usual = width(head, complete)
    every = records(iter([text[start:]]), complete.marks(), width=usual)
    found = tuple(record for record in every if record.text.strip("\r\n"))
    return Table(complete, usual, found, tuple(_faults(found, usual)))


def _lines_of(head: str, whole: int) -> str:
    """The head of a text of ``whole`` characters, without a last line that is cut."""
    end = max(head.rfind("\n"), head.rfind("\r")) + 1
    return head[:end] if end and len(head) < whole else head


def _faults(found: Sequence[Record], usual: int) -> Iterator[Fault]:
    """What is wrong; of a further table below the first, with other columns, only its first row is told."""
    for cells, run in groupby(found, key=lambda record: len(record.cells)):
        rows = list(run)
        a_table = len(rows) >= _LIKE
        for index, record in enumerate(rows):
            unusual = cells != usual and (index == 0 or not a_table)
            if record.flaw or unusual:
                yield Fault(record.number, record.line, record.flaw or Flaw.WIDTH, cells, usual)
