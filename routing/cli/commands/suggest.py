"""suggest: keywords that people's corrections ask for, as TOML to paste, each with its counts. Only reads."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from msgspec import to_builtins

from intake import reference
from routing.cli.commands import backtest
from routing.cli.context import Door
from routing.cli.output import click_german, csv_tables, input_texts

Source = tuple[Any, Callable[[], Iterator[Any]], tuple[Any, ...]]
"""The configuration in force, what gives the messages of the past, each time anew, and keywords that misled."""


@click.command(cls=click_german.Command)
@click.option(
    "--days", type=click_german.Count(), default=0, metavar="TAGE", help="Nur so weit zurück (sonst: alles)."
)
@click.option(
    "--table",
    type=click_german.ExistingFile(),
    metavar="TABELLE",
    help="Texte aus dieser Tabelle statt der gespeicherten.",
)
@click.option("--column", default="text", metavar="SPALTE", help="Spalte der Tabelle mit dem Text (sonst: text).")
@click.option(
    "--recipients",
    default="recipients",
    metavar="SPALTE",
    help="Spalte der Tabelle mit den richtigen Stellen, mehrere mit Komma; leer = offen (sonst: recipients).",
)
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.pass_obj
def suggest(door: Door, *, days: int, table: Path | None, column: str, recipients: str, as_json: bool) -> None:
    """Schlüsselwörter vorschlagen, die in zugewiesenen und ungeklärten Nachrichten stehen."""
    from routing.cli.output import suggest as suggestions  # noqa: PLC0415
    from routing.rules import suggest as suggesting  # noqa: PLC0415

    source = _of_table(door, table, column, recipients) if table else _of_store(door, days)
    with source as (configuration, settled, misleading):
        advice = suggesting.propose(settled, configuration)
    if as_json:
        values = to_builtins(advice) | {"misleading": to_builtins(misleading)}
        click.echo(json.dumps(values, ensure_ascii=False))
    else:
        click.echo("\n".join(suggestions.lines(advice, configuration.settings, datetime.now(UTC), misleading)))


@contextmanager
def _of_store(door: Door, days: int) -> Iterator[Source]:
    from routing.replies import recognise  # noqa: PLC0415
    from routing.rules import suggest as suggesting  # noqa: PLC0415
    from routing.rules.lint import usage as linting  # noqa: PLC0415
    from routing.store import history  # noqa: PLC0415

    start = backtest.since(days)
    with backtest.opened(door.config_path(), door) as work:
        total = history.count(work.engine, start)

        def settled() -> Iterator[Any]:
            for one in csv_tables.progress(history.messages(work.engine, start), "Lesen", total):
                last = one.decisions[-1] if one.decisions else None
                if last is not None and last.kind not in backtest.COMMENTS:
                    body = None if last.state == "review" else tuple(sorted(last.recipients))
                    message = recognise.as_judged(one.message, reference.DEFAULT_PREFIX)
                    yield suggesting.Settled(message, body if last.state != "kept" else (), last.by_person)

        misleading = linting.misleading(backtest.record(work.engine, days))
        yield work.in_force.configuration, settled, tuple(misleading)


@contextmanager
def _of_table(door: Door, table: Path, column: str, recipients: str) -> Iterator[Source]:
    from routing.config import loader  # noqa: PLC0415
    from routing.rules import suggest as suggesting  # noqa: PLC0415

    source = csv_tables.opened(table, column)
    text, right = source.column(column), source.column(recipients)
    total = csv_tables.count_lines(table)

    def settled() -> Iterator[Any]:
        for row in csv_tables.progress(source.rows(), "Lesen", total):
            cells = [*row, *[""] * (len(source.header) - len(row))]
            body = tuple(sorted(filter(None, (name.strip() for name in cells[right].split(",")))))
            yield suggesting.Settled(input_texts.message(cells[text]), body or None, bool(body))

    yield loader.load(door.config_path(), prove=False), settled, ()


COMMANDS = (suggest,)
