"""access: who looked at which case, for the data protection officer."""

import click

from intake import storage
from intake.base import german
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, json_lines
from routing.cli.output.printable import line
from routing.privacy import looks


@click.command(cls=click_german.Command)
@click.argument("number", default="", metavar="[NUMMER]")
@click.option("--by", "actor", default="", metavar="KONTO", help="Nur was dieses Konto ansah.")
@click.option("--limit", type=click_german.Count(), default=100, metavar="ANZAHL", help="Höchstens so viele (100).")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Blick.")
@click.pass_obj
def access(context: CommandContext, *, number: str, actor: str, limit: int, as_json: bool) -> None:
    """Wer hat wann welchen Vorgang angesehen? Für die oder den Datenschutzbeauftragten."""
    with session.opened(context) as work:
        with storage.reading(work.engine) as connection:
            rows = looks.lines(connection, number=number, actor=actor, limit=limit)
        looks.note(work.engine, work.clock(), session.actor(), "access", [number] if number else [])
    for row in rows:
        if as_json:
            click.echo(json_lines.text(row._asdict()))
        else:
            click.echo(f"{german.short_moment(row.at)}  {line(row.actor)}  {row.action}  {line(row.what)}")
    if not rows and not as_json:
        click.echo("Niemand hat etwas angesehen.")


COMMANDS = (access,)
