"""A list with one damaged line: every other row is stored as it was, and the damaged one is told of, never shifted.

A delimiter or a quote too many or too few, and a line with another delimiter, at every place of every line.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from intake import phone_log
from tests.intake.phone_log.test_phone_log import read

HEADER = ("Datum", "Uhrzeit", "Anrufer", "Tel.", "Ort", "Kategorie", "Anliegen", "Status")
MATTERS = (
    'Bank, 48" breit',
    "Müllsäcke",
    "Laterne, die flackert; seit Tagen",
    'er ruft "Hilfe"',
    'Rad, 24"',
    "s. Foto",
)
ROWS = [
    (
        f"{n + 1:02}.06.2026",
        f"{n + 8:02}:15",
        "Fr. Muster" if n % 2 else "",
        f"02151 10{n}",
        f"Ostwall {n + 1}",
        "Sonstiges",
        MATTERS[n % len(MATTERS)],
        "",
    )
    for n in range(8)
]


def cells(row: tuple[str, ...]) -> list[str]:
    return ['"' + cell.replace('"', '""') + '"' if set(cell) & set('";,') else cell for cell in row]


LINES = [";".join(cells(row)) for row in (HEADER, *ROWS)]


def damaged() -> Iterator[tuple[str, int, str]]:
    """The kind of damage, the index of the line, and the line."""
    for hit, row in enumerate((HEADER, *ROWS)):
        whole = cells(row)
        yield "blanks for delimiters", hit, " ".join(whole)
        for at in range(len(whole)):
            yield "quote too many", hit, ";".join([*whole[:at], f'"{whole[at]}', *whole[at + 1 :]])
            yield "delimiter too many", hit, ";".join([*whole[:at], "", *whole[at:]])
            if at:
                yield (
                    "delimiter too few",
                    hit,
                    ";".join([*whole[: at - 1], whole[at - 1] + whole[at], *whole[at + 1 :]]),
                )


def parse(lines: list[str]) -> phone_log.Log:
    return read("\r\n".join([*lines, ""]).encode("cp1252"))


def said(log: phone_log.Log) -> dict[int, tuple[object, ...]]:
    rows = {row.number: row.message for row in log.rows}
    return {
        number: (one.date, one.from_name, one.contact, one.place, one.subject, one.text)
        for number, one in rows.items()
    }


WHOLE = said(parse(LINES))


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in damaged()}))
def test_one_damaged_row_costs_that_row_and_is_told(kind: str) -> None:
    wrong = []
    for _, hit, line in (one for one in damaged() if one[0] == kind and one[1]):
        log = parse([*LINES[:hit], line, *LINES[hit + 1 :]])
        told = {problem.row for problem in log.problems}
        found = said(log)
        others = {number: row for number, row in WHOLE.items() if number != hit + 1}
        stored = found.pop(hit + 1, WHOLE[hit + 1])
        if others != found or told != {hit + 1} or (kind != "quote too many" and hit + 1 in said(log)):
            wrong.append((line, stored))
    assert [] == wrong


def test_a_damaged_header_is_mended_told_or_parks_the_file() -> None:
    outcomes: Counter[str] = Counter()
    for kind, _, line in (one for one in damaged() if not one[1]):
        try:
            log = parse([line, *LINES[1:]])
        except phone_log.UnreadableError:
            outcomes[f"{kind}: parked"] += 1
        else:
            told = {1} == {problem.row for problem in log.problems}
            assert told, line
            outcomes[f"{kind}: {'read' if said(log) == WHOLE else 'told'}"] += 1
    assert {
        "blanks for delimiters: parked": 1,
        "delimiter too few: parked": 2,
        "delimiter too few: read": 5,
        "delimiter too many: read": 8,
        "quote too many: read": 8,
    } == outcomes


def test_a_name_of_several_lines_with_a_delimiter_in_it_stays_whole() -> None:
    log = parse(
        ['Datum;Ort;Anliegen;"Status\n(offen; erledigt)"', *(f"0{n}.06.2026;Ring {n};Müll;" for n in (1, 2, 3))]
    )

    assert ["Ring 1", "Ring 2", "Ring 3"] == [row.message.place for row in log.rows]
    assert ((), [2, 3, 4]) == (log.problems, [row.number for row in log.rows])


def test_rows_wider_than_their_header_are_read_and_told() -> None:
    log = parse(
        ["Datum;Ort;Anliegen", "01.06.2026;Ostwall;Müll;", "02.06.2026;Südwall;Lärm;", "02.06.2026;Ring;Hund;"]
    )

    assert ["Müll", "Lärm", "Hund"] == [row.message.text for row in log.rows]
    assert ["Die Kopfzeile hat 3 Spalten, die Zeilen darunter haben 4."] == [one.what for one in log.problems]


@pytest.mark.parametrize(
    "header",
    [
        'Da"tum;Ort;Anliegen;Status',
        "Da;tum;Ort;Anliegen;Status",
        "Dat;um;Ort;Anliegen;Status",
        "Datum;O;rt;Anliegen;Status",
    ],
)
def test_a_stray_character_within_a_name_is_seen_through_and_told(header: str) -> None:
    rows = [f"0{n}.06.2026 10:15;Ring {n};Müll {n};" for n in (1, 2, 3)]
    log = parse([header, *rows])

    assert all(row.message.date for row in log.rows)
    assert said(parse(["Datum;Ort;Anliegen;Status", *rows])) == said(log)
    assert [1] == [problem.row for problem in log.problems]


def test_the_times_below_tell_that_two_names_are_one() -> None:
    log = parse([LINES[0].replace("Uhrzeit", "Uhr;zeit"), *LINES[1:]])

    assert WHOLE == said(log)
    assert [1] == [problem.row for problem in log.problems]


def test_an_undoubled_quote_beside_doubled_ones_is_told() -> None:
    log = parse([*LINES[:1], LINES[1].replace("Bank", 'B"ank'), *LINES[2:]])

    assert [2] == [problem.row for problem in log.problems]


@pytest.mark.parametrize("names", ["Haus;Nr", "haus;nr"])
def test_two_columns_that_could_be_one_name_stay_two_below_shorter_rows(names: str) -> None:
    log = parse([f"Datum;Ort;{names};Anliegen;Status", *(f"0{n}.06.2026;Ring;;{n};Müll" for n in (1, 2, 3))])

    assert ["Müll", "Müll", "Müll"] == [row.message.text for row in log.rows]


def test_a_word_that_begins_like_a_column_is_not_cut_in_two() -> None:
    log = parse(["Telefonliste;Ort;Anliegen", "1;Ostwall;Müll;", "2;Südwall;Lärm;", "3;Ring;Hund;"])

    assert ["Müll", "Lärm", "Hund"] == [row.message.text for row in log.rows]
    assert ["Ostwall", "Südwall", "Ring"] == [row.message.place for row in log.rows]


def test_a_line_between_the_rows_is_a_heading_only_when_it_is_short() -> None:
    lost = "09.06.2026 10:12 Fr. Muster 02151 100 Ostwall 3 Sonstiges Müllsäcke neben dem Papierkorb"
    log = parse([*LINES[:3], "Frühdienst", lost, *LINES[3:]])

    assert [phone_log.Reason.HEADER, phone_log.Reason.HEADING] == [line.reason for line in log.skipped]
    assert [5] == [row.number for row in log.rejected]
