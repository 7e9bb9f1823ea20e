"""The forms of a report: whole, harmless in a spreadsheet, and without small numbers where they are published."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import openpyxl
import pytest
from click.testing import CliRunner

from intake import storage
from routing import cli, figures
from routing.config import loader
from routing.figures import periods, tables
from routing.figures.forms import data, page, plots, sheets, text, wording
from routing.figures.tables import Cell, Seconds, Share
from routing.figures.values import Report
from routing.store import migrations
from tests import ROOT
from tests.routing.figures.year import Year


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    engine = storage.create(storage.url_of_file(tmp_path_factory.mktemp("forms") / "kod.sqlite"))
    migrations.upgrade(engine)
    Year(engine, seed=3).fill(300)
    period = periods.of_month(2026, 6)
    found = figures.report(engine, loader.load(ROOT / "config.toml").settings, period.since, period.until)
    engine.dispose()
    return found


def test_text_has_every_table_and_sentence(report: Report) -> None:
    written = text.write(report)

    assert all(sentence in written for sentence in report.press)
    assert all(f"\n{table.title}\n" in written for table in tables.of(report) if table.rows)
    assert max(len(line) for line in written.splitlines()) < 200


def test_a_spreadsheet_takes_no_cell_for_a_formula(report: Report) -> None:
    assert "=1+1" in report.counts.by["channel"]

    written = sheets.as_csv(report)
    book = openpyxl.load_workbook(io.BytesIO(sheets.as_workbook(report)))

    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig")), delimiter=";"))
    assert ["'=1+1"] in [row[:1] for row in rows]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "-="))]
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert "=1+1" in [cell.value for cell in cells if cell.data_type == "s"]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_workbook_has_every_number(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.as_workbook(report)))

    for table in tables.of(report):
        rows = list(book[table.title].iter_rows(min_row=2, values_only=True))
        hours = [tuple(_as_stored(cell) for cell in row) for row in table.rows]
        assert hours == rows, table.key


def _as_stored(cell: Cell) -> Cell:
    if isinstance(cell, Seconds):
        return round(cell / 3600, 2)
    return round(float(cell), 4) if isinstance(cell, Share) else cell


def test_json_has_the_numbers_as_they_were_counted(report: Report) -> None:
    found = json.loads(data.as_json(report))

    assert report.counts.concerns == found["counts"]["concerns"]
    assert report.counts.by["category"] == found["counts"]["by"]["category"]


def test_the_page_has_each_plot_beside_its_table_and_in_words(report: Report) -> None:
    written = page.write(report, datetime(2026, 7, 1, tzinfo=UTC))
    drawn = [table for table in tables.of(report) if table.plot]

    assert len(drawn) == written.count('<svg xmlns="http://www.w3.org/2000/svg"') == written.count('role="img"') > 4
    for table in drawn:
        name, said = plots.words(table)
        assert f'<title id="{table.key}-name">{name}</title>' in written
        assert f'<desc id="{table.key}-text">{said}</desc>' in written
        assert written.count(str(table.rows[0][0])) >= 2  # in the plot and in the table
    assert "<script" not in written
    assert not re.findall(r"(?:src|href|url)\W{1,3}(?:https?:)?//", written)
    assert written == page.write(report, datetime(2026, 7, 1, tzinfo=UTC))


def test_what_a_phone_log_says_stays_text_on_the_page(report: Report) -> None:
    days = {"<b>Tag</b>": 3}
    counts = msgspec.structs.replace(report.counts, by={"district": days, "category": days})

    written = page.write(msgspec.structs.replace(report, counts=counts), datetime(2026, 7, 1, tzinfo=UTC))

    assert "<b>" not in written
    assert written.count("&lt;b&gt;Tag&lt;/b&gt;") > 4


def test_small_numbers_are_not_published(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(data.as_open_data(report).decode())))
    numbers = [row["Anliegen"] for row in rows]

    assert "unter 5" in numbers
    assert not [one for one in numbers if one in {"1", "2", "3", "4"}]
    assert {"Ostwall", "Rheinstraße"}.isdisjoint(row["Wert"] for row in rows)


@pytest.mark.parametrize(
    ("counted", "hidden"),
    [
        ({"a": 100, "b": 3, "c": 7}, {"b", "c"}),  # b is the total less the others: c goes as well
        ({"a": 100, "b": 1, "c": 1, "d": 9}, {"b", "c", "d"}),  # two that are two together are one each
        ({"a": 100, "b": 3, "c": 4}, {"b", "c"}),
        ({"a": 100, "b": 0}, set()),
        ({"a": 2}, {"a"}),
    ],
)
def test_what_is_withheld_cannot_be_worked_out(counted: dict[str, int], hidden: set[str]) -> None:
    assert hidden == {value for value, number in data.withheld(counted).items() if number is None}


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 Sek."), (90, "90 Sek."), (600, "10 Min."), (12_600, "3,5 Std."), (864_000, "10 Tage")]
)
def test_lengths_of_time_are_said_in_their_unit(seconds: int, said: str) -> None:
    assert said == wording.duration(seconds)


def test_the_command_writes_what_is_asked_for(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    shipped = (ROOT / "config.toml").read_text(encoding="utf-8")
    config.write_text(shipped.replace('"gazetteer.toml"', f'"{ROOT / "gazetteer.toml"}"'), encoding="utf-8")
    target = tmp_path / "zahlen.xlsx"

    def called(*arguments: str) -> tuple[int | str | None, str]:
        result = CliRunner().invoke(cli.group, ["--config", str(config), "report", *arguments])
        return result.exit_code, result.output or str(result.exception)

    assert "sind in Krefeld keine Bürgeranliegen eingegangen" in called("--month", "2026-06")[1]
    assert (0, f"{target} ist geschrieben (2026).\n") == called("--year", "2026", "--xlsx", "--output", str(target))
    assert openpyxl.load_workbook(target).sheetnames
    assert "„Juni“ ist kein Monat" in called("--month", "Juni")[1]
    assert "endet" in called("--from", "2.6.2026", "--to", "1.6.2026")[1]
    assert "nur eines" in called("--month", "2026-06", "--year", "2026")[1]
