"""Tables as plots: SVG that stands in a page, without a script, with words for who does not see it.

Drawn by pygal, which is loaded when the first plot is drawn; without it (the extra ``plots``) there are none, and the
tables say the same. docs/decisions/2026-11-30-figures.md tells why this library.
"""

import importlib
import sys
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from routing.figures.forms import wording
from routing.figures.tables import Table

MOST = 15
_COLOUR, _INK = "#1f5a96", "#1a1a1a"
_WIDTH, _ROW, _HEIGHT = 560, 26, 300


def draw(table: Table, *, is_bare: bool = False) -> str:
    """The table's second column over its first as an SVG element; "" where there is nothing to draw, or no pygal.

    ``is_bare``: without a style sheet of its own, for a page that has one for its classes. All text is escaped.
    """
    rows = [(str(row[0]), int(row[1] or 0)) for row in table.rows] if table.plot else []
    library = _library() if any(number for _, number in rows) else None
    if library is None:
        return ""
    if table.plot == "bars":
        rows = rows[MOST - 1 :: -1]
        chart = library.HorizontalBar(**_settings(library, table, len(rows) * _ROW + 60), max_scale=8)
    elif table.plot == "line":
        chart = library.Line(**_settings(library, table, _HEIGHT), x_label_rotation=45, show_minor_x_labels=False)
        chart.x_labels_major_count = 14
    else:
        chart = library.Bar(**_settings(library, table, _HEIGHT), x_label_rotation=45 if len(rows) > 6 else 0)
    chart.uuid = table.key  # its style sheet names it: no chance, the same report is the same file
    chart.x_labels = [name for name, _ in rows]
    chart.add(table.columns[1], [number for _, number in rows])
    return _described(chart.render_tree(), table, is_bare=is_bare)


def words(table: Table) -> tuple[str, str]:
    """(name, description) of a plot, German, for who does not see it."""
    most = sorted(((int(row[1] or 0), str(row[0])) for row in table.rows), key=lambda one: -one[0])[:3]
    told = ", ".join(f"{name} ({wording.cell(number)})" for number, name in most if number)
    return f"{table.title}: {table.columns[1]}", f"Am meisten: {told}. Alle Zahlen stehen in der Tabelle dazu."


@cache
def _library() -> Any:
    """pygal, or None where it is not installed."""
    finders = list(sys.meta_path)
    try:
        library = importlib.import_module("pygal")
    except ImportError:
        return None
    finally:
        sys.meta_path[:] = finders  # it puts a finder for its maps behind every import of the process
    library.etree.etree.to_etree()  # not lxml where that happens to be installed: the same everywhere
    return library


def _settings(library: Any, table: Table, height: int) -> dict[str, Any]:
    style = library.style.Style(
        background="#fff",
        plot_background="#fff",
        foreground=_INK,
        foreground_strong=_INK,
        foreground_subtle="#bbb",
        opacity="1",
        opacity_hover="1",
        transition="0s",
        colors=(_COLOUR,),
        value_colors=(_INK,),
        font_family="sans-serif",
        label_font_size=13,
        major_label_font_size=13,
        value_font_size=13,
    )
    looks = {"style": style, "height": height, "width": _WIDTH, "margin": 12, "js": (), "show_legend": False}
    texts = {
        "print_values": table.plot == "columns",
        "print_values_position": "top",
        "print_zeroes": False,
        "truncate_label": 40,
    }
    return (
        looks
        | texts
        | {"disable_xml_declaration": True, "formatter": str, "include_x_axis": True, "show_y_guides": True}
    )


def _described(root: Any, table: Table, *, is_bare: bool) -> str:
    """The plot with its name and description, and without what is for a mouse: scripts, tooltips, titles, comments."""
    gone = {ET.Comment, "script", "desc", "title", *(["style"] if is_bare else [])}
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in gone or (child.get("class") or "").split()[:1] == ["tooltip"]:
                parent.remove(child)
    name, description = (f"{table.key}-name", f"{table.key}-text")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name} {description}")
    for index, (tag, key, said) in enumerate(zip(("title", "desc"), (name, description), words(table), strict=True)):
        element = ET.Element(tag, {"id": key})
        element.text = said
        root.insert(index, element)
    return ET.tostring(root, encoding="unicode")
