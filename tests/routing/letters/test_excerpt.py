"""What leaves the city is made of known words: the leak measure, and the facts that must arrive."""

import pytest
from msgspec import structs

from routing import rules
from routing.config import loader
from routing.model.settings import Configuration
from routing.rules import RuleSet
from routing.text import excerpt, redaction
from routing.text.redaction import city_words
from tests import ROOT
from tests.routing.letters import hostile

EVERY = 24  # of the hostile mails one goes the whole way to a letter; all of them go through the excerpt
MOST_OF_MAILS, MOST_OF_SENTENCES, LEAST_ARRIVING, MOST_WAITING = 0.01, 0.02, 0.98, 0.05


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return loader.load(ROOT / "config.toml")


@pytest.fixture(scope="module")
def rule_set(configuration: Configuration) -> RuleSet:
    return rules.compiled(configuration)[0]


@pytest.fixture(scope="module")
def known(configuration: Configuration) -> excerpt.Known:
    return excerpt.of_configuration(configuration)


@pytest.mark.parametrize(("single", "most"), [(False, MOST_OF_MAILS), (True, MOST_OF_SENTENCES)])
@pytest.mark.parametrize("file", ["kinds.toml", "fresh.toml"])
def test_hardly_any_hostile_word_is_in_an_excerpt(file: str, single: bool, most: float, known: excerpt.Known) -> None:
    made = list(hostile.concerns(file, single=single))
    texts = [f"Betreff: {one.message.subject}\n\n{one.message.new_text}" for one in made]
    shown = [excerpt.of_text(text, known).text for text in texts]
    leaking = [one.said for one, text in zip(made, shown, strict=True) if hostile.marks_in(one, text)]
    assert len(leaking) <= most * len(made), leaking
    assert sum(map(bool, shown)) > 0.8 * len(made)  # an excerpt that says nothing would leak nothing


def test_hardly_any_letter_shows_a_mark_and_none_in_another_field(
    configuration: Configuration, rule_set: RuleSet
) -> None:
    made = list(hostile.concerns())
    chosen = [one for at, one in enumerate(made) if at % EVERY == 0 or one.field == "place"]
    sent = [(one, hostile.sent(one.message, configuration, rule_set).letters) for one in chosen]
    going = [(one, letters) for one, letters in sent if letters]
    leaking = [(one.field, one.said) for one, letters in going if any(hostile.shown(one, raw) for _, raw in letters)]
    assert len(leaking) <= 2 * MOST_OF_MAILS * len(going), leaking  # a sample of some hundred
    assert not [said for field, said in leaking if field in {"remark", "caller", "sender", "attachment", "category"}]
    assert len(going) > 0.7 * len(chosen)


def test_what_an_author_thought_of_who_knew_nothing_of_it(configuration: Configuration, rule_set: RuleSet) -> None:
    """Ten of 70 letters at the first run; left: plates in words, a home beside the scene, what only one says."""
    sent = [(one, hostile.sent(one, configuration, rule_set).letters, marks) for one, marks in hostile.blind()]
    going = [
        (one, "".join(hostile.everything(raw) for _, raw in letters), marks) for one, letters, marks in sent if letters
    ]
    leaking = [one.text for one, shown, marks in going if any(mark.casefold() in shown for mark in marks)]
    assert len(leaking) <= 5, leaking
    assert len(going) > 65


def test_what_says_nothing_without_a_person_waits_also_with_a_place(
    configuration: Configuration, rule_set: RuleSet
) -> None:
    """Of a forwarded mail nothing but its subject is left, of texts about a neighbour no more than a street."""
    blind = [one for one, _ in hostile.blind()]
    for number in (24, 29):
        assert hostile.sent(blind[number], configuration, rule_set).waits, blind[number].text
    forwarded = structs.replace(blind[9], subject="Hinweis", text="WG: AW: Müll", new_text="WG: AW: Müll")
    assert hostile.sent(forwarded, configuration, rule_set).waits


def test_what_a_dispatcher_needs_arrives(configuration: Configuration, rule_set: RuleSet) -> None:
    made = list(hostile.arriving())
    sent = [(text, facts, hostile.sent(hostile.row(text), configuration, rule_set)) for text, facts in made]
    waiting = [text for text, _, what in sent if what.waits]
    going = [(text, facts, what) for text, facts, what in sent if what.letters]
    lost = [text for text, facts, what in going if hostile.missing(facts, [raw for _, raw in what.letters])]
    assert len(made) > 150
    assert len(waiting) <= MOST_WAITING * len(made), waiting
    assert len(lost) <= (1 - LEAST_ARRIVING) * len(going), lost


def test_the_measure_finds_what_redaction_by_patterns_leaves(configuration: Configuration) -> None:
    city = city_words.of_configuration(configuration)
    made = list(hostile.concerns())
    leaking = [one for one in made if hostile.marks_in(one, redaction.redact(one.message.new_text, city).text)]
    assert len(leaking) > 0.3 * len(made)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Am Ostwall 12 liegt eine Matratze, sagt Frau Grün.", "Am Ostwall 12 liegt eine Matratze …"),
        ("Laterne Mast 17 Kölner Straße defekt. Rückruf 0157 3381204", "Laterne Mast 17 Kölner Straße defekt. …"),
        ("Ich wohne Lindenstraße 31a.", ""),
        ("Der Müll ist von Hövelmann.", "Der Müll ist von […]."),
    ],
)  # fmt: skip
def test_an_excerpt_marks_what_it_leaves_out(text: str, shown: str, known: excerpt.Known) -> None:
    assert shown == excerpt.of_text(text, known).text


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("Ostwall 12", "Ostwall 12"),
        ("bei Hövelmann", ""),
        ("privat, Lindenstraße 31a", ""),
        ("Spielplatz Moritzplatz", "Spielplatz Moritzplatz"),
    ],
)
def test_a_place_goes_through_the_same_door(cell: str, shown: str, known: excerpt.Known) -> None:
    assert shown == excerpt.of_cell(cell, known)
