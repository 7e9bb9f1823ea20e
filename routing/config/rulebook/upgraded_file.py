"""The text of an upgraded config.toml: the city's own settings with their comments, the shipped rest with its lines.

The settings keep the words in which somebody wrote them. From "Wer wofür zuständig ist" on the text is that of the
shipped file, explained for staff, with the city's lines, changes and rules. Pure but for reading what is shipped.
"""

import json
import re
from pathlib import Path
from typing import Any

from routing.config import paths

Table = dict[str, Any]
_RULES = re.compile(r"^(?:# ===== Regeln =====|\[\[(?:rules|kinds)\]\]|\[weights\])", re.MULTILINE)
_RESPONSIBLE, _CITY, _SERVICE = (
    "# ===== Wer wofür zuständig ist =====",
    "# ===== Die Stadt =====",
    "# ===== Das Programm",
)
_OWN_RULES = "# ===== Eigene Regeln der Stadt ====="
_MOVED = (("desk", "recipient"), ("files", "gazetteer"), ("files", "vocabulary"), ("service", "timezone"))
"""Keys that stand elsewhere now, or nowhere."""


def text(old: str, city: Table, lines: Table, written: list[str], *, lists: str = "") -> str:
    """The new file.

    ``old`` is the city's file, ``city`` its values. ``lines`` are those of [responsible], by category, ``written`` the
    tables of [[changes]], [[rules]] and [[kinds]]; ``lists`` names the file of its own word lists, if there is one.
    """
    shipped = paths.shipped_config().read_text(encoding="utf-8")
    settings = old[: found.start()] if (found := _RULES.search(old)) else old
    for table, key in _MOVED:
        settings = re.sub(rf"(?ms)(^\[{table}\]$(?:(?!^\[).)*?)^{key} = [^\n]*\n", r"\1", settings, count=1)
    if lists:
        settings = re.sub(r"(?m)^\[files\]$", f'[files]\nvocabulary = "{lists}"', settings, count=1)
    if "city" not in city:
        start = settings.find(_SERVICE)
        at = start if start >= 0 else re.search(r"(?m)^\[|\Z", settings).start()  # type: ignore[union-attr]
        settings = f"{settings[:at]}{_city(shipped, city)}{settings[at:]}"
    rest = shipped[shipped.index(_RESPONSIBLE) :]
    weights = "".join(f"{key} = {value}\n" for key, value in city.get("weights", {}).items())
    rest = rest.replace("[weights]\n", f"[weights]\n{weights}", 1)
    changes = "\n".join(one for one in written if one.startswith("[[changes]]"))
    own = "\n".join(one for one in written if not one.startswith("[[changes]]"))
    before, heading, after = _with_lines(rest, lines).partition(_OWN_RULES)
    changed = f"{before.rstrip()}\n\n{changes}\n\n{heading}" if changes else f"{before}{heading}"
    return "\n".join(f"{settings.rstrip()}\n\n\n{changed}{after.rstrip()}\n\n{own}".rstrip().splitlines()) + "\n"


def street_names(city: Table, folder: Path) -> list[str]:
    """The names in the city's own list of streets, one a line; empty without one. Raises OSError."""
    name = city.get("files", {}).get("gazetteer", "")
    if "city" in city or not name:
        return []
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def gazetteer(names: list[str]) -> str:
    """The shipped gazetteer with these streets besides, in no district."""
    shipped = paths.shipped_config().with_name("gazetteer.toml").read_text(encoding="utf-8")
    new = [name for name in names if f'"{name}"' not in shipped]
    added = "".join(f"    {json.dumps(name, ensure_ascii=False)},\n" for name in new)
    return re.sub(r"(?m)^unbekannt = \[\n", lambda found: found[0] + added, shipped, count=1)


def _city(shipped: str, city: Table) -> str:
    """The table [city] as shipped, with the city's own duty desk."""
    table = shipped[shipped.index(_CITY) : shipped.index(_SERVICE)]
    desk = city.get("desk", {}).get("recipient")
    return re.sub(r"(?m)^duty_desk = .*$", f"duty_desk = {json.dumps(desk)}", table) if desk else table


def _with_lines(rest: str, lines: Table) -> str:
    """The shipped text with the lines of [responsible] that are not as shipped, and further ones behind their like."""
    written = dict(lines)
    result: list[str] = []
    for row in rest.splitlines():
        key = row.partition(" = ")[0]
        if key not in lines and re.match(r"[\w-]+ = \{", row):
            continue  # all rules of this category went elsewhere
        if key in written and row.startswith(f"{key} = {{"):
            parts = [other for other in written if other.partition("-")[0] == key and f"\n{other} = {{" not in rest]
            result += [_line(one, written.pop(one)) for one in (key, *parts) if one in written]
        else:
            result.append(row)
    return "\n".join(result)


def _line(key: str, line: Table) -> str:
    values = ", ".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in line.items() if value != ""
    )
    return f"{key} = {{ {values} }}"
