"""The command line: thin doors to the steps. Output for staff is German; ``--json`` where a machine reads it.

Exit codes (design, "Commands"): 0 done, 1 failed, 2 wrong use, 3 configuration broken or a rule test failed, 4
something is parked or unhealthy. What a command cannot do it says in one German paragraph on standard error, without a
traceback (``--debug`` shows it). Heavy packages are imported by the command that needs them.
"""

import gc
import importlib
import os
import sys
from collections.abc import Collection
from pathlib import Path

import click

from intake import __version__
from intake.base import errors, process_memory
from routing.cli.context import Door
from routing.cli.output import click_german

LOGGING = frozenset({"run", "once", "demo"})
"""Commands whose log lines are wanted; the others answer people, in German, and log only with ``--debug``."""


@click.group(
    cls=click_german.Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(
    __version__, prog_name="kod-intake", message="%(prog)s, Version %(version)s", help="Die Version zeigen."
)
@click.option(
    "--config",
    "option",
    type=click.Path(path_type=Path),
    metavar="DATEI",
    help="Konfigurationsdatei; sonst die aus $KOD_INTAKE_CONFIG, config.toml in diesem Ordner oder "
    "/etc/kod-intake/config.toml.",
)
@click.option("--debug", is_flag=True, help="Bei Fehlern alles zeigen; ausführlichere Meldungen.")
@click.pass_context
def group(context: click.Context, option: Path | None, debug: bool) -> None:  # noqa: FBT001  (click's way)
    """KOD intake: nimmt Hinweise an, ordnet sie nach Schlüsselwörtern ein und leitet sie weiter."""
    from routing.cli import logs  # noqa: PLC0415

    logs.configure(debug=debug, quiet=context.invoked_subcommand not in LOGGING)
    context.obj = Door(option, os.environ)


DOORS = {
    "run": ("run", "once", "demo"),
    "check": ("check", "explain", "schema"),
    "classify": ("classify",),
    "backtest": ("backtest",),
    "suggest": ("suggest",),
    "desk": ("status", "list", "show", "assign", "close", "requeue", "ack", "answer"),
    "outbox": ("outbox",),
    "handback": ("handback",),
    "preview": ("preview",),
    "reconcile": ("reconcile",),
    "read_log": ("read-log",),
}
"""Which module of this folder holds which commands."""


def load_commands(wanted: Collection[str]) -> None:
    """Load the modules of the commands that ``wanted`` names; all of them when it names none (help, a slip)."""
    named = [door for door, commands in DOORS.items() if not {*commands}.isdisjoint(wanted)]
    for door in named or DOORS:
        for command in importlib.import_module(f"routing.cli.commands.{door}").COMMANDS:
            group.add_command(command)


def main() -> None:
    """The console script: run a command and end with its exit code."""
    gc.set_threshold(*process_memory.STARTING)
    from routing.cli import logs  # noqa: PLC0415, F401  (first, because it says how structlog is loaded)

    load_commands(sys.argv[1:])
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
    process_memory.leave()
    sys.exit(code or 0)
