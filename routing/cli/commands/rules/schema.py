"""schema: the keys of config.toml as a JSON Schema, with their German descriptions, for editors."""

import json

import click

from routing.cli.output import click_german
from routing.model.rule_files import ConfigFile


@click.command(cls=click_german.Command)
def schema() -> None:
    """Das JSON-Schema von config.toml, für Editoren."""
    click.echo(json.dumps(ConfigFile.model_json_schema(by_alias=True), ensure_ascii=False, indent=2))


COMMANDS = (schema,)
