"""The sentences of ``tests/data`` that weights are fitted to, by who wrote them.

``signs/KIND_WRITER.txt``, one text a line: ``office`` (ordinary mail of an office), ``harmless`` (dramatic words, and
no report), ``dramatic`` (dramatic words in an ordinary report), ``reports``, ``danger`` (emergencies), ``look``
(doubtful ones).
"""

import csv
import math
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from intake.message import Message
from routing import rules
from routing.cli.output import input_texts
from routing.config import loader
from routing.model.decision import Decision
from routing.model.library import Sum
from routing.rules.engine import match
from routing.rules.engine.values import Findings, RuleSet
from routing.text import stems
from routing.text.keywords.folding import plain

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/data"
ALARMING = frozenset({"N01", "N02", "N05"})
"""The categories of emergencies."""


def shipped() -> RuleSet:
    """The rules and the library of the repository."""
    return rules.compiled(loader.load(ROOT / "config.toml", prove=False))[0]


def without_gate(rule_set: RuleSet) -> RuleSet:
    """The rules as they would judge if everything were a report."""
    always = Sum({}, {"report": -math.inf, "in_doubt": -math.inf})
    return with_library(rule_set, report=always, worry=Sum())


def with_library(rule_set: RuleSet, **sums: Sum) -> RuleSet:
    """The rules with other sums in their library, by the sums' names."""
    return replace(rule_set, library=replace(rule_set.library, **sums))


def signs(kind: str) -> Iterator[tuple[str, str]]:
    """Writer and text of each sentence of a kind."""
    for path in sorted(DATA.glob(f"signs/{kind}_*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                yield path.stem.rsplit("_", 1)[1], line.strip()


def must_hold() -> Iterator[tuple[str, str]]:
    """``danger`` or ``harmless``, and the text: what the tests and the library's examples say for certain."""
    tested: dict[str, Any] = tomllib.loads((DATA / "urgency.toml").read_text("utf-8"))
    yield from (("danger", text) for text in tested["emergencies"])
    yield from (("danger", text) for texts in tested["owned"].values() for text in texts)
    yield from (("harmless", text) for text in tested["harmless"])
    golden = tomllib.loads((DATA / "golden.toml").read_text("utf-8"))["golden"]
    yield from (("danger", one["text"]) for one in golden if not ALARMING.isdisjoint(one["ids"]))
    subject = tomllib.loads((ROOT / "routing/library/01_notfaelle.toml").read_text("utf-8"))
    for rule in subject["rules"]:
        if rule["category"] in ALARMING:
            for one in rule["tests"]:
                yield ("danger" if one.get("matches", True) else "harmless"), one["text"]


def strangers() -> Iterator[tuple[str, str]]:
    """Kind and text of what strangers wrote, in the sets that keep what was reached."""
    kinds = {"alarm": "danger", "none": "harmless", "look": "look"}
    for path in sorted(DATA.glob("strangers/danger*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from ((kinds[row["expected"]], row["text"]) for row in csv.DictReader(file, delimiter=";"))
    for path in sorted(DATA.glob("strangers/office*.csv")):
        yield from (("office", text) for text in column(path))


def reports() -> list[str]:
    """The reports of the repository: those of the bodies and the golden ones."""
    bodies: dict[str, list[str]] = tomllib.loads((DATA / "reports.toml").read_text("utf-8"))
    golden = tomllib.loads((DATA / "golden.toml").read_text("utf-8"))["golden"]
    found = [text for texts in bodies.values() for text in texts]
    return found + [one["text"] for one in golden if one["ids"] and not any(name[0] == "N" for name in one["ids"])]


def place_words(rule_set: RuleSet) -> frozenset[str]:
    """The stems of what places of the city are called, in one word: the library is of no city."""
    gazetteer = tomllib.loads((ROOT / "gazetteer.toml").read_text("utf-8"))
    lists = (gazetteer["districts"], gazetteer["squares"], *gazetteer["streets"].values(), (rule_set.names.home,))
    return frozenset(stems.stem(plain(name)) for names in lists for name in names if name.isalpha())


def column(path: Path, name: str = "text") -> list[str]:
    """A column of a CSV file with semicolons."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file, delimiter=";")]


def judged(texts: Sequence[str], rule_set: RuleSet) -> list[tuple[Findings, Decision]]:
    """What the rules find in each text, and what becomes of it."""
    messages: list[Message] = [input_texts.message(text) for text in texts]
    found = match.evaluate_all(messages, rule_set)
    return list(zip(found, rules.classify_all(messages, rule_set), strict=True))
