"""How a table is written: delimiter, quote, escape. Named by the caller, else recognised from the head of the text.

Recognising follows the measure of van den Burg, Nazábal and Sutton (Wrangling messy CSV files by detecting row and
type patterns, 2019): that dialect wins under which rows are alike in their number of cells and the cells look like
values. A German list breaks ties: semicolon, tab, comma.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from intake.phone_log.formats.csv import scan
from intake.phone_log.formats.csv.scan import Marks

DELIMITERS = (";", "\t", ",", "|")  # those of phone logs
_OTHERS = (":", " ", "~", "^", "#", "\x1f")
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?[^\S\t]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
_SAMPLE_LINES = 150
_SEVERAL = 3  # cells in single quotes that are no chance
_VALUE = re.compile(
    r"""(?:
      [+-]?[$€£]?\s?\d[\d.,' ]*(?:[eE][+-]?\d+)?\s?[%€$£]?          # a number, a sum, a share
    | \d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ,]\s*\d{1,2}:\d\d.*)?    # a date
    | \d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:\s?(?:[ap]m|Uhr))?             # a time
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                                  # an address
    | (?:https?|ftp)://\S+ | www\.\S+
    | [^\W_](?:[\w\s.,!?()'/&%+°§–-]*[\w.!?)%])?                    # words
    | n/?a | null | none | nan | -+ | \?
    )?""",
    re.VERBOSE | re.IGNORECASE,
)


class Dialect(Struct, frozen=True):
    """How cells and rows are told apart; what is None is recognised.

    ``delimiter`` may have several characters. ``quote`` "" means that quotes are text. ``escape`` is the character
    that makes a quote within quotes text: the quote itself (doubled) or a backslash; "" is none. Line breaks of all
    kinds end a row, also mixed ones.
    """

    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    encoding: str | None = None

    def marks(self) -> Marks:
        """The patterns to read with; a dialect must be complete for that."""
        quote = '"' if self.quote is None else self.quote
        return scan.marks(self.delimiter or ";", quote, quote if self.escape is None else self.escape)


def separator(text: str) -> tuple[str | None, int]:
    """The delimiter that a first line ``sep=;`` names, None without one, and the offset in characters of the table."""
    found = _SEPARATOR_LINE.match(text)
    return (found.group(1), found.end()) if found else (None, 0)


def recognised(text: str, known: Dialect) -> Dialect:
    """``known`` completed from ``text``, the head of a table (some kilobytes; as much of it as you like).

    Raises nothing.
    """
    candidates = list(_candidates(text, known))
    best = candidates[0] if len(candidates) == 1 else max(candidates, key=lambda one: _score(text, one))
    if known.delimiter is None and _is_padded(text, best):
        best = replace(best, delimiter=f"{best.delimiter} ")
    return best if known.escape is not None else replace(best, escape=_escape(text, best))


def sure(text: str, known: Dialect, width: int) -> Dialect:
    """``known``, whose delimiter is, completed with a quote and an escape that are other than usual beyond doubt.

    Single quotes are when more rows have ``width`` cells with them, or no cell is in double quotes and several are
    in single ones; a backslash is when no doubled quote speaks for the other way.
    """
    quote = known.quote
    in_single = 0 if quote is not None or known.escape else _in_quotes(text, known.delimiter or ";", "'")
    if in_single and not _in_quotes(text, known.delimiter or ";", '"'):
        single, double = (
            sum(len(row) == width for row in _sample(text, replace(known, quote=mark))) for mark in ("'", '"')
        )
        if single > double or (single == double and in_single >= _SEVERAL):
            quote = "'"
    escape = known.escape
    if escape is None and _escape(text, replace(known, quote=quote or '"')) == "\\":
        escape = "\\"
    return replace(known, quote=quote, escape=escape)


def _is_padded(text: str, dialect: Dialect) -> bool:
    """Whether a blank stands behind each delimiter, so that it belongs to it."""
    edge = dialect.delimiter or ""
    if edge not in set(",;|"):
        return False
    several = [scan.body(line) for line in islice(scan.lines(text), _SAMPLE_LINES) if edge in line]
    padded = [line for line in several if line.count(edge) == f"{line} ".count(f"{edge} ")]
    return len(padded) > 0.7 * len(several) and (len(several) > 1 or text.count(edge) > 1)


def _candidates(text: str, known: Dialect) -> Iterator[Dialect]:
    delimiters = [char for char in (*DELIMITERS, *_OTHERS) if char in text] or [","]
    quotes = ['"', "'"] if "'" in text else ['"']
    for delimiter in [known.delimiter] if known.delimiter else delimiters:
        for quote in [known.quote] if known.quote is not None else quotes:
            if quote != "'" or known.quote or _in_quotes(text, delimiter, "'") > _in_quotes(text, delimiter, '"'):
                yield replace(known, delimiter=delimiter, quote=quote)


def _in_quotes(text: str, delimiter: str, quote: str) -> int:
    """How many cells are in such quotes; an apostrophe in a word is none."""
    return len(_quoted(delimiter, quote).findall(text)) if quote in text else 0


@cache
def _quoted(delimiter: str, quote: str) -> re.Pattern[str]:
    """A cell in quotes; the quote stands first in the pattern, which makes looking for it quick."""
    edge, mark = re.escape(delimiter), re.escape(quote)
    begins = rf"{mark}(?:(?<={edge}{mark})|(?<=[\r\n]{mark})|(?<=\A{mark}))"
    inside = rf"(?:[^{mark}\r\n\\]|\\.|{mark}{mark})*"
    return re.compile(rf"{begins}{inside}{mark}(?={edge}|[\r\n]|\Z)")


def _score(text: str, dialect: Dialect) -> float:
    """How much the head looks like a table: rows of one length and cells that look like values."""
    rows = _sample(text, dialect)
    if not rows:
        return 0.0
    lengths = Counter(map(len, rows))
    alike = sum(count * max(length - 1, 0.001) / length for length, count in lengths.items()) / len(lengths)
    cells = [cell for row in rows for cell in row]
    values = sum(_VALUE.fullmatch(cell.strip()) is not None for cell in cells if len(cell) < 2000) / len(cells)
    return alike * max(values, 1e-10)


def _sample(text: str, dialect: Dialect) -> list[list[str]]:
    """The first rows, as the dialect's quotes say; a quote that never closes is text."""
    marks = scan.marks(dialect.delimiter or ",", dialect.quote or "", dialect.quote or "")
    rows: list[list[str]] = []
    start = 0
    while start < len(text) and len(rows) < _SAMPLE_LINES:
        found = scan.scan(text, start, start + scan.LONGEST, marks)
        if found is None:
            line = scan.line(text, start)
            cells, start = scan.body(line).split(marks.delimiter), start + len(line)
        else:
            cells, start = found.cells, found.end
        if any(cells):
            rows.append(cells)
    return rows


def _escape(text: str, dialect: Dialect) -> str:
    """A backslash where quotes behind one are no ends of cells and doubled quotes are rarer."""
    quote = dialect.quote or ""
    if not quote or f"\\{quote}" not in text:
        return quote
    edge, mark = re.escape(dialect.delimiter or ","), re.escape(quote)
    backslashes = len(re.findall(rf"(?<!\\)\\{mark}(?!\s*(?:{edge}|$))", text, re.MULTILINE))
    backslashes += len(re.findall(rf"\\{mark}{mark}\s*(?:{edge}|$)", text, re.MULTILINE))
    doubled = len(re.findall(rf"(?<![{mark}{edge}\r\n\\]){mark}{mark}(?!{mark})", text))
    return "\\" if backslashes > doubled else quote


def width(text: str, dialect: Dialect, rows: list[list[str]] | None = None) -> int:
    """How many cells most rows have; 0 when there is no table.

    ``rows`` are lists of cells, when somebody has read ``text`` with this dialect already.
    """
    marks = dialect.marks()
    alone = Counter[int]()
    for line in map(scan.body, islice(scan.lines(text), 4 * _SAMPLE_LINES)):
        if line.strip() and (found := scan.scan(line, 0, len(line), marks)) is not None:
            alone[len(found.cells)] += 1
    together = Counter(map(len, rows if rows is not None else _sample(text, dialect)))
    lengths = together if not alone or _agreed(together) > _agreed(alone) else alone
    return max(lengths, key=lambda length: (lengths[length], length), default=0)


def _agreed(lengths: Counter[int]) -> float:
    return max(lengths.values(), default=0) / max(1, lengths.total())
