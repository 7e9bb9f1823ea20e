"""A report as plain text, for a terminal and a mail: sentences first, tables below. Pure."""

from routing.figures import periods, tables
from routing.figures.forms import wording
from routing.figures.values import Report

WIDEST = 44


def write(report: Report) -> str:
    """The whole report; lines end with a newline."""
    lines = [f"Zahlen für {periods.said(report.period)}, verglichen mit {periods.said(report.earlier)}", ""]
    lines += [*report.press, ""]
    for note in report.notes:
        lines += [f"Hinweis: {note}", ""]
    for table in tables.of(report):
        if table.rows:
            lines += _table(table)
    return "\n".join(lines)


def _table(table: tables.Table) -> list[str]:
    rows = [table.columns, *(tuple(wording.cell(cell) for cell in row) for row in table.rows)]
    rows = [tuple(_short(cell) for cell in row) for row in rows]
    is_text = [isinstance(cell, str) for cell in table.rows[0]]
    widths = [max(len(row[index]) for row in rows) for index in range(len(table.columns))]
    lines = [table.title, "-" * len(table.title)]
    for row in rows:
        cells = (
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(row, widths, is_text, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    return [*lines, *([table.note] if table.note else []), ""]


def _short(cell: str) -> str:
    return cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…"
