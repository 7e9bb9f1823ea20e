"""Every line that is not blank is stored, handed back, or told with its words; the protocol's numbers add up."""

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import phone_log
from intake.base import german
from intake.message import Kind
from intake.phone_log.columns import systems
from intake.phone_log.report.protocol import Protocol
from intake.settings import DropFolderSettings

FOLDER = DropFolderSettings(folder=Path("/ablage"))
HEADER = ("Datum", "Uhrzeit", "Name", "Ort", "Anliegen")
CALL = ("01.11.2026", "10:00", "", "Ostwall 1", "Müll")


def read(data: bytes, name: str = "liste.csv") -> phone_log.Log:
    return phone_log.read(
        data,
        name=name,
        settings=FOLDER,
        today=date(2026, 11, 30),
        fallback=datetime(2026, 11, 27, 9, 30, tzinfo=UTC),
    )


def lines(*rows: str) -> bytes:
    return "\r\n".join(rows).encode()


def book(sheets: dict[str, list[tuple[Any, ...]]], *, hidden: str = "") -> bytes:
    made = openpyxl.Workbook()
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
        for row in rows:
            sheet.append(row)
    made.remove(made.worksheets[0])
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def changed(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something replaced in one of its parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            content = before.read(item)
            after.writestr(item.filename, content.replace(old, new) if item.filename.endswith(part) else content)
    return stream.getvalue()


def times(log: phone_log.Log) -> list[str]:
    return [f"{german.local(row.received_at):%d.%m. %H:%M}" for row in log.rows]


def unread(log: phone_log.Log) -> list[str]:
    return [" ".join(filter(None, item.cells)) for item in log.skipped if item.reason is phone_log.Reason.UNREAD]


def protocol(log: phone_log.Log) -> str:
    made = Protocol()
    items: tuple[phone_log.Item, ...] = (*log.rows, *log.rejected, *log.skipped)
    for item in items:
        made.add(item)
    return made.text("liste.csv", datetime(2026, 11, 30, tzinfo=UTC))


def test_a_later_header_changes_the_columns_from_there_on() -> None:
    log = read(
        lines(
            "Datum;Uhrzeit;Ort;Anliegen",
            "01.11.2026;10:00;Ostwall 1;Spritzen",
            "Datum;Uhrzeit;Name;Telefon;Kategorie;Ort;Anliegen",
            "02.11.2026;11:00;;;;Ostwall 2;Müll",
        )
    )

    assert [("Ostwall 1", "Spritzen"), ("Ostwall 2", "Müll")] == [
        (row.message.place, row.message.text) for row in log.rows
    ]
    assert "vollständig" in protocol(log)


@pytest.mark.parametrize(
    "words", ["Person liegt bewusstlos am Boden", "gesamte Wohnung voller Rauch", "Total verraucht"]
)
def test_a_line_of_words_in_the_first_column_is_told(words: str) -> None:
    log = read(lines(";".join(HEADER), ";".join(CALL), words, ";".join(CALL).replace("10:00", "11:00")))

    assert [words] == unread(log)
    said = protocol(log)
    assert "bis auf 1 Zeile, die nicht gelesen wurde" in said
    assert f"Zeile 3: {words}" in said


@pytest.mark.parametrize(
    "title", ["Juni 2026", "Montag, 9.6.2026", "KW 23", "Seite 2", "Telefonliste Juni", "Vormittag"]
)
def test_what_only_says_which_day_or_list_it_is_spoils_nothing(title: str) -> None:
    for rows in ((title, ";".join(HEADER), ";".join(CALL)), (";".join(HEADER), title, ";".join(CALL))):
        log = read(lines(*rows))
        assert ([], 1) == (unread(log), len(log.rows))
        assert "vollständig" in protocol(log)


def test_a_sheet_without_a_header_goes_on_with_the_columns_of_the_one_before() -> None:
    log = read(book({"Mai": [HEADER, CALL], "Juni": [("02.11.2026", "10:00", "", "Ring 2", "Lärm")]}), "liste.xlsx")

    assert ["Müll", "Lärm"] == [row.message.text for row in log.rows]


def test_sheets_that_fit_nothing_or_are_hidden_are_told_line_by_line() -> None:
    sheets: dict[str, list[tuple[Any, ...]]] = {
        "Deckblatt": [("Gasgeruch im Keller",)],
        "Mai": [HEADER, CALL],
        "Werte": [("a", "b"), ("c",)],
        "Alt": [HEADER, ("03.11.2026", "10:00", "", "Wall 3", "Ölspur")],
    }
    log = read(book(sheets, hidden="Alt"), "liste.xlsx")

    assert ["Müll"] == [row.message.text for row in log.rows]
    assert ["Gasgeruch im Keller", "a b", "c", " ".join(HEADER), "03.11.2026 10:00 Wall 3 Ölspur"] == unread(log)
    told = " ".join(problem.what for problem in log.problems)
    assert "„Alt“ ist ausgeblendet" in told
    assert "„Deckblatt“ hat keine Kopfzeile" in told


def test_two_callers_of_one_minute_are_two_and_a_row_pasted_twice_is_one() -> None:
    rows = [
        "Datum;Uhrzeit;Anrufer;Tel.;Anliegen;Bemerkung",
        "22.06.2026;10:00;Anna K.;0157 1;Müll;Ostwall 12",
        "22.06.2026;10:00;Bert W.;0157 2;Müll;Markt 5",
        "22.06.2026;10:00;Bert W.;0157 2;Müll;Markt 5",
    ]
    first, second, third = (row.message.identity for row in read(lines(*rows)).rows)

    assert first != second
    assert second == third


def test_a_remark_stands_for_a_missing_concern() -> None:
    log = read(lines("Datum;Uhrzeit;Ort;Anliegen;Bemerkung", "01.11.2026;10:00;Ring 1;;Mülltonne brennt"))

    assert ["Mülltonne brennt"] == [row.message.text for row in log.rows]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("12:05 AM", "00:05"),
        ("12:30 PM", "12:30"),
        ("1:05 p.m.", "13:05"),
        ("1:05 a. m.", "01:05"),
        ("11:59PM", "23:59"),
        ("12:00 pm", "12:00"),
        ("9 am", "09:00"),
        ("30.12.1899 18:11:00", "18:11"),
    ],
)
def test_times_of_other_programs(written: str, wanted: str) -> None:
    log = read(lines("Datum;Uhrzeit;Ort;Anliegen", f"09.06.2026 00:00:00;{written};Ostwall 1;Müll"))

    assert [f"09.06. {wanted}"] == times(log)


