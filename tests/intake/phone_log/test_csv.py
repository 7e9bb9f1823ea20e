"""The table reader beneath: any dialect, and one bad row costs exactly that row and is told of."""

import random
from collections import Counter

import pytest

from intake.phone_log.formats import csv
from intake.phone_log.formats.csv import Dialect, Flaw
from tests.support.waiting import is_cheaper

HEADER = ["Datum", "Zeit", "Anzahl", "Kennung", "Preis", "Art", "Beschreibung", "Verweis", "Bemerkung"]
KINDS = ("Stiefel", "Kissen, zwei Stück", 'Tisch, rund 48"', "9' Leine", 'Hose, 5" Saum', 'Rad, 24"', "Sofa")
KNOWN = Dialect(delimiter=",", quote='"', escape='"')


def wares(count: int = 84, seed: int = 5) -> list[list[str]]:
    """A shop's list: some cells quoted for their commas, some with doubled quotes, the last column empty."""
    chance = random.Random(seed)
    words = ("robust,", "leicht", "schnell", "genug;", "warm,", "weich", "-", "3 mm", "'sehr'", "gut", "50+")
    rows = [HEADER]
    for number in range(count - 1):
        described = " ".join(chance.choice(words) for _ in range(12)) + (", und mehr." if number % 3 else "")
        link = f"https://www.example.com/{number}.html"
        day, time = f"{number % 28 + 1:02}/02/2018", f"{number % 24:02}:15"
        rows.append(
            [day, time, str(number % 9), f"MG-{number}", f"${number}.69", KINDS[number % 7], described, link, ""]
        )
    return rows


def cells(row: list[str], *, delimiter: str = ",", quote: str = '"', escape: str = '"') -> list[str]:
    """The row's cells as they are written."""
    return [
        quote + cell.replace(quote, escape + quote) + quote
        if index in {6, 7} or delimiter in cell or quote in cell
        else cell
        for index, cell in enumerate(row)
    ]


def written(rows: list[list[str]], delimiter: str = ",", end: str = "\n", **marks: str) -> str:
    return "".join(delimiter.join(cells(row, delimiter=delimiter, **marks)) + end for row in rows)


ROWS = wares()
LINES = [",".join(cells(row)) for row in ROWS]


def damaged(hit: int, line: str, known: Dialect | None = KNOWN) -> csv.Table:
    """The table with one line as it should not be."""
    lines = [*LINES[:hit], line, *LINES[hit + 1 :]]
    return csv.read("\n".join([*lines, ""]).encode(), known)


def lost(found: csv.Table, hit: int) -> int:
    """How many of the other rows are not as they were."""
    others = Counter(tuple(row) for index, row in enumerate(ROWS) if index != hit)
    return (others - Counter(map(tuple, found.rows))).total()


@pytest.mark.parametrize("known", [KNOWN, None], ids=["dialect known", "dialect recognised"])
def test_a_stray_quote_before_any_cell_is_told_and_costs_nothing_else(known: Dialect | None) -> None:
    """The case in which the standard library loses the next row, for each row of the table, and others besides."""
    places = [(hit, 8) for hit in range(84)] + [(hit, column) for hit in range(0, 84, 12) for column in range(8)]
    wrong = []
    for hit, column in places if known else places[::6]:
        row = cells(ROWS[hit])
        row[column] = f'"{row[column]}'
        found = damaged(hit, ",".join(row), known)
        expected = [*ROWS[hit][:column], f'"{ROWS[hit][column]}', *ROWS[hit][column + 1 :]]
        told = [fault.row for fault in found.faults] == [hit + 1]
        if lost(found, hit) or expected not in found.rows or not told:
            wrong.append((hit, column))
    assert [] == wrong


