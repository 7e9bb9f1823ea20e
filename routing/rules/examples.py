"""The examples that stand beside the rules ([[rules.tests]], [[kinds.tests]]), tried out."""

from collections.abc import Iterator

from msgspec import Struct

from intake.message import Message
from routing.model.settings import KindRule, Rule, Settings
from routing.rules.engine import decide
from routing.rules.engine.explain import explain
from routing.rules.engine.values import RuleSet


class TestFailure(Struct, frozen=True):
    """An example that does not hold: ``why`` explains in German what happened instead."""

    __test__ = False  # not a test class of pytest

    rule: str
    text: str
    expected: bool
    why: str


def run_tests(rule_set: RuleSet, settings: Settings) -> tuple[TestFailure, ...]:
    """Every example of every rule and kind that does not come out as it says."""
    rules: tuple[Rule | KindRule, ...] = (*settings.rules, *settings.kinds)
    return tuple(failure for rule in rules for failure in _failures(rule, rule_set))


def _failures(rule: Rule | KindRule, rule_set: RuleSet) -> Iterator[TestFailure]:
    for example in rule.tests:
        message = Message(channel="Test", identity=b"", new_text=example.text)
        judgement = decide.judge(message, rule_set)
        if (rule.name in judgement.taking_part) is not example.matches:
            explanation = explain(judgement.decision, message)
            what = "trifft nicht zu, soll aber" if example.matches else "trifft zu, soll aber nicht"
            yield TestFailure(rule.name, example.text, example.matches, f"Die Regel {what}.\n{explanation}")
