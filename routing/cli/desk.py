"""status, list, show, assign, close, requeue: the work as staff sees and corrects it."""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from intake import wording
from routing.cli import german
from routing.cli.door import Door
from routing.concern import Urgency

STATES = {
    "klärung": "review",
    "offen": "open",
    "beantwortet": "answered",
    "geschlossen": "closed",
    "ersetzt": "replaced",
}
STATE_WORDS = {state: word.capitalize() for word, state in STATES.items()}


@contextmanager
def _opened(door: Door) -> Iterator[Any]:
    """The runtime for a look or a short transaction: it does not keep a running daemon from working."""
    from routing import runtime  # noqa: PLC0415

    work = runtime.Runtime.open(door.config_path(), door.environ, exclusive=False)
    try:
        yield work
    finally:
        work.close()


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unbekannt"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


@click.command(cls=german.Command)
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.pass_obj
def status(door: Door, as_json: bool) -> int:  # noqa: FBT001  (click's way)
    """Läuft alles? Was wartet? Ende mit 0, wenn ja, sonst mit 4."""
    from routing import health  # noqa: PLC0415

    with _opened(door) as work:
        state = health.read(work.engine, work.settings, work.clock(), broken=work.broken is not None)
    if as_json:
        click.echo(_json(asdict(state) | {"healthy": state.healthy}))
        return 0 if state.healthy else 4
    click.secho("Alles in Ordnung." if state.healthy else "Es gibt etwas zu tun:", bold=True)
    for trouble in state.troubles:
        click.secho(f"  ! {trouble.what}", fg="red")
        if trouble.todo:
            click.echo(f"    {trouble.todo}")
    seen = wording.short_moment(state.daemon_seen) if state.daemon_seen else "nie"
    click.echo(f"Dienst zuletzt tätig:  {seen}")
    for source in state.sources:
        read = wording.short_moment(source.last_read) if source.last_read else "nie"
        click.echo(f"Postfach {source.name + ':':<13} zuletzt abgeholt {read}")
    since = f", älteste seit {wording.short_moment(state.waiting_since)}" if state.waiting_since else ""
    click.echo(f"Nachrichten gesamt:    {wording.number(state.messages)}")
    click.echo(f"Ohne Entscheidung:     {wording.number(state.waiting)}{since}")
    click.echo(f"In Klärung:            {wording.number(state.review)}")
    click.echo(f"Geplante Weiterleitungen: {wording.number(state.planned)}")
    since = f", ältestes seit {wording.short_moment(state.unsent_since)}" if state.unsent_since else ""
    click.echo(f"Schreiben unterwegs:   {wording.number(state.unsent)}{since}")
    click.echo(f"Schreiben abgelehnt:   {wording.number(state.parked)}")
    click.echo(f"Schreiben im Zweifel:  {wording.number(state.in_doubt)}")
    return 0 if state.healthy else 4


@click.command("list", cls=german.Command)
@click.option(
    "--state",
    "states",
    multiple=True,
    type=german.Word(tuple(STATES), {state: word for word, state in STATES.items()}),
    help="Nur diese (mehrfach möglich); sonst Klärung, offen und beantwortet.",
)
@click.option("--limit", type=german.Count(), default=50, metavar="ANZAHL", help="Höchstens so viele (sonst 50).")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Hinweis.")
@click.pass_obj
def list_(door: Door, states: tuple[str, ...], limit: int, as_json: bool) -> None:  # noqa: FBT001  (click's way)
    """Hinweise, die auf jemanden warten, die ältesten zuerst."""
    from routing import desk  # noqa: PLC0415

    wanted = [STATES[state] for state in states] or ["review", "open", "answered"]
    with _opened(door) as work:
        found = desk.listed(work.engine, wanted, limit)
    if as_json:
        for item in found:
            click.echo(_json(asdict(item)))
        return
    if not found:
        click.echo("Nichts wartet.")
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Vorgang", "Eingang", "Stand", "Frist", "Kategorie", "Ort"):
        table.add_column(title, no_wrap=title not in {"Kategorie", "Ort"})
    for item in found:
        cells = (
            item.number,
            wording.short_moment(item.opened_at),
            STATE_WORDS.get(item.state, item.state),
            item.urgency,
            item.category,
            _visible(item.place),
        )
        table.add_row(*(Text(cell) for cell in cells))
    console = Console()
    console.width = max(console.width, 100)
    console.print(table)
    if len(found) == limit:
        click.echo(f"Es werden höchstens {limit} gezeigt; mehr mit --limit.")


