"""retention: deletion by age, what it would delete, its protocol; and making an SQLite file small."""

from collections.abc import Sequence

import click
from msgspec.structs import asdict
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import german
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, json_lines
from routing.privacy.deletion import protocol
from routing.privacy.deletion.retention import Due
from routing.service import channels
from routing.service.watch import retention as deletion

ROWS = 50


@click.command(cls=click_german.Command)
@click.option("--dry-run", "dry", is_flag=True, help="Nur sagen, was ginge: Anzahl und Ältestes je Schlüssel.")
@click.option("--log", "log", is_flag=True, help="Das Löschprotokoll zeigen.")
@click.option("--compact", is_flag=True, help="Danach die Datenbankdatei neu schreiben (Dienst besser anhalten).")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Ort.")
@click.pass_obj
def retention(context: CommandContext, *, dry: bool, log: bool, compact: bool, as_json: bool) -> int:
    """Löschen, was seine Frist hinter sich hat (auch nachts von selbst); --dry-run sagt nur, was.

    Die Fristen stehen in config.toml unter [retention]. Offene und gesperrte Vorgänge bleiben.
    """
    with session.opened(context) as work:
        if log:
            _protocol(work.engine, as_json=as_json)
            return 0
        if dry:
            _print(deletion.look(work), as_json=as_json)
            return 0
        done = deletion.work(
            work, channels.clearing(work.settings), actor=session.actor(), told=None if as_json else _told
        )
        if compact:
            storage.rewrite(work.engine)
    _print(done.gone, as_json=as_json)
    for box in done.cleared:
        if as_json:
            click.echo(json_lines.text(asdict(box)))
        elif box.removed or box.left:
            click.echo(f"Postfach „{box.mailbox}“: {german.number(box.removed)} E-Mails vom Mailserver entfernt.")
        if box.left:
            click.echo(f"{box.left} bleiben: Der Mailserver kann einzelne E-Mails nicht löschen (UIDPLUS).", err=True)
    for trouble in done.troubles:
        click.echo(trouble, err=True)
    return 1 if done.troubles else 0


def _told(place: str, count: int) -> None:
    if count % 1_000 == 0:
        click.echo(f"{place}: {german.number(count)} …", err=True)


def _print(found: Sequence[Due], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            click.echo(json_lines.text(asdict(one)))
        return
    shown = [one for one in found if one.count]
    for one in shown:
        oldest = f", das Älteste vom {german.local(one.oldest):%d.%m.%Y}" if one.oldest else ""
        click.echo(f"{one.key} = {one.days}: {german.number(one.count)} {one.place}{oldest}")
    if not shown:
        click.echo("Nichts hat seine Frist hinter sich.")


def _protocol(engine: Engine, *, as_json: bool) -> None:
    with storage.reading(engine) as connection:
        rows = protocol.lines(connection, ROWS)
    for row in rows:
        values = row._asdict()
        if as_json:
            click.echo(json_lines.text(values))
            continue
        span = f", vom {german.local(values['oldest']):%d.%m.%Y}" if values["oldest"] else ""
        span += f" bis {german.local(values['newest']):%d.%m.%Y}" if values["newest"] else ""
        click.echo(
            f"{german.short_moment(values['at'])} {values['actor']}: {values['rule']}: "
            f"{german.number(values['count'])} {values['place']}{span}"
        )
    if not rows and not as_json:
        click.echo("Es wurde noch nichts gelöscht.")


COMMANDS = (retention,)