def test_midnight_at_the_end_of_a_day_is_the_next_day() -> None:
    log = read(lines("Datum;Uhrzeit;Ort;Anliegen", "09.06.2026;24:00;Ostwall 1;Müll"))

    assert ["10.06. 00:00"] == times(log)


def test_a_list_with_the_month_first_is_read_so_as_a_whole_and_told() -> None:
    log = read(lines("Date,Time,Ort,Anliegen", "6/5/2026,10:00 AM,Ring 1,Müll", "6/13/2026,1:00 PM,Ring 2,Müll"))

    assert ["05.06. 10:00", "13.06. 13:00"] == times(log)
    assert any("amerikanischer Folge" in problem.what for problem in log.problems)


def test_months_first_are_known_by_am_and_pm_in_their_own_column_and_by_what_would_lie_ahead() -> None:
    halves = read(lines("Date,Time,Ort,Anliegen", "11/02/2026,9:00 AM,Ring 1,Müll", "11/05/2026,9:00 AM,Ring 2,Müll"))
    ahead = read(lines("Datum,Ort,Anliegen", "11/9/26,Ring 1,Müll", "11/12/26,Ring 2,Müll"))

    assert ["02.11. 09:00", "05.11. 09:00"] == times(halves)
    assert ["09.11. 00:00", "12.11. 00:00"] == times(ahead)


def test_both_orders_in_one_list_are_told() -> None:
    log = read(lines("Datum,Ort,Anliegen", "11/13/26,Ring 1,Müll", "14/11/26,Ring 2,Müll", "11/10/26,Ring 3,Müll"))

    assert any("bald so, bald andersherum" in problem.what for problem in log.problems)


def test_the_end_of_a_span_of_days_is_no_time() -> None:
    log = read(lines("Datum;Uhrzeit;Ort;Anliegen", "15.11.2026 - 16.11.2026;20:10;Ostwall 14;Laub"))

    assert ["15.11. 20:10"] == times(log)


def test_tables_side_by_side_are_told() -> None:
    log = read(
        lines(
            "Datum;Uhrzeit;Ort;Anliegen;;Datum;Uhrzeit;Ort;Anliegen",
            "23.11.2026;08:00;Ostwall 71;Tonne brennt;;24.11.2026;09:00;Westwall 3;Rohr undicht",
        )
    )

    assert any("nebeneinander" in problem.what for problem in log.problems)


def test_a_sheet_whose_columns_stand_otherwise_is_not_read_by_another_header() -> None:
    rows: list[tuple[Any, ...]] = [("03.11.2026", "Ostwall 2", "", "Dreck am Tor", "10:00")]
    log = read(book({"A": [HEADER, CALL], "B": rows}), "liste.xlsx")

    assert ["03.11.2026 Ostwall 2 Dreck am Tor 10:00"] == unread(log)


