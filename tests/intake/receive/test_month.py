"""Thirty days of one list, kept as people keep it: the store ends with exactly the right concerns and forwards.

Each day calls are added and old rows are edited, ticked off and sorted anew; the list is saved under another name, in
another encoding or as a workbook, and sometimes twice. ``KOD_SEED`` tells another month.
"""

import io
import os
import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation

SEED = int(os.environ.get("KOD_SEED", "7"))
DAYS = 30
FIRST = datetime(2026, 6, 1)  # noqa: DTZ001  (a day of the list, as people write it)
HEADER = ("Lfd. Nr.", "Datum", "Uhrzeit", "Anrufer/in", "Tel.-Nr.", "Ort / Straße", "Anliegen", "erledigt")
WRONG = "hat sich verwählt"
MATTERS = {  # words, and who gets a letter
    "eine Ölspur auf der Fahrbahn": ("kbk", "kod"),
    "die Laterne ist dunkel": ("ngn",),
    "zwei Müllsäcke neben dem Papierkorb": ("gsak",),
    "eine Matratze liegt im Gebüsch": ("gsak",),
    "Frage nach dem Fundbüro": (),
    WRONG: (),
}
STREETS = ("Ostwall", "Südwall", "Rheinstraße", "Nordwall", "Königstraße", "Marktstraße", "Hülser Straße")
ENDINGS = (
    ", schon seit Tagen",
    ", bitte bald",
    " – dritter Anruf",
    ", direkt am Spielplatz",
    "; Bürger ist sehr verärgert",
)
NAMES = ("Telefonliste", "Telefonliste (2)", "Kopie von Telefonliste", "Übersicht Anrufe", "telefonliste neu")


@dataclass(frozen=True)
class Call:
    """A row of the list as it stands now; ``number`` is what it will always be."""

    number: int
    at: datetime
    caller: str
    phone: str
    place: str
    matter: str
    text: str
    done: str = ""

    def cells(self) -> tuple[str, ...]:
        day, time = f"{self.at:%d.%m.%Y}", f"{self.at:%H:%M}"
        return (str(self.number), day, time, self.caller, self.phone, self.place, self.text, self.done)


class Office:
    """Those who keep the list."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.calls: list[Call] = []
        self.edited = 0
        self.moved = 0
        self._words: set[tuple[object, ...]] = set()

    def work(self, day: datetime) -> None:
        chance = self.chance
        for index in [*range(max(0, len(self.calls) - 25), len(self.calls))]:
            if chance.random() < 0.12 and self.calls[index].matter != WRONG:
                self._edit(index)
            if chance.random() < 0.3:
                self.calls[index] = replace(self.calls[index], done=chance.choice(("x", "erl.", f"{day:%d.%m.} Kp")))
        for _ in range(chance.randint(2, 7)):
            at = day + timedelta(minutes=chance.randint(8 * 60, 20 * 60))
            caller, phone = chance.choice((("", ""), ("Hr. Müller", "02151 4711"), ("Fr. Yılmaz", "")))
            place = f"{chance.choice(STREETS)} {chance.randint(1, 99)}"
            matter = chance.choice(list(MATTERS))
            call = Call(len(self.calls) + 1, at, caller, phone, place, matter, matter)
            if self._is_unique(call):
                self.calls.append(call)
        if self.calls and chance.random() < 0.5:  # the same words on another day are another call
            old = chance.choice(self.calls)
            again = replace(old, number=len(self.calls) + 1, at=day.replace(hour=21, minute=chance.randint(0, 59)))
            if old.at.date() != day.date() and self._is_unique(again):
                self.calls.append(again)
        if chance.random() < 0.5:
            chance.shuffle(self.calls)

    def _edit(self, index: int) -> None:
        call, chance = self.calls[index], self.chance
        match chance.randrange(5):
            case 0 | 1:
                new = replace(call, text=call.text + chance.choice(ENDINGS))
            case 2:
                new = replace(call, text=call.text.replace("e", "ee", 1) + ".")
            case 3:
                new = replace(call, place=f"{call.place.rsplit(' ', 1)[0]} {chance.randint(100, 199)}")
            case _:
                new = replace(call, at=call.at + timedelta(minutes=chance.choice((-7, 3, 30))))
        if new.at.date() == call.at.date() and self._is_unique(new):
            self.calls[index] = new
            self.edited += 1
            self.moved += new.place != call.place

    def _is_unique(self, call: Call) -> bool:
        """No two calls of the model shall be one by the list's own rules."""
        key = (call.at, call.place, "".join(filter(str.isalnum, call.text.lower())))
        known = key in self._words
        self._words.add(key)
        return not known


