"""status and metrics: is work being done, and what needs a person? Within seconds, whatever is out."""

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from msgspec.structs import asdict

from intake.base import german
from routing.cli import account
from routing.cli.context import CommandContext
from routing.cli.output import click_german, csv_tables, json_lines
from routing.service import health
from routing.service.health import look as looking
from routing.service.health import monitoring

LABEL = 26  # columns of the labels


@click.command(cls=click_german.Command)
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.option("--nagios", is_flag=True, help="Eine Zeile für Nagios, Icinga oder Checkmk; Ende mit 0 bis 3.")
@click.pass_obj
def status(context: CommandContext, *, as_json: bool, nagios: bool) -> int:
    """Läuft alles? Was wartet? Ende mit 0, wenn ja, sonst mit 4."""
    if nagios:
        return _nagios(context)
    config = context.config_path()
    account.work_as_the_service(config)
    state, learned = looking.look(config, context.environ)
    if as_json:
        click.echo(json_lines.text(_for_machines(state) | {"healthy": state.healthy, "brake": learned}))
        return 0 if state.healthy else 4
    click.secho("Alles in Ordnung." if state.healthy else "Es gibt etwas zu tun:", bold=True)
    for trouble in state.troubles:
        click.secho(f"  ! {trouble.what}".replace("\n", "\n    "), fg="red")
        if trouble.todo:
            click.echo(f"    {trouble.todo}")
    for label, value in _facts(state) if state.asked else ():
        click.echo(f"{label + ':':<{LABEL}}{value}")
    if learned:
        click.echo(f"{'Notbremse, gelernt:':<{LABEL}}{learned}")
    return 0 if state.healthy else 4


def _nagios(context: CommandContext) -> int:
    """Whatever goes wrong is a line and a code that the plugin guidelines know."""
    try:
        config = context.config_path()
        account.work_as_the_service(config)
        code, line = monitoring.nagios(looking.look(config, context.environ)[0])
    except Exception as error:
        code = monitoring.UNKNOWN
        line = monitoring.line(code, getattr(error, "german", "") or str(error))
    click.echo(line)
    return code


@click.command(cls=click_german.Command)
@click.option("--textfile", type=click.Path(path_type=Path), metavar="DATEI", help="In diese Datei (….prom).")
@click.pass_obj
def metrics(context: CommandContext, textfile: Path | None) -> None:
    """Messwerte für Prometheus, auf die Ausgabe oder in eine Datei des node_exporter."""
    config = context.config_path()
    account.work_as_the_service(config)
    written = monitoring.exposition(looking.look(config, context.environ)[0])
    if textfile is None:
        click.echo(written, nl=False)
        return
    part = textfile.with_name(f".{textfile.name}.{os.getpid()}.new")  # the collector reads *.prom
    try:
        with csv_tables.named(textfile):
            part.write_bytes(written)
            part.chmod(0o644)
            part.replace(textfile)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _for_machines(state: health.Health) -> dict[str, Any]:
    """All fields; those that could not be asked for are null."""
    known = {"at", "troubles", "asked"}
    return {name: value if state.asked or name in known else None for name, value in asdict(state).items()}


def _trial(state: health.Health) -> Iterator[tuple[str, str]]:
    if state.trial:
        yield "Versand", state.trial


def _facts(state: health.Health) -> Iterator[tuple[str, str]]:
    """What ``status`` tells beside the troubles."""
    yield "Dienst zuletzt tätig", _when(state.daemon_seen)
    for source in state.sources:
        yield f"Postfach „{source.name}“", f"zuletzt abgeholt: {_when(source.last_read)}"
    yield "Nachrichten gesamt", german.number(state.messages)
    since = f", älteste seit {_when(state.waiting_since)}" if state.waiting_since else ""
    yield "Ohne Entscheidung", f"{german.number(state.waiting)}{since}"
    yield "In Klärung", german.number(state.review)
    yield "Weiterleitungen geplant", german.number(state.planned)
    since = f", ältestes seit {_when(state.unsent_since)}" if state.unsent_since else ""
    yield "Schreiben unterwegs", f"{german.number(state.unsent)}{since}"
    yield "Schreiben abgelehnt", german.number(state.parked)
    yield "Schreiben angehalten", german.number(state.held)
    yield "Schreiben unzustellbar", german.number(state.bounced)
    yield "Schreiben im Zweifel", german.number(state.in_doubt)
    yield from _trial(state)


def _when(moment: datetime | None) -> str:
    return german.short_moment(moment) if moment else "nie"


COMMANDS = (status, metrics)
