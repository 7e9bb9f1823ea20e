"""Records below a header to messages, from top to bottom: what a row leaves out, the rows above it say.

``Sheet`` holds what is carried down: the date typed once, the time (to notice midnight), the place and concern that
"dito" means. One row never stops the next; a row without a concern or with shifted columns is handed back.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from intake.message import Kind, Message
from intake.phone_log import cells, charset, header, identity, moments
from intake.phone_log.header import Columns, Role
from intake.phone_log.table import Record
from intake.phone_log.values import Problem, Reason, Rejected, Row, Skipped
from intake.phone_log.wording import folded
from intake.wording import BERLIN

_DIGIT = re.compile(r"\d")
_HALF_DAY = 12 * 60
_ASK_DATE = "Bitte tragen Sie Datum und Uhrzeit nach, zum Beispiel 09.06.2023 und 10:12."


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for the whole file. ``fallback`` (aware, UTC) dates rows that have no date of their own."""

    channel: str
    today: date
    year: int | None
    fallback: datetime
    decoded: charset.Decoded
    delimiter: str
    configured: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _When:
    day: date | None
    minute: int | None


@dataclass(frozen=True, slots=True)
class _Above:
    """What the last row left for the next one."""

    typed: date | None = None  # the date as typed, before midnight passed
    when: _When = _When(None, None)
    place: str = ""
    text: str = ""
    identity: bytes = b""


