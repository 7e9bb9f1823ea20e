"""A year of a city, measured: ``python -m tests.routing.privacy.year [--messages 30000] [--bytes 2000]``.

Rows as the daemon writes them (a message with bytes, a decision, a case, its letter, its delivery) over a year, all
closed on the day after. Prints the size before and after, and processor time of the first night and of a night
that has a day's worth to do.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from intake import storage
from intake.message import Arrival, Message
from routing.model.retention import RetentionSettings
from routing.privacy.deletion import retention
from routing.store import migrations, tables

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 1_000


def arrivals(first: int, count: int, size: int, step: timedelta) -> Iterator[Arrival]:
    for number in range(first, first + count):
        at = BEGIN + number * step
        message = Message(
            channel="E-Mail",
            identity=number.to_bytes(32, "big"),
            subject=f"Hinweis {number}",
            from_addr=f"anna{number}@example.org",
            message_id=f"{number}@example.org",
            text="Hier liegen Müllsäcke an der Rheinstraße. " * 20,
            new_text="Hier liegen Müllsäcke an der Rheinstraße. " * 20,
            date=at,
        )
        yield Arrival(source="kod", key=f"INBOX;1;{number}", received_at=at, raw=os.urandom(size), message=message)


def fill(engine: sa.Engine, count: int, size: int) -> None:
    step = timedelta(days=365) / count
    with storage.writing(engine) as connection:
        values = {"fingerprint": "x", "version": "1", "texts": {}, "first_used": BEGIN}
        connection.execute(sa.insert(tables.snapshots).values(values))
    for first in range(0, count, AT_ONCE):
        with storage.writing(engine) as connection:
            items = list(arrivals(first, min(AT_ONCE, count - first), size, step))
            ids = storage.add(connection, items, items[0].received_at).new
            storage.decided(connection, ids)
            rows: dict[sa.Table, list[dict[str, Any]]] = {}
            for number, item in zip(ids, items, strict=True):
                for table, row in _rows(number, item.received_at):
                    rows.setdefault(table, []).append(row)
            for table, some in rows.items():
                connection.execute(sa.insert(table), some)


def _rows(number: int, at: datetime) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    key = {"id": number}
    yield tables.cases, key | {"number": f"KOD-2026-{number:06}", "opened_at": at, "message_id": number}
    words = {"category": "Müll", "urgency": "sammel", "state": "routed", "kind": "concern", "fingerprint": "x"}
    detail = {"concerns": [{"category": "Müll", "state": "routed", "recipients": ["gsak"], "rules": ["Müll"]}]}
    decision = words | {"message_id": number, "case_id": number, "at": at, "actor": "daemon", "reason": "Müllsäcke"}
    yield tables.decisions, key | decision | {"recipients": ["gsak"], "detail": detail}
    concern = {"case_id": number, "message_id": number, "position": 1, "state": "closed", "category": "Müll"}
    concern |= {"category_id": "S01", "urgency": "sammel", "place": "Rheinstraße 1", "district": "Mitte"}
    yield tables.concerns, key | concern | {"opened_at": at}
    letter = {"mail_id": f"{number}@krefeld", "recipient": "gsak", "urgency": "sammel", "sender": "x", "subject": "x"}
    yield tables.letters, key | letter | {"raw": os.urandom(2_000), "composed_at": at, "addresses": 1, "forwards": 1}
    forward = {"concern_id": number, "recipient": "gsak", "urgency": "sammel", "template": "x", "state": "composed"}
    yield tables.forwards, key | forward | {"planned_at": at, "due_at": at, "letter_id": number}
    delivery = {"letter_id": number, "address": "a@b", "state": "sent", "due_at": at, "attempts": 1, "instance": ""}
    yield tables.deliveries, key | delivery | {"in_doubt": False, "finished_at": at, "reply": "250"}
    event = {"at": at + timedelta(days=1), "actor": "anna", "action": "closed", "case_id": number, "detail": "zu"}
    yield storage.metadata.tables["events"], key | event


def size_of(path: Path) -> str:
    return f"{sum(one.stat().st_size for one in path.parent.glob(f'{path.name}*')) / 1e6:.0f} MB"


def night(engine: sa.Engine, now: datetime) -> str:
    began, real = time.process_time(), time.monotonic()
    gone = retention.run(engine, RetentionSettings(), now)
    pages = storage.shrink(engine)
    spent, passed = time.process_time() - began, time.monotonic() - real
    counts = ", ".join(f"{one.count} {one.place}" for one in gone if one.count)
    return f"{spent:.1f} s of processor time ({passed:.0f} s passed), {pages} pages given back: {counts}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--bytes", type=int, default=14_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kod.sqlite"
        engine = storage.create(storage.url_of_file(path))
        migrations.upgrade(engine)
        fill(engine, asked.messages, asked.bytes)
        year = BEGIN + timedelta(days=365)
        print(f"{asked.messages} messages of {asked.bytes} bytes: {size_of(path)}")
        print(f"first night: {night(engine, year)}")
        print(f"then: {size_of(path)}")
        print(f"a day later: {night(engine, year + timedelta(days=1))}")
        engine.dispose()


if __name__ == "__main__":
    main()
