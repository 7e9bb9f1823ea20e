"""handback: why a body gave a concern back, which rule had sent it, and what a changed rule would have done."""

import click

from intake.base import german
from routing import desk, rules
from routing.cli import history, session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, printable
from routing.model.settings import Rule
from routing.replies import recognise
from routing.rules.backtest import Tally
from routing.rules.suggest import from_handbacks
from routing.rules.suggest.terms import Reader
from routing.service.runtime import Runtime
from routing.store import history as stored_history
from routing.text.redaction import city_words

DAYS = 365


@click.command(cls=click_german.Command)
@click.argument("number", metavar="NUMMER")
@click.option("--days", type=click_german.Count(), default=DAYS, metavar="TAGE", help="So weit zurück vergleichen.")
@click.pass_obj
def handback(context: CommandContext, number: str, days: int) -> None:
    """Rückgabe einer Stelle: die Regel dahinter und ein Änderungsvorschlag mit Rückvergleich."""
    with session.opened(context) as work:
        case = desk.show(work.engine, number)
        waiting = [row for row in case.concerns if row.waits_for and row.message_id not in case.restricted]
        if not waiting:
            click.echo("Zu diesem Vorgang gibt es keine Rückgabe.")
            return
        for concern in waiting:
            click.echo(printable.line(concern.waits_for.partition(" Die Regel dazu")[0]))
        back = {concern.category for concern in waiting}
        names = dict.fromkeys(
            name
            for decision in case.decisions
            for told in decision.detail.get("concerns", ())
            for name in told["rules"]
            if told["category"] in back
        )
        rules = [rule for rule in work.active.configuration.settings.rules if rule.name in names]
        if not rules:
            click.echo("Keine Regel hat diesen Hinweis zugeordnet, sondern ein Mensch.")
        for rule in rules:
            _rule(work, case, rule, days)


def _rule(work: Runtime, case: desk.Case, rule: Rule, days: int) -> None:

    configuration = work.active.configuration
    words = dict.fromkeys(
        match["found"]
        for decision in case.decisions
        for told in decision.detail.get("concerns", ())
        for match in told["matches"]
        if match["rule"] == rule.name
    )
    found = german.listed(f"„{printable.line(word)}“" for word in words)
    click.secho(f"\nRegel „{rule.name}“ ({rule.category} → {german.listed(rule.recipient)}) fand {found}.", bold=True)
    answers = [decision.message_id for decision in case.decisions if decision.kind == "answer"]
    reply = next((stored.message for stored in reversed(case.messages) if stored.id in answers), None)
    reader = Reader(configuration.gazetteer, city_words.of_configuration(configuration))
    tried = from_handbacks.changes(rule, case.messages[0].message, reply, reader)
    tallies = [(change, _tally(work, change, days)) for change in tried]
    helping = [(change, tally) for change, tally in tallies if tally.changed]  # this very message at least
    if not helping:
        click.echo("Kein Wort der Nachricht bietet sich als Ausnahme an. Ist die Stelle der Regel richtig?")
    for change, tally in helping:
        why = " (auch die Stelle nennt es)" if change.named else ""
        click.echo(f"\n# Regel „{rule.name}“: nicht, wenn „{change.word}“ vorkommt{why}")
        click.echo(change.toml(rule))
        would = "würde" if tally.changed == 1 else "würden"
        click.echo(f"# Rückvergleich: {tally.changed} von {tally.total} Nachrichten {would} anders weitergeleitet.")
    if helping:
        click.echo("\nPrüfen Sie die Änderung an einer Kopie: kod-intake backtest NEU.toml")


def _tally(work: Runtime, change: from_handbacks.Change, days: int) -> Tally:
    """What the change would have done to the messages of the last ``days``."""
    old = work.active.configuration
    new = from_handbacks.with_change(old, change)
    before, _ = rules.compiled(old)
    after, _ = rules.compiled(new)
    tally = Tally()
    start = history.since(days)
    named = (
        (item.case, recognise.as_judged(item.message, old.settings.city.reference))
        for item in stored_history.messages(work.engine, start)
    )
    for name, message in from_handbacks.touched(change, named):
        tally.add(name, message, rules.classify(message, before), rules.classify(message, after))
    tally.total = stored_history.count(work.engine, start)
    return tally


COMMANDS = (handback,)
