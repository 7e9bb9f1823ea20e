"""backtest, and what ``check --history`` asks the store: the rules against what came in. Only reads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from intake import reference
from intake.message import Message
from routing.cli.context import Door
from routing.cli.output import click_german, csv_tables, input_texts

CENTURY = 36_525  # days
COMMENTS = frozenset({"answer", "edit", "follow-up", "repeat", "supplement"})
"""Kinds of decisions about messages that belong to an older one and are not routed by themselves."""


@contextmanager
def opened(path: Path, door: Door) -> Iterator[Any]:
    """The runtime for a look at the store."""
    from routing.service import runtime  # noqa: PLC0415

    work = runtime.Runtime.open(path, door.environ, exclusive=False)
    try:
        yield work
    finally:
        work.close()


def since(days: int) -> datetime | None:
    """The moment so many days ago; 0 is ever."""
    return datetime.now(UTC) - timedelta(days=min(days, CENTURY)) if days else None


def hints(door: Door, configuration: Any, days: int) -> tuple[Any, ...]:
    """What the stored history says of the rules, as hints of the linter."""
    from routing import rules  # noqa: PLC0415
    from routing.rules.lint import usage as past  # noqa: PLC0415

    rule_set, _ = rules.build(configuration.settings, configuration.vocabulary, configuration.gazetteer)
    with opened(configuration.path, door) as work:
        return tuple(past.hints(rule_set, record(work.engine, days)))


def record(engine: Any, days: int) -> Any:
    """What the rules found in the messages of so many days (0: ever), and what people corrected."""
    from routing.rules.lint import usage as past  # noqa: PLC0415
    from routing.store import history  # noqa: PLC0415

    found = past.Record()
    for judged in history.judged(engine, since(days) or datetime.min.replace(tzinfo=UTC)):
        found.add(judged.at, judged.matches, is_corrected=judged.is_corrected)
    return found


@click.command(cls=click_german.Command)
@click.argument("new", type=click_german.ExistingFile(), metavar="NEU.toml")
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
@click.option("--strict", is_flag=True, help="Ende mit 1, wenn etwas anders weitergeleitet würde.")
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.pass_obj
def backtest(door: Door, *, new: Path, days: int, table: Path | None, column: str, strict: bool, as_json: bool) -> int:
    """Was eine geänderte Regeldatei an den bisherigen Nachrichten geändert hätte."""
    from routing import rules  # noqa: PLC0415
    from routing.cli.output import backtest as differences  # noqa: PLC0415
    from routing.config import loader  # noqa: PLC0415
    from routing.rules import backtest as comparing  # noqa: PLC0415

    changed = loader.load(new)
    tally = comparing.Tally()
    with _messages(door, days, table, column) as (in_force, messages):
        old_rules, _ = rules.build(in_force.settings, in_force.vocabulary, in_force.gazetteer)
        new_rules, _ = rules.build(changed.settings, changed.vocabulary, changed.gazetteer)
        for name, message in messages:
            tally.add(name, message, rules.classify(message, old_rules), rules.classify(message, new_rules))
    if as_json:
        click.echo(json.dumps(differences.values(tally), ensure_ascii=False))
    else:
        click.echo("\n".join(differences.lines(tally)))
    return 1 if strict and tally.groups else 0


@contextmanager
def _messages(
    door: Door, days: int, table: Path | None, column: str
) -> Iterator[tuple[Any, Iterator[tuple[str, Message]]]]:
    """The configuration in force, and the messages with a name for each: from a table, or from the store."""
    from routing.config import loader  # noqa: PLC0415
    from routing.replies import recognise  # noqa: PLC0415
    from routing.store import history  # noqa: PLC0415

    if table is not None:
        in_force = loader.load(door.config_path(), prove=False)
        yield in_force, _of_table(table, column)
        return
    with opened(door.config_path(), door) as work:
        start = since(days)
        total = history.count(work.engine, start)
        stored = csv_tables.progress(history.messages(work.engine, start), "Vergleichen", total)
        named = (
            (past.case or f"Nachricht {past.id}", recognise.as_judged(past.message, reference.DEFAULT_PREFIX))
            for past in stored
            if not past.decisions or past.decisions[-1].kind not in COMMENTS
        )
        yield work.in_force.configuration, named


def _of_table(table: Path, column: str) -> Iterator[tuple[str, Message]]:
    source = csv_tables.opened(table, column)
    index = source.column(column)
    for number, row in enumerate(csv_tables.progress(source.rows(), "Vergleichen", csv_tables.count_lines(table)), 2):
        yield f"Zeile {number}", input_texts.message(row[index] if index < len(row) else "")


COMMANDS = (backtest,)
