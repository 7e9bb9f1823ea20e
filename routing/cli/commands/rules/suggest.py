"""suggest: keywords that people's corrections ask for, as TOML to paste, each with its counts. Only reads."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from msgspec import to_builtins

from routing.cli import history, session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, csv_tables, input_texts, progress, proposals
from routing.config import loader
from routing.model.settings import Configuration
from routing.replies import recognise
from routing.rules.lint import usage
from routing.rules.suggest import PastMessage, propose
from routing.store import history as stored_history

Source = tuple[Configuration, Callable[[], Iterator[PastMessage]], tuple[usage.Misleading, ...]]
"""The configuration in force, what gives the messages of the past, each time anew, and keywords that misled."""


@click.command(cls=click_german.Command)
@history.DAYS
@history.TABLE
@history.COLUMN
@click.option(
    "--recipients",
    default="recipients",
    metavar="SPALTE",
    help="Spalte der Tabelle mit den richtigen Stellen, mehrere mit Komma; leer = offen (sonst: recipients).",
)
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.pass_obj
def suggest(
    context: CommandContext, *, days: int, table: Path | None, column: str, recipients: str, as_json: bool
) -> None:
    """Schlüsselwörter vorschlagen, die in zugewiesenen und ungeklärten Nachrichten stehen."""
    source = _of_table(context, table, column, recipients) if table else _of_store(context, days)
    with source as (configuration, past, misleading):
        advice = propose(past, configuration)
    if as_json:
        values = to_builtins(advice) | {"misleading": to_builtins(misleading)}
        click.echo(json.dumps(values, ensure_ascii=False))
    else:
        click.echo("\n".join(proposals.lines(advice, configuration.settings, datetime.now(UTC), misleading)))


@contextmanager
def _of_store(context: CommandContext, days: int) -> Iterator[Source]:

    start = history.since(days)
    with session.opened(context) as work:
        total = stored_history.count(work.engine, start)
        prefix = work.active.configuration.settings.city.reference

        def past() -> Iterator[PastMessage]:
            for one in progress.shown(stored_history.messages(work.engine, start), "Lesen", total):
                last = one.decisions[-1] if one.decisions else None
                if last is not None and not one.is_comment:
                    body = None if last.state == "review" else tuple(sorted(last.recipients))
                    message = recognise.as_judged(one.message, prefix)
                    yield PastMessage(message, body if last.state != "kept" else (), last.by_person)

        misleading = usage.misleading(history.record(work.engine, days))
        yield work.active.configuration, past, tuple(misleading)


@contextmanager
def _of_table(context: CommandContext, table: Path, column: str, recipients: str) -> Iterator[Source]:

    source = csv_tables.opened(table, column)
    text, right = source.column(column), source.column(recipients)
    total = csv_tables.count_lines(table)

    def past() -> Iterator[PastMessage]:
        for row in progress.shown(source.rows(), "Lesen", total):
            cells = [*row, *[""] * (len(source.header) - len(row))]
            body = tuple(sorted(filter(None, (name.strip() for name in cells[right].split(",")))))
            yield PastMessage(input_texts.message(cells[text]), body or None, bool(body))

    yield loader.load(context.config_path(), prove=False), past, ()


COMMANDS = (suggest,)
