"""rules: the rules in force, who gets what, and where each stands. ``rules find`` tells which of them know a word.

Only reads config.toml and the rule library; needs no network and no database.
"""

import json
import shutil
from typing import Any

import click

from routing import rules as judging
from routing.cli.context import CommandContext
from routing.cli.output import click_german, finding_texts
from routing.config import loader
from routing.config.rulebook import finding, sources
from routing.config.rulebook.finding import Known, Listed
from routing.model.settings import Rule


@click.group(cls=click_german.Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Regel.")
@click.pass_context
def rules(click_context: click.Context, *, as_json: bool) -> None:
    """Die geltenden Regeln: wer was bekommt, und wo jede steht; rules find WORT: welche ein Wort kennen."""
    if click_context.invoked_subcommand is not None:
        return
    configuration = loader.load(click_context.obj.config_path(), prove=False)
    for listed in finding.listed(sources.of_configuration(configuration)):
        click.echo(json.dumps(_values(listed), ensure_ascii=False) if as_json else finding_texts.rule(listed))


@rules.command(cls=click_german.Command)
@click.argument("word", metavar="WORT")
@click.option("--json", "as_json", is_flag=True, help="Eine Zeile JSON je Schlüsselwort.")
@click.pass_obj
def find(context: CommandContext, word: str, *, as_json: bool) -> int:
    """Welche Regeln ein Wort kennen, durch welches Schlüsselwort oder welche Liste, und wo das steht."""
    configuration = loader.load(context.config_path(), prove=False)
    rule_set, _ = judging.compiled(configuration)
    rulebook = sources.of_configuration(configuration)
    found = finding.find(word, rulebook, rule_set)
    if as_json:
        for known in found:
            click.echo(json.dumps(_found(known), ensure_ascii=False))
    elif found:
        click.echo(
            "\n".join(finding_texts.lines(found, finding.listed(rulebook), wide=shutil.get_terminal_size().columns))
        )
    else:
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


def _found(known: Known) -> dict[str, Any]:
    return {
        "rule": known.rule,
        "key": known.key,
        "keyword": known.keyword,
        "lists": list(known.lists),
        "places": [{"file": file, "line": line} for file, line in known.places],
    }


COMMANDS = (rules,)
