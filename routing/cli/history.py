"""The stored past, as the commands that learn from it ask for it. Only reads.

So many days back, what rules found, what people corrected.
"""

from datetime import UTC, datetime, timedelta

import click
from sqlalchemy.engine import Engine

from routing import rules
from routing.cli.output import click_german
from routing.model.settings import Configuration
from routing.rules import lint
from routing.rules.lint import usage
from routing.store import history

DAYS = click.option(
    "--days", type=click_german.Count(), default=0, metavar="TAGE", help="Nur so weit zurück (sonst: alles)."
)
TABLE = click.option(
    "--table",
    type=click_german.ExistingFile(),
    metavar="TABELLE",
    help="Texte aus dieser Tabelle statt der gespeicherten.",
)
COLUMN = click.option(
    "--column", default="text", metavar="SPALTE", help="Spalte der Tabelle mit dem Text (sonst: text)."
)
CENTURY = 36_525  # days


def since(days: int) -> datetime | None:
    """The moment so many days ago, in UTC; None (ever) for 0."""
    return datetime.now(UTC) - timedelta(days=min(days, CENTURY)) if days else None


def record(engine: Engine, days: int) -> usage.Record:
    """What the rules found in the messages of so many days (0: ever), and what people corrected."""
    found = usage.Record()
    for judged in history.judged(engine, since(days) or datetime.min.replace(tzinfo=UTC)):
        found.add(judged.at, judged.matches, is_corrected=judged.is_corrected)
    return found


def hints(engine: Engine, configuration: Configuration, days: int) -> tuple[lint.Hint, ...]:
    """What the stored history of so many days says of the rules, as hints of the linter."""
    rule_set, _ = rules.compiled(configuration)
    return tuple(usage.hints(rule_set, record(engine, days)))