def test_a_quote_at_any_place_or_one_quote_less_costs_at_most_its_row() -> None:
    chance = random.Random(3)
    wrong = []
    for _ in range(30):
        hit = chance.randrange(84)
        line = LINES[hit]
        at = chance.randrange(len(line) + 1)
        quotes = [index for index, char in enumerate(line) if char == '"']
        for bad in (f'{line[:at]}"{line[at:]}', *(line[:gone] + line[gone + 1 :] for gone in quotes[:1])):
            found = damaged(hit, bad)
            if lost(found, hit) or not found.faults:
                wrong.append(bad)
    assert [] == wrong


def test_a_delimiter_too_many_or_too_few_is_told_and_costs_nothing_else() -> None:
    wrong = []
    for hit in range(0, 84, 20):
        row = cells(ROWS[hit])
        for column in range(1, 9):
            longer = ",".join([*row[:column], "", *row[column:]])
            shorter = ",".join([*row[: column - 1], row[column - 1] + row[column], *row[column + 1 :]])
            for bad in (longer, shorter):
                found = damaged(hit, bad)
                if lost(found, hit) or [fault.row for fault in found.faults] != [hit + 1]:
                    wrong.append(bad)
    assert [] == wrong


def test_a_row_with_another_delimiter_is_told_and_costs_nothing_else() -> None:
    found = damaged(40, " ".join(cells(ROWS[40])))

    assert 0 == lost(found, 40)
    assert [41] == [fault.row for fault in found.faults]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", ":", " ", ", "])
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "recognised"])
def test_delimiters(delimiter: str, *, is_known: bool) -> None:
    found = csv.read(written(ROWS, delimiter).encode(), Dialect(delimiter=delimiter) if is_known else None)

    assert ROWS == found.rows
    assert (delimiter, '"', 9, ()) == (found.dialect.delimiter, found.dialect.quote, found.width, found.faults)


@pytest.mark.parametrize("known", [Dialect(quote="'"), None], ids=["known", "recognised"])
def test_single_quotes(known: Dialect | None) -> None:
    found = csv.read(written(ROWS, quote="'", escape="'").encode(), known)

    assert (ROWS, "'") == (found.rows, found.dialect.quote)


@pytest.mark.parametrize("known", [Dialect(escape="\\"), None], ids=["known", "recognised"])
def test_backslashes_before_quotes(known: Dialect | None) -> None:
    found = csv.read(written(ROWS, escape="\\").encode(), known)

    assert (ROWS, "\\") == (found.rows, found.dialect.escape)


def test_a_backslash_before_anything_else_is_text() -> None:
    found = csv.read(b'a,b\n"8\\\'9\\" lang",C:\\Temp\\n\n', Dialect(",", '"', "\\"))

    assert [["a", "b"], ["8\\'9\" lang", "C:\\Temp\\n"]] == found.rows


def test_quotes_that_nothing_escapes() -> None:
    found = csv.read(written(ROWS, escape="").encode(), Dialect(escape=""))

    assert ROWS == found.rows
    assert {Flaw.STRAY_QUOTE} == {fault.flaw for fault in found.faults}


def test_without_quotes_a_quote_is_text() -> None:
    assert [['"a"', 'b"c'], ['"', "d"]] == csv.read(b'"a",b"c\n",d\n', Dialect(",", "")).rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    assert ROWS == csv.read(written(ROWS, end=end).encode(), KNOWN).rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be", "utf-32"])
def test_encodings(encoding: str) -> None:
    assert ROWS == csv.read(written(ROWS).encode(encoding)).rows


