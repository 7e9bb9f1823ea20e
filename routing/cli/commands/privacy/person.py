"""person find, export, erase, restrict: what a person may ask for (Art. 15 to 20 GDPR). A person chooses."""

from pathlib import Path

import click
from msgspec.structs import asdict

from intake import reference, storage
from intake.base import errors, german
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, json_lines
from routing.cli.output.printable import line
from routing.privacy import export as exporting
from routing.privacy import holds, looks, persons
from routing.privacy.persons import Candidate
from routing.service import channels, erasure
from routing.store import held
from routing.text.redaction import city_words

NUMBERS = click.argument("numbers", nargs=-1, required=True, metavar="NUMMER …")


@click.group(cls=click_german.Group)
def person() -> None:
    """Rechte einer Person: finden, Auskunft, löschen, einschränken."""


@person.command(cls=click_german.Command)
@click.argument("said", nargs=-1, required=True, metavar="ANGABE …")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Nachricht.")
@click.pass_obj
def find(context: CommandContext, *, said: tuple[str, ...], as_json: bool) -> None:
    """Nachrichten zu Name, Anschrift, Telefon, E-Mail-Adresse oder Nummer; wer gemeint ist, entscheiden Sie.

    Mehrere Wörter einer Angabe in Anführungszeichen: person find "Gerda Müller" 0151/2345678.
    """
    with session.opened(context) as work:
        with storage.reading(work.engine) as connection:
            found = persons.find(connection, said)
        looks.note(work.engine, work.clock(), session.actor(), "person find", (one.number for one in found))
    for one in found:
        click.echo(json_lines.text(asdict(one)) if as_json else _line(one))
    if not found and not as_json:
        click.echo("Nichts gefunden. Versuchen Sie einzelne Wörter oder eine andere Schreibweise.")


def _line(one: Candidate) -> str:
    why = "; ".join(f"„{said}“ im Feld {place}" if place != "genannt" else "genannt" for said, place in one.why)
    role = "schrieb" if one.is_sender else "ist genannt"
    parts = (one.number, one.case, german.short_moment(one.received_at), one.channel, line(one.sender), role)
    return f"{'  '.join(part for part in parts if part)}  ({line(why)})"


@person.command(cls=click_german.Command)
@NUMBERS
@click.option("--to", "path", required=True, type=click.Path(path_type=Path), metavar="DATEI", help="Das neue ZIP.")
@click.option("--known", multiple=True, metavar="ANGABE", help="Ist die Person selbst: bleibt stehen (mehrfach).")
@click.option("--sentences", is_flag=True, help="Auch Sätze aus Nachrichten anderer, die die Person nennen.")
@click.pass_obj
def export(
    context: CommandContext, *, numbers: tuple[str, ...], path: Path, known: tuple[str, ...], sentences: bool
) -> None:
    """Auskunft nach Art. 15 und 20 DSGVO: ein ZIP, lesbar und für Programme. Bitte vor der Herausgabe lesen.

    Angaben über andere Personen werden entfernt, so gut ein Programm das kann.
    """
    with session.opened(context) as work:
        now, city = work.clock(), city_words.of_configuration(work.active.configuration)
        with storage.reading(work.engine) as connection:
            chosen = persons.candidates(connection, numbers, known)
            terms = [persons.term(said) for said in known]
            values = exporting.collect(connection, chosen, terms, city, sentences=sentences)
        looks.note(work.engine, now, session.actor(), "person export", (one.number for one in chosen))
        try:
            exporting.write(path, values, work.settings.city.name, now)
        except FileExistsError as error:
            raise errors.UsageError(f"{path} gibt es schon. Nennen Sie einen neuen Namen.") from error
    click.echo(
        f"{path}: {german.counted(len(chosen), 'Nachricht', 'Nachrichten')}. Bitte lesen Sie sie vor der Herausgabe."
    )


@person.command(cls=click_german.Command)
@NUMBERS
@click.option("--yes", is_flag=True, help="Nicht fragen.")
@click.option("--no-notice", is_flag=True, help="Die Stellen nicht bitten, unsere Schreiben zu löschen.")
@click.pass_obj
def erase(context: CommandContext, *, numbers: tuple[str, ...], yes: bool, no_notice: bool) -> int:
    """Löschen nach Art. 17 DSGVO, überall; sagt, was bleibt und warum. Das lässt sich nicht zurücknehmen."""
    with session.opened(context) as work:
        with storage.reading(work.engine) as connection:
            ids = persons.chosen(connection, numbers)
        if not yes:
            count = german.counted(len(ids), "Nachricht", "Nachrichten")
            click.confirm(
                f"{count} unwiderruflich löschen ({', '.join(map(reference.message_number, ids))})?", abort=True
            )
        done = erasure.erase(work, ids, channels.clearing(work.settings), actor=session.actor(), notify=not no_notice)
    for said in erasure.sentences(done):
        click.echo(said)
    return 1 if done.troubles else 0


@person.command(cls=click_german.Command)
@NUMBERS
@click.option("--reason", required=True, metavar="TEXT", help="Warum (steht bei der Sperre).")
@click.pass_obj
def restrict(context: CommandContext, *, numbers: tuple[str, ...], reason: str) -> None:
    """Verarbeitung einschränken (Art. 18 DSGVO): nichts geht hinaus, nichts wird gelöscht, bis zu hold --end."""
    with session.opened(context) as work, storage.writing(work.engine) as connection:
        ids = persons.chosen(connection, numbers)
        new = holds.begin(connection, held.Kind.RESTRICTED, ids, reason, work.clock(), actor=session.actor())
    click.echo(f"Eingeschränkt: {', '.join(map(reference.message_number, new)) or 'nichts Neues'}.")


COMMANDS = (person,)
