"""The table that a run of the benchmarks prints: what was measured, against what, and whether the budget is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``passed`` is None where nothing is promised: the figure is for information."""

    what: str
    measured: str
    against: str = ""
    ratio: str = ""
    budget: str = ""
    passed: bool | None = None


def at_least(what: str, measured: str, against: str, ratio: float, least: float, budget: str) -> Row:
    """A row whose ratio must reach ``least``."""
    return Row(what, measured, against, _times(ratio), budget, ratio >= least)


def at_most(what: str, measured: str, against: str, ratio: float, most: float, budget: str) -> Row:
    """A row whose ratio must not exceed ``most``."""
    return Row(what, measured, against, _times(ratio), budget, ratio <= most)


def show(rows: Sequence[Row], title: str) -> None:
    """Print the table to standard output, wide enough for a file."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("what", "measured", "against", "ratio", "budget", ""):
        table.add_column(heading, justify="right" if heading == "ratio" else "left", overflow="fold")
    verdicts = {True: "kept", False: "MISSED", None: ""}
    for row in rows:
        table.add_row(row.what, row.measured, row.against, row.ratio, row.budget, verdicts[row.passed])
    console = Console(width=None if Console().is_terminal else 150, highlight=False, markup=False)
    console.print(table)


def _times(ratio: float) -> str:
    return f"{ratio:.2f} x" if ratio >= 0.2 or ratio == 0 else f"1/{1 / ratio:.1f}"
