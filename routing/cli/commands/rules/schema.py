"""schema: the keys of config.toml as a JSON Schema, with their German descriptions, for editors."""

import json

import click

from routing.cli.output import click_german
from routing.config.toml import environment
from routing.model.rule_files import ConfigFile


@click.command(cls=click_german.Command)
@click.option(
    "--environment", "is_environment", is_flag=True, help="Die Umgebungsvariablen, die statt der Datei gelten."
)
def schema(*, is_environment: bool) -> None:
    """Das JSON-Schema von config.toml, für Editoren."""
    if is_environment:
        for name, meaning in environment.meanings(["NAME"]).items():
            click.echo(f"{name}\n    {' '.join(meaning.split())}")
        return
    click.echo(json.dumps(ConfigFile.model_json_schema(by_alias=True), ensure_ascii=False, indent=2))


COMMANDS = (schema,)
