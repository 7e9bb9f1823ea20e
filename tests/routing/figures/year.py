"""A year of a city by a seed, as rows: every state that a concern, a forward, a letter and an answer can have."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from intake import storage
from intake.message import Arrival, Message
from routing.store import tables

BEGIN = datetime(2025, 12, 20, tzinfo=UTC)
"""Some days before the year, so that its borders and the time before it are counted, too."""
DAYS = 385
CHANNELS = (
    "E-Mail",
    "E-Mail",
    "E-Mail",
    "Telefon",
    "Telefon",
    "Kontaktpunkt City",
    "Kontaktpunkt",
    "Dialogtag",
    "=1+1",
)
CATEGORIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Abfall / Müllablagerung", "S01", ("gsak",)),
    ("Straßenbeleuchtung", "I01", ("ngn",)),
    ("Ölspur", "I09", ("kbk", "kod")),
    ("", "", ("kod",)),
)
DISTRICTS = ("Stadtmitte", "Hüls", "Uerdingen", "")
PLACES = ("Ostwall 12", "Ostwall 3, im Hof", "Rheinstraße", "bei Frau Muster im Hof", "Am Unbekannten Weg 4", "")
URGENCIES = ("sofort", "heute", "sammel", "liste")
ANSWERS = ("", "", "done", "commissioned", "refused", "received")


class Year:
    """Puts rows together, and into the database when they are many."""

    def __init__(self, engine: sa.Engine, seed: int) -> None:
        self._engine = engine
        self._random = random.Random(seed)
        self._rows: dict[sa.Table, list[dict[str, Any]]] = defaultdict(list)
        self._ids: dict[sa.Table, int] = defaultdict(int)

    def fill(self, messages: int) -> None:
        with storage.writing(self._engine) as connection:
            values = {"fingerprint": "x", "version": "1", "texts": {}, "first_used": BEGIN}
            connection.execute(sa.insert(tables.snapshots).values(values))
            items = [self._arrival(number) for number in range(messages)]
            ids = storage.add(connection, items, BEGIN).new
            storage.decided(connection, ids)
            for number, item in zip(ids, items, strict=True):
                self._message(number, item.received_at)
            for table in storage.metadata.sorted_tables:  # what is named first
                if self._rows[table]:
                    connection.execute(sa.insert(table), self._rows[table])

    def _arrival(self, number: int) -> Arrival:
        at = BEGIN + timedelta(seconds=self._random.uniform(0, DAYS * 86_400))
        message = Message(
            channel=self._random.choice(CHANNELS),
            identity=number.to_bytes(32, "big"),
            subject=f"Hinweis {number}",
            from_addr=f"anna{number}@example.org",
            message_id=f"{number}@example.org",
            date=at,
        )
        return Arrival(source="kod", key=f"INBOX;1;{number}", received_at=at, raw=b"", message=message)

    def _add(self, table: sa.Table, **values: Any) -> int:
        self._ids[table] += 1
        self._rows[table].append({"id": self._ids[table]} | values)
        return self._ids[table]

    def _later(self, at: datetime, hours: float) -> datetime:
        return at + timedelta(hours=self._random.expovariate(1 / hours))

    def _message(self, message: int, at: datetime) -> None:
        chance = self._random.random()
        if chance < 0.1:
            self._decision(message, None, at, self._random.choice(("thanks", "spam", "automatic")), "kept")
            return
        if chance < 0.2 and self._ids[tables.cases]:
            case = self._random.randint(1, self._ids[tables.cases])
            kind = self._random.choice(("repeat", "repeat", "supplement", "follow-up", "answer"))
            self._decision(message, case, at, kind, "kept")
            return
        number = f"KOD-2026-{self._ids[tables.cases] + 1:06}"
        case = self._add(tables.cases, number=number, opened_at=at, message_id=message)
        chosen = [self._random.choice(CATEGORIES) for _ in range(self._random.choice((1, 1, 1, 2, 3)))]
        self._decided(message, case, at, chosen)
        for position, (category, category_id, bodies) in enumerate(chosen, 1):
            state = self._random.choice(("open", "closed", "closed", "closed", "answered", "review", "replaced"))
            concern = self._add(
                tables.concerns,
                case_id=case,
                message_id=message,
                position=position,
                state=state,
                category=category,
                category_id=category_id,
                urgency=self._random.choice(URGENCIES),
                place=self._random.choice(PLACES),
                district=self._random.choice(DISTRICTS),
                opened_at=at,
            )
            for body in bodies if self._random.random() < 0.9 else ():
                self._forward(concern, body, at)
        if self._random.random() < 0.7:
            action = self._random.choice(("closed", "closed", "answered"))
            values = {"action": action, "case_id": case, "message_id": None, "detail": "zu"}
            self._add(storage.metadata.tables["events"], at=self._later(at, 200), actor="anna", **values)

    def _decided(self, message: int, case: int, at: datetime, chosen: list[tuple[str, str, tuple[str, ...]]]) -> None:
        state = self._random.choice(("routed", "routed", "routed", "review"))
        decided = self._later(at, 0.1)
        told = [
            {
                "category": category,
                "state": self._random.choice(("routed", "routed", "routed", "review")),
                "recipients": list(bodies),
                "rules": [category],
            }
            for category, _, bodies in chosen
        ]
        self._decision(message, case, decided, "concern", state, detail={"concerns": told})
        if self._random.random() < 0.2:
            self._decision(message, case, self._later(decided, 5), "concern", "routed", actor="anna")

    def _decision(self, message: int, case: int | None, at: datetime, kind: str, state: str, **more: Any) -> None:
        values = {"actor": "daemon", "category": "x", "urgency": "", "recipients": [], "reason": "", "detail": {}}
        values |= {"message_id": message, "case_id": case, "at": at, "kind": kind, "state": state} | more
        self._add(tables.decisions, **values, fingerprint="x")

    def _forward(self, concern: int, body: str, at: datetime) -> None:
        for further in (False, True) if self._random.random() < 0.1 else (False,):
            state = self._random.choice(("composed", "composed", "composed", "planned", "cancelled"))
            letter = self._letter(body, at) if state == "composed" else None
            answer = self._random.choice(ANSWERS) if letter else ""
            values = {"concern_id": concern, "recipient": body, "urgency": "sammel", "template": "x", "state": state}
            values |= {"report_id": 1 if further else None, "planned_at": at, "due_at": at, "letter_id": letter}
            values |= {"answer": answer, "answered_at": self._later(at, 100) if answer else None}
            self._add(tables.forwards, **values)

    def _letter(self, body: str, at: datetime) -> int:
        number = self._ids[tables.letters] + 1
        values = {"recipient": body, "urgency": "sammel", "sender": "x", "subject": "x", "raw": b"", "composed_at": at}
        letter = self._add(tables.letters, mail_id=f"{number}@krefeld", **values)
        for address in ("a@b.invalid", "c@d.invalid")[: self._random.choice((1, 2))]:
            state = self._random.choice(("sent", "sent", "sent", "parked"))
            values = {"letter_id": letter, "address": address, "state": state, "due_at": at, "attempts": 1}
            values |= {"in_doubt": False, "instance": "", "finished_at": self._later(at, 8), "reply": "250"}
            self._add(tables.deliveries, **values)
        return letter
