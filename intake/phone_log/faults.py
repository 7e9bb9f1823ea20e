"""Why a row cannot be stored, in German with column and advice; and the one shifted row that mends itself."""

from intake.message import Kind
from intake.phone_log import cells
from intake.phone_log.header import Columns, Role
from intake.phone_log.table import Flaw, Record
from intake.phone_log.values import Problem


def problem(record: Record, columns: Columns, role: Role, what: str, advice: str) -> Problem:
    """A problem of the cell that a record has for ``role``."""
    return Problem(record.number, columns.name(role), columns.cell(record.cells, role), what, advice)


def fitted(record: Record, columns: Columns, delimiter: str) -> Record:
    """A long row whose last column is the concern only has delimiters in its text: put it together again."""
    width = len(columns.names)
    if len(record.cells) <= width or columns.places[Role.TEXT] != (width - 1,):
        return record
    tail = f"{delimiter} ".join(filter(None, record.cells[width - 1 :]))
    return record._replace(cells=(*record.cells[: width - 1], tail))


def fault(record: Record, columns: Columns, *, padded: bool) -> Problem | None:
    """Why the row cannot be stored; None when it can.

    ``padded``: the program that wrote the file ends every row with its empty cells, so that a short one has lost a
    delimiter somewhere, and a name may stand where the concern should.
    """
    width = len(columns.names)
    if any(record.cells[width:]):
        extra = " ".join(filter(None, record.cells[width:]))
        advice = "Bitte setzen Sie Text, der das Trennzeichen enthält, in Anführungszeichen."
        return Problem(record.number, columns.names[-1] or f"Spalte {width}", extra, _shifted(record, width), advice)
    if padded and len(record.cells) < width:
        advice = "Bitte prüfen Sie, ob ein Trennzeichen oder ein Anführungszeichen fehlt."
        return Problem(record.number, columns.names[len(record.cells) - 1], "", _shifted(record, width), advice)
    if record.flaw in {Flaw.QUOTES, Flaw.TOO_LONG}:
        what = "Die Anführungszeichen der Zeile gehen nicht auf."
        return Problem(record.number, "", "", what, "Bitte entfernen oder ergänzen Sie das Anführungszeichen.")
    text = columns.cell(record.cells, Role.TEXT)
    if cells.lost(text):
        what = "Excel hat das Anliegen für eine Formel gehalten; der Text ist verloren."
        advice = "Bitte tippen Sie das Anliegen neu, ohne = + - am Anfang."
        return problem(record, columns, Role.TEXT, what, advice)
    if text or _may_be_empty(record, columns):
        return None
    return problem(record, columns, Role.TEXT, "Das Anliegen fehlt.", "Bitte tragen Sie das Anliegen nach.")


def _may_be_empty(record: Record, columns: Columns) -> bool:
    """A call that the telephone system lists, a missed one, or one with at least a category is kept without words."""
    status = columns.cell(record.cells, Role.STATUS)
    return (
        columns.has(Role.DIRECTION)
        or bool(columns.cell(record.cells, Role.CATEGORY))
        or cells.kind(text="", status=status, direction="") is not Kind.ORDINARY
    )


def _shifted(record: Record, width: int) -> str:
    return f"Die Zeile hat {len(record.cells)} statt {width} Spalten; die Angaben sind verschoben."
