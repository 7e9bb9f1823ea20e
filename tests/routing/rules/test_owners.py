"""Beside an emergency the owner of the dangerous thing gets an urgent letter; everything else waits for a person."""

import pytest

from intake.message import Message
from routing import rules
from routing.config import library, loader
from routing.model.decision import Decision, State, Urgency
from routing.model.library import Library
from routing.rules.engine.signs import danger, emergencies
from routing.rules.engine.signs.marks import Mark, Sort
from routing.rules.engine.values import Findings
from routing.text.keywords import folding
from tests import ROOT


def decided(text: str) -> Decision:
    rule_set, _ = rules.compiled(loader.load(ROOT / "config.toml", prove=False))
    return rules.classify(Message(channel="E-Mail", identity=b"", text=text, new_text=text), rule_set)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("Ein Baum ist auf ein Auto gefallen, eine Frau ist eingeklemmt", "kbk"),
        ("Aus der Laterne ragen freiliegende Kabel, Kinder spielen daneben", "ngn"),
        ("Ein Kind ist in den offenen Schacht gefallen", "kbk"),
    ],
)
def test_the_owner_is_told_at_once(text: str, owner: str) -> None:
    decision = decided(text)
    assert Urgency.NOTFALL is decision.concerns[0].urgency
    assert ("kod",) == decision.concerns[0].recipients
    going = [concern for concern in decision.concerns[1:] if concern.state is State.ROUTED]
    assert [Urgency.SOFORT] == [concern.urgency for concern in going]
    assert owner in going[0].recipients


@pytest.mark.parametrize(
    "text",
    [
        "Mann liegt bewusstlos neben der Laterne, die ist auch kaputt",
        "Mann liegt bewusstlos am Boden. Außerdem ist der Papierkorb voll.",
    ],
)
def test_whose_thing_only_stands_there_hears_nothing(text: str) -> None:
    decision = decided(text)
    assert Urgency.NOTFALL is decision.urgency
    assert ("kod",) == decision.recipients


def test_a_tree_that_fell_in_a_wood_is_its_owners_alone() -> None:
    decision = decided("Im Forstwald ist ein Baum umgestürzt und liegt auf dem Weg")
    assert State.ROUTED is decision.state
    assert ("kbk",) == decision.recipients


def test_every_doubt_of_the_library_can_be_said() -> None:
    shipped: Library = library.load()
    assert shipped.doubts.keys() == shipped.why.keys()
    assert shipped.owned_lists <= shipped.danger_signs.keys()
    assert all(word.isascii() and word == word.lower() for word in shipped.owned_words)


def test_a_doubtful_emergency_says_why() -> None:
    rule_set, _ = rules.compiled(loader.load(ROOT / "config.toml", prove=False))
    folded = folding.fold("Gestern lag da ein Mann, kein Blut, glaube ich?")
    at = folded.text.index

    def mark(sort: Sort, name: str, word: str) -> Mark:
        return Mark(sort, name, at(word), at(word) + len(word))

    signs = (mark(Sort.DANGER, "mensch", "mann"), mark(Sort.DANGER, "koerper", "blut"))
    doubts = (mark(Sort.DOUBT, "verneint", "kein"), mark(Sort.DOUBT, "frueher", "gestern"))
    found = danger.Danger(danger.Level.LOOK, 0.0, 0, signs, doubts, asks=True)
    findings = Findings(fields=[("new_text", folded)], danger=found)

    [concern] = emergencies.with_danger((), findings, rule_set)

    assert Urgency.PRUEFEN is concern.urgency
    assert "wird verneint („kein“); liegt vielleicht zurück („Gestern“); wird nur gefragt" == concern.doubt
    assert ["Mann", "Blut", "kein", "Gestern"] == [match.found for match in concern.matches]
