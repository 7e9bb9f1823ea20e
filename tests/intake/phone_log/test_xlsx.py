"""Excel workbooks: what a cell is becomes what German Excel would show of it; hostile ones are refused."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from intake import phone_log
from intake.phone_log.formats import xlsx
from intake.settings import DropFolderSettings

HEADER = ("Datum", "Uhrzeit", "Tel.", "Ort", "Anliegen", "Rückruf")


def book(*rows: tuple[Any, ...], **sheets: list[tuple[Any, ...]]) -> bytes:
    made = openpyxl.Workbook()
    for title, content in {"Juni": [HEADER, *rows], **sheets}.items():
        sheet = made.create_sheet(title)
        for row in content:
            sheet.append(row)
    made.remove(made.worksheets[0])
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def read(data: bytes) -> phone_log.Log:
    return phone_log.read(
        data,
        name="liste.xlsx",
        settings=DropFolderSettings(folder=Path("/ablage")),
        today=date(2026, 11, 23),
        fallback=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )


def test_days_times_and_numbers_are_read_as_what_they_are() -> None:
    log = read(
        book(
            (date(2023, 6, 9), time(10, 12), 4915221234567, "Ostwall", "Müll", True),
            (datetime(2023, 6, 9, 11, 5, tzinfo=UTC).replace(tzinfo=None), None, "+49 2151 99", "Ring", "Lärm", "ja"),
            (45086, 0.336805556, None, "Wall", "Hund", False),
        )
    )

    assert [
        (datetime(2023, 6, 9, 8, 12, tzinfo=UTC), "+4915221234567"),
        (datetime(2023, 6, 9, 9, 5, tzinfo=UTC), "+49 2151 99"),
        (datetime(2023, 6, 9, 6, 5, tzinfo=UTC), ""),
    ] == [(row.received_at, row.message.contact) for row in log.rows]
    notes = [len(row.message.problems) for row in log.rows]
    assert [1, 1, 0] == notes  # a call back is asked for


def test_a_house_number_that_became_a_date_is_suspected() -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.append(["Datum", "Ort", "Hausnr.", "Anliegen"])
    sheet.append([date(2023, 6, 9), "Ostwall", date(2023, 5, 3), "Müll"])
    sheet["C2"].number_format = "DD. MMM"
    stream = io.BytesIO()
    made.save(stream)

    (row,) = read(stream.getvalue()).rows
    assert "Ostwall 3-5" == row.message.place
    assert "vermutlich die Hausnummer 3-5" in row.problems[0].what


def test_every_sheet_with_a_header_is_read_and_named() -> None:
    june = ("09.06.2023", "10:12", "", "Ostwall", "Müll", "")
    july = [HEADER, ("03.07.2023", "10:12", "", "Ring", "", ""), ("03.07.2023", "11:12", "", "Ring", "Lärm", "")]
    log = read(book(june, Juli=july, Liste=[("nur", "Namen"), ("Kp", "Krüger")]))

    assert [("Juni", 2, "Müll"), ("Juli", 3, "Lärm")] == [
        (row.sheet, row.number, row.message.text) for row in log.rows
    ]
    assert [("Juli", 2)] == [(row.sheet, row.number) for row in log.rejected]


def test_a_workbook_without_a_known_header_is_refused_with_a_mapping() -> None:
    with pytest.raises(phone_log.UnreadableError, match="columns = "):
        read(book(Juni=[("Wann", "Vorgang neu"), (1, 2)]))


def _bomb(data: bytes) -> bytes:
    """A sheet that unpacks to far more than it is."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            if part == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", b"<row/>" * 5_000_000 + b"</sheetData>")
            new.writestr(part, content)
    return stream.getvalue()


def _entities(data: bytes) -> bytes:
    """Entities that name each other, as in "billion laughs"."""
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            content = old.read(part).decode()
            if ">Müll<" in content:
                bare = content.partition("?>")[2] if content.startswith("<?xml") else content
                content = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>' + bare.replace(">Müll<", ">&a8;<", 1)
            new.writestr(part, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[: len(data) // 2], "unvollständig"),
        (lambda _: b"PK\x03\x04" + b"x" * 500, "beschädigt"),
        (_bomb, "viel zu groß"),
        (_entities, "beschädigt"),
        (lambda data: data.replace(b"xl/workbook.xml", b"xl/workbuch.xml"), "keine Arbeitsmappe"),
    ],
    ids=["half copied", "no archive", "bomb", "entities", "another archive"],
)
def test_a_hostile_or_broken_workbook_is_refused_with_advice(damage: Callable[[bytes], bytes], said: str) -> None:
    data = book(("09.06.2023", "10:12", "", "Ostwall", "Müll", ""))

    with pytest.raises(phone_log.UnreadableError, match=said) as raised:
        read(damage(data))
    assert "Bitte" in str(raised.value)


def test_a_cell_at_the_far_corner_costs_nothing() -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.append(["Datum", "Anliegen"])
    sheet.append(["09.06.2023", "Müll"])
    sheet["XFD20000"] = "verirrt"
    stream = io.BytesIO()
    made.save(stream)

    records = [record for sheet in xlsx.sheets(io.BytesIO(stream.getvalue())) for record in sheet.records]
    assert 200 >= max(len(record.cells) for record in records)
