"""backtest: what a changed file of rules would have done to the messages of the past. Only reads."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from intake.base import errors
from intake.message import Message
from routing import rules
from routing.cli import history, session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, csv_tables, differences, input_texts, progress
from routing.config import loader
from routing.model.decision import Decision
from routing.model.settings import Configuration
from routing.planning import release
from routing.replies import recognise
from routing.rules.backtest import Tally
from routing.store import history as stored_history
from routing.text.redaction import city_words

Compared = tuple[str, Message, Decision | None]
"""A message with a name for staff, and what was decided about it then."""


@click.command(cls=click_german.Command)
@click.argument("new", type=click_german.ExistingFile(), metavar="NEU.toml")
@history.DAYS
@history.TABLE
@history.COLUMN
@click.option(
    "--stored", is_flag=True, help="Mit dem vergleichen, was damals entschieden wurde, nicht mit der geltenden Datei."
)
@click.option("--all", "everything", is_flag=True, help="Jede Nachricht nennen, nicht nur drei Beispiele je Gruppe.")
@click.option("--strict", is_flag=True, help="Ende mit 1, wenn etwas anders weitergeleitet würde.")
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.pass_obj
def backtest(
    context: CommandContext,
    *,
    new: Path,
    days: int,
    table: Path | None,
    column: str,
    stored: bool,
    everything: bool,
    strict: bool,
    as_json: bool,
) -> int:
    """Was eine geänderte Regeldatei an den bisherigen Nachrichten geändert hätte."""
    if stored and table is not None:
        raise errors.UsageError(
            "--stored und --table gehen nicht zusammen: In einer Tabelle steht keine Entscheidung."
        )
    changed = loader.load(new)
    city = city_words.of_configuration(changed)
    tally = Tally(most_examples=sys.maxsize) if everything else Tally()
    with _messages(context, days, table, column) as (configuration, messages):
        old_rules, _ = rules.compiled(configuration)
        new_rules, _ = rules.compiled(changed)
        for name, message, then in messages:
            after = rules.classify(message, new_rules)
            if not stored:
                tally.add(name, message, rules.classify(message, old_rules), after)
            elif then is not None:
                tally.add(name, message, then, release.guarded(after, message, changed))
    if as_json:
        click.echo(json.dumps(differences.values(tally, city), ensure_ascii=False))
    else:
        click.echo("\n".join(differences.lines(tally, city)))
    return 1 if strict and tally.groups else 0


@contextmanager
def _messages(
    context: CommandContext, days: int, table: Path | None, column: str
) -> Iterator[tuple[Configuration, Iterator[Compared]]]:
    """The configuration in force, and the messages from a table, or from the store."""
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
            (past.name, recognise.as_judged(past.message, prefix), _decided(past))
            for past in stored
            if not past.is_comment
        )
        yield work.active.configuration, named


def _decided(past: stored_history.Past) -> Decision | None:
    then = past.by_program
    return then.decision if then else None


def _of_table(table: Path, column: str) -> Iterator[Compared]:
    source = csv_tables.opened(table, column)
    index = source.column(column)
    for number, row in enumerate(progress.shown(source.rows(), "Vergleichen", csv_tables.count_lines(table)), 2):
        yield f"Zeile {number}", input_texts.message(row[index] if index < len(row) else ""), None


COMMANDS = (backtest,)
