"""docs/schlagwoerter.md, tried: every keyword of its tables, every text below its rules."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from intake.base import german
from routing import rules
from routing.config import loader
from routing.model.decision import Decision, State
from routing.model.settings import Weights
from routing.rules import RuleSet
from tests import ROOT
from tests.support import rule_examples
from tests.support.rule_examples import KREFELD

PAGE = (ROOT / "docs/schlagwoerter.md").read_text("utf-8")
LISTS = loader.load(ROOT / "config.toml", prove=False).vocabulary


def cells() -> Iterator[tuple[str, str, list[str]]]:
    """The settings above, the table's first heading and the cells of each row."""
    given = heading = ""
    for piece in re.split(r"^(```toml\n.*?^```)$", PAGE, flags=re.MULTILINE | re.DOTALL):
        if piece.startswith("```"):
            given = piece.removeprefix("```toml\n").removesuffix("```")
            continue
        for line in piece.splitlines():
            row = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not row:
                heading = ""
            elif not heading:
                heading = row[0]
            elif not row[0].startswith("--"):
                yield given, heading, row


def keywords() -> Iterator[tuple[str, str, bool]]:
    for _, heading, row in cells():
        if heading == "Schlüsselwort":
            yield from ((row[0].strip("`"), text, True) for text in re.findall("„(.+?)“", row[1]))
            yield from ((row[0].strip("`"), text, False) for text in re.findall("„(.+?)“", row[2]))


def texts() -> Iterator[tuple[str, str, str]]:
    for given, heading, row in cells():
        if heading == "Text":
            yield given, row[0], row[1]


@cache
def built(given: str) -> RuleSet:
    tables: dict[str, Any] = tomllib.loads(given)
    settings = rule_examples.settings(*tables["rules"], kinds=tuple(tables.get("kinds", ())))
    weights = Weights.model_validate(tables.get("weights", {}))
    rule_set, problems = rules.build(settings.model_copy(update={"weights": weights}), LISTS, KREFELD)
    assert problems == ()
    return rule_set


def told(decision: Decision, *, categories: bool) -> str:
    if decision.state is State.REVIEW:
        return "Klärung"
    if decision.state is State.KEPT:
        return "nur gespeichert"
    bodies = german.listed(sorted(decision.recipients))
    going = sorted(one.category for one in decision.concerns if one.state is State.ROUTED)
    return f"{bodies}: {german.listed(going)}" if categories else bodies


@pytest.mark.parametrize(("keyword", "text", "found"), list(keywords()))
def test_a_keyword_finds_what_the_page_says(keyword: str, text: str, *, found: bool) -> None:
    vocabulary = {name: words for name, words in LISTS.items() if f"@{name}" in keyword}
    assert found is bool(rule_examples.found(text, keyword, vocabulary=vocabulary))


@pytest.mark.parametrize(("given", "text", "expected"), list(texts()), ids=[text for _, text, _ in texts()])
def test_a_text_comes_to_what_the_page_says(given: str, text: str, expected: str) -> None:
    subject = text.removeprefix("Betreff: ") if text.startswith("Betreff: ") else ""
    decision = rule_examples.decided(built(given), "" if subject else text, subject=subject)
    assert expected == told(decision, categories=":" in expected)


def test_the_page_is_read_in_fifteen_minutes() -> None:
    assert len(PAGE.split()) < 15 * 180
    assert len(list(keywords())) > 60
    assert len(list(texts())) > 35
