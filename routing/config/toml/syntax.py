"""TOML text → its values, and every mistake of syntax in it, each explained for people who have never seen TOML.

tomllib stops at the first mistake, and tree-sitter's error nodes swallow the lines that follow one. So the text is
cut into statements (a header, or ``key = value`` with all its lines), each is read alone, and what cannot be read is
explained by the repair that would make it readable (``repairs``). A repaired statement takes part in all further
checks; one that cannot be repaired is left out. The file itself is never changed.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from routing.config.problems import Problem
from routing.config.toml import repairs

_KEY = re.compile(r"""\s*(?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*\s*=""")
_NEARLY_KEY = re.compile(r"\s*[\w-]+(?: [\w-]+)*\s*(?:[:=]+>?\s*|(?<=\s))(?=[\[\"'{])")  # its list may go on below
_HEADER = re.compile(r"\s*\[\[?\s*[\w.\"' -]+\s*\]\]?\s*(?:#.*)?$")
_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'")
_LONGEST_LINE = 10_000  # characters; tomllib's time grows with the square of a dotted key
_LONGEST_KEY = 200  # characters of a line in which a key or header is looked for
_MOST = 40  # mistakes explained one by one; a file with more is not TOML at all
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")


class Statement(Struct, frozen=True):
    """Consecutive lines of the file; ``line`` is the first one's number, from 1."""

    line: int
    text: str

    @property
    def last_line(self) -> int:
        return self.line + self.text.count("\n")

    @property
    def is_header(self) -> bool:
        return self.text.lstrip().startswith("[")


class Source(Struct, frozen=True):
    """A read text: ``sound`` has the same lines with mistakes repaired or blanked, ``values`` are its values.

    ``broken`` holds the numbers of the lines whose statement was set aside; ``is_complete`` says that nothing was.
    """

    values: dict[str, Any]
    sound: str
    problems: tuple[Problem, ...] = ()
    broken: frozenset[int] = frozenset()
    is_complete: bool = True


def read(text: str, file: str) -> Source:
    """The values of ``text`` and its mistakes, in order of lines; sound text costs one reading by tomllib.

    Raises nothing.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > _LONGEST_LINE:
            what = "Diese Zeile ist länger als 10.000 Zeichen; so lange Zeilen liest das Programm nicht."
            problem = Problem(number, 1, "", what, "Schreiben Sie jeden Eintrag in eine eigene Zeile.", file=file)
            return Source({}, "", (problem,), is_complete=False)
    try:
        return Source(tomllib.loads(text), text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return _mended(text, file)


def _mended(text: str, file: str) -> Source:
    lines = text.split("\n")
    problems: list[Problem] = []
    broken: set[int] = set()
    left_out = False
    for statement in statements(lines):
        if repairs.is_sound(statement.text):
            continue
        if len(problems) >= _MOST:
            problems.append(_too_many(statement.line, file))
            return Source({}, "", tuple(problems), frozenset(broken), is_complete=False)
        repair = repairs.explain(statement.text)
        problems += [
            Problem(statement.line + row, column, "", spot.what, spot.advice, file=file)
            for spot in repair.spots
            for row, column in [_row_and_column(statement.text, spot.offset)]
        ]
        left_out = left_out or repair.text is None or not repair.is_whole
        if repair.text is None:
            broken.update(range(statement.line, statement.last_line + 1))
        _replace(lines, statement, _nameless(statement) if repair.text is None else repair.text)
    return _joined(lines, file, problems, broken, is_complete=not left_out)


def _joined(lines: list[str], file: str, problems: list[Problem], broken: set[int], *, is_complete: bool) -> Source:
    """The statements are sound each; together they may still say a thing twice: set the later ones aside."""
    while True:
        text = "\n".join(lines)
        try:
            return Source(tomllib.loads(text), text, tuple(problems), frozenset(broken), is_complete=is_complete)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            line = _line_of(error, len(lines))
            before = [s for s in statements(lines) if s.line <= line]
            if not before or len(problems) >= _MOST or before[-1].line in broken:
                problems.append(_too_many(line, file))
                return Source({}, "", tuple(problems), frozenset(broken), is_complete=False)
            statement = before.pop()
            what, advice = _repeated(statement, before)
            problems.append(Problem(statement.line, 1, "", what, advice, file=file))
            broken.update(range(statement.line, statement.last_line + 1))
            is_complete = False
            _replace(lines, statement, _nameless(statement))


def _nameless(statement: Statement) -> str:
    """What stands in for a statement that is set aside: a header keeps the lines below it from the table above."""
    return f"[unlesbar-{statement.line}]" if statement.is_header else ""


def _line_of(error: Exception, last: int) -> int:
    found = _AT.search(str(error))
    return int(found[1]) if found else last


def _repeated(statement: Statement, before: list[Statement]) -> tuple[str, str]:
    name = repairs.named(statement.text)
    if statement.is_header:
        earlier = [other.line for other in before if repairs.named(other.text).strip("[]") == name.strip("[]")]
        place = f" (Zeile {earlier[-1]})" if earlier else ", oder ihr Name ist dort ein Schlüssel"
        what = f"Die Tabelle {name} gibt es schon weiter oben{place}."
        return what, "Fassen Sie beide zusammen. Nur Listen wie [[rules]] (zwei Klammern) dürfen mehrfach vorkommen."
    start = max((index for index, other in enumerate(before) if other.is_header), default=-1)
    earlier = [other.line for other in before[start + 1 :] if repairs.named(other.text) == name]
    place = f" (Zeile {earlier[-1]})" if earlier else ""
    what = f"Der Schlüssel {name} steht in dieser Tabelle schon weiter oben{place}."
    header = repairs.named(before[start].text) if start >= 0 else ""
    if header.startswith("[["):
        return (
            what,
            f"Beginnt hier ein neuer Eintrag, fehlt darüber die Zeile {header}; sonst löschen Sie eine der beiden.",
        )
    return what, 'Löschen Sie eine der beiden Zeilen; mehrere Werte gehören in eine Liste: ["eins", "zwei"].'


def _too_many(line: int, file: str) -> Problem:
    what = "Ab hier ist die Datei nicht mehr als TOML zu lesen."
    return Problem(line, 1, "", what, "Beheben Sie zuerst die Fehler darüber und prüfen Sie dann erneut.", file=file)


def _replace(lines: list[str], statement: Statement, text: str) -> None:
    """The same number of lines, so that all later line numbers stay true."""
    start, count = statement.line - 1, statement.text.count("\n") + 1
    new = text.split("\n")[:count]
    lines[start : start + count] = new + [""] * (count - len(new))


def _row_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1) + 1


def statements(lines: list[str]) -> Iterator[Statement]:
    """The lines, in order, cut where a statement ends or, after a mistake, where the next one plainly begins."""
    row = 0
    while row < len(lines):
        start, line = row, lines[row]
        if line.strip() and not line.lstrip().startswith("#"):
            row = _end_of_value(lines, row) if _KEY.match(line) or _NEARLY_KEY.match(line[:_LONGEST_KEY]) else row
            yield Statement(start + 1, "\n".join(lines[start : row + 1]))
        row += 1


def _end_of_value(lines: list[str], row: int) -> int:
    """The last row of the value that begins on ``row``."""
    value = re.split(r"(?=[=:\[{\"'])", lines[row], maxsplit=1)[-1].lstrip("=:> ")
    for quotes in ('"""', "'''"):
        if value.startswith(quotes):
            return _end_of_text(lines, row, value, quotes)
    if not value.partition("#")[0].strip():
        return _end_of_entries(lines, row)
    depth = {"]": 0, "}": 0}
    for current in range(row, len(lines)):
        line = lines[current] if current > row else value
        if current > row and _begins_anew(line, in_table=depth["}"] > 0):
            return _without_blank(lines, row, current - 1)
        bare = _STRING.sub("", line).partition("#")[0]
        depth["]"] += bare.count("[") - bare.count("]")
        depth["}"] += bare.count("{") - bare.count("}")
        if depth["]"] <= 0 and depth["}"] <= 0:
            return current
    return row


def _end_of_entries(lines: list[str], row: int) -> int:
    """``keywords =`` with the lines of a list below it whose [ is missing; without a ] the value is just missing."""
    for current in range(row + 1, len(lines)):
        start = lines[current].lstrip()[:1]
        if start == "]":
            return current
        if start and start not in "\"'#":
            break
    return row


def _begins_anew(line: str, *, in_table: bool) -> bool:
    """Whether a line inside brackets plainly begins a new statement; ``["a", "b"],`` is an entry of a list."""
    line = line[:_LONGEST_KEY]
    is_entry = line.lstrip().startswith("[") and any(mark in line.partition("#")[0] for mark in "\"',")
    key = _KEY.match(line)
    is_table = key is not None and line[key.end() :].lstrip().startswith("{")  # none stands in another one
    return bool(_HEADER.match(line) and not is_entry) or (key is not None and (is_table or not in_table))


def _end_of_text(lines: list[str], row: int, value: str, quotes: str) -> int:
    if value.count(quotes) > 1:
        return row
    return next((current for current in range(row + 1, len(lines)) if quotes in lines[current]), row)


def _without_blank(lines: list[str], row: int, end: int) -> int:
    """Without the blank lines and comments before the next statement."""
    while end > row and (not lines[end].strip() or lines[end].lstrip().startswith("#")):
        end -= 1
    return end
