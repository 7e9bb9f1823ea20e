"""What holds for every phone log, shown with generated ones."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import phone_log
from intake.settings import DropFolderSettings
from tests import TESTS

LOGS = TESTS / "logs"
HEADER = ("Datum", "Uhrzeit", "Anrufer", "Ort", "Anliegen", "erledigt")
BYTES = [path.read_bytes() for path in sorted(LOGS.iterdir()) if path.suffix != ".json"]

words = st.text("abcdefgh äöüßÄÖÜ0123456789-,.!?", min_size=1, max_size=30).filter(
    lambda text: any(char.isalpha() for char in text)
)
texts = words | st.builds("{}\n{}".format, words, words) | st.builds('{} "{}"; {}'.format, words, words, words)
days = st.dates(date(2020, 1, 1), date(2026, 11, 1)).map("{:%d.%m.%Y}".format)
times = st.times().map("{:%H:%M}".format)
calls = st.tuples(
    days, times, words, words.map("Straße {}".format), texts.map("Müll: {}".format), st.sampled_from(["", "x"])
)
logs = st.lists(calls, min_size=1, max_size=12, unique_by=lambda row: (row[0], row[1], row[4]))


def read(data: bytes) -> phone_log.Log:
    return phone_log.read(
        data,
        name="liste.csv",
        settings=DropFolderSettings(folder=Path("/ablage")),
        today=date(2026, 11, 23),
        fallback=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )


def table(rows: list[tuple[str, ...]], delimiter: str = ";") -> str:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(char in cell for char in '";,\t\n') else cell

    return "".join(delimiter.join(map(quoted, row)) + "\r\n" for row in [HEADER, *rows])


def identities(data: bytes) -> list[bytes]:
    log = read(data)
    assert log.rejected == ()
    return [row.message.identity for row in log.rows]


@given(
    logs,
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from(";,\t"),
)
@settings(max_examples=60, deadline=None)
def test_saving_a_log_in_another_encoding_or_with_another_delimiter_keeps_the_identities(
    rows: list[tuple[str, ...]], encoding: str, delimiter: str
) -> None:
    expected = identities(table(rows).encode())

    assert expected == identities(table(rows, delimiter).encode(encoding))
    assert len(rows) == len(expected)


@given(logs, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_sorting_growing_and_ticking_off_a_log_keeps_the_identities(
    rows: list[tuple[str, ...]], random: object
) -> None:
    first = set(identities(table(rows).encode()))
    later = [(*row[:5], "erl. 12.6.") for row in reversed(rows)]
    later.append(("05.11.2026", "10:00", "", "Neuer Weg", "etwas Neues", ""))

    grown = identities(table(later).encode("cp1252"))

    assert first == set(grown[:-1])
    assert grown[-1] not in first


@given(logs, st.data())
@settings(max_examples=60, deadline=None)
def test_a_stray_quote_costs_at_most_its_own_row(rows: list[tuple[str, ...]], data: st.DataObject) -> None:
    rows = [(*row[:4], f"Müll {index}", row[5]) for index, row in enumerate(rows)]
    hit = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, 5))
    cell = rows[hit][column]
    at = data.draw(st.integers(0, len(cell)))
    broken = (*rows[hit][:column], f'{cell[:at]}"{cell[at:]}', *rows[hit][column + 1 :])
    lines = [";".join(row) for row in [HEADER, *rows[:hit], broken, *rows[hit + 1 :]]]

    log = read(("\r\n".join(lines) + "\r\n").encode())

    found = {row.message.text for row in log.rows}
    assert {f"Müll {index}" for index in range(len(rows)) if index != hit} - found == set()
    assert len(rows) == len(log.rows) + len(log.rejected)


@given(logs)
@settings(max_examples=30, deadline=None)
def test_corrected_rejects_are_read_with_the_dates_they_had(rows: list[tuple[str, ...]]) -> None:
    whole = read(table(rows).encode())
    incomplete = read(table([(*row[:4], "", row[5]) for row in rows]).encode())

    lines = phone_log.rejects_file(incomplete.rejected).decode("utf-8-sig").split("\r\n")
    assert len(lines) == len(rows) + 2
    assert len(rows) == len(incomplete.rejected)
    again = read(phone_log.rejects_file([_with_text(row, rows) for row in incomplete.rejected]))
    assert [row.message.identity for row in whole.rows] == [row.message.identity for row in again.rows]


def _with_text(row: phone_log.Rejected, rows: list[tuple[str, ...]]) -> phone_log.Rejected:
    text = rows[row.number - 2][4]
    cells = (*row.cells[:4], text, *row.cells[5:])
    return phone_log.Rejected(row.number, row.raw, row.header, cells, row.problems)


@given(
    st.binary(max_size=400)
    | st.builds(
        lambda data, at, extra: data[:at] + extra + data[at:],
        st.sampled_from(BYTES),
        st.integers(0, 900),
        st.binary(max_size=20),
    )
)
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise_anything_but_the_documented_error(data: bytes) -> None:
    try:
        log = read(data)
    except phone_log.UnreadableError:
        return
    for row in log.rows:
        row.message.text.encode()
        assert "\x00" not in row.message.text + row.message.place + row.message.from_name
        assert row.received_at.tzinfo is UTC
    phone_log.rejects_file(log.rejected)


@pytest.mark.parametrize("cell", ["=1+1", "+49 2151", "-3", "@x", "\t=1", "=cmd|' /C calc'!A0"])
def test_a_rejects_file_has_no_formula(cell: str) -> None:
    rejected = phone_log.Rejected(2, b"", ("Ort", "Anliegen"), (cell, ""), ())

    line = phone_log.rejects_file([rejected]).decode("utf-8-sig").split("\r\n")[1]

    assert line.lstrip('"').startswith("'")


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("all_quoted", [True, False], ids=["all cells quoted", "quoted where needed"])
def test_no_damage_of_one_row_costs_a_neighbour(delimiter: str, *, all_quoted: bool) -> None:
    """A quote or delimiter too many or too few at every place of a row, between rows with cells of several lines."""

    def line(row: tuple[str, ...]) -> str:
        needed = set('";,\n')
        return delimiter.join(
            '"' + cell.replace('"', '""') + '"' if all_quoted or set(cell) & needed else cell for cell in row
        )

    endings = (" liegt; stinkt, sehr", "\nzweite Zeile, mit Komma", ' "so" sagt er', "")
    rows = [
        ("09.06.2023", f"10:{index:02}", "Müller, Hans" if index % 2 else "", "Wall", f"Müll {index}{ending}", "")
        for index, ending in enumerate(endings)
    ]
    lines = [line(row) for row in rows]
    before, after = line(HEADER), line(("10.06.2023", "9:00", "", "Ring", "Laterne dunkel", "x"))
    whole = identities("\r\n".join([before, *lines, after]).encode())
    assert len(whole) == len(rows) + 1
    lost = []
    for hit, text in enumerate(lines):
        damaged = [text[:at] + extra + text[at:] for at in range(len(text) + 1) for extra in ('"', delimiter)]
        damaged += [text[:at] + text[at + 1 :] for at in range(len(text)) if text[at] in f'"{delimiter}']
        for bad in damaged:
            log = read("\r\n".join([before, *lines[:hit], bad, *lines[hit + 1 :], after]).encode())
            found = {row.message.identity for row in log.rows}
            lost += [(bad, index) for index, one in enumerate(whole) if index != hit and one not in found]

    assert [] == lost
