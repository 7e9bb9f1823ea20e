"""Keywords that people's corrections ask for: right ones, with true counts, and nothing personal."""

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intake.message import Message
from routing import rules
from routing.cli.output import proposals
from routing.model.gazetteer import Gazetteer
from routing.model.library import Library
from routing.model.settings import Configuration
from routing.rules import suggest as suggesting
from routing.rules.suggest import Advice, PastMessage, association
from routing.rules.suggest.terms import Reader
from routing.text.redaction import NO_CITY
from tests.support import rule_examples
from tests.support.rule_examples import rule

SETTINGS = rule_examples.settings(rule("Müll", "müllsack"), rule("Laterne", "laterne", recipient="kbk"))
CONFIGURATION = Configuration(path=Path("config.toml"), settings=SETTINGS, fingerprint="")
READER = Reader(Gazetteer(ways=("Rosenallee",)), NO_CITY)


def past(*groups: tuple[tuple[str, ...] | None, bool, list[str]]) -> Callable[[], Iterator[PastMessage]]:
    def settled() -> Iterator[PastMessage]:
        number = 0
        for body, by_person, texts in groups:
            for text in texts:
                number += 1
                message = Message(channel="E-Mail", identity=b"", new_text=text, from_addr=f"b{number}@example.org")
                yield PastMessage(message, body, by_person)

    return settled


ROUTED = (("gsak",), False, [f"Ein Müllsack liegt seit Tag {number} am Zaun" for number in range(20)])
LAMPS = (("kbk",), False, [f"Die Laterne Nummer {number} ist dunkel" for number in range(20)])
BIKES = (
    ("kbk",),
    True,
    [
        "Hier rostet ein Klapprad vor sich hin",
        "Zwei Klappräder am Geländer",
        "Seit Wochen ein Klapprad ohne Sattel",
        "Das alte Klapprad steht immer noch da",
    ],
)


def proposed(*groups: tuple[tuple[str, ...] | None, bool, list[str]]) -> Advice:
    return suggesting.propose(past(*groups), CONFIGURATION)


def test_a_word_that_people_sent_to_a_body_again_and_again_is_proposed_with_its_counts() -> None:
    advice = proposed(ROUTED, LAMPS, BIKES)
    [proposal] = advice.proposals
    assert ("klapprad", ("kbk",), 4, 4, 0) == (
        *(proposal.keyword, proposal.body, proposal.gained),
        *(proposal.right, proposal.wrong),
    )
    assert (44, 4, 4, 0) == (advice.messages, advice.missed, advice.gained, advice.wrong)


def test_the_states_that_stand_with_a_word_are_proposed_with_it() -> None:
    library = Library(states={"kaputt": ("rostet", "ohne sattel"), "liegt": ("steht",), "voll": ("voll",)})
    known = CONFIGURATION.model_copy(update={"library": library})
    texts = ["Ein Klapprad rostet", "Das Klapprad steht da", "Klapprad ohne Sattel", "Ein Klapprad steht. Alles voll."]
    [proposal] = suggesting.propose(past(ROUTED, LAMPS, (("kbk",), True, texts)), known).proposals
    assert ("klapprad", ("kaputt", "liegt")) == (proposal.keyword.lower(), proposal.states)
    advice = suggesting.propose(past(ROUTED, LAMPS, (("kbk",), True, texts)), known)
    printed = "\n".join(proposals.lines(advice, SETTINGS, datetime.now(UTC)))
    assert tomllib.loads(printed)["rules"][0]["states"] == ["kaputt", "liegt"]


def test_a_word_that_stands_in_other_bodies_messages_too_is_not_proposed() -> None:
    others = (("gsak",), False, [f"Müllsack neben dem Klapprad Nummer {number}" for number in range(9)])
    assert () == proposed(ROUTED, LAMPS, others, BIKES).proposals


def test_what_the_rules_find_already_is_not_proposed_again() -> None:
    known = (("kbk",), True, ["Die Laterne flackert", "Laterne aus", "Wieder eine Laterne"])
    assert (0, ()) == (proposed(ROUTED, known).missed, proposed(ROUTED, known).proposals)


def test_two_messages_or_one_sender_are_not_enough() -> None:
    assert () == proposed(ROUTED, LAMPS, (BIKES[0], True, BIKES[2][:2])).proposals

    def same_sender() -> Iterator[PastMessage]:
        yield from past(ROUTED, LAMPS)()
        for text in BIKES[2]:
            yield PastMessage(
                Message(channel="E-Mail", identity=b"", new_text=text, from_addr="ein@example.org"),
                ("kbk",),
                by_person=True,
            )

    assert () == suggesting.propose(same_sender, CONFIGURATION).proposals