def saved(calls: list[Call], chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """The list as a file or two."""
    name = unicodedata.normalize(chance.choice(("NFC", "NFD")), chance.choice(NAMES))
    rows = [HEADER, *(call.cells() for call in calls)]
    for suffix, data in [_file(rows, chance) for _ in range(1 + (chance.random() < 0.3))]:
        yield f"{name}{suffix}", data


def _file(rows: list[tuple[str, ...]], chance: random.Random) -> tuple[str, bytes]:
    kind = chance.choice(("cp1252", "utf-8-sig", "utf-16", "xlsx", "preamble"))
    if kind == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.create_sheet("Juni", 0)
        for row in rows:
            sheet.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return ".xlsx", stream.getvalue()
    delimiter = "\t" if kind == "utf-16" else ";"
    lines = [
        delimiter.join(f'"{cell}"' if set(cell) & set(';"\t') else cell for cell in row).replace("ı", "i")
        for row in rows
    ]
    if kind == "preamble":
        lines = ["Telefonprotokoll KOD;;;;;;;", ";;;;;;;", *lines, "Summe Anrufe;;" + str(len(rows) - 1)]
        kind = "cp1252"
    return (".txt" if kind == "utf-16" else ".csv"), "\r\n".join([*lines, ""]).encode(kind)


def test_thirty_days_of_one_list_bring_every_concern_and_every_letter_once(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place, clock = Installation(tmp_path, dovecot, smtp_sink), Clock("2026-06-01 07:00")
    chance = random.Random(SEED)
    office = Office(chance)
    with place.opened(clock) as work:
        for day in range(DAYS):
            today = FIRST + timedelta(days=day)
            office.work(today)
            clock.set(f"{today:%Y-%m-%d} 22:30")
            for name, data in saved(office.calls, chance):
                file = place.drop / name
                file.write_bytes(data)
                os.utime(file, (clock.now.timestamp(), clock.now.timestamp()))
                received = journeys.receive_files(work)
                assert ([name], [], 0) == (received.files, received.stuck, received.rejected)
            if day % 3 == 0:  # on the other days the daemon is slow to decide
                journeys.work_once(work)
        for _ in range(2):  # all is decided, then all is due
            journeys.work_once(work)
            clock.advance(days=4)

    calls = office.calls
    assert len(calls) + office.edited == place.count("messages", "kind <> 'unread lines'")
    concerns = [call for call in calls if call.matter != WRONG]
    assert len(concerns) == place.count("cases") == place.count("concerns")
    due = Counter(body for call in calls for body in MATTERS[call.matter])
    forwards = place.rows(
        "SELECT recipient, state, report_id, edited FROM forwards LEFT JOIN messages ON messages.id = report_id"
    )
    assert due == Counter(row["recipient"] for row in forwards if row["report_id"] is None)
    assert {"composed"} == {row["state"] for row in forwards}
    corrections = [row for row in forwards if row["report_id"] is not None]  # another place, told after the letter
    assert corrections
    assert all(row["edited"] for row in corrections)
    assert len(corrections) <= 2 * office.moved  # a matter is for two bodies at most
    edits = place.rows("SELECT decisions.kind FROM decisions JOIN messages ON messages.id = message_id WHERE edited")
    assert ["edit"] * office.edited == [row["kind"] for row in edits]
    slicks = [letter.subject for letter in place.letters("kbk") if "lspur" in letter.subject]
    assert due["kbk"] == len([subject for subject in slicks if "Berichtigung" not in subject])
