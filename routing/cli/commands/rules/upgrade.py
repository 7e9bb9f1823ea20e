"""upgrade: the rules of a config.toml of before the rule library, as changes to the library."""

import tomllib
from pathlib import Path

import click

from intake.base import errors
from routing.cli.output import click_german
from routing.config.rulebook import upgrade as upgrading


@click.command(cls=click_german.Command)
@click.argument("old", type=click_german.ExistingFile(), metavar="ALT.toml")
@click.argument("shipped", type=click_german.ExistingFile(), metavar="MITGELIEFERT.toml")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="ORDNER")
def upgrade(old: Path, shipped: Path, folder: Path) -> int:
    """Eine config.toml von vor der Regelbibliothek umstellen.

    MITGELIEFERT.toml ist die, die mit der alten Version kam; was ALT.toml anders macht, ist das Eigene der Stadt.
    Neben beiden liegt ihre vocabulary.toml. Das Ergebnis steht in ORDNER.
    """
    if folder.absolute() == old.absolute().parent:
        raise errors.UsageError("Das Ergebnis braucht einen anderen Ordner, damit die alte Datei erhalten bleibt.")
    try:
        could_not = upgrading.write(old, shipped, folder)
    except (OSError, KeyError, ValueError, tomllib.TOMLDecodeError) as error:
        raise errors.UsageError(
            f"Das sind keine Dateien der Version davor ({type(error).__name__}: {error})."
        ) from error
    for told in could_not:
        click.echo(f"Nicht übertragen: {told}", err=True)
    click.echo(
        f"Geschrieben: {folder / 'config.toml'}. Prüfen Sie sie mit check und backtest --stored, bevor sie gilt."
    )
    return 1 if could_not else 0


COMMANDS = (upgrade,)
