"""Which body hears of a report: what belongs together, what only says where, what a word is."""

import pytest

from bench.weights import samples
from routing import rules
from routing.cli.output import input_texts
from routing.model.decision import Decision, State
from routing.rules.engine.values import RuleSet


@pytest.fixture(scope="module")
def rule_set() -> RuleSet:
    return samples.shipped()


def decided(text: str, rule_set: RuleSet) -> Decision:
    return rules.classify(input_texts.message(text), rule_set)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Die Birne in der Fußgängerampel ist durchgebrannt", "kbk"),
        ("Am Drücker der Ampel fehlt die Abdeckung", "kbk"),
        ("An der Straßenlampe ist die Klappe offen", "ngn"),
        ("Am Klettergerüst ist ein Seil gerissen", "kbk"),
        ("Die Bank vor dem Rathaus hat keine Lehne mehr", "kbk"),
        ("Der Deckel vom Glascontainer klemmt", "gsak"),
    ],
)
def test_a_part_belongs_to_its_whole(text: str, body: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).recipients == (body,)


def test_what_lies_beside_a_thing_is_no_part_of_it(rule_set: RuleSet) -> None:
    assert decided("An der Laterne lehnt seit gestern eine alte Tür", rule_set).recipients == ("gsak",)


@pytest.mark.parametrize(
    "text",
    [
        "Auf dem Gehweg liegt ein kaputter Rasenmäher",
        "Auf dem Gehweg am Verteilerkasten steht ein defekter Rasenmäher",
        "Hier steht ein defekter Fernseher auf dem Bürgersteig",
    ],
)
def test_an_adjective_speaks_of_its_noun_alone(text: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).recipients == ("gsak",)


@pytest.mark.parametrize("text", ["Wir wollen der Stadt danken", "Kann der Regen den Durchgang durchspülen"])
def test_a_verb_is_no_noun_in_another_form(text: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).concerns == ()


def test_one_who_writes_no_capitals_is_read_all_the_same(rule_set: RuleSet) -> None:
    assert decided("am wall liegen alte decken", rule_set).recipients == ("gsak",)


def test_a_trailer_is_no_attachment(rule_set: RuleSet) -> None:
    assert decided("Den Anhang finden Sie unten", rule_set).concerns == ()


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Bitte die Papierkörbe am Weiher leeren, die Wespen kreisen schon", "gsak"),
        ("Vor dem Haus liegen offene Müllsäcke, das lockt Ratten an", "gsak"),
        ("Die Leuchtstoffröhren in der Unterführung sind aus", "ngn"),
    ],
)
def test_what_follows_from_a_fault_is_none_of_its_own(text: str, body: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).recipients == (body,)


@pytest.mark.parametrize(
    "text",
    [
        "Am Klettergerüst fehlt eine Sprosse, der Rest ist ok.",
        "Die Seilbahn am Spielplatz ist kaputt und der Sitz ist weg.",
        "Ihr habt das Loch bei Nummer 44 geflickt, jetzt ist es bei 46 größer.",
    ],
)
def test_what_is_fine_beside_a_fault_does_not_end_it(text: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).recipients == ("kbk",)


def test_one_who_asks_for_something_is_seen_by_a_person(rule_set: RuleSet) -> None:
    text = "Die Laterne vor Haus 5 ist repariert worden. Bitte auch die nächste reparieren."
    assert decided(text, rule_set).state is not State.KEPT


@pytest.mark.parametrize("text", ["Neben der Packstation", "Am Glascontainer", "neben Gerüst"])
def test_a_place_alone_is_no_report(text: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).state is State.REVIEW


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Straßenlampe Nr. 31, Fußweg von der Talstraße zur Bergstraße defekt", "ngn"),
        ("Straßenlaterne direkt neben der Ampel Talstraße Höhe Markt ist kaputt", "ngn"),
        ("Die Beleuchtungspfosten am Durchgang gehen seit zwei Wochen nicht", "ngn"),
        ("Die Infotafel am See wurde umgefahren", "kbk"),
        ("Der Gullydeckel scheppert so laut, dass keiner schläft", "kbk"),
    ],
)
def test_a_way_beside_a_thing_only_says_where(text: str, body: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).recipients == (body,)


def test_a_way_that_is_broken_itself_hears_of_its_body(rule_set: RuleSet) -> None:
    decision = decided("Die Laterne ist aus und der Fußweg ist kaputt", rule_set)
    assert set(decision.recipients) == {"kbk", "ngn"}


def test_a_compound_is_named_for_its_end(rule_set: RuleSet) -> None:
    assert decided("Am Mülleimerkreisel wachsen Rosen", rule_set).recipients != ("gsak",)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("An einigen Stellen überwuchert, die Hecke nimmt den halben Weg ein", "kbk"),
        ("Leere Kartons an der Packstation", "gsak"),
    ],
)
def test_a_noun_before_a_word_ends_what_says_where(text: str, body: str, rule_set: RuleSet) -> None:
    assert decided(text, rule_set).recipients == (body,)
