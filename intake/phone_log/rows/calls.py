"""Records below a header to messages, from top to bottom: what a row leaves out, the rows above it say.

``Sheet`` holds what is carried down: the date typed once (``Calendar``), the place and concern that "dito" means. One
row never stops the next; a row without a concern or with shifted columns is handed back.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache

from msgspec import Struct, field

from intake.base import german
from intake.message import Kind, Message
from intake.phone_log import cells
from intake.phone_log.columns import header, systems
from intake.phone_log.columns.header import Columns, Role
from intake.phone_log.columns.width import RowWidths
from intake.phone_log.formats.csv import Record
from intake.phone_log.normalize import folded, squeezed
from intake.phone_log.report import faults
from intake.phone_log.rows import identity
from intake.phone_log.rows.date_formats import Hints, Order
from intake.phone_log.rows.day_sequence import Calendar, When
from intake.phone_log.values import Problem, Reason, Rejected, Row, Skipped

_DIGIT = re.compile(r"\d")
_DELIMITERS = re.compile(r"[;,\t|]")
_LONGEST_HEADING = 50  # characters
_NEAR = 5000  # rows


class Frame(Struct, frozen=True):
    """What holds for the whole file. ``fallback`` (aware, UTC) dates rows that have no date of their own.

    ``prefix`` is that of the city's case numbers, or ``reference.ANY``.
    """

    channel: str
    today: date
    year: int | None
    fallback: datetime
    encode: Callable[[str], bytes]
    delimiter: str
    configured: Mapping[str, str]
    prefix: str
    shape: RowWidths = field(default_factory=RowWidths)
    sheet: str = ""
    order: Order = Order.DAY
    from_1904: bool = False


class _Above(Struct, frozen=True):
    """What the last row left for the next one; of a supplement, what it supplements."""

    place: str = ""
    text: str = ""
    identity: bytes = b""


class Sheet:
    """Reads one record after the other; its state is what the rows above said."""

    def __init__(self, frame: Frame, columns: Columns) -> None:
        self.columns = columns
        self._frame = frame
        written = german.local(frame.fallback).date()
        self._calendar = Calendar(
            Hints(
                frame.today,
                frame.year,
                month_first=frame.order is Order.MONTH,
                written=written,
                from_1904=frame.from_1904,
            )
        )
        self._above = _Above()
        self._tallies: Counter[bytes] = Counter()
        self._besides: dict[bytes, tuple[str, ...]] = {}
        self._said: dict[Role, str] = {}

    def read(self, record: Record) -> Row | Rejected | Skipped:
        """What ``record`` is: a row, a row to hand back, or no row."""
        if not any(record.cells):
            return self.skipped(record, Reason.BLANK)
        if self._is_header(record):
            return self.skipped(record, Reason.HEADER)
        split, record = record, faults.fitted(record, self.columns, self._frame.delimiter)
        self._said = self.columns.values(record.cells)
        if cells.is_rule(record.cells):
            return self.skipped(record, Reason.HEADING)
        if cells.is_total(record.cells):
            return self.skipped(record, Reason.TOTAL)
        if self._is_heading(record):
            self._calendar.heading(record.cells[0])
            return self.skipped(record, Reason.HEADING if cells.is_label(record.cells) else Reason.UNREAD)
        return self._row(record, faults.mended(record, self.columns, joined=record is not split))

    def above(self, record: Record) -> Skipped:
        """A record above the header: blank, or what the list is called; anything else was not read."""
        if not any(record.cells):
            return self.skipped(record, Reason.BLANK)
        return self.skipped(record, Reason.PREAMBLE if cells.is_title(record.cells) else Reason.UNREAD)

    def skipped(self, record: Record, reason: Reason) -> Skipped:
        """A record that is no row."""
        return Skipped(record.number, reason, self._frame.sheet, cells=record.cells)

    def header(self, record: Record) -> Skipped:
        """The record that is the table's header, and what had to be mended in it."""
        problem = faults.header(record, self.columns, self._frame.shape)
        order = self._frame.order
        told = {Order.MONTH: faults.month_first, Order.MIXED: faults.mixed_order}.get(order)
        beside = faults.side_by_side(record, self.columns)
        problems = tuple(filter(None, (problem, told and told(record, self.columns), beside)))
        return Skipped(record.number, Reason.HEADER, self._frame.sheet, problems, record.cells)

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
        """A line between the rows: a few words in the first column alone, where no row has its concern or place.

        It may be the end of the row before, broken off where a line break stood without quotes.
        """
        places = self.columns.places
        return (
            bool(record.cells[0])
            and not any(record.cells[1:])
            and len(self.columns.names) >= 3
            and len(record.cells[0]) <= _LONGEST_HEADING
            and len(_DELIMITERS.findall(record.cells[0])) < 3
            and 0 not in (*places[Role.TEXT], *places.get(Role.PLACE, ()))
        )

    def _row(self, record: Record, problems: list[Problem]) -> Row | Rejected:
        when = self._calendar.read(record, self.columns, problems)
        place = self._place(record, problems)
        raw = self._frame.encode(record.text)
        fault = faults.fault(record, self.columns, self._frame.shape)
        if fault is not None:
            self._above = _Above(place)
            written = self._written_out(record, when, place)
            return Rejected(record.number, raw, self.columns.names, written, (fault,), self._frame.sheet)
        moment = when.moment()
        message = self._message(record, when, moment, place, problems)
        if message.text and not message.follows:
            self._above = _Above(place, self._text(place)[0], message.identity)
        received = moment or self._frame.fallback
        sheet, noted = self._frame.sheet, tuple(problems)
        beside = self.columns.beside(record.cells)
        return Row(record.number, received, raw, message, noted, sheet, record.cells, beside)

    def _message(
        self, record: Record, when: When, moment: datetime | None, place: str, problems: list[Problem]
    ) -> Message:
        text, follows = self._text(place)
        remark = self._said[Role.REMARK]
        contact = self._contact(record, problems)
        name, lost = cells.caller(self._said[Role.CALLER])
        if lost:
            problems.append(self._problem(record, Role.CALLER, lost, "Bitte den Namen in der Liste neu eintippen."))
        subject = self._said[Role.CATEGORY]
        kind = cells.kind(
            text=text or remark,
            status=self._said[Role.STATUS],
            direction=self._direction(record, alone=bool(text or remark)),
            prefix=self._frame.prefix,
        )
        body = "\n".join(filter(None, (text, remark)))
        return Message(
            channel=_one_line(self._said[Role.CHANNEL]) or self._frame.channel,
            identity=self._identity(when, place, text or subject or remark, contact, (name, contact, remark)),
            subject="" if subject and folded(subject) == folded(text) else _one_line(subject),
            from_name=_one_line(name),
            contact=contact,
            place=self._whole_place(place),
            date=moment if when.minute is not None else None,
            text=body,
            new_text=body,
            kind=kind,
            case_number=cells.case_number(body, self._frame.prefix) if kind is Kind.OUTGOING_CALL else "",
            follows=follows,
            consent=cells.yes_or_no(self._said[Role.CONSENT]),
            problems=(*[problem.what for problem in problems], *self._notes(text, kind)),
        )

    def _direction(self, record: Record, *, alone: bool) -> str:
        """Incoming, missed or outgoing: by its column ``alone``, or by any cell."""
        written = self._said[Role.DIRECTION]
        told = ""
        if written:
            told = self.columns.system.direction(written) if self.columns.system else systems.state(written)
        return told if told or alone else next(filter(None, map(systems.state, record.cells)), "")

    def _identity(self, when: When, place: str, text: str, contact: str, besides: tuple[str, ...]) -> bytes:
        """The row's fingerprint; equal tally marks of a day, which have no time, are counted.

        Of two calls in one minute with the same words the second is another one, if anything ``besides`` (caller,
        number, remark) differs: two neighbours report alike.
        """
        first = identity.fingerprint(day=when.day, minute=when.minute, place=place, text=text, contact=contact)
        if when.minute is not None:
            before = self._besides.setdefault(first, besides)
            said = tuple(map(squeezed, besides)) if before != besides else besides
            if before == besides or said == tuple(map(squeezed, before)):
                if len(self._besides) > _NEAR:  # calls of one minute stand near each other; memory stays as it is
                    del self._besides[next(iter(self._besides))]
                return first
            return identity.fingerprint(
                day=when.day, minute=when.minute, place=place, text=" ".join((text, *said)), contact=contact
            )
        nth = self._tallies[first]
        self._tallies[first] += 1
        return identity.fingerprint(day=when.day, minute=None, place=place, text=text, contact=contact, nth=nth)

    def _notes(self, text: str, kind: Kind) -> list[str]:
        """What staff wrote beside the concern, for the desk: never a recipient, never part of a letter."""
        notes: list[str] = []
        if forward := self._said[Role.FORWARD]:
            notes += _forwarded(self.columns.name(Role.FORWARD), _one_line(forward))
        if cells.yes_or_no(self._said[Role.CALLBACK]):
            notes.append("Laut Liste wird ein Rückruf gewünscht.")
        if not (text or self._said[Role.REMARK]) and kind is Kind.ORDINARY:
            notes.append("In der Liste steht zu diesem Anruf kein Anliegen.")
        return notes

    def _text(self, place: str) -> tuple[str, bytes]:
        """The concern, and the identity of the row that it only adds to ("s. o." about the same place)."""
        text = self._said[Role.TEXT]
        rest = cells.back_reference(text)
        if rest is None or not self._above.identity:
            return text, b""
        if place == self._above.place:
            return text, self._above.identity
        return ", ".join(filter(None, (self._above.text, rest))), b""

    def _place(self, record: Record, problems: list[Problem]) -> str:
        written = _one_line(self._said[Role.PLACE])
        rest = cells.back_reference(written)
        if rest is not None:
            return " ".join(filter(None, (self._above.place, rest)))
        if cells.lost(written):
            what = "Der Ort ist beim Speichern in Excel verloren gegangen."
            problems.append(self._problem(record, Role.PLACE, what, "Bitte den Ort in der Liste neu eintippen."))
            return ""
        place, suspicion = cells.place(" ".join(filter(None, (written, self._said[Role.HOUSE]))))
        if suspicion:
            advice = "Bitte prüfen Sie die Hausnummer und formatieren Sie die Spalte in Excel als Text."
            problems.append(self._problem(record, Role.PLACE, suspicion, advice))
        return place

    def _whole_place(self, place: str) -> str:
        district = _one_line(self._said[Role.DISTRICT])
        if not district:
            return place
        known = cells.back_reference(district) is not None or folded(district) in folded(place)
        return place if known else ", ".join(filter(None, (place, district)))

    def _contact(self, record: Record, problems: list[Problem]) -> str:
        contact, lost = cells.phone(self._said[Role.PHONE])
        if lost:
            advice = "Bitte formatieren Sie die Spalte in Excel als Text und tippen Sie die Nummer neu."
            problems.append(self._problem(record, Role.PHONE, lost, advice))
        return _one_line(contact or cells.phone_within(self._said[Role.CALLBACK]))

    def _written_out(self, record: Record, when: When, place: str) -> tuple[str, ...]:
        """The cells with what was carried down into them, so that the row can stand alone."""
        written = [*record.cells, *[""] * (len(self.columns.names) - len(record.cells))]
        for role, value in ((Role.DATE, f"{when.day:%d.%m.%Y}" if when.day else ""), (Role.PLACE, place)):
            at = self.columns.places.get(role, ())
            if at and value and (not written[at[0]] or cells.back_reference(written[at[0]]) is not None):
                written[at[0]] = value
        return tuple(written)

    def _problem(self, record: Record, role: Role, what: str, advice: str) -> Problem:
        return faults.problem(record, self.columns, role, what, advice)


@lru_cache(512)
def _forwarded(column: str, said: str) -> tuple[str, ...]:
    """A sentence on the body that staff named; nothing for a bare "-" or "?"."""
    return (f"In der Liste steht unter „{column}“: {said}.",) if folded(said) else ()


def _one_line(cell: str) -> str:
    return cell.replace("\n", " ") if "\n" in cell else cell
