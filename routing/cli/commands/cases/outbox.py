"""outbox: the letters that have not arrived, as staff sees them, and what to do with each."""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click

from intake.base import german
from routing import desk
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, json_lines, printable
from routing.model import words
from routing.store.outbox import CITIZEN

CAUSES = 10
STATES = {words.DELIVERY[state]: state for state in ("planned", "parked", "held", "bounced")}
"""What --state takes."""


@click.group(cls=click_german.Group, invoke_without_command=True)
@click.option(
    "--state", "states", multiple=True, type=click_german.Word(tuple(STATES)), help="Nur diese (mehrfach möglich)."
)
@click.option(
    "--limit", type=click_german.Count(), default=50, metavar="ANZAHL", help="Höchstens so viele (sonst 50)."
)
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Schreiben und Adresse.")
@click.pass_context
def outbox(click_context: click.Context, *, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Schreiben, die noch nicht angekommen sind, mit Alter und Grund."""
    if click_context.invoked_subcommand is not None:
        return
    if as_json:
        _print_json(click_context.obj, states, limit)
    else:
        _list(click_context.obj, states, limit)


def _print_json(context: CommandContext, states: tuple[str, ...], limit: int) -> None:
    """The same letters for a machine; their states in the words of the database, as ``list --json`` has them."""
    with session.opened(context) as work:
        found = desk.letters.listed(work.engine, [STATES[word] for word in states], limit)
    for one in found:
        click.echo(json_lines.text(one))


def _list(context: CommandContext, states: tuple[str, ...], limit: int) -> None:

    with session.opened(context) as work:
        found = desk.letters.listed(work.engine, [STATES[word] for word in states], limit)
        stopped = desk.letters.stopped(work.engine)
        causes = desk.letters.causes(work.engine)
        failing = desk.letters.failing(work.engine)
        now = work.clock()
        names = work.settings.body_names
        names[CITIZEN] = "Bürgerinnen und Bürger"
    if not found and not stopped:
        click.echo("Alle Schreiben sind angekommen.")
        return
    for one in found:
        click.echo(f"{one.letter:>6}  {printable.line(one.subject)}")
        click.echo(f"        an {printable.line(one.address)}, {_age(now - one.since)}: {_state(one)}")
    if len(found) == limit:
        click.echo(f"Es werden höchstens {limit} gezeigt; mehr mit --limit.")
    for row in failing:
        count = german.counted(row.count, "Schreiben", "Schreiben")
        name = names.get(row.recipient, row.recipient)
        click.echo(f"{printable.line(name)}: {count} nicht angekommen, ältestes vom {german.short_moment(row.since)}")
    for sender, recipient, held in causes[:CAUSES]:
        who = printable.line(sender) or "ohne Absender"
        click.echo(f"Angehalten: {held} an {printable.line(names.get(recipient, recipient))}, ausgelöst von {who}")
    for row in stopped:
        click.secho(f"! An {printable.line(row.address)} geht nichts mehr: {printable.line(row.reason)}", fg="red")
        click.echo(f"  Noch einmal schicken: kod-intake outbox resume {printable.line(row.address)}")


def _state(one: Any) -> str:
    word = words.DELIVERY[one.state]
    if one.held:
        word += f" ({words.HELD[one.held]})"
    tries = f", {german.counted(one.attempts, 'Versuch', 'Versuche')}" if one.attempts else ""
    doubt = ", möglicherweise schon angekommen" if one.in_doubt else ""
    later = f", nächster Versuch {german.short_moment(one.due_at)}" if one.state == "planned" and tries else ""
    reply = f": {printable.line(one.reply)}" if one.reply else ""
    return f"{word}{tries}{later}{doubt}{reply}"


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "eben erst"
    if minutes < 120:
        return f"seit {german.counted(minutes, 'Minute', 'Minuten')}"
    return f"seit {minutes // 60} Stunden" if minutes < 2880 else f"seit {minutes // 1440} Tagen"


def _act(context: CommandContext, act: Callable[..., str], *values: Any) -> None:
    with session.opened(context) as work:
        click.echo(act(work.engine, *values, work.clock(), actor=session.actor()))


NUMBER = click.argument("number", type=click_german.Count(), metavar="NUMMER")
NUMBER_OR_ALL = click.argument("number", type=click_german.Count(), required=False, metavar="[NUMMER]")


@outbox.command(cls=click_german.Command)
@NUMBER
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.pass_obj
def show(context: CommandContext, *, number: int, as_json: bool) -> None:
    """Welche Hinweise in einem Schreiben stehen, und was aus ihm wurde."""
    with session.opened(context) as work:
        rows = desk.letters.deliveries(work.engine, number)
        inside = desk.letters.inside(work.engine, number)
    if as_json:
        concerns = [
            {"number": row.number, "position": row.position, "category": row.category, "place": row.place}
            for row in inside
        ]
        click.echo(json_lines.text({"deliveries": rows, "concerns": concerns}))
        return
    for one in rows:
        click.echo(f"{printable.line(one.subject)}\n  an {printable.line(one.address)}: {_state(one)}")
    for row in inside:
        where = ", ".join(part for part in (row.category, row.place) if part)
        click.echo(f"  {row.number}  {printable.line(where)}")
    if not rows:
        click.echo("Dieses Schreiben gibt es nicht. Alle zeigt: kod-intake outbox")


@outbox.command(cls=click_german.Command)
@NUMBER_OR_ALL
@click.pass_obj
def retry(context: CommandContext, number: int | None) -> None:
    """Jetzt noch einmal versuchen: ein Schreiben, oder alle abgelehnten und wartenden."""
    _act(context, desk.letters.retry, number)


@outbox.command(cls=click_german.Command)
@NUMBER
@click.pass_obj
def hold(context: CommandContext, number: int) -> None:
    """Ein Schreiben anhalten, bis es freigegeben wird."""
    _act(context, desk.letters.hold, number)


@outbox.command(cls=click_german.Command)
@NUMBER_OR_ALL
@click.option("--sender", default="", metavar="ADRESSE", help="Nur was dieser Absender ausgelöst hat.")
@click.option("--recipient", default="", metavar="KÜRZEL", help="Nur was an diese Stelle geht.")
@click.pass_obj
def release(context: CommandContext, number: int | None, *, sender: str, recipient: str) -> None:
    """Freigeben: ein angehaltenes Schreiben, oder alle, die Notbremse und Probebetrieb angehalten haben.

    Nach einer Flut nach und nach: Die Ursachen zeigt kod-intake outbox; mit --sender und --recipient geht nur
    hinaus, was davon echt ist.
    """
    _act(context, functools.partial(desk.letters.release, sender=sender, recipient=recipient), number)


@outbox.command(cls=click_german.Command)
@NUMBER
@click.pass_obj
def cancel(context: CommandContext, number: int) -> None:
    """Ein Schreiben nicht mehr verschicken."""
    _act(context, desk.letters.cancel, number)


@outbox.command(cls=click_german.Command)
@NUMBER
@click.argument("address", metavar="ADRESSE")
@click.pass_obj
def redirect(context: CommandContext, number: int, address: str) -> None:
    """Ein Schreiben an eine andere Adresse schicken."""
    with session.opened(context) as work:
        configuration = work.active.configuration
        click.echo(
            desk.letters.redirect(work.engine, configuration, number, address, work.clock(), actor=session.actor())
        )


@outbox.command(cls=click_german.Command)
@click.argument("address", metavar="ADRESSE")
@click.option("--to", default="", metavar="ADRESSE", help="Die neue Adresse, wenn es die alte nicht mehr gibt.")
@click.pass_obj
def resume(context: CommandContext, address: str, to: str) -> None:
    """Alles noch einmal schicken, was von einer Adresse zurückkam oder auf sie wartet."""
    with session.opened(context) as work:
        configuration = work.active.configuration
        click.echo(desk.letters.resume(work.engine, configuration, address, to, work.clock(), actor=session.actor()))


COMMANDS = (outbox,)
