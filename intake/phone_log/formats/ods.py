"""OpenDocument spreadsheets (.ods, LibreOffice) as records, sheet by sheet and row by row, in constant memory.

The file keeps beside each value the text that the program showed; that is what is read, as in ``workbook``. Only a day
is written out from its value, so that "9. Jun" has its year, unless it looks like a house number that became a day.
Standard: OASIS OpenDocument 1.2, part 1, section 9 (tables) and 6 (text).
"""

import contextlib
import zipfile
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import IO, NamedTuple
from xml.parsers import expat

from intake.phone_log import cells
from intake.phone_log.formats import charset, xlsx
from intake.phone_log.formats.csv import Record
from intake.phone_log.values import UnreadableError

_MIME = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_CONTENT = "content.xml"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_PART = 64_000
_LONGEST = 100_000  # characters of a cell
_LAST_ROW = 1_048_576  # that a sheet can have
_DAMAGED = (
    "Die Tabelle ist beschädigt oder mit einem Kennwort geschützt. Bitte öffnen Sie die Liste, speichern Sie sie ohne "
    "Kennwort als „Excel-Arbeitsmappe (.xlsx)“ oder „CSV UTF-8“ und legen Sie diese Datei ab."
)


def is_one(head: bytes) -> bool:
    """Whether a file that begins with these bytes may be an OpenDocument spreadsheet."""
    return _MIME in head[:200]


def sheets(file: IO[bytes]) -> Iterator[xlsx.NamedSheet]:
    """The sheets, in order, hidden ones too. Raises UnreadableError."""
    xlsx.check(file, _CONTENT)
    try:
        with zipfile.ZipFile(file) as packed, packed.open(_CONTENT) as content:
            reader = _Reader()
            found = _found(reader, content)
            for item in found:
                if isinstance(item, _Begin):
                    yield xlsx.NamedSheet(item.name, _of_one_sheet(found), item.hidden)
            if reader.remarks:
                yield xlsx.remarks(reader.remarks)
    except (UnreadableError, OSError):
        raise
    except Exception as error:  # a damaged file fails in many ways
        raise UnreadableError(_DAMAGED) from error


class _Begin(NamedTuple):
    """A sheet begins."""

    name: str
    hidden: bool


def _found(reader: "_Reader", content: IO[bytes]) -> Iterator[_Begin | Record | None]:
    """A sheet's name, its records, None at its end; and so on."""
    parser = reader.parser()
    while part := content.read(_PART):
        parser.Parse(part, False)  # noqa: FBT003
        while reader.found:
            item, times = reader.found.popleft()
            yield item
            if isinstance(item, Record):
                for number in range(item.number + 1, item.number + times):
                    yield item._replace(number=number, line=number)
    parser.Parse(b"", True)  # noqa: FBT003


def _of_one_sheet(found: Iterator[_Begin | Record | None]) -> Iterator[Record]:
    for item in found:
        if not isinstance(item, Record):
            return
        yield item


class _Reader:
    """Takes what the parser tells; ``found`` fills with sheets' names, records, and None at a sheet's end.

    Beside each stands how often it is there: a row that repeats itself is written once.
    """

    def __init__(self) -> None:
        self.found: deque[tuple[_Begin | Record | None, int]] = deque()
        self._hidden: set[str] = set()
        self._style = ""
        self._number = 0  # of the row; 0 outside a sheet
        self._rows = 1
        self._row: list[str] = []
        self._attributes: dict[str, str] = {}
        self._said: list[str] = []
        self._length = 0
        self._aside = 0  # within how many comments and tables in cells
        self._in_text = 0
        self.remarks: list[str] = []  # what comments and tables in cells say
        self._remarks = False  # whether the next text is one of them

    def parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        return parser

    def _refuse(self, *_: object) -> None:
        raise UnreadableError(_DAMAGED)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif name == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self._hidden.add(self._style)
        elif name == f"{_TABLE}table" and not self._number:
            hidden = attributes.get(f"{_TABLE}style-name", "") in self._hidden
            self._number = 1
            self.found.append((_Begin(attributes.get(f"{_TABLE}name", ""), hidden), 1))
        elif name in {f"{_OFFICE}annotation", f"{_TABLE}table"}:
            self._aside += 1
        elif self._aside:
            self._remarks = name == f"{_TEXT}p" and len(self.remarks) < xlsx.MOST_REMARKS
            self.remarks += [""] * self._remarks
        elif not self._number:
            return
        elif name == f"{_TABLE}table-row":
            self._row, self._rows = [], _count(attributes, "number-rows-repeated")
        elif name in _CELLS:
            self._attributes, self._said, self._length = attributes, [], 0
        elif name == f"{_TEXT}p":
            self._in_text += 1
            self._text("\n" if self._said else "")
        elif name == f"{_TEXT}s":
            self._text(" " * min(100, int(attributes.get(f"{_TEXT}c", "1"))))
        elif name in _BREAKS:
            self._text(_BREAKS[name])

    def _end(self, name: str) -> None:
        if self._aside:
            self._aside -= name in {f"{_OFFICE}annotation", f"{_TABLE}table"}
            self._remarks = self._remarks and name != f"{_TEXT}p"
        elif not self._number:
            return
        elif name == f"{_TEXT}p":
            self._in_text -= 1
        elif name in _CELLS:
            said = charset.clean(_shown(self._attributes, "".join(self._said)))
            room = xlsx.WIDEST - len(self._row)
            self._row += [said] * min(_count(self._attributes, "number-columns-repeated"), room)
            if not room and said and len(self._row[-1]) < _LONGEST:
                self._row[-1] = f"{self._row[-1]} {said}".strip()
        elif name == f"{_TABLE}table-row":
            self._end_row()
        elif name == f"{_TABLE}table":
            self._number = 0
            self.found.append((None, 1))

    def _text(self, text: str) -> None:
        if self._remarks and len(self.remarks[-1]) < _LONGEST:
            self.remarks[-1] += text
        if self._in_text and not self._aside and self._length < _LONGEST:
            self._said.append(text)
            self._length += len(text)

    def _end_row(self) -> None:
        """Blank rows are told once, however often they repeat."""
        row = self._row
        while row and not row[-1]:
            row.pop()
        if row and self._number + self._rows > _LAST_ROW:
            raise UnreadableError(_DAMAGED)
        record = Record(self._number, tuple(row or [""]), xlsx.line(row), line=self._number)
        self.found.append((record, self._rows if row else 1))
        self._number += self._rows


def _count(attributes: dict[str, str], name: str) -> int:
    return max(1, int(attributes.get(f"{_TABLE}{name}", "1")))


def _shown(attributes: dict[str, str], text: str) -> str:
    value = attributes.get(f"{_OFFICE}date-value")
    if value and not cells.place(text)[1]:
        with contextlib.suppress(ValueError):
            return xlsx.day(datetime.fromisoformat(value[:19]))
    number = attributes.get(f"{_OFFICE}value", "")
    if "E+" in text and number.isdecimal():  # shown in a narrow column
        return number
    return text