@click.command(cls=german.Command)
@click.argument("number", metavar="NUMMER")
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen.")
@click.pass_obj
def show(door: Door, number: str, as_json: bool) -> None:  # noqa: FBT001  (click's way)
    """Einen Vorgang ganz zeigen: Nachricht, Begründung, Schreiben, Verlauf."""
    from routing import desk  # noqa: PLC0415

    with _opened(door) as work:
        case = desk.show(work.engine, number)
    if as_json:
        click.echo(_json(_case_values(case)))
        return
    click.secho(case.number, bold=True)
    for concern in case.concerns:
        state = STATE_WORDS.get(concern.state, concern.state)
        place = ", ".join(part for part in (concern.place, concern.district) if part)
        click.echo(f"  -{concern.position} {state}: {concern.category or 'ohne Kategorie'}  {place}".rstrip())
    for stored in case.messages:
        message = stored.message
        click.echo(f"\n{message.channel}, {wording.long_moment(stored.received_at)}")
        if message.from_name or message.from_addr or message.contact:
            who = " ".join(part for part in (message.from_name, message.from_addr, message.contact) if part)
            click.echo(f"Von: {_visible(who)}")
        if message.subject:
            click.echo(f"Betreff: {_visible(message.subject)}")
        click.echo(_indented(_visible(message.new_text or message.text)))
        for problem in message.problems:
            click.echo(f"  ! {problem}")
    for decision in case.decisions:
        click.echo(f"\nEntscheidung {wording.short_moment(decision.at)} ({decision.actor}): {decision.reason}")
        for concern in decision.detail.get("concerns", ()):
            lines = (f"„{_visible(m['found'])}“ → Regel „{m['rule']}“ ({m['keyword']})" for m in concern["matches"])
            for line in dict.fromkeys(lines):
                click.echo(f"  {line}")
    click.echo("\nVerlauf")
    for entry in case.timeline:
        click.echo(f"  {wording.short_moment(entry.at)}  {_visible(entry.what)}")


def _case_values(case: Any) -> dict[str, Any]:
    return {
        "number": case.number,
        "messages": [_message_values(stored) for stored in case.messages],
        "concerns": [dict(row._mapping) for row in case.concerns],  # noqa: SLF001  (SQLAlchemy's public name)
        "decisions": [dict(row._mapping) for row in case.decisions],  # noqa: SLF001
        "letters": [dict(row._mapping) for row in case.letters],  # noqa: SLF001
        "timeline": [asdict(entry) for entry in case.timeline],
    }


def _message_values(stored: Any) -> dict[str, Any]:
    values = asdict(stored.message)
    values["identity"] = stored.message.identity.hex()
    values["follows"] = stored.message.follows.hex()
    return values | {"id": stored.id, "source": stored.source, "received_at": stored.received_at}


def _visible(text: str) -> str:
    """Hostile text for a terminal: no control characters, so no escape sequences."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


@click.command(cls=german.Command)
@click.argument("number", metavar="NUMMER")
@click.argument("recipients", nargs=-1, required=True, metavar="STELLE …")
@click.option("--urgency", type=german.Word([urgency.value for urgency in Urgency]), help="Andere Dringlichkeit.")
@click.option("--category", default="", metavar="TEXT", help="Andere Kategorie, wie sie im Schreiben stehen soll.")
@click.pass_obj
def assign(door: Door, number: str, recipients: tuple[str, ...], urgency: str | None, category: str) -> None:
    """Einen Hinweis einer Stelle zuweisen: assign KOD-2026-000123 gsak."""
    from routing import desk  # noqa: PLC0415

    with _opened(door) as work:
        desk.assign(
            work.engine,
            work.in_force.configuration,
            number,
            recipients,
            work.clock(),
            actor=_actor(),
            urgency=Urgency(urgency) if urgency else None,
            category=category,
        )
    click.echo(f"{number.upper()} ist {wording.listed(recipients)} zugewiesen.")


@click.command(cls=german.Command)
@click.argument("number", metavar="NUMMER")
@click.option("--reason", default="", metavar="TEXT", help="Warum (steht im Verlauf).")
@click.pass_obj
def close(door: Door, number: str, reason: str) -> None:
    """Einen Vorgang schließen; Geplantes wird nicht mehr verschickt."""
    from routing import desk  # noqa: PLC0415

    with _opened(door) as work:
        desk.close(work.engine, number, work.clock(), actor=_actor(), reason=reason)
    click.echo(f"{number.upper()} ist geschlossen.")


@click.command(cls=german.Command)
@click.argument("what", metavar="NUMMER|letters")
@click.pass_obj
def requeue(door: Door, what: str) -> None:
    """Einen Vorgang neu einordnen lassen, oder abgelehnte Schreiben noch einmal versuchen (letters)."""
    from routing import desk  # noqa: PLC0415

    with _opened(door) as work:
        click.echo(desk.requeue(work.engine, what, work.clock(), actor=_actor(), recipients=work.settings.recipients))


COMMANDS = (status, list_, show, assign, close, requeue)
