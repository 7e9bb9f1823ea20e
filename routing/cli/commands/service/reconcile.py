"""reconcile: does the store hold what lies on the mail server?"""

import json

import click

from intake.base import errors, process_memory
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.service import channels
from routing.service.watch import reconcile as comparison


@click.command(cls=click_german.Command)
@click.argument("names", nargs=-1, metavar="[POSTFACH …]")
@click.option("--json", "as_json", is_flag=True, help="Für Programme: ein JSON-Objekt je Postfach und Zeile.")
@click.pass_obj
def reconcile(context: CommandContext, *, names: tuple[str, ...], as_json: bool) -> int:
    """Mailserver und Speicher vergleichen: liegt dort etwas, das hier fehlt? Verändert nichts.

    Ohne Angabe alle Postfächer. Der Dienst vergleicht von selbst jede Nacht.
    """
    code = 0
    with session.opened(context) as work:
        known = {channel.name: inspector for channel, inspector in channels.inspected(work.settings)}
        if unknown := [name for name in names if name not in known]:
            raise errors.UsageError(
                f"Ein Postfach „{unknown[0]}“ gibt es nicht. In config.toml stehen: {', '.join(known) or 'keine'}."
            )
        process_memory.freeze()  # a large mailbox leaves garbage behind that must not pile up
        for name in names or known:
            try:
                found = comparison.compare(work.engine, known[name](work))
            except errors.TemporaryError as error:
                click.echo(error.german, err=True)
                code = 1
                continue
            if as_json:
                click.echo(json.dumps(found.as_json(), ensure_ascii=False))
            else:
                click.echo(comparison.report(found))
            if found.unexplained and code == 0:
                code = 4
    return code


COMMANDS = (reconcile,)
