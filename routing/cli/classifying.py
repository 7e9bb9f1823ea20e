"""classify: a table of texts in, the same table with the rules' verdicts out. Needs no network and no database."""

from pathlib import Path

import click

from intake import errors, wording
from routing.cli import german, tables, texts
from routing.cli.door import Door
from routing.concern import Decision

ADDED = ("category", "recipients", "urgency", "state", "rules", "matches")


@click.command(cls=german.Command)
@click.argument("table", type=german.ExistingFile(), metavar="TABELLE")
@click.option("--column", default="text", metavar="SPALTE", help="Spalte mit dem Text (sonst: text).")
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="DATEI", help="Neue Tabelle.")
@click.pass_obj
def classify(door: Door, table: Path, column: str, output: Path) -> int:
    """Jede Zeile einer Tabelle einordnen und das Ergebnis daneben schreiben."""
    from routing import config, rules  # noqa: PLC0415

    configuration = config.load(door.config_path(), environ=door.environ, prove=False)
    rule_set, _ = rules.build(configuration.settings, configuration.vocabulary, configuration.gazetteer)
    source = tables.opened(table, column)
    index, width = source.column(column), len(source.header)
    if output.exists() and output.samefile(table):
        raise errors.UsageError(
            "Das Ergebnis braucht einen anderen Namen als die Tabelle, damit diese erhalten bleibt."
        )
    count = 0
    with tables.written(output) as writer:
        writer.writerow([*source.header, *ADDED])
        for row in tables.progress(source.rows(), "Einordnen", tables.count_lines(table)):
            text = row[index] if index < len(row) else ""
            decision = rules.classify(texts.message(text), rule_set)
            writer.writerow([*row, *[""] * (width - len(row)), *_cells(decision)])
            count += 1
    click.echo(f"{wording.counted(count, 'Zeile', 'Zeilen')} eingeordnet: {output}")
    return 0


def _cells(decision: Decision) -> list[str]:
    """What is added to a row (design, "Commands"); only ``matches`` holds words of a citizen's."""
    concerns = decision.concerns
    return [
        ", ".join(dict.fromkeys(concern.category for concern in concerns)),
        ", ".join(decision.recipients),
        decision.urgency or "",
        decision.state,
        ", ".join(dict.fromkeys(rule for concern in concerns for rule in concern.rules)),
        tables.safe(", ".join(dict.fromkeys(match.found for concern in concerns for match in concern.matches))),
    ]


COMMANDS = (classify,)