def test_words_of_unclassified_messages_are_named_without_a_body() -> None:
    waiting = (None, False, [f"Auf dem Dach {number} nistet ein Wanderfalke" for number in range(5)])
    advice = proposed(ROUTED, LAMPS, waiting)
    assert ((), 5) == (advice.proposals, advice.waiting)
    assert ("wanderfalke", 5, 0) in [(word.word, word.waiting, word.elsewhere) for word in advice.open]
    assert len(advice.open) == len({word.word for word in advice.open if "wanderfalke" not in word.word}) + 1


def test_a_proposed_word_is_not_told_again_as_open() -> None:
    waiting = (None, False, [f"Noch ein Klapprad, Nummer {number}" for number in range(5)])
    advice = proposed(ROUTED, LAMPS, BIKES, waiting)
    assert ["klapprad"] == [proposal.keyword for proposal in advice.proposals]
    assert not any("klapprad" in word.word for word in advice.open)


def terms(text: str) -> set[str]:
    return {term.written for term in READER.terms(Message(channel="E-Mail", identity=b"", new_text=text))}


@pytest.mark.parametrize(
    "text",
    [
        "Herr Wackernagel hat angerufen",
        "Frau Wackernagel-Pilz ist da",
        "Mit freundlichen Grüßen\nPetra Wackernagel",
        "Schmitz war es",
        "Petra kennt das",
        "In der Wackernagelstraße 12",
        "An der Rosenallee",
        "Telefon 02151 123456, KR-AB 123",
        "petra@wackernagel.example, https://wackernagel.example/seite",
    ],
)
def test_names_streets_and_numbers_are_no_terms(text: str) -> None:
    found = " ".join(terms(text))
    assert not any(word in found for word in ("wackernagel", "pilz", "petra", "schmitz", "rosenallee", "123"))


def test_the_senders_name_is_never_proposed_even_where_he_names_himself() -> None:
    texts = ["Wackernagel stört das", "Es stört Wackernagel", "Wackernagel wieder", "Nochmal Wackernagel"]

    def mine() -> Iterator[PastMessage]:
        yield from past(ROUTED, LAMPS, (("kbk",), True, texts))()
        yield PastMessage(
            Message(channel="E-Mail", identity=b"", new_text="x", from_name="Ute Wackernagel"), ("gsak",)
        )

    assert "wackernagel" not in [proposal.keyword for proposal in suggesting.propose(mine, CONFIGURATION).proposals]


def test_neighbouring_words_are_terms_but_not_over_the_end_of_a_sentence() -> None:
    found = terms("Der grüne Pfeil hängt schief. Ampelmast verbogen")
    assert {"grüne pfeil", "pfeil", "ampelmast verbogen"} <= found
    assert "schief ampelmast" not in found


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((110, 2552, 111, 29225), 270.72),  # "the swiss", first in the table of Dunning's article
        ((5, 10, 50, 100), 0.0),
        ((0, 10, 0, 100), 0.0),
        ((3, 3, 0, 0), 0.0),
    ],
)
def test_the_strength_is_dunnings_ratio(counts: tuple[int, int, int, int], expected: float) -> None:
    assert expected == pytest.approx(association.strength(*counts), abs=0.5)


def test_a_word_that_is_rarer_here_than_elsewhere_has_a_negative_strength() -> None:
    assert association.strength(1, 100, 50, 100) < -association.SURPRISING


def test_what_is_printed_is_toml_that_works_when_it_is_pasted() -> None:
    advice = proposed(ROUTED, LAMPS, BIKES)
    told = "\n".join(proposals.lines(advice, SETTINGS, datetime(2026, 11, 23, 9, 0, tzinfo=UTC)))
    pasted = tomllib.loads(told)["rules"]
    rule_set = rule_examples.built(*pasted)
    assert ("kbk",) == rules.classify(rule_examples.message("Drei Klappräder am Zaun"), rule_set).recipients
    assert "4 mehr richtig; richtig 4, falsch 0" in told


def test_without_proposals_it_says_so_and_is_still_toml() -> None:
    told = "\n".join(proposals.lines(proposed(ROUTED), SETTINGS, datetime(2026, 11, 23, 9, 0, tzinfo=UTC)))
    assert {} == tomllib.loads(told)
    assert "Kein Wort kommt darin oft und eindeutig genug vor" in told
    json.dumps(told)
