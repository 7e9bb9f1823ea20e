"""Records of a table, one after the other, with recovery after a stray or a missing quote.

A quote is trusted only as far as the neighbours stay whole: a cell of several lines is taken back when a line inside
it is a complete row by itself, and then the line with the stray quote is read on its own. So a bad row costs itself.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from intake.phone_log.formats.csv import scan
from intake.phone_log.formats.csv.scan import LONGEST, Marks
from intake.phone_log.formats.csv.window import LONGEST_LINE, Window

_LINES_TOGETHER = 8  # lines of one record among which a stray quote is looked for
_PATIENCE = 1000  # rows in which a cell of several lines is looked for in vain before that is given up


class Flaw(StrEnum):
    """What is wrong with a record. ``WIDTH`` is said by ``table.read`` alone: rows may be short on purpose."""

    NONE = ""
    STRAY_QUOTE = "stray quote"  # one quote was taken as text; the cells are as many as they should be
    QUOTES = "quotes"  # the quotes do not add up; the cells are a guess
    WIDTH = "width"
    TOO_LONG = "too long"


class Record(NamedTuple):
    """One row of the table as Excel counts it: its cells as read, and its text as it stands in the file.

    ``line`` is the line of the file on which it begins; rows and lines count from 1.
    """

    number: int
    cells: tuple[str, ...]
    text: str
    flaw: Flaw = Flaw.NONE
    line: int = 0


def records(chunks: Iterable[str], marks: Marks, *, width: int = 0) -> Iterator[Record]:
    """Every record in order, blank ones too.

    ``width`` is the number of cells that a row should have (0: not known yet).

    ``chunks`` are pieces of the text, cut anywhere; only one record and one piece are held at a time. Raises nothing.
    """
    window = Window(chunks)
    reader = _Reader(marks, width)
    number, line, start = 0, 1, 0
    quote, delimiter, slashes = marks.quote or "\x00\x00", marks.delimiter, marks.slashes
    while True:
        end, start = window.line_end(start)
        if start >= len(window.text):
            return
        number += 1
        text = window.text[start:end]
        flaw = Flaw.NONE
        if quote in text or (slashes and marks.escape in text):
            cells, flaw, end = reader.record(window.text, start, end)
            text = window.text[start:end]
        else:
            cells = text.rstrip("\r\n").split(delimiter)
        if len(text) >= LONGEST_LINE:
            flaw = Flaw.TOO_LONG
        yield Record(number, tuple(cells), text, flaw, line)
        line += 1 if end - start < 2 else max(1, text.count("\n") or text.count("\r"))
        start = end


def lines(text: str, marks: Marks) -> Iterator[Record]:
    """Every line as a record of its own, whatever its quotes say: how to find a header below a stray quote."""
    for number, line in enumerate(scan.lines(text), start=1):
        cells = tuple(scan.unquoted(cell, marks.quote) for cell in scan.body(line).split(marks.delimiter))
        yield Record(number, cells, line, line=number)


class _Reader:
    """Reads the records in which there is a quote. Loses patience with a file in which hardly a quote is closed."""

    def __init__(self, marks: Marks, width: int) -> None:
        self.marks = marks
        self.width = width
        self._patience = _PATIENCE

    def record(self, text: str, start: int, limit: int) -> tuple[list[str], Flaw, int]:
        """The cells of the record at ``start``, what is wrong with them, and its end; its line ends at ``limit``."""
        strict = scan.scan(text, start, limit, self.marks)
        if strict is not None and strict.clean:
            return strict.cells, Flaw.NONE, limit
        wide = None
        if (
            strict is None
            and self._patience
            and self.marks.any_closing.search(text, limit, limit + LONGEST) is not None
        ):
            wide = scan.scan(text, start, start + LONGEST, self.marks)
            if wide is not None and self._swallows(text, limit, wide):
                wide = None
        if wide is not None and (wide.clean or not self.width or len(wide.cells) == self.width):
            self._patience = min(_PATIENCE, self._patience + 10)
            return wide.cells, Flaw.NONE if wide.clean else Flaw.STRAY_QUOTE, wide.end
        if strict is None and self._patience:
            self._patience -= 1
        return self._alone(text, start, limit, strict, wide)

    def _alone(
        self, text: str, start: int, limit: int, strict: scan.Found | None, wide: scan.Found | None
    ) -> tuple[list[str], Flaw, int]:
        """The record whose quotes do not keep to the rules."""
        line = scan.body(text[start:limit])
        fits = strict is not None and (not self.width or len(strict.cells) == self.width)
        if strict is not None and fits and not scan.is_torn(strict.cells, self.marks.quote):
            return strict.cells, Flaw.STRAY_QUOTE, limit
        if (cells := self._mended(line)) is not None:
            return cells, Flaw.STRAY_QUOTE, limit
        if strict is None and self._patience and (longer := self._mended_over_lines(text, start, limit)) is not None:
            return longer
        if wide is not None:
            return wide.cells, Flaw.QUOTES, wide.end
        if strict is not None:
            return strict.cells, Flaw.QUOTES, limit
        return [scan.unquoted(cell, self.marks.quote) for cell in line.split(self.marks.delimiter)], Flaw.QUOTES, limit

    def _mended(self, line: str) -> list[str] | None:
        """The row's cells when one of its quotes is text, however the line can be read so."""
        if not self.width:
            return None
        lenient = scan.scan(line, 0, len(line), self.marks, lenient=True)
        fits = lenient is not None and len(lenient.cells) == self.width and lenient.end == len(line)
        if lenient is not None and fits and not scan.is_torn(lenient.cells, self.marks.quote):
            return lenient.cells
        if (cells := scan.mended(line, self.width, self.marks)) is not None:
            return cells
        split = line.split(self.marks.delimiter)
        whole = sum(cell.count(self.marks.quote) % 2 for cell in split) <= 1  # else it went through a quoted cell
        if whole and len(split) >= self.width and not any(split[self.width :]):
            return [scan.unquoted(cell, self.marks.quote) for cell in split]
        return None

    def _mended_over_lines(self, text: str, start: int, limit: int) -> tuple[list[str], Flaw, int] | None:
        """The same for a row with cells of several lines, none of which is a row by itself."""
        if not self.width:
            return None
        whole = _whole_row(self.marks, self.width)
        for _ in range(_LINES_TOGETHER):
            if limit >= len(text) or whole.match(text, limit):
                return None
            limit += len(scan.line(text, limit))
            part = scan.body(text[start:limit])
            if len(part) > LONGEST:
                return None
            cells = scan.mended(part, self.width, self.marks)
            if cells is not None:
                return cells, Flaw.STRAY_QUOTE, limit
        return None

    def _swallows(self, text: str, start: int, wide: scan.Found) -> bool:
        """Whether one of the lines from ``start`` on, all within one record, begins a whole row of the table."""
        if self.width < 2 or (wide.clean and len(wide.cells) == self.width):
            return False
        whole = _whole_row(self.marks, self.width)
        while start < wide.end:
            if whole.match(text, start, wide.end + LONGEST):
                return True
            start += len(scan.line(text, start))
        return False


@cache
def _whole_row(marks: Marks, width: int) -> re.Pattern[str]:
    """A row with all its cells and no stray quote; a cell that begins with a blank is the rest of a sentence."""
    edge, mark = re.escape(marks.delimiter), re.escape(marks.quote)
    slash = rf"|{re.escape(marks.escape)}." if marks.slashes else ""
    inside = rf"(?:[^{mark}{re.escape(marks.escape) if slash else ''}]|{mark}{mark}{slash})*+"
    if len(marks.delimiter) == 1:
        plain = rf"(?:[^{mark}\s{edge}][^{mark}{edge}\r\n]*+)?"
    else:
        plain = rf"(?:(?!\s|{edge})(?:(?!{edge})[^{mark}\r\n])*+)?"
    cell = rf"(?:{mark}{inside}{mark}[ ]*|{plain})"
    return re.compile(rf"{cell}(?:{edge}{cell}){{{width - 1}}}(?=[\r\n]|\Z)")
