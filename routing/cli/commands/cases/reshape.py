"""merge, split, reopen, place, photos: what people do with a case as a whole."""

import click

from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.desk import reshaping

_NUMBER = click.argument("number", metavar="NUMMER")


@click.command(cls=click_german.Command)
@_NUMBER
@click.argument("into", metavar="IN-NUMMER")
@click.pass_obj
def merge(context: CommandContext, *, number: str, into: str) -> None:
    """Zwei Vorgänge zusammenführen: der erste wird geschlossen, seine Nachrichten stehen im zweiten."""
    with session.opened(context) as work:
        click.echo(
            reshaping.merge(work.engine, work.active.configuration, number, into, work.clock(), actor=session.actor())
        )


@click.command(cls=click_german.Command)
@_NUMBER
@click.option("--about", default="", metavar="TEXT", help="Worum es geht, in wenigen Worten.")
@click.pass_obj
def split(context: CommandContext, *, number: str, about: str) -> None:
    """Ein weiteres Anliegen derselben Nachricht abtrennen; es wartet dann in Klärung."""
    with session.opened(context) as work:
        new = reshaping.split(work.engine, number, work.clock(), actor=session.actor(), what=about)
    click.echo(f"{new} wartet auf eine Entscheidung: kod-intake assign {new} STELLE")


@click.command(cls=click_german.Command)
@_NUMBER
@click.option("--reason", default="", metavar="TEXT", help="Warum (steht im Verlauf).")
@click.pass_obj
def reopen(context: CommandContext, *, number: str, reason: str) -> None:
    """Einen geschlossenen Vorgang wieder öffnen; er wartet dann in Klärung."""
    with session.opened(context) as work:
        click.echo(reshaping.reopen(work.engine, number, work.clock(), actor=session.actor(), reason=reason))


@click.command(cls=click_german.Command)
@_NUMBER
@click.argument("said", metavar="ORT")
@click.pass_obj
def place(context: CommandContext, *, number: str, said: str) -> None:
    """Den Ort berichtigen: wartende Schreiben nennen den neuen, verschickten folgt eine Berichtigung."""
    with session.opened(context) as work:
        configuration = work.active.configuration
        click.echo(
            reshaping.correct_place(work.engine, configuration, number, said, work.clock(), actor=session.actor())
        )


@click.command(cls=click_german.Command)
@_NUMBER
@click.pass_obj
def photos(context: CommandContext, *, number: str) -> None:
    """Die Fotos für wartende Schreiben freigeben; bitte sehen Sie sie vorher an."""
    with session.opened(context) as work:
        click.echo(reshaping.release_photos(work.engine, number, work.clock(), actor=session.actor()))


COMMANDS = (merge, split, reopen, place, photos)
