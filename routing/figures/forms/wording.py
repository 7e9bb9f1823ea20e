"""Cells as people read them, in German. Pure."""

from routing.figures.tables import Cell, Seconds, Share

_STEPS = ((86_400, "Tage"), (3_600, "Std."), (60, "Min."))


def cell(value: Cell) -> str:
    """A cell as text: "1.204", "12,5 %", "3,5 Std.", "–" for what is not known."""
    if value is None:
        return "–"
    if isinstance(value, Share):
        return f"{decimal(value * 100)} %"
    if isinstance(value, Seconds):
        return duration(value)
    if isinstance(value, float):
        return decimal(value)
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    return value


def decimal(value: float) -> str:
    """One digit behind a comma, and dots between thousands."""
    return f"{value:,.1f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def duration(seconds: int) -> str:
    """So many seconds in the greatest unit of which there are two: "90 Sek.", "45 Min.", "3,5 Std.", "4,2 Tage"."""
    for length, name in _STEPS:
        if seconds >= 2 * length:
            return f"{decimal(seconds / length).removesuffix(',0')} {name}"
    return f"{seconds} Sek."
