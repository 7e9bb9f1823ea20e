"""check, explain, classify, schema: questions to the rules. They touch nothing and need no network, no database."""

import contextlib
import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from intake import errors, mail, wording
from intake.message import Message
from routing.cli import german
from routing.cli.door import Door
from routing.concern import Decision

MAIL_HEADER = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@click.command(cls=german.Command)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[DATEI]")
@click.pass_obj
def check(door: Door, file: Path | None) -> int:
    """config.toml und Vorlagen prüfen, Beispiele der Regeln nachrechnen."""
    from routing import config, letter  # noqa: PLC0415

    path = file or door.config_path()
    try:
        configuration = config.load(path, environ=door.environ)
    except config.ConfigurationError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    settings = configuration.settings
    names = {recipient.template for recipient in settings.recipients.values()}
    broken = letter.check(letter.environment(settings.files.templates, config.shipped_templates()), sorted(names))
    for problem in broken:
        click.echo(problem, err=True)
    for warning in configuration.warnings:
        click.echo(f"Hinweis: {warning}")
    if broken:
        return 3
    tests = sum(len(rule.tests) for rule in settings.rules) + sum(len(kind.tests) for kind in settings.kinds)
    click.echo(
        f"{path}: in Ordnung. {wording.counted(len(settings.rules), 'Regel', 'Regeln')}, "
        f"{wording.counted(tests, 'Beispiel', 'Beispiele')} nachgerechnet, "
        f"{wording.counted(len(settings.recipients), 'Stelle', 'Stellen')}. "
        f"Prüfsumme {configuration.fingerprint[:12]}."
    )
    return 0


@click.command(cls=german.Command)
@click.argument("files", nargs=-1, required=True, metavar="DATEI …")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Datei.")
@click.pass_obj
def explain(door: Door, files: tuple[str, ...], as_json: bool) -> int:  # noqa: FBT001  (click's way)
    """Was mit einer Nachricht geschähe, und warum (- = Text von der Standardeingabe)."""
    from routing import config, rules  # noqa: PLC0415

    configuration = config.load(door.config_path(), environ=door.environ)
    rule_set, _ = rules.build(configuration.settings, configuration.vocabulary, configuration.gazetteer)
    failed = 0
    for name in files:
        try:
            message = _message(name)
        except OSError as error:
            failed = 1
            click.echo(german.unreadable(name, error), err=True)
            continue
        decision = rules.classify(message, rule_set)
        if as_json:
            sys.stdout.write(json.dumps(as_values(name, message, decision), ensure_ascii=False) + "\n")
        else:
            heading = "" if name == "-" else click.style(name, bold=True) + "\n"
            click.echo(f"{heading}{rules.explain(decision, message)}\n")
    return failed


def _message(name: str) -> Message:
    now = datetime.now(UTC)
    if name == "-":
        return _text(sys.stdin.buffer.read())
    path = Path(name)
    raw = path.read_bytes()
    if path.suffix.lower() == ".txt" and not _looks_like_mail(raw):
        return _text(raw)
    return mail.parse(raw, received_at=now)


def _text(raw: bytes) -> Message:
    try:
        return _of_text(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _of_text(raw.decode("cp1252", errors="replace"))


def _of_text(text: str) -> Message:
    """A bare text, as if a citizen had written it in a mail without a subject."""
    return Message(channel="Text", identity=hashlib.sha256(text.encode()).digest(), text=text, new_text=text)


def _looks_like_mail(raw: bytes) -> bool:
    name, colon, _ = raw.lstrip(b"\xef\xbb\xbf\r\n").partition(b"\n")[0].partition(b":")
    return bool(colon) and bool(name) and MAIL_HEADER.issuperset(name)


def as_values(name: str, message: Message, decision: Decision) -> dict[str, Any]:
    """What ``explain --json`` prints for one file (design, "Commands")."""
    concerns = [
        {
            "category": concern.category,
            "id": concern.category_id,
            "recipients": list(concern.recipients),
            "urgency": concern.urgency,
            "rules": list(concern.rules),
            "matches": [asdict(match) for match in concern.matches],
        }
        for concern in decision.concerns
    ]
    return {
        "file": name,
        "message": {
            "subject": message.subject,
            "from_name": message.from_name,
            "from_addr": message.from_addr,
            "date": message.date.isoformat() if message.date else None,
            "text": message.text,
            "new_text": message.new_text,
            "attachments": [asdict(attachment) for attachment in message.attachments],
            "message_id": message.message_id,
            "automatic": message.automatic,
        },
        "decision": {
            "state": decision.state,
            "kind": decision.kind,
            "category": ", ".join(dict.fromkeys(concern.category for concern in decision.concerns)),
            "recipients": list(decision.recipients),
            "urgency": decision.urgency,
            "concerns": concerns,
            "near_misses": [asdict(miss) for miss in decision.near_misses],
            "places": [asdict(place) for place in decision.places],
            "reason": decision.reason,
        },
        "problems": list(message.problems),
    }


@click.command(cls=german.Command)
@click.argument("table", type=german.ExistingFile(), metavar="TABELLE")
@click.option("--column", default="text", metavar="SPALTE", help="Spalte mit dem Text (sonst: text).")
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="DATEI", help="Neue Tabelle.")
@click.pass_obj
def classify(door: Door, table: Path, column: str, output: Path) -> int:
    """Jede Zeile einer Tabelle einordnen und das Ergebnis daneben schreiben."""
    from routing import config, rules  # noqa: PLC0415

    configuration = config.load(door.config_path(), environ=door.environ)
    rule_set, _ = rules.build(configuration.settings, configuration.vocabulary, configuration.gazetteer)
    with _named(table):
        header, rows = _table(table)
    if column not in header:
        guess = wording.did_you_mean(column, header)
        raise errors.UsageError(f"Die Tabelle {table} hat keine Spalte „{column}“.{guess}")
    if not output.parent.is_dir():
        raise errors.IntakeError(f"Den Ordner {output.parent} gibt es nicht.")
    index = header.index(column)
    count = 0
    with _named(output), output.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([*header, "category", "recipients", "urgency", "state", "rules", "matches"])
        for row in rows:
            text = row[index] if index < len(row) else ""
            decision = rules.classify(_of_text(text), rule_set)
            writer.writerow([*row, *[""] * (len(header) - len(row)), *_columns(decision)])
            count += 1
    click.echo(f"{wording.counted(count, 'Zeile', 'Zeilen')} eingeordnet: {output}")
    return 0


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say in German why the file cannot be read or written; raises IntakeError."""
    try:
        yield
    except OSError as error:
        raise errors.IntakeError(german.unreadable(str(path), error)) from error


def _table(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    csv.field_size_limit(100_000_000)
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    return next(rows, []), rows


def _columns(decision: Decision) -> list[str]:
    concerns = decision.concerns
    return [
        ", ".join(dict.fromkeys(concern.category for concern in concerns)),
        ", ".join(decision.recipients),
        decision.urgency or "",
        decision.state,
        ", ".join(dict.fromkeys(rule for concern in concerns for rule in concern.rules)),
        ", ".join(dict.fromkeys(match.found for concern in concerns for match in concern.matches)),
    ]


@click.command(cls=german.Command)
def schema() -> None:
    """Das JSON-Schema von config.toml, für Editoren."""
    from routing import config  # noqa: PLC0415

    click.echo(json.dumps(config.schema(), ensure_ascii=False, indent=2))


COMMANDS = (check, explain, classify, schema)
