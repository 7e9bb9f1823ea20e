"""read-log: what a phone log would bring, as a table. It touches nothing: no database, no move, no letter.

``--raw-rows`` shows the table beneath instead: every row's cells as they were read, with its line and what is wrong
with it, whatever the columns mean. ``--delimiter``, ``--quote``, ``--escape`` and ``--encoding`` say what is known of
the file. ``--json`` prints an object a line, each with the cells as they were read.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
from msgspec import structs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from intake import phone_log
from intake.base import did_you_mean, errors, german
from intake.message import Kind
from intake.phone_log.formats import csv
from intake.settings import DropFolderSettings
from routing.cli.context import CommandContext
from routing.cli.output import click_german, printable
from routing.config import loader
from routing.config.problems import ConfigurationError

KINDS = {
    Kind.MISSED_CALL: "verpasster Anruf",
    Kind.WRONG_NUMBER: "verwählt",
    Kind.OUTGOING_CALL: "ausgehender Anruf",
}
WRITTEN = {"tab": "\t", "\\t": "\t", "none": "", "keins": ""}
"""Words for characters that are hard to type."""


@click.command("read-log", cls=click_german.Command)
@click.argument("file", type=click_german.ExistingFile(), metavar="DATEI")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Zeile der Liste.")
@click.option("--folder", metavar="NAME", help="Mit den Angaben dieses Ordners in config.toml (sonst: des ersten).")
@click.option(
    "--limit", type=click_german.Count(), default=100, metavar="ANZAHL", help="So viele Zeilen zeigen (sonst 100)."
)
@click.option("--encoding", metavar="NAME", help="Zeichensatz, zum Beispiel cp1252 (sonst: erkannt).")
@click.option("--delimiter", metavar="ZEICHEN", help="Trennzeichen, auch tab (sonst: erkannt).")
@click.option("--quote", metavar="ZEICHEN", help="Anführungszeichen, none = keins (sonst: erkannt).")
@click.option("--escape", metavar="ZEICHEN", help="Zeichen vor einem Anführungszeichen im Text.")
@click.option("--raw-rows", is_flag=True, help="Die Zellen zeigen, wie sie gelesen werden, ohne ihre Bedeutung.")
@click.pass_obj
def read_log(
    context: CommandContext,
    *,
    file: Path,
    as_json: bool,
    folder: str | None,
    limit: int,
    encoding: str | None,
    delimiter: str | None,
    quote: str | None,
    escape: str | None,
    raw_rows: bool,
) -> int:
    """Zeigen, was aus einer Telefonliste gespeichert würde, ohne etwas zu verändern."""
    known = csv.Dialect(_written(delimiter), _written(quote), _written(escape), encoding)
    if raw_rows:
        return _show_raw(file, known, as_json=as_json)
    settings = _settings(context, folder)
    usual = {"encoding": settings.encoding, "delimiter": settings.delimiter}
    known = structs.replace(known, **{key: value for key, value in usual.items() if not getattr(known, key)})
    protocol = phone_log.Protocol()
    with _opened(file) as stream:
        items = _noted(_items(stream, file, settings, known), protocol)
        if as_json:
            for item in items:
                _print_json(_values(item))
            return 0
        _print_table(islice(_shown(items), limit or None))
        for _ in items:  # the rest counts too
            pass
    click.echo(f"\n{protocol.text(file.name, datetime.now(UTC))}".rstrip())
    return 0


def _written(char: str | None) -> str | None:
    return WRITTEN.get(char.lower(), char) if char is not None else None


def _settings(context: CommandContext, folder: str | None) -> DropFolderSettings:
    """The drop folder of config.toml that was named, else the first; without config.toml everything is recognised."""
    try:
        folders = loader.load(context.config_path()).settings.drop_folders
    except ConfigurationError:
        if folder is not None or context.option is not None:
            raise
        folders = {}
    if folder is not None and folder not in folders:
        guess = did_you_mean.sentence(folder, folders)
        raise errors.UsageError(f"Einen Ordner „{folder}“ gibt es in config.toml nicht.{guess}")
    if not folders:
        return DropFolderSettings(folder=Path())
    return folders[folder] if folder is not None else next(iter(folders.values()))


def _opened(file: Path) -> Any:
    try:
        return file.open("rb")
    except OSError as error:
        raise errors.IntakeError(click_german.unreadable(str(file), error)) from error


def _items(stream: Any, file: Path, settings: DropFolderSettings, known: csv.Dialect) -> Iterator[phone_log.Item]:
    now = datetime.now(UTC)
    changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return phone_log.iterate(
        stream,
        name=file.name,
        settings=settings,
        today=german.local(now).date(),
        fallback=min(changed, now),
        known=known,
    )


def _noted(items: Iterable[phone_log.Item], protocol: phone_log.Protocol) -> Iterator[phone_log.Item]:
    for item in items:
        protocol.add(item)
        yield item


def _shown(items: Iterable[phone_log.Item]) -> Iterator[phone_log.Row | phone_log.Rejected]:
    return (item for item in items if not isinstance(item, phone_log.Skipped))


def _values(item: phone_log.Item) -> dict[str, Any]:
    """What ``--json`` says of a row."""
    problems = [
        {"column": problem.column, "what": problem.what, "advice": problem.advice} for problem in item.problems
    ]
    where: dict[str, Any] = {"row": item.number} | ({"sheet": item.sheet} if item.sheet else {})
    where |= {"cells": list(item.cells), "problems": problems}
    if isinstance(item, phone_log.Skipped):
        return where | {"state": "skipped", "reason": item.reason.value}
    if isinstance(item, phone_log.Rejected):
        return where | {"state": "rejected"}
    message = item.message
    return where | {
        "state": "row",
        "at": german.local(item.received_at).isoformat(),
        "dated": message.date is not None,
        "channel": message.channel,
        "name": message.from_name,
        "contact": message.contact,
        "place": message.place,
        "subject": message.subject,
        "text": message.text,
        "kind": message.kind.value,
        "consent": message.consent,
        "case_number": message.case_number,
        "identity": message.identity.hex(),
        "follows": message.follows.hex(),
        "notes": list(message.problems[len(item.problems) :]),
    }


def _print_table(rows: Iterable[phone_log.Row | phone_log.Rejected]) -> None:

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Zeile", "Wann", "Ort", "Anliegen", "Hinweis"):
        shown.add_column(title, no_wrap=title in {"Zeile", "Wann"}, overflow="fold")
    of: dict[bytes, int] = {}
    for row in rows:
        style = "red" if isinstance(row, phone_log.Rejected) else ""
        if isinstance(row, phone_log.Row):
            of.setdefault(row.message.identity, row.number)
        shown.add_row(*(Text(printable.line(cell), style=style) for cell in _cells(row, of)))
    console = Console()
    console.width = max(console.width, printable.WIDTH)
    console.print(shown)


def _cells(row: phone_log.Row | phone_log.Rejected, of: dict[bytes, int]) -> tuple[str, ...]:
    number = f"{row.sheet} {row.number}".strip()
    said = [problem.what for problem in row.problems]
    if isinstance(row, phone_log.Rejected):
        return number, "", "", "(abgelehnt)", " ".join(said)
    message = row.message
    when = german.short_moment(row.received_at) if message.date else f"{german.local(row.received_at):%d.%m.%Y}"
    if message.follows in of:
        said.insert(0, f"Ergänzt Zeile {of[message.follows]}.")
    elif of[message.identity] != row.number:
        said.insert(0, f"Gleich mit Zeile {of[message.identity]}.")
    if message.kind in KINDS:
        said.insert(0, f"Kein Anliegen: {KINDS[message.kind]}.")
    text = ": ".join(filter(None, (message.subject, message.text)))
    return number, when, message.place, text, " ".join(said)


def _show_raw(file: Path, known: csv.Dialect, *, as_json: bool) -> int:
    with _opened(file) as stream:
        found = csv.read(stream.read(), known)
    faults = {fault.row: fault for fault in found.faults}
    for record in found.records:
        fault = faults.get(record.number)
        if as_json:
            said = fault.flaw.value if fault else None
            _print_json({"row": record.number, "line": record.line, "cells": list(record.cells), "fault": said})
        else:
            mark = f"  ! {fault.flaw.value} ({fault.cells} statt {fault.width} Zellen)" if fault else ""
            click.echo(f"{record.line:6}  " + " | ".join(printable.line(cell) for cell in record.cells) + mark)
    return 0


def _print_json(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")


COMMANDS = (read_log,)
