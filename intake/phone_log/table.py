"""Text to records: delimiter-separated cells, quotes, cells of several lines. No meaning of columns yet.

The standard library's reader trusts every quote, so one stray quote swallows the rows after it. This one trusts a
quote only as far as the neighbours stay whole: a cell of several lines is taken back when a line inside it is a
complete row by itself, and then the line with the stray quote is read on its own. Never raises on any text; a record
that could only be read by ignoring its quotes says so in ``damaged``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from intake.phone_log import charset

DELIMITERS = (";", "\t", ",", "|")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?[^\S\t]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
_LONGEST = 20_000  # characters of a record with line breaks; a quote that stays open longer is a stray one


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the table as Excel counts it, with its cells cleaned and its text as it stands in the file."""

    number: int
    cells: tuple[str, ...]
    text: str
    damaged: bool = False


def separator(text: str) -> tuple[str | None, int]:
    """The delimiter that a first line ``sep=;`` names, and where the table begins."""
    found = _SEPARATOR_LINE.match(text)
    return (found.group(1), found.end()) if found else (None, 0)


def records(text: str, delimiter: str, *, start: int = 0, width: int = 0) -> Iterator[Record]:
    """Every record from ``start`` on, blank ones too; ``width`` is the header's number of cells (0: not known yet)."""
    number = 0
    while start < len(text):
        number += 1
        line = _line(text, start)
        if '"' not in line:
            cells, damaged, end = _body(line).split(delimiter), False, start + len(line)
        else:
            cells, damaged, end = _quoted_record(text, start, delimiter, width)
        yield Record(number, tuple(map(charset.clean, cells)), text[start:end], damaged)
        start = end


def lines(text: str, delimiter: str, *, start: int = 0) -> Iterator[Record]:
    """Every line as a record of its own, whatever its quotes say: how to find a header below a stray quote."""
    for number, line in enumerate(_LINE.findall(text, start), start=1):
        cells = tuple(charset.clean(_unquoted(cell)) for cell in _body(line).split(delimiter))
        yield Record(number, cells, line)


def _line(text: str, start: int) -> str:
    found = _LINE.match(text, start)
    assert found is not None
    return found.group()


def _body(line: str) -> str:
    return line.rstrip("\r\n")


def _quoted_record(text: str, start: int, delimiter: str, width: int) -> tuple[list[str], bool, int]:
    """Cells, whether the quotes had to be ignored, and the end of the record that begins at ``start``."""
    line = _line(text, start)
    limit = start + len(line)
    strict = _scan(text, start, limit, delimiter)
    open_ended = strict is None and _closes(text, limit, delimiter)
    wider = _scan(text, start, start + _LONGEST, delimiter) if open_ended else None
    if wider is not None:
        cells, end = wider
        if not _swallows(text, limit, end, delimiter, width):
            return cells, False, end
    if strict is not None and (not width or len(strict[0]) == width):
        return strict[0], False, limit
    lenient = _scan(_body(line), 0, len(_body(line)), delimiter, lenient=True)
    split = _body(line).split(delimiter)
    plain = [_unquoted(cell) for cell in split]
    whole = sum(cell.count('"') % 2 for cell in split) <= 1  # else the split went through a quoted cell
    for cells in (lenient[0] if lenient else [], plain if whole else []):
        if width and cells and len(cells) >= width and not any(cells[width:]):
            return cells, False, limit
    return (strict[0], False, limit) if strict is not None else (plain, True, limit)


def _closes(text: str, start: int, delimiter: str) -> bool:
    """Whether any quote in the next lines could end a cell: a quick look before a long one."""
    return _patterns(delimiter)[3].search(text, start, start + _LONGEST) is not None


def _scan(text: str, start: int, limit: int, delimiter: str, *, lenient: bool = False) -> tuple[list[str], int] | None:
    """The record's cells by the rules of RFC 4180 and its end; None when a quoted cell is still open at ``limit``.

    A quote inside a quoted cell that neither ends it nor is doubled is text. ``lenient``: a doubled quote before a
    delimiter is text and ends the cell ("er sagte "Hilfe"";).
    """
    plain, opening, closing, _ = _patterns(delimiter)
    cells: list[str] = []
    while True:
        if found := opening.match(text, start, limit):
            start = at = found.end()
            while True:
                at = text.find('"', at, limit)
                if at < 0:
                    return None
                ends = closing.match(text, at + 1, limit)
                if text.startswith('"', at + 1) and at + 1 < limit:
                    ends = closing.match(text, at + 2, limit) if lenient else None
                    at += 1
                    if ends is None:
                        at += 1
                        continue
                if ends is not None:
                    break
                at += 1
            cells.append(text[start:at].replace('""', '"'))
            start = ends.end()
        else:
            found = plain.match(text, start, limit)
            assert found is not None
            cells.append(found.group())
            start = found.end()
        if start < limit and text.startswith(delimiter, start):
            start += 1
            continue
        return cells, start + len(_LINE_END.match(text, start).group())  # type: ignore[union-attr]  # matches always


_LINE_END = re.compile(r"(?:\r\n|\r|\n)?")


@cache
def _patterns(delimiter: str) -> tuple[re.Pattern[str], ...]:
    edge = re.escape(delimiter)
    space = "[ ]*" if delimiter != " " else ""
    after = rf"{space}(?=[{edge}\r\n]|\Z)"
    return tuple(map(re.compile, (rf"[^{edge}\r\n]*", rf'{space}"', after, rf'"{after}')))


def _swallows(text: str, start: int, end: int, delimiter: str, width: int) -> bool:
    """Whether one of the lines from ``start`` to ``end``, all within one record, begins a whole row of the table."""
    if width < 2:
        return False
    whole = _whole_row(delimiter, width)
    while start < end:
        if whole.match(text, start, end + _LONGEST):
            return True
        start += len(_line(text, start))
    return False


@cache
def _whole_row(delimiter: str, width: int) -> re.Pattern[str]:
    """A row with all its cells and no stray quote; a cell that begins with a blank is the rest of a sentence."""
    edge = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*+"[ ]*|(?:[^"\s{edge}][^"{edge}\r\n]*+)?)'
    return re.compile(rf"{cell}(?:{edge}{cell}){{{width - 1}}}(?=[\r\n]|\Z)")


def _unquoted(cell: str) -> str:
    cell = cell.strip(" ")
    if cell[:1] == '"':
        cell = cell[1:]
    if cell[-1:] == '"':
        cell = cell[:-1]
    return cell.replace('""', '"')
