"""What may be more than it says waits for a person, listed first; what is plainly a report goes out."""

import pytest
from msgspec.structs import replace

from intake.message import Message
from routing import rules
from routing.cli.output import input_texts
from routing.config import loader
from routing.model.decision import SEEN_FIRST, Decision, State
from routing.model.library import WORD, Sum
from routing.rules.engine import explain, match
from routing.rules.engine.signs import worry
from routing.rules.engine.values import RuleSet
from tests import ROOT


@pytest.fixture(scope="module")
def shipped() -> RuleSet:
    return rules.compiled(loader.load(ROOT / "config.toml", prove=False))[0]


def decided(text: str, rule_set: RuleSet) -> Decision:
    message: Message = input_texts.message(text)
    return rules.classify(message, rule_set)


@pytest.mark.parametrize(
    "text",
    [
        "Am Ufer lagen Schuhe und eine Jacke, ordentlich zusammengelegt. Weit und breit niemand.",
        "Hinter der Sporthalle liegt ein Rucksack, seit Freitag unverändert. Hab nicht reingeschaut.",
        "Die Kastanie an der Bushaltestelle ist innen hohl. Steht die noch sicher?",
    ],
)
def test_what_may_be_more_waits_and_is_looked_at_first(text: str, shipped: RuleSet) -> None:
    decision = decided(text, shipped)
    assert State.REVIEW is decision.state
    assert SEEN_FIRST == decision.kind
    assert decision.concerns


@pytest.mark.parametrize(
    "text",
    [
        "Am Rheinufer liegen Flaschen, Pappteller und Grillreste herum.",
        "Neben dem Glascontainer steht ein alter Koffer ohne Griff und ein Regal.",
        "Der Papierkorb quillt über.",
    ],
)
def test_a_plain_report_goes_out(text: str, shipped: RuleSet) -> None:
    assert State.ROUTED is decided(text, shipped).state


def test_what_is_summed_up_is_what_weights_are_fitted_to(shipped: RuleSet) -> None:
    texts = [
        "Der Riss in der Mauer wird breiter. Da spielen Kinder.",
        "Ist das normal, dass der Baum so schief steht?",
    ]
    for findings in match.evaluate_all([input_texts.message(text) for text in texts], shipped):
        found = worry.features(findings.looked, findings.report)
        sums = shipped.library.worry
        weights = {**sums.weights, **{WORD + word: weight for word, weight in sums.words.items()}}
        assert worry.total(findings.looked, findings.report, shipped.library) == pytest.approx(Sum(weights).of(found))


def test_only_what_stands_near_a_concern_counts(shipped: RuleSet) -> None:
    told = "Der Papierkorb quillt über. Bitte leeren. Danke. Gestern war ich am Ufer, da lagen keine Enten."
    [findings] = match.evaluate_all([input_texts.message(told)], shipped)
    found = worry.features(findings.looked, findings.report)
    assert WORD + "quill" in found
    assert WORD + "ufer" not in found


def test_a_library_without_weights_holds_nothing(shipped: RuleSet) -> None:
    without = replace(shipped, library=replace(shipped.library, worry=Sum()))
    assert (
        State.ROUTED is decided("Hinter der Sporthalle liegt ein Rucksack, seit Freitag unverändert.", without).state
    )


def test_explain_names_the_single_words(shipped: RuleSet) -> None:
    message = input_texts.message("Am Ufer lagen Schuhe und eine Jacke, zusammengelegt. Weit und breit niemand.")
    findings = match.evaluate(message, shipped)
    [told] = explain.single_words(rules.classify(message, shipped), findings, shipped, str)
    assert "„Schuhe“" in told
