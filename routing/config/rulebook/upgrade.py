"""Turns the rules of a config.toml of before the rule library into [responsible], [[changes]] and own [[rules]].

What differs between a city's file and the one that came with that version (each with its vocabulary.toml beside it) is
the city's own. What cannot be carried over is told.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from routing.config import library, paths

VALUES = ("states", "yields", "weight", "priority", "typos")
Table = dict[str, Any]


def many(value: Any) -> list[str]:
    """A recipient, or several, as a list of ids."""
    return [value] if isinstance(value, str) else list(value or ())


def toml(value: Any) -> str:
    """A value of ours as TOML."""
    return json.dumps(value, ensure_ascii=False)


def difference(old: Table, new: Table, known: Table) -> list[str]:
    """Lines of [[changes]] in order: what became of ``old`` in ``new``; ``known`` is the rule of the library today."""
    lines = []
    gone = [
        word for key in ("keywords", "except", "unless") for word in old.get(key, ()) if word not in new.get(key, ())
    ]
    there = {word for key in ("keywords", "except", "unless") for word in known.get(key, ())}
    for key, target in (("keywords", "add"), ("except", "except"), ("unless", "unless")):
        added = [w for w in new.get(key, ()) if w not in old.get(key, ()) and w not in known.get(key, ())]
        lines += [f"{target} = {toml(added)}"] if added else []
    if removed := [word for word in dict.fromkeys(gone) if word in there]:
        lines.append(f"remove = {toml(removed)}")
    lines += [f"{key} = {toml(new[key])}" for key in VALUES if key in new and new[key] != old.get(key)]
    for test in new.get("tests", ()):
        if test not in old.get("tests", ()):
            lines += ["", "[[changes.tests]]", *(f"{key} = {toml(value)}" for key, value in test.items())]
    return lines


class Upgrade:
    """One upgrade: what it read, ``written`` tables, changed ``lines`` of [responsible], and what it ``could_not``."""

    def __init__(self, city: Path, shipped: Path) -> None:
        self.text = city.read_text(encoding="utf-8")
        self.city, self.shipped = tomllib.loads(self.text), tomllib.loads(shipped.read_text(encoding="utf-8"))
        self.lists = [
            tomllib.loads((one.parent / "vocabulary.toml").read_text("utf-8"))["lists"] for one in (shipped, city)
        ]
        books = [tomllib.loads(path.read_text(encoding="utf-8")) for path in library.subjects(None)]
        self.known = {rule["name"]: rule for book in books for key in ("rules", "kinds") for rule in book.get(key, ())}
        self.known_lists: Table = {name: words for book in books for name, words in book.get("lists", {}).items()}
        self.new = tomllib.loads(paths.shipped_config().read_text(encoding="utf-8"))
        self.lines: Table = {key: dict(line) for key, line in self.new["responsible"].items()}
        self.written: list[str] = []
        self.own_lists: Table = {}
        self.could_not: list[str] = []

    def run(self) -> None:
        """Compare everything."""
        moved: dict[str, list[tuple[str, Table]]] = {}
        for key in ("rules", "kinds"):
            before = {rule["name"]: rule for rule in self.shipped.get(key, ())}
            after = {rule["name"]: rule for rule in self.city.get(key, ())}
            for name, old in before.items():
                if name not in self.known:
                    if after.get(name) != old:
                        self.could_not.append(f"Die Regel „{name}“ gibt es in der Bibliothek nicht mehr.")
                elif name not in after:
                    self.written.append(f"[[changes]]\nrule = {toml(name)}\noff = true\n")
                else:
                    self._changed(name, old, after[name], moved)
            for name in after.keys() - before.keys():
                self.written.append(self._own(key, after[name]))
        self._moved(moved)
        self._lists()

    def _changed(self, name: str, old: Table, new: Table, moved: dict[str, list[tuple[str, Table]]]) -> None:
        known = self.known[name]
        lines = difference(old, new, known)
        if lines:
            self.written.append("\n".join(("[[changes]]", f"rule = {toml(name)}", *lines, "")))
        category = known.get("category") or known.get("kind", "")
        moved.setdefault(category, [])
        new_line = {key: new.get(key) for key in ("recipient", "urgency", "category") if new.get(key) != old.get(key)}
        moved[category].append((name, new_line))

    def _moved(self, moved: dict[str, list[tuple[str, Table]]]) -> None:
        """A category whose rules have all moved alike has a new line; else each that moved is told."""
        for category, rules in moved.items():
            changes = [change for _, change in rules]
            if not any(changes):
                continue
            line = self.lines.get(category)
            bodies = {tuple(many(change.get("recipient"))) for change in changes}
            if line is not None and len(bodies) == 1 and (body := bodies.pop()):
                line["recipient"] = list(body)
            if line is not None and len(rules) == 1 and changes[0].get("urgency"):
                line["urgency"] = changes[0]["urgency"]
                continue
            for name, change in rules:
                kept = {key: value for key, value in change.items() if line is None or many(value) != line.get(key)}
                if kept:
                    told = ", ".join(f"{key} = {toml(value)}" for key, value in kept.items())
                    self.could_not.append(f"Die Regel „{name}“ hatte {told}; ihre Kategorie {category} hat anderes.")

    def _own(self, key: str, rule: Table) -> str:
        tests = rule.get("tests", ())
        lines = [f"[[{key}]]", *(f"{name} = {toml(value)}" for name, value in rule.items() if name != "tests")]
        for test in tests:
            lines += ["", f"[[{key}.tests]]", *(f"{name} = {toml(value)}" for name, value in test.items())]
        return "\n".join((*lines, ""))

    def _lists(self) -> None:
        before, after = self.lists
        for name, words in after.items():
            if name not in self.known_lists:
                self.own_lists[name] = words
                continue
            added = [word for word in words if word not in before.get(name, ()) and word not in self.known_lists[name]]
            gone = [word for word in before.get(name, ()) if word not in words and word in self.known_lists[name]]
            if added or gone:
                lines = [f"add = {toml(added)}"] * bool(added) + [f"remove = {toml(gone)}"] * bool(gone)
                self.written.append("\n".join(("[[changes]]", f"list = {toml(name)}", *lines, "")))

    def config(self) -> str:
        """The new config.toml."""
        settings = re.split(r"^\[\[(?:rules|kinds)\]\]", self.text, maxsplit=1, flags=re.MULTILINE)[0]
        settings = settings.partition("# ===== Regeln =====")[0] if "[weights]" not in self.city else settings
        own = '"wortlisten.toml"' if self.own_lists else None
        settings = re.sub(r"(?m)^vocabulary = .*\n", f"vocabulary = {own}\n" if own else "", settings)
        settings = self._with_city(settings)
        lines = [
            f"{key} = {{ " + ", ".join(f"{name} = {toml(value)}" for name, value in line.items()) + " }"
            for key, line in self.lines.items()
        ]
        return "\n".join((settings.rstrip(), "", "[responsible]", *lines, "", *self._shipped_changes(), *self.written))

    def _with_city(self, settings: str) -> str:
        """The settings with the table [city], which had other names before."""
        if "city" in self.city:
            return settings
        desk = self.city.get("desk", {}).get("recipient", self.new["city"]["duty_desk"])
        for key in ("recipient", "gazetteer", "timezone"):
            table = {"recipient": "desk", "gazetteer": "files", "timezone": "service"}[key]
            settings = re.sub(rf"(?ms)(^\[{table}\]$(?:(?!^\[).)*?)^{key} = .*?\n", r"\1", settings, count=1)
        shipped = paths.shipped_config().read_text(encoding="utf-8")
        table = shipped[shipped.index("[city]") : shipped.index("[service]")]
        table = re.sub(r"(?m)^duty_desk = .*$", f"duty_desk = {toml(desk)}", table)
        self.could_not.append("Die Tabelle [city] ist neu: Sie ist die mitgelieferte; prüfen Sie jede Zeile.")
        return f"{table}{settings}"

    def _shipped_changes(self) -> list[str]:
        """The changes of the shipped file, which stood in its rules before."""
        told = []
        for change in self.new.get("changes", ()):
            lines = [f"{key} = {toml(value)}" for key, value in change.items() if key != "tests"]
            told.append("\n".join(("[[changes]]", *lines, "")))
        return told


def write(city: Path, shipped: Path, folder: Path) -> list[str]:
    """Write config.toml (and wortlisten.toml, for lists of its own) into ``folder``; what could not be carried over.

    Raises OSError, KeyError and tomllib.TOMLDecodeError for files that are not of that version.
    """
    upgrade = Upgrade(city, shipped)
    upgrade.run()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(upgrade.config(), encoding="utf-8")
    if upgrade.own_lists:
        lists = "\n".join(f"{name} = {toml(words)}" for name, words in upgrade.own_lists.items())
        (folder / "wortlisten.toml").write_text(f"[lists]\n{lists}\n", encoding="utf-8")
    return upgrade.could_not
