"""record: the record of processing activities and a draft of the impact assessment, as Markdown files."""

from pathlib import Path

import click

from intake.base import errors
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from routing.privacy import record as texts
from routing.service import runtime

FILES = {"verzeichnis.md": texts.activities, "folgenabschaetzung.md": texts.assessment}


@click.command(cls=click_german.Command)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="ORDNER")
@click.pass_obj
def record(context: CommandContext, *, folder: Path) -> None:
    """Verzeichnis der Verarbeitungstätigkeiten und Entwurf der Folgenabschätzung schreiben.

    Aus der geltenden Konfiguration (Art. 30 und 35 DSGVO). Was es dort nicht gibt, ist als Lücke gekennzeichnet.
    """
    configuration, _, _ = runtime.load_or_last_good(context.config_path(), context.environ)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        try:
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text(configuration.settings, runtime.utc_now()))
        except FileExistsError as error:
            raise errors.UsageError(f"{folder / name} gibt es schon. Nennen Sie einen anderen Ordner.") from error
        click.echo(f"{folder / name} geschrieben.")


COMMANDS = (record,)
