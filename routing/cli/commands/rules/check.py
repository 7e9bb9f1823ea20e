"""check: is config.toml in order? It touches no message and needs no network; only ``--history`` asks the database."""

from pathlib import Path

import click

from intake.base import german
from routing import letters
from routing.cli import history, proved, session
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.config import lint_hints, loader, paths
from routing.config.problems import ConfigurationError
from routing.letters import trial
from routing.rules import lint


@click.command(cls=click_german.Command)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[DATEI]")
@click.option(
    "--history", "with_history", is_flag=True, help="Auch sagen, was die gespeicherten Nachrichten verraten."
)
@click.option("--days", type=click_german.Count(), default=90, metavar="TAGE", help="So weit zurück (sonst: 90).")
@click.pass_obj
def check(context: CommandContext, *, file: Path | None, with_history: bool, days: int) -> int:
    """config.toml und Vorlagen prüfen, Beispiele der Regeln nachrechnen, auf Fallstricke hinweisen."""
    path = file or context.config_path()
    try:
        configuration = loader.load(path)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    proved.remember(configuration, context)
    settings = configuration.settings
    names = {recipient.template for recipient in settings.recipients.values()}
    templates = letters.environment(settings.files.templates, paths.shipped_templates(), settings.city)
    broken = trial.problems(templates, sorted(names))
    for problem in broken:
        click.echo(problem, err=True)
    if broken:
        return 3
    further: tuple[lint.Hint, ...] = ()
    if with_history:
        with session.opened(context, path) as work:
            further = history.hints(work.engine, configuration, days)
    hints = (*configuration.warnings, *map(str, lint_hints.hints(configuration, further)))
    if hints:
        click.secho(f"{german.counted(len(hints), 'Hinweis', 'Hinweise')}, die Datei gilt trotzdem:\n", fg="yellow")
        click.echo("\n".join((*hints, "")))
    tests = sum(len(rule.tests) for rule in settings.rules) + sum(len(kind.tests) for kind in settings.kinds)
    click.echo(
        f"{path}: in Ordnung. {german.counted(len(settings.rules), 'Regel', 'Regeln')}, "
        f"{german.counted(tests, 'Beispiel', 'Beispiele')} nachgerechnet, "
        f"{german.counted(len(settings.recipients), 'Stelle', 'Stellen')}. "
        f"Prüfsumme {configuration.fingerprint[:12]}."
    )
    return 0


COMMANDS = (check,)
