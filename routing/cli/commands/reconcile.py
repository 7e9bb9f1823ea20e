"""reconcile: does the store hold what lies on the mail server?"""

import json

import click

from intake.base import errors, process_memory
from routing.cli.context import Door
from routing.cli.output import click_german


@click.command(cls=click_german.Command)
@click.argument("names", nargs=-1, metavar="[POSTFACH …]")
@click.option("--json", "as_json", is_flag=True, help="Für Programme: ein JSON-Objekt je Postfach und Zeile.")
@click.pass_obj
def reconcile(door: Door, names: tuple[str, ...], as_json: bool) -> int:  # noqa: FBT001  (click's way)
    """Mailserver und Speicher vergleichen: liegt dort etwas, das hier fehlt? Verändert nichts.

    Ohne Angabe alle Postfächer. Der Dienst vergleicht von selbst jede Nacht.
    """
    from routing.service import reconcile as reconciling  # noqa: PLC0415
    from routing.service import runtime  # noqa: PLC0415

    work = runtime.Runtime.open(door.config_path(), door.environ, exclusive=False)
    try:
        known = work.settings.mailboxes
        if unknown := [name for name in names if name not in known]:
            raise errors.UsageError(
                f"Ein Postfach „{unknown[0]}“ gibt es nicht. In config.toml stehen: {', '.join(known) or 'keine'}."
            )
        process_memory.settle()  # a large mailbox leaves garbage behind that must not pile up
        code = 0
        for name in names or known:
            try:
                found = reconciling.compare(work, work.survey(name))
            except errors.TemporaryError as error:
                click.echo(error.german, err=True)
                code = 1
                continue
            if as_json:
                click.echo(json.dumps(found.as_json(), ensure_ascii=False))
            else:
                click.echo(reconciling.told(found))
            if found.unexplained and code == 0:
                code = 4
    finally:
        work.close()
    return code


COMMANDS = (reconcile,)
