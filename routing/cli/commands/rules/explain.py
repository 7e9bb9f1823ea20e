"""explain: what would become of a message, and why. It touches no message and needs no network, no database."""

import json
import sys
from typing import Any

import click
from msgspec.structs import asdict

from intake.message import Message
from routing import rules
from routing.cli import proved
from routing.cli.context import CommandContext
from routing.cli.output import click_german, explanation, input_texts, why_not
from routing.cli.output.evidence import Evidence
from routing.model.decision import Decision
from routing.planning import release

ATTACHMENT = ("content_type", "size", "inline")


@click.command(cls=click_german.Command)
@click.argument("files", nargs=-1, required=True, metavar="DATEI …")
@click.option("--rule", metavar="REGEL", help="Auch sagen, warum diese Regel nicht zutrifft.")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Datei.")
@click.pass_obj
def explain(context: CommandContext, *, files: tuple[str, ...], rule: str | None, as_json: bool) -> int:
    """Was mit einer Nachricht geschähe, und warum (- = Text von der Standardeingabe)."""
    configuration = proved.configuration(context)
    rule_set, _ = rules.compiled(configuration)
    failed = 0
    for name in files:
        try:
            message = input_texts.read(name)
        except OSError as error:
            failed = 1
            click.echo(click_german.unreadable(name, error), err=True)
            continue
        decision = release.guarded(rules.classify(message, rule_set), message, configuration)
        if as_json:
            sys.stdout.write(json.dumps(as_values(name, message, decision), ensure_ascii=False) + "\n")
        else:
            spoken = Evidence(message, rule_set)
            further = (
                why_not.lines(rule, message, decision, rule_set, configuration.vocabulary, spoken) if rule else ()
            )
            explanation.tell(name, message, decision, configuration.settings, spoken, further)
    return failed


def as_values(name: str, message: Message, decision: Decision) -> dict[str, Any]:
    """What ``explain --json`` prints for one file (design, "Commands"), keyed by name."""
    concerns = [
        {
            "category": concern.category,
            "id": concern.category_id,
            "recipients": list(concern.recipients),
            "urgency": concern.urgency,
            "places": [asdict(place) for place in concern.places],
            "doubt": concern.doubt,
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
            "homes": [asdict(place) for place in decision.homes],
            "reason": decision.reason,
        },
        "problems": list(message.problems),
    }


COMMANDS = (explain,)
