"""A report as one HTML file: no script, nothing from elsewhere, each plot beside its table, made to be printed."""

from datetime import datetime

import jinja2

from intake.base import german
from routing.figures import periods, tables
from routing.figures.forms import plots, wording
from routing.figures.values import Report

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("routing.figures.forms", "."),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["cell"] = wording.cell


def write(report: Report, made_at: datetime) -> str:
    """The whole page; ``made_at`` (aware) stands in it."""
    shown = [(table, plots.draw(table)) for table in tables.of(report) if table.rows]
    return _ENVIRONMENT.get_template("zahlen.html.j2").render(
        report=report,
        said=periods.said(report.period),
        compared=periods.said(report.earlier),
        made=german.long_moment(made_at),
        tables=shown,
    )
