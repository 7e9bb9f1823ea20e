"""books: does everything add up, from the mail server to the letter? Exit code 4 when something does not."""

import json

import click

from intake.base import errors, process_memory
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.service import channels
from routing.service.watch import books as account
from routing.service.watch import reconcile as comparison
from routing.store import books as store


@click.command(cls=click_german.Command)
@click.option("--json", "as_json", is_flag=True, help="Für Programme: ein JSON-Objekt.")
@click.option("--store", "store_only", is_flag=True, help="Nur den Speicher, ohne die Mailserver zu fragen.")
@click.pass_obj
def books(context: CommandContext, *, as_json: bool, store_only: bool) -> int:
    """Die Bücher: geht alles auf, vom Mailserver bis zum Schreiben? Ende mit 0, wenn ja, sonst mit 4.

    Verändert nichts und stört den Dienst nicht. Der Dienst rechnet von selbst jede Nacht nach.
    """
    with session.opened(context) as work:
        process_memory.freeze()  # a large mailbox leaves garbage behind that must not pile up
        servers, unasked = [], []
        for _, inspector in [] if store_only else channels.inspected(work.settings):
            try:
                servers.append(comparison.compare(work.engine, inspector(work)))
            except errors.IntakeError as error:
                unasked.append(error.german)
        found = account.Account(store.read(work.engine), tuple(servers), tuple(unasked))
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        click.echo(account.report(found))
    if found.difference:
        return 4
    return 1 if unasked else 0


COMMANDS = (books,)
