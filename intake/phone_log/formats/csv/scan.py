"""One record by the rules of RFC 4180 with any delimiter, quote and escape, and what to do when they do not hold.

``scan`` reads a record as its quotes say. ``mended`` looks for the one quote that must be text for a row to have its
cells. Both work on a part of a text and never raise on any.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from msgspec import Struct

LONGEST = 20_000  # characters of a record with line breaks; a quote that stays open longer is a stray one
_TRIES = 60  # quotes of one record that are tried as text
_WORK = 2_000_000  # characters that are read again for one record at most
_HIDDEN = "\x00"  # stands for a quote that is text; a table has none of these
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LINE_END = re.compile(r"(?:\r\n|\r|\n)?")


class Marks(Struct, frozen=True):
    """A dialect, compiled."""

    delimiter: str
    quote: str
    escape: str
    plain: re.Pattern[str]
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    any_closing: re.Pattern[str]
    doubles: bool  # two quotes within quotes are one
    slashes: bool  # a character of its own stands before what is text


class Found(Struct, frozen=True):
    """A record's cells, its end in the text, and whether every quote in it kept to the rules."""

    cells: list[str]
    end: int
    clean: bool


@cache
def marks(delimiter: str, quote: str, escape: str) -> Marks:
    """The patterns of a dialect; ``quote`` may be empty."""
    edge = re.escape(delimiter)
    other = f"[^{edge}\r\n]" if len(delimiter) == 1 else rf"(?:(?!{edge})[^\r\n])"
    slashed = escape not in {"", quote}
    plain = rf"(?:{re.escape(escape)}.|(?!{re.escape(escape)}){other})*" if slashed else rf"{other}*"
    space = "[ ]*" if delimiter != " " else ""
    mark = re.escape(quote) if quote else r"(?!)"
    after = rf"{space}(?={edge}|[\r\n]|\Z)"
    opening, closing, any_closing = (re.compile(part) for part in (rf"{space}{mark}", after, rf"{mark}{after}"))
    doubles = bool(quote and escape)
    return Marks(delimiter, quote, escape, re.compile(plain), opening, closing, any_closing, doubles, slashed)


def line(text: str, start: int) -> str:
    """The line that begins at ``start``, with its line break."""
    found = _LINE.match(text, start)
    assert found is not None
    return found.group()


def lines(text: str) -> Iterator[str]:
    """Every line with its line break. ``str.splitlines`` also breaks at characters that are text in a table."""
    return (found.group() for found in _LINE.finditer(text) if found.group())


def body(line: str) -> str:
    """A line without its line break."""
    return line.rstrip("\r\n")


def scan(text: str, start: int, limit: int, marks: Marks, *, lenient: bool = False) -> Found | None:
    """The record that begins at ``start``.

    None when a quoted cell is still open at ``limit`` (both offsets in characters).

    A quote inside a quoted cell that neither ends it nor is escaped is text, and the record is not clean. ``lenient``:
    a doubled quote before a delimiter is text and ends the cell ("er sagte "Hilfe"";).
    """
    cells: list[str] = []
    clean = True
    limit = min(limit, len(text))
    while True:
        found = marks.opening.match(text, start, limit)
        if found is not None:
            quoted = _quoted(text, found.end(), limit, marks, lenient=lenient)
            if quoted is None:
                return None
            cell, start, regular = quoted
            clean = clean and regular
        else:
            found = marks.plain.match(text, start, limit)
            assert found is not None
            cell, start = found.group(), found.end()
            clean = clean and (not marks.quote or marks.quote not in cell)
            if marks.slashes:
                cell = _unslashed(cell, marks)
        cells.append(cell)
        if start < limit and text.startswith(marks.delimiter, start):
            start += len(marks.delimiter)
            continue
        return Found(cells, start + len(_LINE_END.match(text, start).group()), clean)  # type: ignore[union-attr]  # always


def _quoted(text: str, start: int, limit: int, marks: Marks, *, lenient: bool) -> tuple[str, int, bool] | None:
    """The quoted cell whose text begins at ``start``: its text, where it ends, whether all its quotes are regular."""
    at, regular, quote = start, True, marks.quote
    while True:
        at = text.find(quote, at, limit)
        if at < 0:
            return None
        if marks.slashes and _is_slashed(text, start, at, marks.escape):
            at += 1
            continue
        if marks.doubles and at + 1 < limit and text.startswith(quote, at + 1):
            ends = marks.closing.match(text, at + 2, limit) if lenient else None
            at += 1
            if ends is None:
                at += 1
                continue
        else:
            ends = marks.closing.match(text, at + 1, limit)
        if ends is not None:
            break
        regular = False
        at += 1
    cell = text[start:at]
    if marks.doubles:
        cell = cell.replace(quote * 2, quote)
    if marks.slashes:
        cell = _unslashed(cell, marks)
    return cell, ends.end(), regular


def _is_slashed(text: str, start: int, at: int, escape: str) -> bool:
    count = 0
    while at - count > start and text[at - count - 1] == escape:
        count += 1
    return count % 2 == 1


def _unslashed(cell: str, marks: Marks) -> str:
    """The cell without the slashes before quotes, delimiters and slashes; before anything else a slash is text."""
    if marks.escape not in cell:
        return cell
    special = "|".join(map(re.escape, (marks.quote, marks.delimiter, marks.escape)))
    return re.sub(rf"{re.escape(marks.escape)}({special})", r"\1", cell)


def mended(part: str, width: int, marks: Marks) -> list[str] | None:
    """The list of the ``width`` cells that ``part``, one whole record, has when one of its quotes is text.

    None if not.

    A reading in which all the other quotes keep to the rules is preferred.
    """
    doubtful: list[str] | None = None
    at = -1
    for _ in range(max(3, min(_TRIES, _WORK // (len(part) + 1)))):
        at = part.find(marks.quote, at + 1)
        if at < 0:
            break
        tried = f"{part[:at]}{_HIDDEN}{part[at + 1 :]}"
        found = scan(tried, 0, len(tried), marks)
        if found is None or found.end != len(tried) or len(found.cells) != width:
            continue
        cells = [cell.replace(_HIDDEN, marks.quote) for cell in found.cells]
        if found.clean:
            return cells
        if not is_torn(cells, marks.quote):
            doubtful = doubtful or cells
    return doubtful


def unquoted(cell: str, quote: str) -> str:
    """A cell of a line whose quotes do not add up, without those around it."""
    cell = cell.strip(" ")
    if not quote:
        return cell
    if cell.startswith(quote):
        cell = cell[1:]
    if cell.endswith(quote):
        cell = cell[:-1]
    return cell.replace(quote * 2, quote)


def is_torn(cells: list[str], quote: str) -> bool:
    """Whether a delimiter between two of these cells stood within quotes: each has an odd number of them.

    ``cells`` is a list of neighbours, in order.
    """
    odd = [cell.count(quote) % 2 for cell in cells] if quote else []
    return any(one and two for one, two in pairwise(odd))
