"""list, show, assign, close, requeue, ack, answer: the work as staff sees and corrects it."""

from collections.abc import Mapping
from typing import Any

import click
from msgspec.structs import asdict

from intake.base import errors
from routing import desk
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import cases, click_german, json_lines
from routing.model import words
from routing.model.decision import Urgency
from routing.privacy import looks

LISTED = ("number", "state", "urgency", "category", "place", "opened_at", "channel", "reason")
"""What the JSON lines of ``list`` promise; the rest is for people's eyes."""


KEPT = "gespeichert"
STATES = {word.lower(): state for state, word in words.CONCERN.items()} | {KEPT: "kept"}
"""What --state takes, beside the values as they are stored."""
ANSWERS = ("erledigt", "beauftragt", "nicht-zuständig", "offen")


@click.command("list", cls=click_german.Command)
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click_german.Word(tuple(STATES), {state: word for word, state in STATES.items()}),
    help="Nur diese (mehrfach möglich); sonst Klärung, offen und beantwortet. Gespeichert: was ohne Vorgang blieb.",
)
@click.option(
    "--limit", type=click_german.Count(), default=50, metavar="ANZAHL", help="Höchstens so viele (sonst 50)."
)
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Hinweis.")
@click.pass_obj
def list_(context: CommandContext, *, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Hinweise, die auf jemanden warten, die ältesten zuerst."""
    wanted = [STATES[state] for state in states] or ["review", "open", "answered"]
    with session.opened(context) as work:
        found = desk.listed(work.engine, wanted, limit)
        if STATES[KEPT] in wanted:
            found += desk.kept.listed(work.engine, limit - len(found))
        if found:
            looks.note(work.engine, work.clock(), session.actor(), "list", (item.number for item in found))
    if as_json:
        for item in found:
            click.echo(json_lines.text({name: getattr(item, name) for name in LISTED}))
        return
    if not found:
        click.echo("Nichts wartet.")
        return
    cases.print_table(found)
    if len(found) == limit:
        click.echo(f"Es werden höchstens {limit} gezeigt; mehr mit --limit.")


@click.command(cls=click_german.Command)
@click.argument("number", metavar="NUMMER")
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.option("--restricted", is_flag=True, help="Auch wenn die Verarbeitung eingeschränkt ist (Art. 18 DSGVO).")
@click.pass_obj
def show(context: CommandContext, *, number: str, as_json: bool, restricted: bool) -> None:
    """Einen Vorgang ganz zeigen: Nachricht, Begründung, Schreiben, Verlauf.

    Mit N-42 eine Nachricht, die nur gespeichert wurde (list --state gespeichert).
    """
    with session.opened(context) as work:
        of = desk.kept.show if desk.kept.is_number(number) else desk.show
        case = of(work.engine, number)
        if case.restricted and not restricted:
            raise errors.UsageError(
                f"{case.number}: Die Verarbeitung ist eingeschränkt (Art. 18 DSGVO). Wenn es trotzdem sein muss: "
                f"kod-intake show {case.number} --restricted"
            )
        looks.note(work.engine, work.clock(), session.actor(), "show", [case.number])
        names = work.settings.body_names
    if as_json:
        click.echo(json_lines.text(_case_values(case)))
        return
    for line in cases.case_lines(case, names):
        click.echo(line)


def _case_values(case: desk.Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "messages": [_message_values(stored) for stored in case.messages],
        "concerns": [row._asdict() for row in case.concerns],
        "decisions": [row._asdict() for row in case.decisions],
        "letters": [_without_concern(row._asdict()) for row in case.letters],
        "timeline": case.timeline,
    }


def _message_values(stored: Any) -> dict[str, Any]:
    values = asdict(stored.message)
    values["identity"] = stored.message.identity.hex()
    values["follows"] = stored.message.follows.hex()
    return values | {"id": stored.id, "source": stored.source, "received_at": stored.received_at}


def _without_concern(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "concern_id"}


@click.command(cls=click_german.Command)
@click.argument("number", metavar="NUMMER")
@click.argument("recipients", nargs=-1, required=True, metavar="STELLE …")
@click.option(
    "--urgency", type=click_german.Word([urgency.value for urgency in Urgency]), help="Andere Dringlichkeit."
)
@click.option("--category", default="", metavar="TEXT", help="Andere Kategorie, wie sie im Schreiben stehen soll.")
@click.option("--photos", is_flag=True, help="Die Fotos gehen mit; bitte sehen Sie sie vorher an.")
@click.pass_obj
def assign(
    context: CommandContext,
    *,
    number: str,
    recipients: tuple[str, ...],
    urgency: str | None,
    category: str,
    photos: bool,
) -> None:
    """Einen Hinweis einer Stelle zuweisen: assign NUMMER STELLE."""
    with session.opened(context) as work:
        said = desk.assign(
            work.engine,
            work.active.configuration,
            number,
            recipients,
            work.clock(),
            actor=session.actor(),
            urgency=Urgency(urgency) if urgency else None,
            category=category,
            photos=photos,
        )
    click.echo(said)


@click.command(cls=click_german.Command)
@click.argument("number", metavar="NUMMER")
@click.option("--reason", default="", metavar="TEXT", help="Warum (steht im Verlauf).")
@click.pass_obj
def close(context: CommandContext, number: str, reason: str) -> None:
    """Einen Vorgang schließen; Geplantes wird nicht mehr verschickt."""
    with session.opened(context) as work:
        click.echo(desk.close(work.engine, number, work.clock(), actor=session.actor(), reason=reason))


@click.command(cls=click_german.Command)
@click.argument("what", metavar="NUMMER|letters")
@click.pass_obj
def requeue(context: CommandContext, what: str) -> None:
    """Einen Vorgang neu einordnen lassen, oder abgelehnte Schreiben noch einmal versuchen (letters)."""
    with session.opened(context) as work:
        click.echo(
            desk.requeue(work.engine, what, work.clock(), actor=session.actor(), recipients=work.settings.recipients)
        )


@click.command(cls=click_german.Command)
@click.argument("number", metavar="NUMMER")
@click.pass_obj
def ack(context: CommandContext, number: str) -> None:
    """Bestätigen, dass sich jemand kümmert; ein dringendes Schreiben wird dann nicht wiederholt."""
    with session.opened(context) as work:
        click.echo(desk.acknowledge(work.engine, number, work.clock(), actor=session.actor()))


@click.command(cls=click_german.Command)
@click.argument("number", metavar="NUMMER")
@click.argument("word", type=click_german.Word(ANSWERS, {"nicht-zustaendig": "nicht-zuständig"}), metavar="ANTWORT")
@click.option("--recipient", default="", metavar="STELLE", help="Welche Stelle, wenn mehrere ein Schreiben haben.")
@click.pass_obj
def answer(context: CommandContext, number: str, word: str, recipient: str) -> None:
    """Eintragen, was eine Stelle geantwortet hat: erledigt, beauftragt, nicht-zuständig oder offen."""
    with session.opened(context) as work:
        said = desk.answer(
            work.engine, work.settings, number, word, work.clock(), actor=session.actor(), body=recipient
        )
    click.echo(said)


COMMANDS = (list_, show, assign, close, requeue, ack, answer)
