"""Why a row cannot be stored, in German with column and advice; and the one shifted row that mends itself."""

from intake.phone_log import cells
from intake.phone_log.columns import systems
from intake.phone_log.columns.header import Columns, Role, without_flaw
from intake.phone_log.columns.width import RowWidths
from intake.phone_log.formats.csv import Flaw, Record
from intake.phone_log.values import Problem

_IN_QUOTES = "Bitte setzen Sie Text, der das Trennzeichen enthält, in Anführungszeichen."


def problem(record: Record, columns: Columns, role: Role, what: str, advice: str) -> Problem:
    """A problem of the cell that a record has for ``role``."""
    return Problem(record.number, columns.name(role), columns.cell(record.cells, role), what, advice)


def fitted(record: Record, columns: Columns, delimiter: str) -> Record:
    """A long row whose last column is the concern only has delimiters in its text: put it together again.

    An empty cell before it may be the delimiter too many; then the row is left as it is.
    """
    width = len(columns.names)
    is_last = columns.places[Role.TEXT] == (width - 1,)
    if not is_last or not any(record.cells[width:]) or not all(record.cells[:width]):
        return record
    tail = f"{delimiter} ".join(filter(None, record.cells[width - 1 :]))
    return record._replace(cells=(*record.cells[: width - 1], tail))


def mended(record: Record, columns: Columns, *, joined: bool) -> list[Problem]:
    """What is to be said of a row that could be read all the same, a list of problems in order.

    ``joined``: it was ``fitted``.
    """
    found = []
    if joined:
        what = "Im Anliegen stehen Trennzeichen; es wurde wieder zusammengesetzt."
        found.append(problem(record, columns, Role.TEXT, what, _IN_QUOTES))
    if record.flaw is Flaw.STRAY_QUOTE:
        what = "Ein Anführungszeichen steht ohne sein Gegenstück; die Zeile wurde ohne es gelesen."
        found.append(Problem(record.number, "", "", what, "Bitte prüfen Sie die Zeile."))
    return found


def header(record: Record, columns: Columns, shape: RowWidths) -> Problem | None:
    """What is to be said of a header that was mended, or that does not fit the rows below it."""
    width = len(columns.names)
    cells = without_flaw(record)
    if cells == columns.names and not shape.other:
        if not record.flaw:
            return None
        what = "In der Kopfzeile steht ein Anführungszeichen ohne sein Gegenstück; sie wurde ohne es gelesen."
        return Problem(record.number, "", "", what, "Bitte prüfen Sie die Kopfzeile.")
    what = f"Die Kopfzeile hat {len(record.cells)} Spalten, die Zeilen darunter haben {shape.other or width}."
    if cells != columns.names:
        what += f" Sie wurde gelesen als: {', '.join(filter(None, columns.names))}."
    return Problem(record.number, "", "", what, "Bitte prüfen Sie die Kopfzeile.")


def side_by_side(record: Record, columns: Columns) -> Problem | None:
    """That two tables may stand beside each other: a header that names the day and the concern twice alike."""
    twice = {name for name in columns.names if name and columns.names.count(name) > 1}
    if columns.name(Role.TEXT) not in twice:
        return None
    what = f"Die Spalte „{columns.name(Role.TEXT)}“ gibt es mehrmals; vielleicht stehen zwei Listen nebeneinander."
    advice = "Bitte stellen Sie sie untereinander und legen Sie die Datei noch einmal ab."
    return Problem(record.number, columns.name(Role.TEXT), "", what, advice)


def mixed_order(record: Record, columns: Columns) -> Problem:
    """That some dates of the list can only have the month first and others only the day, at its header."""
    what = "In dieser Liste stehen Tag und Monat bald so, bald andersherum; was beides sein kann, ist unsicher."
    return Problem(record.number, columns.name(Role.DATE), "", what, "Bitte prüfen Sie die Tage.")


def month_first(record: Record, columns: Columns) -> Problem:
    """That the dates of the list were read the American way, at its header."""
    what = "Die Tage dieser Liste stehen in amerikanischer Folge (Monat/Tag/Jahr) und wurden so gelesen."
    return Problem(record.number, columns.name(Role.DATE), "", what, "Bitte prüfen Sie, ob das stimmt.")


def fault(record: Record, columns: Columns, shape: RowWidths) -> Problem | None:
    """Why the row cannot be stored; None when it can.

    Where the program that wrote the file makes all rows alike in width, another width says that a delimiter was lost
    or got in somewhere, and a name may stand where the concern should.
    """
    width = len(columns.names)
    if any(record.cells[width:]):
        extra = " ".join(filter(None, record.cells[width:]))
        where = columns.names[-1] or f"Spalte {width}"
        return Problem(record.number, where, extra, _shifted(record, width), _IN_QUOTES)
    if shape.long and len(record.cells) > width:
        advice = "Bitte prüfen Sie, ob ein Trennzeichen zu viel ist."
        return Problem(record.number, "", "", _shifted(record, width), advice)
    if shape.short and len(record.cells) < width:
        advice = "Bitte prüfen Sie, ob ein Trennzeichen oder ein Anführungszeichen fehlt."
        return Problem(record.number, columns.names[len(record.cells) - 1], "", _shifted(record, width), advice)
    if record.flaw in {Flaw.QUOTES, Flaw.TOO_LONG}:
        what = "Die Anführungszeichen der Zeile gehen nicht auf."
        return Problem(record.number, "", "", what, "Bitte entfernen oder ergänzen Sie das Anführungszeichen.")
    text = columns.cell(record.cells, Role.TEXT) or columns.cell(record.cells, Role.REMARK)
    if cells.lost(text):
        what = "Excel hat das Anliegen für eine Formel gehalten; der Text ist verloren."
        advice = "Bitte tippen Sie das Anliegen neu, ohne = + - am Anfang."
        return problem(record, columns, Role.TEXT, what, advice)
    if text or _may_be_empty(record, columns):
        return None
    return problem(record, columns, Role.TEXT, "Das Anliegen fehlt.", "Bitte tragen Sie das Anliegen nach.")


def _may_be_empty(record: Record, columns: Columns) -> bool:
    """A call that the telephone system lists, a missed one, or one with at least a category is kept without words."""
    return (
        columns.has(Role.DIRECTION)
        or bool(columns.cell(record.cells, Role.CATEGORY))
        or any(map(systems.state, record.cells))
    )


def _shifted(record: Record, width: int) -> str:
    return f"Die Zeile hat {len(record.cells)} statt {width} Spalten; die Angaben sind verschoben."
