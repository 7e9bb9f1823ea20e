"""What reading a phone log gives: rows to store, rows to hand back, lines passed over. Frozen values, no logic."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from intake.base.errors import PermanentError
from intake.message import Message


class UnreadableError(PermanentError):
    """The whole file cannot be read; the text says in German why and what to do. Park the file with it."""


class Reason(StrEnum):
    """Why a line of the table is no row, as the log's protocol may say it."""

    PREAMBLE = "Vorspann"
    HEADER = "Kopfzeile"
    BLANK = "leer"
    TOTAL = "Summe"
    HEADING = "Zwischenzeile"
    UNREAD = "nicht gelesen"


class Problem(Struct, frozen=True):
    """One cell that was wrong or had to be repaired. ``cell`` is the citizen's or staff's own text: never log it.

    ``row`` counts as Excel does (a cell of several lines is one row, the ``sep=`` line is none), from 1.
    """

    row: int
    column: str
    cell: str
    what: str
    advice: str


class Row(Struct, frozen=True):
    """A row that can be stored. ``received_at`` is aware, UTC; ``raw`` are the row's own bytes as they came.

    ``sheet`` names the sheet of a workbook on which it stands. ``problems`` tells the repaired and doubtful cells;
    their German sentences also stand in ``message.problems``. ``cells`` are the row's own, as they were read;
    ``beside`` are words in them that the message does not have, as no column for a concern holds them.
    """

    number: int
    received_at: datetime
    raw: bytes
    message: Message
    problems: tuple[Problem, ...] = ()
    sheet: str = ""
    cells: tuple[str, ...] = ()
    beside: str = ""


class Rejected(Struct, frozen=True):
    """A row that cannot be stored: a person must mend it and drop it again.

    ``cells`` go with ``header``; a date that was filled down or a place given as "dito" is already written out in
    them, so that the row can stand in a file of its own.
    """

    number: int
    raw: bytes
    header: tuple[str, ...]
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]
    sheet: str = ""


class Skipped(Struct, frozen=True):
    """A line that is no row: blank, a heading, a sum; or one that was not understood, whose words a person reads."""

    number: int
    reason: Reason
    sheet: str = ""
    problems: tuple[Problem, ...] = ()
    cells: tuple[str, ...] = ()


Item = Row | Rejected | Skipped


class Log(Struct, frozen=True):
    """A whole file as read. ``problems`` holds those of all its lines, in the order of the file."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]
    rejected: tuple[Rejected, ...]
