"""What programs and people make of a whole list: each way of writing it gives the same calls.

Delimiters, quotes, escapes, line ends, encodings, preambles, footnotes, tables below each other, headers of several
rows: of a clean list every variant is written by the code below and read twice, as a table whose dialect is known or
recognised, and as a phone log of which nothing is known.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import pytest

from intake import phone_log
from intake.phone_log.formats import csv
from tests.intake.phone_log.test_phone_log import read

HEADER = ("Datum", "Uhrzeit", "Anrufer", "Tel.", "Ort", "Anliegen", "Status")
MATTERS = (
    "Müllsäcke neben dem Papierkorb, stinkt; seit Tagen",
    'Bank, 48"',
    'er ruft "Hilfe"',
    "geht's noch? Lärm bis 2 Uhr",
    "Scherben auf dem Radweg: gefährlich | bitte bald",
    "Sperrmüll\tund Farbe",
    "Ratten",
)
CALLS: list[Sequence[str]] = [
    (
        f"{n + 1:02}.06.2026",
        f"{n + 8:02}:{n * 7 % 60:02}",
        ("Fr. Muster", "", "Hr. O'Neil")[n % 3],
        f"02151 10{n:02}",
        f"Ostwall {n + 1}",
        MATTERS[n % len(MATTERS)],
        ("offen", "")[n % 2],
    )
    for n in range(10)
]
LIST: list[Sequence[str]] = [HEADER, *CALLS]
WIDTH = len(HEADER)


@dataclass(frozen=True)
class Way:
    """How a table is written; ``escape`` "" doubles quotes, ``always`` puts every cell in quotes."""

    delimiter: str = ";"
    quote: str = '"'
    escape: str = ""
    end: str = "\r\n"
    encoding: str = "utf-8"
    always: bool = False

    def cell(self, text: str) -> str:
        if not self.always and not set(text) & {*self.delimiter, *self.quote, *self.escape}:
            return text
        inside = text.replace(self.escape, 2 * self.escape) if self.escape else text
        return self.quote + inside.replace(self.quote, (self.escape or self.quote) + self.quote) + self.quote

    def bytes(self, rows: Sequence[Sequence[str]]) -> bytes:
        lines = [self.delimiter.join(map(self.cell, row)) + self.end for row in rows]
        return "".join(lines).encode(self.encoding)


def dialects() -> Iterator[Way]:
    for delimiter, always in product((";", ",", "\t", "|", " ", ", ", ":", "~", "^", "#", "::", "||"), (False, True)):
        yield Way(delimiter, always=always)
    for quote, escape, always, delimiter in product("\"'", ("", "\\"), (False, True), ";,"):
        yield Way(delimiter, quote, escape, always=always)


def encodings() -> Iterator[Way]:
    for end in ("\n", "\r", "\r\n", "\n\r", "\r\r\n", "\n\n"):
        yield Way(end=end)
    unicode = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
    for encoding, delimiter in product((*unicode, "cp1252", "iso8859-15", "cp850", "mac_roman"), ";\t,"):
        yield Way(delimiter, encoding=encoding)


def around() -> Iterator[tuple[str, list[Sequence[str]]]]:
    """What stands above, below and between the rows."""
    for count, whole, blank in product((1, 3, 20), (False, True), (False, True)):
        rest = [""] * (WIDTH - 1) * whole
        lines: list[Sequence[str]] = [("Stand Juni", *rest)] * count
        gap: list[Sequence[str]] = [("", *rest)] * blank
        yield f"{count} lines above", [*lines, *gap, *LIST]
        yield f"{count} lines below", [*LIST, *gap, *lines]
    for count in (0, 1, 2):
        yield "header of several rows", [HEADER] * count + LIST
        yield "blank lines at the end", [*LIST, *[("",)] * count]
    yield "header in groups", [("Anruf", "", "", "", "Ereignis", "", ""), *LIST]
    yield "blank lines between", [row for call in LIST for row in (call, ("",))]
    yield "further columns", [(*row, *[f"Zusatz {n}" for n in range(30)]) for row in LIST]


def said(log: phone_log.Log) -> list[tuple[object, ...]]:
    every = [row.message for row in log.rows]
    return [(one.date, one.from_name, one.contact, one.place, one.text) for one in every]


CLEAN = said(read(Way().bytes(LIST)))


def rows(data: bytes, way: Way, *, known: bool) -> list[list[str]]:
    dialect = csv.Dialect(way.delimiter, way.quote, way.escape or way.quote, way.encoding.removesuffix("-sig"))
    return csv.read(data, dialect if known else None).rows


@pytest.mark.parametrize("ways", [dialects, encodings])
def test_every_way_to_write_a_list_gives_the_same_calls(ways: Callable[[], Iterator[Way]]) -> None:
    assert len(CALLS) == len(CLEAN)
    wrong = []
    for way in ways():
        data = way.bytes(LIST)
        log = read(data)
        doubled = way.delimiter in {"::", "||"}  # recognised as a single one, with an empty column between
        whole = [rows(data, way, known=known) == [list(row) for row in LIST] for known in (True, doubled)]
        if said(log) != CLEAN or log.problems or not all(whole):
            wrong.append(way)
    assert [] == wrong


def test_what_stands_around_the_rows_changes_none_of_them() -> None:
    wrong = []
    for delimiter in ";,":
        for name, every in around():
            data = Way(delimiter).bytes(every)
            log = read(data)
            kept = [list(row) for row in every if len(row) > 1 or any(row)]
            whole = [rows(data, Way(delimiter), known=known) == kept for known in (True, False)]
            if said(log) != CLEAN or log.problems or log.rejected or not all(whole):
                wrong.append((delimiter, name))
    assert [] == wrong


def test_a_second_table_below_is_read_as_well() -> None:
    for gap in (0, 1, 3):
        log = read(Way().bytes([*LIST, *[("",)] * gap, *LIST]))
        assert 2 * CLEAN == said(log)


def test_one_row_written_otherwise_costs_itself() -> None:
    """Another delimiter, quote or escape than the rest, and rows that are cut or go on."""
    others = [
        *(Way(delimiter) for delimiter in (",", "\t", "|", " ", ", ")),
        Way(quote="'"),
        Way(escape="\\", always=True),
    ]
    wrong = []
    for hit, call in enumerate(CALLS, start=1):
        lines = [other.bytes([call]) for other in others]
        lines += [Way().bytes([call[:count]]) for count in range(WIDTH)]
        lines += [Way().bytes([(*call, *[call[-2]] * count)]) for count in (1, 3)]
        for line in lines:
            data = Way().bytes(LIST[:hit]) + line + Way().bytes(LIST[hit + 1 :])
            log = read(data)
            stored = {row.number: one for row, one in zip(log.rows, said(log), strict=True)}
            neighbours = {number: one for number, one in enumerate(CLEAN, start=2) if number != hit + 1}
            own = stored.pop(hit + 1, None)
            told = {problem.row for problem in log.problems} | {one.number for one in log.skipped}
            table_rows = {record.line: list(record.cells) for record in csv.read(data, csv.Dialect(";", '"')).records}
            whole = all(table_rows[number + 1] == list(LIST[number]) for number in range(len(LIST)) if number != hit)
            if (
                neighbours != stored
                or not whole
                or (own not in {None, CLEAN[hit - 1]} and b"'" not in line and hit + 1 not in told)
            ):
                wrong.append(line)
    assert [] == wrong


def test_a_list_without_a_header_is_told_so() -> None:
    with pytest.raises(phone_log.UnreadableError, match="hat anscheinend keine Kopfzeile"):
        read(Way().bytes(CALLS))


def test_a_sentence_is_no_table_under_an_unusual_delimiter() -> None:
    text = "Name: Muster\nOrt: Ostwall\nWann: gestern, um acht\nWas: Müll am Ort der Meldung\nText: Datum folgt\n"
    with pytest.raises(phone_log.UnreadableError):
        read(text.encode())
