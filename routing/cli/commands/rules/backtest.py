"""backtest: what a changed file of rules would have done to the messages of the past. Only reads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from intake.message import Message
from routing import rules
from routing.cli import history, session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, csv_tables, differences, input_texts, progress
from routing.config import loader
from routing.model.settings import Configuration
from routing.replies import recognise
from routing.rules.backtest import Tally
from routing.store import history as stored_history
from routing.text.redaction import city_words


@click.command(cls=click_german.Command)
@click.argument("new", type=click_german.ExistingFile(), metavar="NEU.toml")
@history.DAYS
@history.TABLE
@history.COLUMN
@click.option("--strict", is_flag=True, help="Ende mit 1, wenn etwas anders weitergeleitet würde.")
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.pass_obj
def backtest(
    context: CommandContext, *, new: Path, days: int, table: Path | None, column: str, strict: bool, as_json: bool
) -> int:
    """Was eine geänderte Regeldatei an den bisherigen Nachrichten geändert hätte."""
    changed = loader.load(new)
    city = city_words.of_configuration(changed)
    tally = Tally()
    with _messages(context, days, table, column) as (configuration, messages):
        old_rules, _ = rules.compiled(configuration)
        new_rules, _ = rules.compiled(changed)
        for name, message in messages:
            tally.add(name, message, rules.classify(message, old_rules), rules.classify(message, new_rules))
    if as_json:
        click.echo(json.dumps(differences.values(tally, city), ensure_ascii=False))
    else:
        click.echo("\n".join(differences.lines(tally, city)))
    return 1 if strict and tally.groups else 0


@contextmanager
def _messages(
    context: CommandContext, days: int, table: Path | None, column: str
) -> Iterator[tuple[Configuration, Iterator[tuple[str, Message]]]]:
    """The configuration in force, and the messages with a name for each: from a table, or from the store."""
    if table is not None:
        configuration = loader.load(context.config_path(), prove=False)
        yield configuration, _of_table(table, column)
        return
    with session.opened(context) as work:
        prefix = work.active.configuration.settings.city.reference
        start = history.since(days)
        total = stored_history.count(work.engine, start)
        stored = progress.shown(stored_history.messages(work.engine, start), "Vergleichen", total)
        named = (
            (past.case or f"Nachricht {past.id}", recognise.as_judged(past.message, prefix))
            for past in stored
            if not past.decisions or past.decisions[-1].kind not in history.COMMENTS
        )
        yield work.active.configuration, named


def _of_table(table: Path, column: str) -> Iterator[tuple[str, Message]]:
    source = csv_tables.opened(table, column)
    index = source.column(column)
    for number, row in enumerate(progress.shown(source.rows(), "Vergleichen", csv_tables.count_lines(table)), 2):
        yield f"Zeile {number}", input_texts.message(row[index] if index < len(row) else "")


COMMANDS = (backtest,)
