"""probe: does a mail come through everything, now? Exit code 4 when it does not."""

import json
import time

import click

from intake.base import errors
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.pipeline import probe as probing
from routing.service.watch import probe as door

LOOK_SECONDS = 0.5


@click.command(cls=click_german.Command)
@click.option(
    "--wait", "seconds", type=click.FloatRange(0, 3600), default=300, show_default=True, help="So lange wird gewartet."
)
@click.option("--json", "as_json", is_flag=True, help="Für Programme: ein JSON-Objekt je Probesendung und Zeile.")
@click.pass_obj
def probe(context: CommandContext, *, seconds: float, as_json: bool) -> int:
    """Eine Probesendung durch Versand, Postfach und Regeln schicken und zusehen, wie weit sie kommt.

    Der Dienst muss laufen. Ende mit 0, wenn sie durchkommt, sonst mit 4. Sie wird nirgends gezählt.
    """
    with session.opened(context) as work:
        if work.engine.url.database in {None, "", ":memory:"}:
            raise errors.PermanentError("Der Dienst hat noch keine Datenbank angelegt. Starten Sie ihn zuerst.")
        sent = set(door.send(work))
        until = time.monotonic() + seconds
        while True:
            mine = [one for one in probing.look(work.engine, work.clock()) if one.nonce in sent]
            if not any(one.is_open for one in mine) or time.monotonic() >= until:
                break
            time.sleep(LOOK_SECONDS)
    for one in mine:
        if as_json:
            told = {"address": one.address, "state": one.state, "where": one.where}
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            click.echo(f"Probesendung an {one.address}: {one.where}.")
    return 0 if all(one.state == "arrived" for one in mine) else 4


COMMANDS = (probe,)
