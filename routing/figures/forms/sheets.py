"""A report for a spreadsheet: CSV for German Excel, and a workbook with a sheet for each table.

No cell is ever a formula: in CSV it gets an apostrophe before it, in a workbook it is marked as text. Lengths of time
are hours; numbers have a comma in CSV, so that German Excel takes them for numbers.
"""

import csv
import io
from collections.abc import Sequence

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from routing.figures import periods, tables
from routing.figures.tables import Cell, Seconds, Share, Table
from routing.figures.values import Report
from routing.letters import digest_files

_HOUR = 3600
_WIDEST = 60


def as_csv(report: Report) -> bytes:
    """Every table below the other, each under its title: semicolons, UTF-8 with a byte-order mark, CRLF."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Zeitraum", periods.said(report.period)])
    writer.writerow(["Vergleich", periods.said(report.earlier)])
    writer.writerows(["Satz", digest_files.safe(one)] for one in report.press)
    for table in tables.of(report):
        writer.writerow([])
        writer.writerow([table.title])
        writer.writerow(_header(table))
        writer.writerows([_csv_cell(cell) for cell in row] for row in table.rows)
    return target.getvalue().encode("utf-8-sig")


def as_workbook(report: Report) -> bytes:
    """An Excel workbook (.xlsx): the sentences on the first sheet, then a sheet for each table."""
    book = openpyxl.Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "Sätze"
    _fill(first, [("Zeitraum", periods.said(report.period)), ("Vergleich", periods.said(report.earlier))])
    _fill(first, [("Satz", one) for one in report.press])
    for table in tables.of(report):
        sheet = book.create_sheet(table.title[:31])
        _fill(sheet, [_header(table), *table.rows])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
    for sheet in book.worksheets:
        for number, column in enumerate(sheet.iter_cols(values_only=True), 1):
            longest = max(len(str(value or "")) for value in column)
            sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _WIDEST)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _header(table: Table) -> list[str]:
    units = [_unit(cells) for cells in zip(*table.rows, strict=True)] or [""] * len(table.columns)
    return [f"{name}{unit}" for name, unit in zip(table.columns, units, strict=True)]


def _unit(cells: Sequence[Cell]) -> str:
    return " (Stunden)" if any(isinstance(cell, Seconds) for cell in cells) else ""


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Seconds):
        return f"{cell / _HOUR:.2f}".replace(".", ",")
    if isinstance(cell, Share):
        return f"{cell * 100:.1f} %".replace(".", ",")
    if isinstance(cell, int | float):
        return str(cell).replace(".", ",")
    return digest_files.safe(cell)


def _fill(sheet: Worksheet, rows: Sequence[Sequence[Cell]]) -> None:
    start = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    for number, row in enumerate(rows, start):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            if isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.data_type = "s"
            elif isinstance(value, Seconds):
                cell.value, cell.number_format = round(value / _HOUR, 2), "0.00"
            elif isinstance(value, Share):
                cell.value, cell.number_format = round(float(value), 4), "0.0%"
            else:
                cell.value = value