@pytest.mark.parametrize(
    "row", ["Summe;;;;2 Anrufe", "Übertrag;;;;1 Anruf", "Gesamt;;;;3", "Summe November 2026;;1;;"]
)
def test_a_sum_in_any_words_is_one(row: str) -> None:
    log = read(lines(";".join(HEADER), ";".join(CALL), row))

    assert (1, "Summe") == (len(log.rows), log.skipped[-1].reason.value)


def test_a_line_that_only_draws_one_is_no_call() -> None:
    log = read(lines("|Datum|Ort|Anliegen|", "|---|---|---|", "|01.11.2026|Ring 1|Müll|"))

    assert ["Müll"] == [row.message.text for row in log.rows]


def test_a_german_list_with_slashes_stays_german() -> None:
    log = read(lines("Datum;Uhrzeit;Ort;Anliegen", "5/6/2026;10:00;Ring 1;Müll", "13/6/2026;10:00;Ring 2;Müll"))

    assert ["05.06. 10:00", "13.06. 10:00"] == times(log)


@pytest.mark.parametrize(("word", "wanted"), [("heute", "27.11."), ("Gestern", "26.11."), ("vorgestern", "25.11.")])
def test_gestern_counts_from_the_day_of_the_file_and_is_told(word: str, wanted: str) -> None:
    log = read(lines("Datum;Uhrzeit;Ort;Anliegen", f"{word};10:00;Ring 1;Müll"))

    assert [f"{wanted} 10:00"] == times(log)
    assert any("vom Tag der Datei aus gerechnet" in problem.what for problem in log.problems)


def test_a_state_of_the_call_says_nothing_of_the_concern() -> None:
    log = read(lines("Datum;Uhrzeit;Ort;Anliegen;erledigt", "24.11.2026;10:10;Platz 2;Sperrmüll;nicht erreicht"))

    assert [Kind.ORDINARY] == [row.message.kind for row in log.rows]


def test_text_that_was_read_twice_as_utf8_is_read_once() -> None:
    log = read(lines("Datum;Uhrzeit;StraÃŸe;Anliegen", "01.11.2026;10:00;HÃ¼lser StraÃŸe 3;MÃ¼ll tÃ¼rmt sich"))

    assert [("Hülser Straße 3", "Müll türmt sich")] == [(row.message.place, row.message.text) for row in log.rows]


def test_a_formula_without_a_result_is_told_as_lost() -> None:
    data = book({"Mai": [HEADER, ("01.11.2026", "10:00", "", '="Ostwall"&" 12"', "Müll")]})
    log = read(data, "liste.xlsx")

    assert [""] == [row.message.place for row in log.rows]
    assert any("Der Ort ist beim Speichern in Excel verloren" in problem.what for problem in log.problems)


def test_escaped_characters_of_a_workbook_are_characters() -> None:
    data = book({"Mai": [HEADER, ("01.11.2026", "10:00", "", "Ring", "Müll_x000D_\nund Glas")]})

    assert ["Müll\nund Glas"] == [row.message.text for row in read(data, "liste.xlsx").rows]


def test_a_strict_workbook_is_read() -> None:
    data = book({"Mai": [HEADER, CALL]})
    for part in (".xml", ".rels"):
        data = changed(
            data,
            part,
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        )
        data = changed(
            data,
            part,
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )

    assert ["Müll"] == [row.message.text for row in read(data, "liste.xlsx").rows]


def test_a_format_far_below_costs_no_record_a_row() -> None:
    data = book({"Mai": [HEADER, CALL]})
    data = changed(data, "sheet1.xml", b"</sheetData>", b'<row r="1048576"><c r="A1048576" s="0"/></row></sheetData>')
    log = read(data, "liste.xlsx")

    assert (1, ["Kopfzeile", "leer"]) == (len(log.rows), [item.reason.value for item in log.skipped])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html><body><table><tr><td>Datum</td></tr></table>", "Internetseite oder XML"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:x"></Workbook>', "Internetseite oder XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "alte Excel-Arbeitsmappe"),
    ],
)
def test_what_only_poses_as_a_list_is_refused_with_advice(data: bytes, said: str) -> None:
    with pytest.raises(phone_log.UnreadableError, match=said) as raised:
        read(data, "liste.xls")
    assert "Bitte" in str(raised.value)


def test_a_binary_workbook_is_refused_with_advice() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("xl/workbook.bin", b"\x00")

    with pytest.raises(phone_log.UnreadableError, match="xlsb"):
        read(stream.getvalue(), "liste.xlsb")


