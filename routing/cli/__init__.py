"""The command line: thin commands on top of the steps. Output for staff is German; ``--json`` for machines.

Exit codes (design, "Commands"): 0 done, 1 failed, 2 wrong use, 3 configuration broken or a rule test failed, 4
something is parked or unhealthy. What a command cannot do it says in one German paragraph on standard error, without a
traceback (``--debug`` shows it). The module of a command is loaded when the command is called.
"""

import gc
import os
import sys
import threading
from pathlib import Path

import click

from intake import __version__
from intake.base import errors, german, process_memory
from routing.cli import ending, logs
from routing.cli.command_list import COMMANDS
from routing.cli.context import CommandContext
from routing.cli.output import click_german

LOGGING = frozenset({"run", "once", "demo", "web"})
"""Commands whose log lines are wanted; the others answer people, in German, and log only with ``--debug``."""


@click.group(
    cls=click_german.LazyGroup,
    modules={f"routing.cli.commands.{module}": commands for module, commands in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    __version__, prog_name="kod-intake", message="%(prog)s, Version %(version)s", help="Die Version zeigen."
)
@click.option(
    "--config",
    "option",
    type=click.Path(path_type=Path, readable=False),  # we say ourselves, in German, what cannot be read
    metavar="DATEI",
    help="Konfigurationsdatei; sonst die aus $KOD_INTAKE_CONFIG, config.toml in diesem Ordner oder "
    "/etc/kod-intake/config.toml.",
)
@click.option("--debug", is_flag=True, help="Bei Fehlern alles zeigen; ausführlichere Meldungen.")
@click.option(
    "--log-level", "level", type=click.Choice(list(logs.LEVELS)), help="Meldungen ab dieser Stufe (üblich: info)."
)
@click.option(
    "--log-format",
    "form",
    type=click.Choice(logs.FORMATS),
    default="text",
    help="Meldungen als Zeilen mit schlüssel='wert' oder als JSON.",
)
@click.pass_context
def group(
    click_context: click.Context, *, option: Path | None, debug: bool, level: str | None, form: logs.Format
) -> None:
    """kod-intake nimmt Hinweise an, ordnet sie nach Schlüsselwörtern ein und leitet sie weiter."""
    quiet = click_context.invoked_subcommand not in LOGGING
    logs.configure(level="debug" if debug else level, form=form, quiet=quiet)
    click_context.obj = CommandContext(option, os.environ)


def main() -> None:
    """The console script: run a command and end with its exit code."""
    gc.set_threshold(*process_memory.STARTING)

    debug = "--debug" in sys.argv
    try:
        code = group(standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        click.echo(click_german.told(error), err=True)
        code = error.exit_code
    except click.Abort:
        code = 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except errors.IntakeError as error:
        if debug:
            raise
        click.echo(error.german, err=True)
        code = error.exit_code
    except OSError as error:
        if debug:
            raise
        named = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        advice = " Mit sudo geht es." if isinstance(error, PermissionError) and os.getuid() else ""
        click.echo(f"Das ließ das System nicht zu: {named}{german.refusal(error)}.{advice}", err=True)
        code = 1
    process_memory.skip_last_collection()
    if threading.active_count() > 1:  # a question to the database that was given up: it must not hold up the end
        ending.at_once(code or 0)
    sys.exit(code or 0)
