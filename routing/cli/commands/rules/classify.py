"""classify: a table of texts in, the same table with the rules' verdicts out. Needs no network and no database."""

from pathlib import Path

import click

from intake.base import errors, german
from routing import rules
from routing.cli import proved
from routing.cli.context import CommandContext
from routing.cli.output import click_german, csv_tables, input_texts, progress
from routing.model.decision import Decision

ADDED = ("category", "recipients", "urgency", "state", "rules", "matches")


@click.command(cls=click_german.Command)
@click.argument("table", type=click_german.ExistingFile(), metavar="TABELLE")
@click.option("--column", default="text", metavar="SPALTE", help="Spalte mit dem Text (sonst: text).")
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="DATEI", help="Neue Tabelle.")
@click.pass_obj
def classify(context: CommandContext, table: Path, column: str, output: Path) -> int:
    """Jede Zeile einer Tabelle einordnen und das Ergebnis daneben schreiben."""
    configuration = proved.configuration(context)
    rule_set, _ = rules.compiled(configuration)
    source = csv_tables.opened(table, column)
    index, width = source.column(column), len(source.header)
    if output.exists() and output.samefile(table):
        raise errors.UsageError(
            "Das Ergebnis braucht einen anderen Namen als die Tabelle, damit diese erhalten bleibt."
        )
    count = 0
    with csv_tables.written(output) as writer:
        writer.writerow([*source.header, *ADDED])
        for row in progress.shown(source.rows(), "Einordnen", csv_tables.count_lines(table)):
            text = row[index] if index < len(row) else ""
            decision = rules.classify(input_texts.message(text), rule_set)
            writer.writerow([*row, *[""] * (width - len(row)), *_cells(decision)])
            count += 1
    click.echo(f"{german.counted(count, 'Zeile', 'Zeilen')} eingeordnet: {output}")
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
        csv_tables.safe(", ".join(dict.fromkeys(match.found for concern in concerns for match in concern.matches))),
    ]


COMMANDS = (classify,)