@pytest.mark.parametrize("system", systems.known(), ids=lambda system: f"{system.name} {len(system.header)}")
def test_the_advice_for_a_call_list_works_when_it_is_followed(system: systems.System) -> None:
    columns = {word: role for role, words in system.columns.items() for word in words}
    names = list(dict.fromkeys([*system.header, *columns]))
    if "text" in system.columns:
        names.remove(system.columns["text"][0])

    def call(direction: str, minute: int) -> list[str]:
        said = {"date": f"2026-11-28 10:{minute:02}:00", "phone": f"0215100000{minute}", "direction": direction}
        return [said.get(columns.get(name, ""), "") for name in names]

    states = [("", "Müll am Ring 1"), *((word, "") for word in (*system.missed, *system.outgoing))]
    rows = [call(state, minute) for minute, (state, _) in enumerate(states)]
    raw = lines(*(";".join(row) for row in (names, *rows)))
    with pytest.raises(phone_log.UnreadableError, match="Spalte „Anliegen“ an"):
        read(raw)

    followed = [[*names, "Anliegen"], *([*row, text] for row, (_, text) in zip(rows, states, strict=True))]
    log = read(lines(*(";".join(row) for row in followed)))

    assert () == log.rejected
    assert ("Müll am Ring 1", "28.11. 10:00", "02151000000") == (
        log.rows[0].message.text,
        times(log)[0],
        log.rows[0].message.contact,
    )
    wanted = [Kind.ORDINARY, *[Kind.MISSED_CALL] * len(system.missed), *[Kind.OUTGOING_CALL] * len(system.outgoing)]
    assert wanted == [row.message.kind for row in log.rows]


@pytest.mark.parametrize(
    ("header", "call"),
    [
        (
            "OriginatorNumber;CalledNumber;StartDate;StartTime;EndTime;State",
            "02151100;4000;28.11.2026;10:00:00;10:01;x",
        ),
        (
            "UPN,Caller ID,Call type,Start time,Duration (seconds)",
            "a@b.invalid,02151100,user_in,2026-11-28T09:00:00Z,5",
        ),
        ("Startzeit;Teilnehmer;Rufnummer;Klingeldauer;Leitung", "28.11.2026 10:00;11;02151100;3;1"),
    ],
)
def test_so_does_the_advice_for_the_list_of_a_system_that_nobody_described(header: str, call: str) -> None:
    with pytest.raises(phone_log.UnreadableError, match=r"Anrufliste.*Spalte „Anliegen“ an"):
        read(lines(header, call))

    mark = "," if "," in header else ";"
    log = read(
        lines(f"{header}{mark}Anliegen", *(f"{call}{mark}{said}" for said in ("Müll", "verpasst", "ausgehend")))
    )

    assert ["28.11. 10:00"] * 3 == times(log)
    assert [Kind.ORDINARY, Kind.MISSED_CALL, Kind.OUTGOING_CALL] == [row.message.kind for row in log.rows]
    assert "02151100" == log.rows[0].message.contact
    assert () == log.problems


def test_seconds_since_1970_are_a_moment() -> None:
    log = read(lines("Datum;Ort;Anliegen", "1795862400;Ring 1;Müll"))

    assert ["28.11. 11:40"] == times(log)


CELL = st.sampled_from(
    ["", "", "Müll", "Ostwall 1", "01.11.2026", "10:00", "Summe", "3", "Anliegen", "Datum", "ja", "é"]
)
ROW = st.one_of(
    st.just(HEADER),
    st.just(CALL),
    st.just(()),
    st.just(("Datum", "Ort", "Name", "Anliegen", "Uhrzeit", "Tel.")),
    st.lists(CELL, max_size=8).map(tuple),
)
SHEETS = st.dictionaries(st.sampled_from("ABCD"), st.lists(ROW, max_size=12), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(SHEETS, st.sampled_from("ABCD"))
def test_the_account_adds_up_for_any_workbook(sheets: dict[str, list[tuple[str, ...]]], hidden: str) -> None:
    hidden = hidden if len(sheets) > 1 and hidden in sheets else ""
    try:
        log = read(book(dict(sheets), hidden=hidden), "liste.xlsx")
    except phone_log.UnreadableError:
        return
    given_lines = sum(any(row) for rows in sheets.values() for row in rows)
    told = [item for item in log.skipped if item.reason is not phone_log.Reason.BLANK]

    assert given_lines == len(log.rows) + len(log.rejected) + len(told)
    complete = "vollständig" in protocol(log)
    assert complete == (bool(log.rows) and not log.rejected and not unread(log))
