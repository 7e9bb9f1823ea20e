"""What ``explain`` says of a decision in words for staff: the thing, what is wrong with it, and why not the other."""

import pytest

from intake.message import Message
from routing import rules
from routing.cli.output import why_not
from routing.cli.output.evidence import Evidence
from routing.config import loader
from routing.model.decision import Decision
from routing.model.settings import Configuration
from routing.rules.engine.values import RuleSet
from tests import ROOT


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return loader.load(ROOT / "config.toml", prove=False)


@pytest.fixture(scope="module")
def rule_set(configuration: Configuration) -> RuleSet:
    return rules.compiled(configuration)[0]


def message(text: str) -> Message:
    return Message(channel="Text", identity=b"", new_text=text)


def told(text: str, rule_set: RuleSet) -> tuple[Decision, str]:
    one = message(text)
    decision, evidence = rules.classify(one, rule_set), Evidence(one, rule_set)
    return decision, "\n".join(line for concern in decision.concerns for line in evidence.lines(concern))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Die Straßenlaterne vor Haus 12 flackert.", "Warum: Sache „Straßenlaterne“, Zustand „flackert“."),
        ("Sofa, Hauptstraße 12", "Sache „Sofa“, ohne Zustand, in einer kurzen Nachricht"),
        ("Am Tor ist es nachts stockdunkel", "„stockdunkel“ sagt selbst, was nicht stimmt"),
        ("Ratten laufen über den Hof.", "„Ratten“ ist für sich schon ein Hinweis"),
        ("Ein Hund ohne Leine jagt Rehe.", "die Wendung „Hund ohne“ sagt beides, Sache und Zustand"),
        ("Die Rutsche ist kaputt, und dort liegt Müll.", "Sache „Rutsche“, Zustand „kaputt“ (Satzteil „Die Rutsche"),
        ("Wann wird die Laterne repariert?", "Zustand „repariert“; als Frage zählt es weniger"),
        (
            "Am Glascontainer liegen Tüten, und die Laterne ist aus.",
            "Deutlicher als „Glas- und Papiercontainer“: „Glascontainer“ sagt hier nur, wo etwas ist",
        ),
    ],
)
def test_a_concern_is_explained_by_thing_and_state(text: str, said: str, rule_set: RuleSet) -> None:
    assert said in told(text, rule_set)[1]


@pytest.mark.parametrize("word", ["yields", "weight", "clause", "0.5", "wanted", "match"])
def test_no_word_of_the_engine_is_told(word: str, rule_set: RuleSet) -> None:
    text = "Neben der Laterne liegt Müll, die Rutsche am Spielplatz ist kaputt. Wer räumt das weg?"
    assert word not in told(text, rule_set)[1]


def test_nothing_of_the_text_breaks_the_line_or_the_terminal(rule_set: RuleSet) -> None:
    said = told("Die Straßenlaterne\x1b[31m vor\nHaus 12 " + "sehr " * 60 + "flackert.", rule_set)[1]
    assert "\x1b" not in said
    assert max(map(len, said.splitlines())) < 260


def test_a_rule_that_applies_and_does_not_decide_is_compared(configuration: Configuration, rule_set: RuleSet) -> None:
    one = message("Jugendliche trinken am Spielplatz Schnaps, überall liegen Scherben.")
    decision = rules.classify(one, rule_set)
    lines = "\n".join(
        why_not.lines("Spielplatz als Ort", one, decision, rule_set, configuration.vocabulary, Evidence(one, rule_set))
    )
    assert "Die Regel „Spielplatz als Ort“" in lines


def test_what_a_list_lacks_is_named_as_a_list(configuration: Configuration, rule_set: RuleSet) -> None:
    one = message("Neben der Bank liegen Müllsäcke.")
    decision = rules.classify(one, rule_set)
    lines = "\n".join(
        why_not.lines("Bänke", one, decision, rule_set, configuration.vocabulary, Evidence(one, rule_set))
    )
    assert "„Bank“ steht da, es fehlt ein Wort der Liste @defekt." in lines
