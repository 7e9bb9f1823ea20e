"""report: the figures of a period, in the form that somebody needs."""

from datetime import date, datetime
from pathlib import Path

import click

from intake.base import errors, german
from routing import figures
from routing.cli import session
from routing.cli.context import CommandContext
from routing.cli.output import click_german, csv_tables
from routing.figures import periods
from routing.figures.forms import files
from routing.figures.values import Period
from routing.service.runtime import Runtime

FILES = frozenset({"xlsx", "html"})
"""Forms that nobody reads in a terminal."""


@click.command(cls=click_german.Command)
@click.option("--from", "first", default="", metavar="TAG", help="Vom Beginn dieses Tages an: 01.06.2026.")
@click.option("--to", "last", default="", metavar="TAG", help="Bis zum Ende dieses Tages; sonst bis heute.")
@click.option("--month", default="", metavar="MONAT", help="Ein ganzer Monat: 2026-06. Üblich: der vorige.")
@click.option("--year", type=click_german.Count(), metavar="JAHR", help="Ein ganzes Jahr: 2026.")
@click.option("--csv", "form", flag_value="csv", help="Eine Tabelle für Excel (CSV).")
@click.option("--xlsx", "form", flag_value="xlsx", help="Eine Arbeitsmappe für Excel.")
@click.option("--html", "form", flag_value="html", help="Eine Seite mit Bildern, zum Ansehen und Drucken.")
@click.option("--json", "form", flag_value="json", help="Für Programme: ein JSON-Objekt.")
@click.option("--open", "form", flag_value="open", help="Zum Veröffentlichen: Zahlen unter 5 fehlen, Straßen auch.")
@click.option("--output", type=click.Path(path_type=Path), metavar="DATEI", help="In diese Datei schreiben.")
@click.pass_obj
def report(
    context: CommandContext,
    *,
    first: str,
    last: str,
    month: str,
    year: int | None,
    form: str | None,
    output: Path | None,
) -> None:
    """Die Zahlen eines Zeitraums: Wege, Themen, Orte, Stellen, Zeiten, und Sätze für die Presse.

    Ohne Zeitraum der vorige Monat. Verändert nichts. Auch was schon gelöscht ist, zählt mit, nur ohne Ort.
    """
    form = form or "text"
    with session.opened(context) as work:
        now = work.clock()
        try:
            period = _period(first, last, month, year, now)
            found = figures.report(work.engine, work.settings, period.since, period.until, streets=_streets(work))
        except ValueError as error:
            raise errors.UsageError(str(error)) from error
    written = files.content(form, found, now)
    if output is None and form not in FILES:
        click.echo(written.decode() if form != "csv" else written, nl=form == "json")
        return
    target = output or Path(files.name(form, period))
    with csv_tables.named(target):
        target.write_bytes(written)
    click.echo(f"{target} ist geschrieben ({periods.said(period)}).")


def _period(first: str, last: str, month: str, year: int | None, now: datetime) -> Period:
    """What was asked for. Raises UsageError and ValueError, in German."""
    if sum((bool(first or last), bool(month), year is not None)) > 1:
        raise errors.UsageError("Bitte nur eines: --month, --year oder --from und --to.")
    if month:
        return periods.parse_month(month)
    if year is not None:
        if not date.min.year < year < date.max.year:
            raise errors.UsageError(f"Das Jahr {year} gibt es nicht.")
        return periods.of_year(year)
    if not first and not last:
        return figures.last_month(now)
    if not first:
        raise errors.UsageError("Zu --to gehört --from: der erste Tag.")
    return periods.of_days(periods.parse_day(first), periods.parse_day(last) if last else german.local(now).date())


def _streets(work: Runtime) -> tuple[str, ...]:
    return work.active.configuration.gazetteer.ways


COMMANDS = (report,)
