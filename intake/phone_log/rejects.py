"""The file of the rows that only a person can mend: made to be corrected and dropped again.

Semicolons and UTF-8 with a byte-order mark, so that a double click opens it rightly in German Excel. The columns are
those of the list, behind them Zeile, Grund and Was tun, which reading ignores. A cell that a spreadsheet would take
for a formula gets an apostrophe, which reading takes off again.
"""

from collections.abc import Sequence

from intake.phone_log.values import Rejected

_ADDED = ("Zeile", "Grund", "Was tun")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rejects_file(rejected: Sequence[Rejected]) -> bytes:
    """The rows as a CSV file; a new header stands where the list itself changed its columns."""
    lines: list[str] = []
    above: tuple[str, ...] | None = None
    for row in rejected:
        header = row.header
        if header != above:
            lines.append(_line((*header, *_ADDED)))
            above = header
        kept = [*row.cells[: len(header)], *[""] * (len(header) - len(row.cells))]
        extra = " ".join(filter(None, row.cells[len(header) :]))
        reason = "; ".join(problem.what for problem in row.problems) + (f" Zu viel: {extra}" if extra else "")
        advice = " ".join(problem.advice for problem in row.problems)
        lines.append(_line((*kept, str(row.number), reason, advice)))
    return "".join(lines).encode("utf-8-sig")


def _line(cells: Sequence[str]) -> str:
    return ";".join(map(_cell, cells)) + "\r\n"


def _cell(cell: str) -> str:
    safe = f"'{cell}" if cell.startswith(_FORMULA) else cell
    quoted = safe != safe.strip() or any(char in safe for char in ';"\r\n\t')
    return '"' + safe.replace('"', '""') + '"' if quoted else safe
