"""Rules: what a message is about, who gets it, how urgently, and why.

``build`` compiles config.toml's rules once; ``classify`` judges a message by them, purely: no clock, no I/O, the same
answer every time. Urgent rules come first, then the kinds of mail, then the rest. Nothing matches: review, never a
default body. ``explain`` tells a decision in German, ``run_tests`` tries the examples beside the rules. A bad keyword
is left out and named as a ``RuleProblem``; classifying itself never fails, whatever the text.
"""

from collections.abc import Sequence

from intake.message import Message
from routing.model.decision import Decision
from routing.model.settings import Configuration
from routing.rules.engine import decide
from routing.rules.engine.compile import build
from routing.rules.engine.explain import explain
from routing.rules.engine.values import RuleProblem, RuleSet
from routing.rules.examples import TestFailure, run_tests
from routing.rules.urgent_words import of as urgent_words

__all__ = [
    "RuleProblem",
    "RuleSet",
    "TestFailure",
    "build",
    "classify",
    "classify_all",
    "compiled",
    "explain",
    "run_tests",
    "urgent_words",
]


def classify(message: Message, rule_set: RuleSet) -> Decision:
    """What becomes of a message. Raises nothing, whatever it says."""
    return decide.judge(message, rule_set).decision


def classify_all(messages: Sequence[Message], rule_set: RuleSet) -> list[Decision]:
    """What becomes of each message, in order; the same as one by one, and faster. Raises nothing."""
    return [judgement.decision for judgement in decide.judge_all(messages, rule_set)]


def compiled(configuration: Configuration) -> tuple[RuleSet, tuple[RuleProblem, ...]]:
    """The rules that a configuration has in force, with its word lists, its places and the library.

    A pair of (rules, problems of single keywords, which are left out). Raises nothing.
    """
    return build(
        configuration.settings,
        configuration.vocabulary,
        configuration.gazetteer,
        configuration.library,
        configuration.index.packed,
    )
