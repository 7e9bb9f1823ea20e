"""Turns the rules of a config.toml of before the rule library into [responsible], [[changes]] and own [[rules]].

What differs between a city's file and the one that came with that version (each with its vocabulary.toml beside it) is
the city's own. A category whose rules all went elsewhere has another line; a single rule that did gets a part of its
category with a line of its own ("S16-graffiti"). What cannot be carried over is told. ``upgraded_file`` writes it.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from intake.base import umlauts
from routing.config import library, paths
from routing.config.rulebook import upgraded_file

VALUES = ("states", "yields", "weight", "priority", "typos")
_LISTS = "wortlisten.toml"
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
        if lines := difference(old, new, known):
            self._change(name, lines)
        category = known.get("category") or known.get("kind", "")
        new_line = {key: new.get(key) for key in ("recipient", "urgency", "category") if new.get(key) != old.get(key)}
        moved.setdefault(category, []).append((name, new_line))

    def _change(self, name: str, lines: list[str]) -> None:
        self.written.append("\n".join(("[[changes]]", f"rule = {toml(name)}", *lines, "")))

    def _moved(self, moved: dict[str, list[tuple[str, Table]]]) -> None:
        """What became of each category's rules: its line, or parts of it for those that went elsewhere alone."""
        for category, rules in moved.items():
            line = self.lines.get(category)
            if line is None:
                told = [(name, change) for name, change in rules if change]
                self.could_not += [f"Die Art „{name}“ hatte {_values(change)}." for name, change in told]
                continue
            together = [change.get("recipient") for _, change in rules]
            if together[0] and all(many(body) == many(together[0]) for body in together):
                line["recipient"] = together[0]
                left = [(name, {**change, "recipient": None}) for name, change in rules]
            else:
                left = rules
            if len(left) == 1:
                changed = left[0][1]
                line |= {"urgency": changed["urgency"]} if changed.get("urgency") else {}
                line |= {"name": changed["category"]} if changed.get("category") else {}
                if not changed.get("recipient"):
                    continue
            apart = [name for name, change in left if self._alone(name, category, line, change)]
            if set(apart) == {name for name, rule in self.known.items() if rule.get("category") == category}:
                del self.lines[category]

    def _alone(self, name: str, category: str, line: Table, change: Table) -> bool:
        """A rule that went elsewhere, or faster, without the rest of its category; whether it has its own line."""
        lines = [f"urgency = {toml(change['urgency'])}"] if change.get("urgency") else []
        if change.get("recipient") or change.get("category"):
            slug = re.sub(r"[^a-z0-9]+", "-", umlauts.written_out(name)).strip("-")
            part = f"{category.partition('-')[0]}-{slug}"
            self.lines[part] = {
                **line,
                **({"name": change["category"]} if change.get("category") else {}),
                **({"recipient": change["recipient"]} if change.get("recipient") else {}),
            }
            lines.append(f"category = {toml(part)}")
        if lines:
            self._change(name, lines)
        return any(one.startswith("category") for one in lines)

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


def _values(change: Table) -> str:
    return ", ".join(f"{key} = {toml(value)}" for key, value in change.items())


def write(city: Path, shipped: Path, folder: Path) -> list[str]:
    """Write config.toml and the files that it names into ``folder``; gives what could not be carried over.

    Beside it gazetteer.toml, with the city's own names; wortlisten.toml, where it has lists of its own.

    Raises OSError, KeyError and tomllib.TOMLDecodeError for files that are not of that version.
    """
    upgrade = Upgrade(city, shipped)
    upgrade.run()
    names = upgraded_file.street_names(upgrade.city, city.parent)
    own = _LISTS if upgrade.own_lists else ""
    text = upgraded_file.text(upgrade.text, upgrade.city, upgrade.lines, upgrade.written, lists=own)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    if "city" not in upgrade.city:
        (folder / "gazetteer.toml").write_text(upgraded_file.gazetteer(names), encoding="utf-8")
        upgrade.could_not.append("Die Tabelle [city] ist neu: Sie ist die mitgelieferte; prüfen Sie jede Zeile.")
    if upgrade.own_lists:
        lists = "\n".join(f"{name} = {toml(words)}" for name, words in upgrade.own_lists.items())
        (folder / _LISTS).write_text(f"[lists]\n{lists}\n", encoding="utf-8")
    return upgrade.could_not
