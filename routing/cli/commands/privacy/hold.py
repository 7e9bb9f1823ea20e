"""hold: what nothing deletes, from when, why, until a person ends it."""

from datetime import UTC, datetime, time
from typing import Any

import click

from intake import reference, storage
from intake.base import errors, german
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, json_lines
from routing.cli.output.printable import line
from routing.privacy import holds, persons
from routing.store import held

_KINDS = {held.Kind.HOLD: "Sperre", held.Kind.RESTRICTED: "eingeschränkt"}


@click.command(cls=click_german.Command)
@click.argument("numbers", nargs=-1, metavar="[NUMMER …]")
@click.option("--reason", default="", metavar="TEXT", help="Warum; nötig, um zu sperren.")
@click.option("--until", default="", metavar="TAG", help="Wann jemand wieder hinsehen soll: 31.12.2027.")
@click.option("--end", is_flag=True, help="Sperre oder Einschränkung aufheben.")
@click.option("--json", "as_json", is_flag=True, help="Für Programme: eine Zeile JSON je Sperre.")
@click.pass_obj
def hold(
    context: CommandContext, *, numbers: tuple[str, ...], reason: str, until: str, end: bool, as_json: bool
) -> None:
    """Gegen Löschen sperren (Klage, Prüfung), mit Grund; ohne Nummer: was gesperrt ist."""
    if numbers and not end and not reason.strip():
        raise errors.UsageError("Nennen Sie einen Grund: kod-intake hold NUMMER --reason „…“")
    day = _day(until) if until else None
    with session.opened(context) as work:
        if not numbers:
            with storage.reading(work.engine) as connection:
                rows = holds.lines(connection)
            for row in rows:
                click.echo(json_lines.text(row._asdict()) if as_json else _line(row))
            if not rows and not as_json:
                click.echo("Nichts ist gesperrt.")
            return
        with storage.writing(work.engine) as connection:
            ids = persons.chosen(connection, numbers)
            if end:
                changed = holds.end(connection, ids, work.clock(), actor=session.actor())
            else:
                changed = holds.begin(
                    connection, held.Kind.HOLD, ids, reason, work.clock(), actor=session.actor(), until=day
                )
    said = ", ".join(map(reference.message_number, changed)) or "nichts Neues"
    click.echo(f"{'Aufgehoben' if end else 'Gesperrt'}: {said}.")


def _day(said: str) -> datetime:
    """The end of a day on the city's clock, in UTC. Raises UsageError."""
    try:
        day = datetime.strptime(said, "%d.%m.%Y").date()  # noqa: DTZ007  (a day)
    except ValueError as error:
        raise errors.UsageError(f"„{line(said)}“ ist kein Tag. So: 31.12.2027") from error
    return datetime.combine(day, time(23, 59), german.BERLIN).astimezone(UTC)


def _line(row: Any) -> str:
    until = f", wieder ansehen am {german.local(row.until):%d.%m.%Y}" if row.until else ""
    since = f"seit {german.local(row.since):%d.%m.%Y} durch {line(row.actor)}"
    number, kind = reference.message_number(row.message_id), _KINDS[held.Kind(row.kind)]
    return f"{number}  {kind} {since}{until}: {line(row.reason)}"


COMMANDS = (hold,)
