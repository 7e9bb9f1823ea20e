"""What is no report, by the shipped rules: whatever an office gets goes to no body outside, and reports still do."""

import pytest
from msgspec.structs import replace

from bench.weights import samples
from intake.message import Attachment
from routing import rules
from routing.cli.output import input_texts
from routing.model.decision import Decision, State
from routing.rules.engine.values import RuleSet

OUTSIDE = {"gsak", "kbk", "ngn"}


@pytest.fixture(scope="module")
def rule_set() -> RuleSet:
    return samples.shipped()


def decided(text: str, rule_set: RuleSet) -> Decision:
    return rules.classify(input_texts.message(text), rule_set)


def goes_outside(decision: Decision) -> bool:
    return decision.state is State.ROUTED and not OUTSIDE.isdisjoint(decision.recipients)


def test_of_ordinary_office_mail_hardly_any_goes_outside(rule_set: RuleSet) -> None:
    texts = [text for _, text in samples.signs("office")]
    judged = zip(texts, samples.judged(texts, rule_set), strict=True)
    outside = [text for text, (_, decision) in judged if goes_outside(decision)]
    assert len(outside) <= 0.03 * len(texts), outside


@pytest.mark.parametrize(("writers", "most"), [({"2", "4"}, 0.1), ({"10", "11", "12", "13"}, 0.2)])
def test_of_reports_that_the_rules_know_most_still_go(rule_set: RuleSet, writers: set[str], most: float) -> None:
    """The later writers made theirs hard: of persons, in dialect, as questions, beside other matters."""
    texts = [text for writer, text in samples.signs("reports") if writer in writers]
    all_of_them = samples.judged(texts, samples.without_gate(rule_set))
    known = [text for text, (_, decision) in zip(texts, all_of_them, strict=True) if decision.state is State.ROUTED]
    judged = zip(known, samples.judged(known, rule_set), strict=True)
    held = [text for text, (_, decision) in judged if decision.state is not State.ROUTED]
    assert len(held) <= most * len(known), held


@pytest.mark.parametrize(
    "text",
    [
        "Hello, we have received your message and it will be safe in our park",
        "We would like to visit the park with our class, can you tell me the opening hours?",
        "Wir suchen für unser Fest noch Bänke und eine Laterne",
        "Können Sie mir sagen, was die Entsorgung von Bauschutt kostet?",
    ],
)
def test_no_report_waits_for_a_person(text: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).state is State.REVIEW


def test_in_another_language_german_words_are_no_keywords(rule_set: RuleSet) -> None:
    decision = decided("Hello, we have received your message and will reply next week.", rule_set)
    assert decision.concerns == ()


def test_a_quoted_law_is_no_concern_of_its_own(rule_set: RuleSet) -> None:
    law = "Nach § 117 OWiG ist Lärm verboten, der geeignet ist, die Nachbarschaft zu belästigen. "
    decision = decided(law + "Im Haus Breite Straße 77 läuft jede Nacht laute Musik.", rule_set)
    assert [concern.rules[0] for concern in decision.concerns if concern.state is State.ROUTED] == ["Lärm"]


def test_an_appointment_reports_nothing(rule_set: RuleSet) -> None:
    text = "Begehung Spielplatz Moritzplatz wegen Müll und kaputter Bänke, Donnerstag 10 Uhr."
    invitation = Attachment("", "text/calendar", 105, inline=False)
    message = replace(input_texts.message(text), attachments=(invitation,))
    assert rules.classify(message, rule_set).state is State.REVIEW


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Moped ohne Versicherungsschild seit Wochen am Ostwall", "kod"),
        ("Auto ohne Nummernschild vor Haus 4", "kod"),
        ("Das Verkehrsschild fehlt", "kbk"),
    ],
)
def test_a_plate_belongs_to_its_vehicle(text: str, body: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).recipients == (body,)
