"""OpenDocument spreadsheets: what the program showed is read, from sheets that are shown; hostile ones are refused."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from intake import phone_log
from tests.intake.phone_log.test_phone_log import read

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "table", "text", "style")
)
HEADER = ("Datum", "Uhrzeit", "Tel.", "Ort", "Hausnr", "Anliegen")


def packed(content: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        file.writestr("content.xml", content)
    return stream.getvalue()


def text(words: str, more: str = "") -> str:
    return f"<table:table-cell {more}><text:p>{words}</text:p></table:table-cell>"


def row(*cells: str, more: str = "") -> str:
    every = "".join(cell if cell.startswith("<") else text(cell) for cell in cells)
    return f"<table:table-row {more}>{every}</table:table-row>"


def book(*rows: str, before: str = "", style: str = "") -> bytes:
    sheet = f'<table:table table:name="Juni" table:style-name="{style}">{row(*HEADER)}{"".join(rows)}</table:table>'
    return packed(
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES}><office:automatic-styles>'
        '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/>'
        f"</style:style></office:automatic-styles><office:body><office:spreadsheet>{before}{sheet}"
        "</office:spreadsheet></office:body></office:document-content>"
    )


def day(value: str, shown: str) -> str:
    return text(shown, f'office:value-type="date" office:date-value="{value}"')


def test_days_have_their_year_and_house_numbers_stay_suspected() -> None:
    number = text("4,91522E+12", 'office:value-type="float" office:value="4915221234567"')
    log = read(
        book(row(day("2023-06-09", "9. Jun"), "10:12", number, "Ostwall", day("2026-05-03", "03. Mai"), "Müll"))
    )

    message = log.rows[0].message
    assert datetime(2023, 6, 9, 8, 12, tzinfo=UTC) == log.rows[0].received_at
    assert ("+4915221234567", "Ostwall 3-5", "Juni") == (message.contact, message.place, log.rows[0].sheet)
    assert ["Ort"] == [problem.column for problem in log.problems]


def test_lines_blanks_and_comments_of_a_cell() -> None:
    said = (
        "<table:table-cell><office:annotation><text:p>intern</text:p></office:annotation>"
        "<text:p>Müll<text:s text:c='2'/>und<text:tab/><text:span>Glas</text:span></text:p><text:p>am Rad</text:p>"
        "</table:table-cell>"
    )
    log = read(book(row("09.06.2023", "10:12", "", "Ring", "3", said)))

    assert "Müll  und\tGlas\nam Rad" == log.rows[0].message.text


def test_cells_and_rows_that_repeat_themselves_are_as_many() -> None:
    blank = '<table:table-cell table:number-columns-repeated="16000"/>'
    log = read(
        book(
            row(blank, more='table:number-rows-repeated="3"'),
            row(
                "09.06.2023",
                '<table:table-cell table:number-columns-repeated="2"/>',
                *("Ring", "3", "Lärm", blank),
                more='table:number-rows-repeated="2"',
            ),
            row(blank, more='table:number-rows-repeated="1048000"'),
        )
    )

    assert [(5, "Lärm"), (6, "Lärm")] == [(one.number, one.message.text) for one in log.rows]
    assert 2 == len({one.message.identity for one in log.rows})  # tally marks


def test_a_hidden_sheet_is_not_read() -> None:
    hidden = f'<table:table table:name="alt" table:style-name="ta2">{row(*HEADER)}{row("09.06.2023")}</table:table>'
    log = read(book(row("10.06.2023", "", "", "Ring", "", "Hund"), before=hidden))

    assert ["Hund"] == [one.message.text for one in log.rows]
    assert () == log.rejected


@pytest.mark.parametrize(
    "data",
    [
        packed("<office:document"),
        packed('<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'),
        packed("x" * 20_000_000),
        book(row("Müll", more='table:number-rows-repeated="2000000"')),
        book(row("Müll", more='table:number-rows-repeated="viele"')),
        book()[:300],
    ],
    ids=["torn", "entities", "too dense", "too many rows", "no number", "half copied"],
)
def test_what_is_damaged_or_hostile_is_refused_with_advice(data: bytes) -> None:
    with pytest.raises(phone_log.UnreadableError, match="Bitte"):
        read(data)


def test_comments_and_what_stands_far_to_the_right_are_told() -> None:
    remark = "<office:annotation><text:p>Kind in Spritze getreten</text:p></office:annotation><text:p>Müll</text:p>"
    call = row("09.06.2023", "10:12", "", "Ring", "1", f"<table:table-cell>{remark}</table:table-cell>")
    far = "<table:table-cell table:number-columns-repeated='300'/>" + text("Mann liegt regungslos")
    log = read(book(call, row(far)), "liste.ods")

    assert ["Müll"] == [found.message.text for found in log.rows]
    assert ["Mann liegt regungslos"] == [found.cells[-1] for found in log.rejected]
    assert ["Kind in Spritze getreten"] == [
        "".join(item.cells) for item in log.skipped if item.reason is phone_log.Reason.UNREAD
    ]