class Sheet:
    """Reads one record after the other; its state is what the rows above said."""

    def __init__(self, frame: Frame, columns: Columns) -> None:
        self.columns = columns
        self._frame = frame
        self._above = _Above()
        self._tallies: Counter[bytes] = Counter()

    def read(self, record: Record) -> Row | Rejected | Skipped:
        """What ``record`` is: a row, a row to hand back, or no row."""
        text = self.columns.cell(record.cells, Role.TEXT)
        if not any(record.cells):
            return Skipped(record.number, Reason.BLANK)
        if self._is_header(record):
            return Skipped(record.number, Reason.HEADER)
        if cells.is_total(record.cells, text):
            return Skipped(record.number, Reason.TOTAL)
        if self._is_heading(record):
            return Skipped(record.number, Reason.HEADING)
        return self._row(_fitted(record, self.columns, self._frame.delimiter))

    def _is_header(self, record: Record) -> bool:
        """The header again after a page or a month; the columns may stand otherwise from here on."""
        if record.cells == self.columns.names:
            return True
        if _DIGIT.search(record.text):
            return False
        again = header.columns(record, self._frame.configured)
        if again is None or len(again.places) < min(3, len(self.columns.places)):
            return False
        self.columns = again
        return True

    def _is_heading(self, record: Record) -> bool:
        """A line between the rows: one word in the first column, where no row has its concern; it may set the date."""
        if not record.cells[0] or any(record.cells[1:]) or len(self.columns.names) < 3:
            return False
        if 0 in self.columns.places[Role.TEXT] or 0 in self.columns.places.get(Role.PLACE, ()):
            return False
        found = self._stamp(record.cells[0]) if not record.cells[0].isdecimal() else None
        if found is not None:
            self._above = replace(self._above, typed=found.day, when=_When(found.day, None))
        return True

    def _row(self, record: Record) -> Row | Rejected:
        problems: list[Problem] = []
        when = self._when(record, problems)
        place = self._place(record, problems)
        text, follows = self._text(record, place)
        contact = self._contact(record, problems)
        broken = self._broken(record, text)
        if broken is not None:
            self._above = _Above(self._above.typed, when, place)
            return Rejected(
                record.number,
                self._frame.decoded.encode(record.text),
                self.columns.names,
                self._written_out(record, when, place),
                (broken,),
            )
        message = self._message(record, when, place=place, text=text, contact=contact, problems=problems)
        message = replace(message, follows=follows)
        first = (self._above.text, follows) if follows else (text, message.identity)
        self._above = _Above(self._above.typed, when, place, *first)
        raw = self._frame.decoded.encode(record.text)
        return Row(record.number, self._received(when), raw, message, tuple(problems))

    def _message(
        self, record: Record, when: _When, *, place: str, text: str, contact: str, problems: list[Problem]
    ) -> Message:
        cell = self._cell
        name, lost = cells.caller(cell(record, Role.CALLER))
        if lost:
            problems.append(self._problem(record, Role.CALLER, lost, "Bitte den Namen in der Liste neu eintippen."))
        kind = cells.kind(text=text, status=cell(record, Role.STATUS), direction=cell(record, Role.DIRECTION))
        subject = cell(record, Role.CATEGORY)
        body = "\n".join(filter(None, (text, cell(record, Role.REMARK))))
        return Message(
            channel=cell(record, Role.CHANNEL) or self._frame.channel,
            identity=self._identity(when, place, text or subject, contact),
            subject="" if folded(subject) == folded(text) else subject.replace("\n", " "),
            from_name=name.replace("\n", " "),
            contact=contact,
            place=self._whole_place(record, place),
            date=_moment(when) if when.day and when.minute is not None else None,
            text=body,
            new_text=body,
            kind=kind,
            consent=cells.yes_or_no(cell(record, Role.CONSENT)),
            problems=(*(problem.what for problem in problems), *self._notes(record, text, kind)),
        )

    def _identity(self, when: _When, place: str, text: str, contact: str) -> bytes:
        first = identity.fingerprint(day=when.day, minute=when.minute, place=place, text=text, contact=contact)
        if when.minute is not None:
            return first
        nth = self._tallies[first]
        self._tallies[first] += 1
        return identity.fingerprint(day=when.day, minute=None, place=place, text=text, contact=contact, nth=nth)

    def _notes(self, record: Record, text: str, kind: Kind) -> list[str]:
        """What staff wrote beside the concern, for the desk: never a recipient, never part of a letter."""
        notes = []
        forward = self._cell(record, Role.FORWARD)
        if folded(forward):
            notes.append(f"In der Liste steht unter „{self.columns.name(Role.FORWARD)}“: {forward}.")
        if cells.yes_or_no(self._cell(record, Role.CALLBACK)):
            notes.append("Laut Liste wird ein Rückruf gewünscht.")
        if not text and kind is Kind.ORDINARY:
            notes.append("In der Liste steht zu diesem Anruf kein Anliegen.")
        return notes

    def _text(self, record: Record, place: str) -> tuple[str, bytes]:
        """The concern, and the identity of the row that it only adds to ("s. o." about the same place)."""
        text = self._cell(record, Role.TEXT)
        rest = cells.back_reference(text)
        if rest is None or not self._above.identity:
            return text, b""
        if place == self._above.place:
            return text, self._above.identity
        return ", ".join(filter(None, (self._above.text, rest))), b""

    def _place(self, record: Record, problems: list[Problem]) -> str:
        written = self._cell(record, Role.PLACE)
        rest = cells.back_reference(written)
        if rest is not None:
            return " ".join(filter(None, (self._above.place, rest)))
        if cells.lost(written):
            advice = "Bitte den Ort in der Liste neu eintippen."
            problems.append(self._problem(record, Role.PLACE, "Der Ort ist in Excel verloren gegangen.", advice))
            return ""
        house = self._cell(record, Role.HOUSE)
        place, suspicion = cells.place(" ".join(filter(None, (written, house))))
        if suspicion:
            advice = "Bitte prüfen Sie die Hausnummer und formatieren Sie die Spalte in Excel als Text."
            problems.append(self._problem(record, Role.PLACE, suspicion, advice))
        return place

    def _whole_place(self, record: Record, place: str) -> str:
        district = self._cell(record, Role.DISTRICT)
        known = not district or cells.back_reference(district) is not None or folded(district) in folded(place)
        return (place if known else ", ".join(filter(None, (place, district)))).replace("\n", " ")

    def _contact(self, record: Record, problems: list[Problem]) -> str:
        contact, lost = cells.phone(self._cell(record, Role.PHONE))
        if lost:
            advice = "Bitte formatieren Sie die Spalte in Excel als Text und tippen Sie die Nummer neu."
            problems.append(self._problem(record, Role.PHONE, lost, advice))
        return (contact or cells.phone_within(self._cell(record, Role.CALLBACK))).replace("\n", " ")

    def _when(self, record: Record, problems: list[Problem]) -> _When:
        """The call's day and minute; a date typed once counts downward, and past midnight for the next day."""
        written, clock = self._cell(record, Role.DATE), self._cell(record, Role.TIME)
        found = self._stamp(written) or (self._stamp(clock) if not written and moments.dated(clock) else None)
        minute = found.minutes if found and found.minutes is not None else moments.minutes(clock)
        if cells.back_reference(clock) == "":
            minute = self._above.when.minute
        elif clock and minute is None and not (found and not written):
            advice = "Bitte schreiben Sie die Uhrzeit wie 10:12."
            problems.append(self._problem(record, Role.TIME, "Die Uhrzeit ist nicht zu lesen.", advice))
        if found is not None:
            if found.mismatch:
                what = "Der Wochentag passt nicht zum Datum."
                problems.append(self._problem(record, Role.DATE, what, "Bitte prüfen Sie das Datum."))
            self._above = replace(self._above, typed=found.day)
            return self._believable(record, _at(found.day, minute), problems)
        if written and cells.back_reference(written) != "":
            self._above = replace(self._above, typed=None, when=_When(None, None))
            problems.append(self._problem(record, Role.DATE, "Das Datum ist nicht zu lesen.", _ASK_DATE))
            return _When(None, minute)
        return self._carried(record, minute, problems)

    def _carried(self, record: Record, minute: int | None, problems: list[Problem]) -> _When:
        above = self._above.when
        if above.day is None:
            problems.append(self._problem(record, Role.DATE, "Das Datum fehlt.", _ASK_DATE))
            return _When(None, minute)
        if minute is None or above.minute is None:
            return _When(above.day, minute)
        return _at(above.day + timedelta(days=above.minute - minute > _HALF_DAY), minute)

    def _believable(self, record: Record, when: _When, problems: list[Problem]) -> _When:
        if when.day is None or when.day <= self._frame.today + timedelta(days=1):
            return when
        self._above = replace(self._above, typed=None, when=_When(None, None))
        problems.append(self._problem(record, Role.DATE, "Das Datum liegt in der Zukunft.", _ASK_DATE))
        return _When(None, when.minute)

    def _stamp(self, cell: str) -> moments.Stamp | None:
        hints = moments.Hints(self._frame.today, self._frame.year, self._above.typed)
        return moments.stamp(cell, hints) if cell else None

    def _received(self, when: _When) -> datetime:
        return _moment(when) if when.day else self._frame.fallback

    def _broken(self, record: Record, text: str) -> Problem | None:
        """Why the row cannot be stored; None when it can."""
        width = len(self.columns.names)
        if any(record.cells[width:]):
            extra = " ".join(filter(None, record.cells[width:]))
            return Problem(
                record.number,
                self.columns.names[-1] or f"Spalte {width}",
                extra,
                f"Die Zeile hat {len(record.cells)} statt {width} Spalten; die Angaben sind verschoben.",
                "Bitte setzen Sie Text, der das Trennzeichen enthält, in Anführungszeichen.",
            )
        if record.damaged:
            what = "Die Anführungszeichen der Zeile gehen nicht auf."
            return Problem(record.number, "", "", what, "Bitte entfernen oder ergänzen Sie das Anführungszeichen.")
        if cells.lost(text):
            what = "Excel hat das Anliegen für eine Formel gehalten; der Text ist verloren."
            return self._problem(record, Role.TEXT, what, "Bitte tippen Sie das Anliegen neu, ohne = + - am Anfang.")
        exported = self.columns.has(Role.DIRECTION) or self._cell(record, Role.CATEGORY)
        status = cells.kind(text="", status=self._cell(record, Role.STATUS), direction="")
        if text or exported or status is not Kind.ORDINARY:
            return None
        return self._problem(record, Role.TEXT, "Das Anliegen fehlt.", "Bitte tragen Sie das Anliegen nach.")

    def _written_out(self, record: Record, when: _When, place: str) -> tuple[str, ...]:
        width = max(len(self.columns.names), len(record.cells))
        written = [*record.cells, *[""] * (width - len(record.cells))]
        for role, value in ((Role.DATE, f"{when.day:%d.%m.%Y}" if when.day else ""), (Role.PLACE, place)):
            at = self.columns.places.get(role, ())
            if at and value and (not written[at[0]] or cells.back_reference(written[at[0]]) is not None):
                written[at[0]] = value
        return tuple(written)

    def _cell(self, record: Record, role: Role) -> str:
        return self.columns.cell(record.cells, role)

    def _problem(self, record: Record, role: Role, what: str, advice: str) -> Problem:
        return Problem(record.number, self.columns.name(role), self._cell(record, role), what, advice)


def _fitted(record: Record, columns: Columns, delimiter: str) -> Record:
    """A long row whose last column is the concern only has delimiters in its text: put it together again."""
    width = len(columns.names)
    if len(record.cells) <= width or columns.places[Role.TEXT] != (width - 1,):
        return record
    tail = f"{delimiter} ".join(filter(None, record.cells[width - 1 :]))
    return replace(record, cells=(*record.cells[: width - 1], tail))


def _at(day: date, minute: int | None) -> _When:
    return _When(day + timedelta(days=1), 0) if minute == 24 * 60 else _When(day, minute)


def _moment(when: _When) -> datetime:
    """The moment in UTC; a row without a time counts from its day's first minute."""
    assert when.day is not None
    minute = when.minute or 0
    local = datetime(when.day.year, when.day.month, when.day.day, minute // 60, minute % 60, tzinfo=BERLIN)
    return local.astimezone(UTC)
