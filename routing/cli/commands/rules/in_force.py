"""rules: the rules in force, who gets what, and where each stands. ``rules find`` tells which of them know a word.

Only reads config.toml and the rule library; needs no network and no database.
"""

import json
from typing import Any

import click

from intake.base import german
from routing import rules as judging
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.config import loader
from routing.config.rulebook import finding, sources
from routing.config.rulebook.finding import Known, Listed
from routing.model.settings import Rule

_BY_URGENCY = {
    "notfall": "Notfall",
    "sofort": "sofort",
    "heute": "heute",
    "sammel": "Sammelliste",
    "liste": "Wochenliste",
}
_STATES = {"review": "Klärung", "kept": "nur speichern", "routed": "weiterleiten"}


@click.group(cls=click_german.Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Regel.")
@click.pass_context
def rules(click_context: click.Context, *, as_json: bool) -> None:
    """Die geltenden Regeln: wer was bekommt, und wo jede steht; rules find WORT: welche ein Wort kennen."""
    if click_context.invoked_subcommand is not None:
        return
    configuration = loader.load(click_context.obj.config_path(), prove=False)
    for listed in finding.listed(sources.of_configuration(configuration)):
        click.echo(json.dumps(_values(listed), ensure_ascii=False) if as_json else _line(listed))


@rules.command(cls=click_german.Command)
@click.argument("word", metavar="WORT")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Schlüsselwort.")
@click.pass_obj
def find(context: CommandContext, word: str, *, as_json: bool) -> int:
    """Welche Regeln ein Wort kennen, durch welches Schlüsselwort oder welche Liste, und wo das steht."""
    configuration = loader.load(context.config_path(), prove=False)
    rule_set, _ = judging.compiled(configuration)
    found = finding.find(word, sources.of_configuration(configuration), rule_set)
    for known in found:
        click.echo(json.dumps(_found(known), ensure_ascii=False) if as_json else _told(known))
    if not found and not as_json:
        click.echo(
            f"Keine Regel kennt „{word}“. Dazu kommt es mit [[changes]] (add) oder einer eigenen Regel ([[rules]])."
        )
    return 0 if found else 1


def _values(listed: Listed) -> dict[str, Any]:
    rule = listed.rule
    is_rule = isinstance(rule, Rule)
    return {
        "name": rule.name,
        "id": listed.category,
        "category": rule.category if isinstance(rule, Rule) else rule.kind,
        "recipients": list(rule.recipient),
        "urgency": rule.urgency if isinstance(rule, Rule) else None,
        "state": None if is_rule else getattr(rule, "state", None),
        "file": listed.file,
        "line": listed.line,
        "changes": listed.changed,
    }


def _line(listed: Listed) -> str:
    rule = listed.rule
    if isinstance(rule, Rule):
        what, speed = f"{listed.category} {rule.category}".strip(), _BY_URGENCY[rule.urgency]
    else:
        what, speed = f"Art der Nachricht: {rule.kind}", _STATES[rule.state]
    who = german.listed(rule.recipient) if rule.recipient else "niemand"
    changed = (
        f", geändert in Zeile {german.listed(map(str, listed.changed))} von config.toml" if listed.changed else ""
    )
    return f"{rule.name}\n    {what} → {who}, {speed}\n    {listed.file}, Zeile {listed.line}{changed}"


def _found(known: Known) -> dict[str, Any]:
    return {
        "rule": known.rule,
        "key": known.key,
        "keyword": known.keyword,
        "lists": list(known.lists),
        "places": [{"file": file, "line": line} for file, line in known.places],
    }


def _told(known: Known) -> str:
    what = {"keywords": "Schlüsselwort", "except": "zählt nicht (except)", "unless": "Veto (unless)"}[known.key]
    lists = f", Wortliste {german.listed('@' + name for name in known.lists)}" if known.lists else ""
    places = "; ".join(f"{file}, Zeile {line}" for file, line in known.places)
    return f"{known.rule}: {what} „{known.keyword}“{lists}\n    {places}"


COMMANDS = (rules,)
