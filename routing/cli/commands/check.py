"""check, explain, schema: questions to the rules. They touch nothing and need no network, no database."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from msgspec.structs import asdict

from intake.base import german
from intake.message import Message
from routing.cli.context import Door
from routing.cli.output import click_german, input_texts
from routing.model.decision import Decision

ATTACHMENT = ("content_type", "size", "inline")


@click.command(cls=click_german.Command)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[DATEI]")
@click.option("--history", is_flag=True, help="Auch sagen, was die gespeicherten Nachrichten verraten.")
@click.option("--days", type=click_german.Count(), default=90, metavar="TAGE", help="So weit zurück (sonst: 90).")
@click.pass_obj
def check(door: Door, *, file: Path | None, history: bool, days: int) -> int:
    """config.toml und Vorlagen prüfen, Beispiele der Regeln nachrechnen, auf Fallstricke hinweisen."""
    from routing import letters  # noqa: PLC0415
    from routing.config import (  # noqa: PLC0415
        lint_hints,
        loader,
        paths,
    )
    from routing.config.problems import ConfigurationError  # noqa: PLC0415

    path = file or door.config_path()
    try:
        configuration = loader.load(path)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    settings = configuration.settings
    names = {recipient.template for recipient in settings.recipients.values()}
    broken = letters.check(letters.environment(settings.files.templates, paths.shipped_templates()), sorted(names))
    for problem in broken:
        click.echo(problem, err=True)
    if broken:
        return 3
    further: tuple[Any, ...] = ()
    if history:
        from routing.cli.commands import backtest  # noqa: PLC0415  (the store is asked on demand only)

        further = backtest.hints(door, configuration, days)
    hints = (*configuration.warnings, *map(str, lint_hints.hints(configuration, further)))
    if hints:
        click.secho(f"{german.counted(len(hints), 'Hinweis', 'Hinweise')}, die Datei gilt trotzdem:\n", fg="yellow")
        click.echo("\n".join((*hints, "")))
    tests = sum(len(rule.tests) for rule in settings.rules) + sum(len(kind.tests) for kind in settings.kinds)
    click.echo(
        f"{path}: in Ordnung. {german.counted(len(settings.rules), 'Regel', 'Regeln')}, "
        f"{german.counted(tests, 'Beispiel', 'Beispiele')} nachgerechnet, "
        f"{german.counted(len(settings.recipients), 'Stelle', 'Stellen')}. "
        f"Prüfsumme {configuration.fingerprint[:12]}."
    )
    return 0


@click.command(cls=click_german.Command)
@click.argument("files", nargs=-1, required=True, metavar="DATEI …")
@click.option("--rule", metavar="REGEL", help="Auch sagen, warum diese Regel nicht zutrifft.")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Datei.")
@click.pass_obj
def explain(door: Door, *, files: tuple[str, ...], rule: str | None, as_json: bool) -> int:
    """Was mit einer Nachricht geschähe, und warum (- = Text von der Standardeingabe)."""
    from routing import rules  # noqa: PLC0415
    from routing.config import loader  # noqa: PLC0415
    from routing.planning import release  # noqa: PLC0415

    configuration = loader.load(door.config_path(), prove=False)
    rule_set, _ = rules.build(configuration.settings, configuration.vocabulary, configuration.gazetteer)
    failed = 0
    for name in files:
        try:
            message = input_texts.read(name)
        except OSError as error:
            failed = 1
            click.echo(click_german.unreadable(name, error), err=True)
            continue
        decision = release.guarded(rules.classify(message, rule_set), message, configuration.settings)
        if as_json:
            sys.stdout.write(json.dumps(as_values(name, message, decision), ensure_ascii=False) + "\n")
        else:
            from routing.cli.output import explain as explanation  # noqa: PLC0415  (machines do not need them)
            from routing.cli.output import why_not  # noqa: PLC0415

            further = why_not.lines(rule, message, decision, rule_set, configuration.vocabulary) if rule else ()
            explanation.tell(name, message, decision, configuration.settings, further)
    return failed


def as_values(name: str, message: Message, decision: Decision) -> dict[str, Any]:
    """What ``explain --json`` prints for one file (design, "Commands")."""
    concerns = [
        {
            "category": concern.category,
            "id": concern.category_id,
            "recipients": list(concern.recipients),
            "urgency": concern.urgency,
            "rules": list(concern.rules),
            "matches": [asdict(match) for match in concern.matches],
        }
        for concern in decision.concerns
    ]
    return {
        "file": name,
        "message": {
            "subject": message.subject,
            "from_name": message.from_name,
            "from_addr": message.from_addr,
            "date": message.date.isoformat() if message.date else None,
            "text": message.text,
            "new_text": message.new_text,
            "attachments": [
                {"name": one.given_name} | {key: getattr(one, key) for key in ATTACHMENT}
                for one in message.attachments
                if not one.forwarded
            ],
            "message_id": message.message_id,
            "automatic": message.automatic,
        },
        "decision": {
            "state": decision.state,
            "kind": decision.kind,
            "category": ", ".join(dict.fromkeys(concern.category for concern in decision.concerns)),
            "recipients": list(decision.recipients),
            "urgency": decision.urgency,
            "concerns": concerns,
            "near_misses": [asdict(miss) for miss in decision.near_misses],
            "places": [asdict(place) for place in decision.places],
            "reason": decision.reason,
        },
        "problems": list(message.problems),
    }


@click.command(cls=click_german.Command)
def schema() -> None:
    """Das JSON-Schema von config.toml, für Editoren."""
    from routing.model.settings import Settings  # noqa: PLC0415

    click.echo(json.dumps(Settings.model_json_schema(by_alias=True), ensure_ascii=False, indent=2))


COMMANDS = (check, explain, schema)