def test_a_byte_that_does_not_fit_its_encoding_is_read_as_windows_would() -> None:
    assert [["Ärger", "Müll"]] == csv.read("Ärger,".encode() + "Müll\n".encode("cp1252")).rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('first,address\nJohn,"120 any st., WW"\n', [["first", "address"], ["John", "120 any st., WW"]]),
        ('a,b,c\n1,"",""\n2,3,4\n', [["a", "b", "c"], ["1", "", ""], ["2", "3", "4"]]),
        ('a,b\n1,"ha ""ha"" ha"\n3,4\n', [["a", "b"], ["1", 'ha "ha" ha'], ["3", "4"]]),
        (
            'a,b,c\n1,2,3\n"Once upon \na time",5,6\n',
            [["a", "b", "c"], ["1", "2", "3"], ["Once upon \na time", "5", "6"]],
        ),
        ('a,b\n1,"ha \n""ha"" \nha"\n3,4\n', [["a", "b"], ["1", 'ha \n"ha" \nha'], ["3", "4"]]),
        (
            'key,val\n1,"{""type"": ""Point"", ""at"": [1.0, 0.0]}"\n',
            [["key", "val"], ["1", '{"type": "Point", "at": [1.0, 0.0]}']],
        ),
        ("a,b,c\n1,2,3\n4,5,ʤ\n", [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "ʤ"]]),
        ("sep=;\na;b\n1;2\n", [["a", "b"], ["1", "2"]]),
        ("a\tb\n1\t2", [["a", "b"], ["1", "2"]]),
        ("a,b\nit's,2\n", [["a", "b"], ["it's", "2"]]),
        ("\n\na,b\n\n1,2\n\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1\n1,2,3\n", [["a", "b"], ["1"], ["1", "2", "3"]]),
        ("nur eine Spalte\nx\n", [["nur eine Spalte"], ["x"]]),
        ("a,b\x0b1\x1c\n1,2\u2028x\n", [["a", "b\x0b1\x1c"], ["1", "2\u2028x"]]),
        ("a,b\r\n1,2\n3,4\r5,6", [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]),
    ],
)
def test_what_other_readers_are_tried_with(text: str, rows: list[list[str]]) -> None:
    assert rows == csv.read(text.encode(), Dialect(";" if "sep=" in text else "\t" if "\t" in text else ",")).rows


def test_an_apostrophe_is_text_where_no_cell_stands_in_single_quotes() -> None:
    assert [["a", "b"], ["wie geht's", "2"]] == csv.read(b"a,b\nwie geht's,2\n").rows


def test_nothing_is_a_table_without_rows() -> None:
    assert ([], 0) == (csv.read(b"").rows, csv.read(b"").width)


def test_preamble_footnotes_and_a_second_table_are_rows_and_each_is_told_once() -> None:
    second = [[*row, "neu"] for row in ROWS]
    found = csv.read(f"Preisliste\n\n{written(ROWS)}{written(second)}Stand: heute\n".encode())

    assert [["Preisliste"], *ROWS, *second, ["Stand: heute"]] == found.rows
    assert [1, 87, 171] == [fault.row for fault in found.faults]


def test_rows_tell_the_line_on_which_they_begin() -> None:
    found = csv.read(b'a,b\n"x\ny",1\n2,3\n', KNOWN)

    assert [(1, 1), (2, 2), (3, 4)] == [(record.number, record.line) for record in found.records]


def test_text_in_parts_is_read_as_in_one_piece() -> None:
    text = written(ROWS, end="\r\n") * 60
    marks = KNOWN.marks()
    whole = list(csv.records([text], marks, width=9))

    for size in (1000, 99_991):
        parts = (text[start : start + size] for start in range(0, len(text), size))
        assert whole == list(csv.records(parts, marks, width=9))


def test_a_line_without_end_is_cut_and_what_follows_is_read() -> None:
    endless = "x" * 5_000_000
    found = list(csv.records(iter(["a,b\n", endless, endless, "\n1,2\n"]), KNOWN.marks(), width=2))

    assert (("a", "b"), ("1", "2")) == (found[0].cells, found[-1].cells)
    assert {Flaw.TOO_LONG} == {record.flaw for record in found[1:-2]}


def test_a_file_in_which_no_quote_closes_takes_time_by_its_size_only() -> None:
    def work(rows: int) -> None:
        csv.read(b'a,"b,c"d,"e\n' * rows, KNOWN)

    assert is_cheaper(lambda: work(8_000), 8, lambda: work(2_000))
