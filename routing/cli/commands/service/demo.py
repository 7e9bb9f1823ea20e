"""demo: the whole way, shown with made-up messages on servers of its own."""

import click

from intake.base.errors import IntakeError
from routing.cli.context import CommandContext
from routing.cli.output import click_german

EXTRA = {"pymap", "pysasl", "proxyprotocol", "aiosmtpd"}


@click.command(cls=click_german.Command)
@click.option("--output", type=click.Path(), metavar="ORDNER", help="Ordner für die Schreiben (sonst ./demo).")
@click.pass_obj
def demo(context: CommandContext, output: str | None) -> int:
    """Den ganzen Weg vorführen: eingebautes Postfach, Beispielnachrichten, fertige Schreiben."""
    del context  # the demo has a configuration of its own
    try:
        from routing.cli.demo import show  # noqa: PLC0415  (its servers are an extra that may not be installed)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise IntakeError(
            f"Für die Vorführung fehlt das Paket {error.name}. Installieren Sie es mit: pip install 'kod-intake[demo]'"
        ) from None
    return show(output)


COMMANDS = (demo,)
