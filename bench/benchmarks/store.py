"""``status``, ``list`` and a pass with nothing due, on a database of years against a small one.

The databases are filled by SQL with what the program itself would have left there: messages, decisions, cases, open
concerns, forwards that have been sent, letters and deliveries. Whole commands are timed, in turn, medians. All
concerns are open, the worst case for ``list``: nobody has ever closed one.
"""

import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench import report
from bench.options import Options
from bench.support import installation, mailbox, measured
from intake import storage
from intake.storage import tables as stored
from routing.store import migrations, tables
from tests.servers.smtp import SmtpSink

SMALL = 1_000
ROUNDS = 5
MOST = 3
CHUNK = 10_000
FINGERPRINT = "0" * 64


def measure(options: Options) -> Iterator[report.Row]:
    root = options.root
    with mailbox.post_office(root, 0, (), security=options.security, seed=options.seed) as post, SmtpSink() as smtp:
        configs = {}
        for size in (SMALL, options.concerns):
            configs[size] = installation.write(root / f"store{size}", post, post.fill(), smtp.port)
            fill(configs[size], size)
            _run(configs[size], "once")  # the first pass over a new mailbox is another matter
        for name, what in (("status", "status"), ("list", "list"), ("once", "a pass with nothing due")):
            small, big = _compare(list(configs.values()), name)
            against = f"{SMALL} concerns: {small * 1000:.0f} ms"
            title = f"{what}, {options.concerns} concerns"
            yield report.at_most(title, f"{big * 1000:.0f} ms", against, big / small, MOST, f"<= {MOST} x")


def _compare(configs: Sequence[Path], command: str) -> tuple[float, ...]:
    runs = [[_run(config, command) for config in configs] for _ in range(ROUNDS)]
    return tuple(statistics.median(values) for values in zip(*runs, strict=True))


def _run(config: Path, command: str) -> float:
    run = installation.command(config, command)
    return measured.run(run, environment=installation.ENVIRONMENT, exit_codes=(0, 4)).seconds


def fill(config: Path, count: int) -> None:
    """Make the database of an installation with so many concerns, all open and sent."""
    path = installation.database(config)
    path.parent.mkdir(exist_ok=True)
    engine = storage.create(storage.url_of_file(path))
    try:
        migrations.upgrade(engine)
        with storage.writing(engine) as connection:
            _snapshot(connection)
            connection.execute(tables.counters.insert(), {"name": "KOD-2020", "value": count})
        for start in range(1, count + 1, CHUNK):
            with storage.writing(engine) as connection:
                _chunk(connection, range(start, min(start + CHUNK, count + 1)), count)
    finally:
        engine.dispose()


def _snapshot(connection: Connection) -> None:
    now = datetime.now(UTC)
    values = {"fingerprint": FINGERPRINT, "version": "0", "texts": {}, "first_used": now}
    connection.execute(tables.snapshots.insert(), values)


def _chunk(connection: Connection, numbers: range, count: int) -> None:
    first = datetime.now(UTC) - timedelta(minutes=count)
    moments = {number: first + timedelta(minutes=number) for number in numbers}
    rows: dict[Any, list[dict[str, Any]]] = {
        stored.messages: [_message(number, moments[number]) for number in numbers],
        stored.raw_messages: [{"message_id": number, "data": b"x" * 200} for number in numbers],
        stored.arrivals: [
            {"source": "alt", "key": str(number), "message_id": number, "seen_at": moments[number]}
            for number in numbers
        ],
        tables.cases: [
            {"id": number, "number": _case(number), "opened_at": moments[number], "message_id": number}
            for number in numbers
        ],
        tables.decisions: [_decision(number, moments[number]) for number in numbers],
        tables.concerns: [_concern(number, moments[number]) for number in numbers],
        tables.letters: [_letter(number, moments[number]) for number in numbers],
        tables.forwards: [_forward(number, moments[number]) for number in numbers],
        tables.deliveries: [_delivery(number, moments[number]) for number in numbers],
    }
    for table, values in rows.items():
        connection.execute(table.insert(), [_filled(table) | row for row in values])


def _filled(table: sa.Table) -> dict[str, Any]:
    """What a row needs that says nothing more: empty texts and lists, no."""
    empty: dict[type, Any] = {str: "", bool: False, bytes: b"", dict: [], int: 0}
    return {
        column.name: empty[column.type.python_type]
        for column in table.columns
        if not (column.nullable or column.primary_key or column.foreign_keys) and column.type.python_type in empty
    }


def _case(number: int) -> str:
    return f"KOD-2020-{number:06}"


def _message(number: int, moment: datetime) -> dict[str, Any]:
    empty = dict.fromkeys(("from_name", "from_addr", "reply_to", "contact", "place", "automatic", "kind"), "")
    return empty | {
        "id": number,
        "identity": number.to_bytes(32, "big"),
        "channel": "E-Mail",
        "source": "alt",
        "received_at": moment,
        "stored_at": moment,
        "subject": f"Meldung {number}",
        "date": moment,
        "text": "Müll an der Rheinstraße",
        "new_text": "Müll an der Rheinstraße",
        "attachments": [],
        "mail_id": f"{number}@example.org",
        "references": [],
        "follows": b"",
        "consent": None,
        "problems": [],
        "size": 200,
    }


def _decision(number: int, moment: datetime) -> dict[str, Any]:
    return {
        "message_id": number,
        "case_id": number,
        "at": moment,
        "actor": "kod-intake",
        "state": "routed",
        "kind": "concern",
        "category": "Müll",
        "urgency": "sammel",
        "recipients": ["gsak"],
        "reason": "",
        "detail": {
            "concerns": [{"recipients": ["gsak"], "state": "routed", "urgency": "sammel", "matches": []}],
            "alert": False,
        },
        "fingerprint": FINGERPRINT,
    }


def _concern(number: int, moment: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "case_id": number,
        "message_id": number,
        "position": 1,
        "state": "open",
        "category": "Müll",
        "category_id": "S01",
        "urgency": "sammel",
        "place": "Rheinstraße",
        "district": "",
        "opened_at": moment,
    }


def _letter(number: int, moment: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "mail_id": f"{number}@kod.invalid",
        "recipient": "gsak",
        "urgency": "sammel",
        "sender": "kod@krefeld.invalid",
        "subject": "Sammelliste",
        "raw": b"x" * 200,
        "composed_at": moment,
        "resend_of": None,
    }


def _forward(number: int, moment: datetime) -> dict[str, Any]:
    return {
        "concern_id": number,
        "recipient": "gsak",
        "urgency": "sammel",
        "template": "forward",
        "planned_at": moment,
        "due_at": moment,
        "state": "composed",
        "letter_id": number,
    }


def _delivery(number: int, moment: datetime) -> dict[str, Any]:
    return {
        "letter_id": number,
        "address": "leitstelle@gsak.invalid",
        "state": "sent",
        "due_at": moment,
        "attempts": 1,
        "in_doubt": False,
        "instance": "",
        "started_at": moment,
        "finished_at": moment,
        "reply": "250 ok",
    }
