"""What comes of messages without any server: stored, decided, and made into letters some days later."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from intake import mail, storage
from intake.message import Arrival, Message
from routing import rules
from routing.config import loader
from routing.letters import Templates
from routing.model.settings import Configuration
from routing.pipeline import deliver, dispatch
from routing.store import migrations, tables
from tests.routing.letters.test_letters import TEMPLATES
from tests.support import journeys

NOW = datetime(2026, 6, 9, 7, 0, tzinfo=UTC)
CONFIG = f"""
{journeys.CITY}[smtp]
host = "127.0.0.1"
port = 25
security = "none"
from = "weiterleitung@krefeld.invalid"
[operator]
address = "betrieb@krefeld.invalid"
[recipients.gsak]
name = "GSAK"
address = "leitstelle@gsak.invalid"
schedule = "Mo-Fr 13:00"
[recipients.ngn]
name = "NGN"
address = "stoerung@ngn.invalid"
[recipients.kbk]
name = "KBK"
address = "hinweise@kbk.invalid"
schedule = "Mo-Fr 13:00"
share = ["contact"]
[recipients.kod]
name = "KOD-Leitstelle"
address = "kod-leitstelle@krefeld.invalid"
schedule = "Mo-So 08:15"
inside = true
[[rules]]
name = "Müll"
category = "Abfall / Müllablagerung"
recipient = "gsak"
urgency = "sammel"
keywords = ["müllsack", "matratze"]
[[rules]]
name = "Laterne"
category = "Beleuchtung auf Wegen und Straßen"
recipient = "ngn"
urgency = "heute"
keywords = ["laterne"]
[[rules]]
name = "Hund"
category = "Hunde"
recipient = "kod"
urgency = "sammel"
keywords = ["hund"]
[[rules]]
name = "Ratten"
category = "Ratten"
recipient = ["kbk", "kod"]
urgency = "liste"
keywords = ["ratte"]
[[rules]]
name = "Ölspur"
category = "Ölspur"
recipient = ["kbk", "kod"]
urgency = "sofort"
keywords = ["ölspur"]
"""


def configured(folder: Path) -> Configuration:
    """The configuration above, loaded."""
    path = folder / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return loader.load(path)


def message(number: int, text: str, **more: Any) -> Message:
    """A row of a phone log."""
    values = {"channel": "Telefon", "identity": number.to_bytes(32), "text": text, "new_text": text}
    return Message(**(values | more))


def rows(*texts: str) -> list[Arrival]:
    """Rows of a phone log, as they arrive."""
    return [
        Arrival(source="telefon", key=f"{number}", received_at=NOW, raw=b"", message=message(number, text))
        for number, text in enumerate(texts)
    ]


def mails(*raw: bytes) -> list[Arrival]:
    """Mails as they arrive."""
    return [
        Arrival(source="kod", key=f"INBOX;1;{uid}", received_at=NOW, raw=one, message=mail.parse(one, received_at=NOW))
        for uid, one in enumerate(raw)
    ]


@contextlib.contextmanager
def worked(
    folder: Path, configuration: Configuration, arrivals: Sequence[Arrival], templates: Templates = TEMPLATES
) -> Iterator[Engine]:
    """A store in which these were received, decided and, some days later, made into letters."""
    engine = storage.create(storage.url_of_file(folder / "kod.sqlite"))
    migrations.upgrade(engine)
    with storage.writing(engine) as connection:
        storage.add(connection, arrivals, NOW)
    rule_set, _ = rules.compiled(configuration)
    passes = iter(range(100))  # an endless round must fail, not hang
    while dispatch.batch(engine, configuration, rule_set, NOW).total:
        next(passes)
    while deliver.freeze_due(engine, configuration, templates, NOW + timedelta(days=8)).forwards:
        next(passes)
    yield engine
    engine.dispose()


def letters(engine: Engine) -> list[Any]:
    """The rows of the frozen letters, in order."""
    with storage.reading(engine) as connection:
        return list(connection.execute(sa.select(tables.letters).order_by(tables.letters.c.id)))
