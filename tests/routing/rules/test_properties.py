"""What holds of every text and every order of rules, whatever the rules say."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from routing import rules
from routing.model.decision import Decision, State
from routing.text.keywords import folding
from tests.support.rule_examples import KREFELD, built, decided, kind, message, rule
from tests.support.rule_examples import settings as rule_settings

PIECES = (
    *("Müll", "müllsack", "MÜLLSÄCKE", "Muell-\nsack", "Mülll", "Sperrmüll", "Matrazte", "matratze", "Karton", "Holz"),
    *("Laterne", "Straßenlaterne", "Spritze", "Messer", "tote Taube", "Taube", "Schild", "kaputt", "feuer", "Rauch"),
    *(
        "Herr",
        "Frau",
        "Familie",
        "Frau Petra",
        "Müller",
        "Mit freundlichen Grüßen\n",
        "PS:",
        "Ostwall",
        "Müllstraße 3",
    ),
    *("Roßstr. 12", "neben", "vor der", "am", "Ecke", "und", "oder", "mit", "in Duisburg", "kein", "mehr", "ist weg"),
    *(
        "wurde abgeholt",
        "brennt wieder",
        "nicht",
        "Osterputz",
        "vielen Dank für",
        "ist",
        "liegt",
        "steht",
        "ein",
        "bittet",
    ),
    *(".", ",", "!", "?", "\n", "\n\n", " – ", "…", "(", ")", "u\u0308", "\u00ad", "12 Uhr"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join)
TABLES = (
    rule(
        "Müll",
        "müll",
        "müllsack",
        "@kram + liegt",
        **{"except": ["müll im hof", "müllstraße"], "unless": ["osterputz"]},
    ),
    rule("Sperrmüll", "*sperrmüll", "matratze", typos=True, recipient="kbk"),
    rule("Kram", "@kram", weight=0.5, recipient="kod"),
    rule("Laterne", "laterne", "straßenlaterne", recipient="kbk", urgency="sammel"),
    rule("Laterne defekt", "laterne ... kaputt", id="L1", recipient="kbk"),
    rule("Licht", "rauch ... laterne", id="L1", recipient="kod", urgency="sammel"),
    rule("Taube", "taube", recipient="kod", priority=1),
    rule("Totes Tier", "tote taube"),
    rule("Schild", "schild", "schild + kaputt"),
    rule("Nadel", "spritze", urgency="sofort", recipient="kod"),
    rule("Notfall", "messer", "feuer", "/\\brauch\\b/", urgency="notfall", recipient="kod"),
)
KINDS = (kind("dank", "vielen dank für", state="kept"),)
LISTS: dict[str, tuple[str, ...]] = {"kram": ("karton", "holz", "*kiste")}


def of(tables: tuple[dict[str, Any], ...]) -> rules.RuleSet:
    return built(*tables, kinds=KINDS, vocabulary=LISTS)


CITY = of(TABLES)


def told(decision: Decision) -> Any:
    """What a decision says, without the order in which it says it."""
    concerns = {
        (one.category_id or one.category, one.state, one.urgency, frozenset(one.recipients), frozenset(one.matches))
        for one in decision.concerns
    }
    return decision.state, decision.kind, decision.alert, concerns, decision.places


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_a_match_cuts_the_found_words_out_of_its_field(subject: str, text: str) -> None:
    decision = decided(CITY, text, subject=subject)
    for match in (match for concern in decision.concerns for match in concern.matches):
        field = {"subject": subject, "new_text": text}[match.field]
        assert match.found == field[match.start : match.end]
        assert match.found.strip()


@settings(max_examples=300, deadline=None)
@example("Frau Messer neben dem Müll vor der Laterne, Ostwall 3")
@given(TEXTS)
def test_masks_take_matches_away_and_never_enlarge_or_add_one(text: str) -> None:
    folded = folding.fold(text)
    hits = [*CITY.index.find(folded), *CITY.index.find_mistyped(folded)]
    raw = {(CITY.keywords[number].source, *folded.span(start, end)) for number, start, end in hits}
    decision = decided(CITY, text)
    found = {(one.keyword, one.start, one.end) for concern in decision.concerns for one in concern.matches}
    assert found <= raw


@settings(max_examples=200, deadline=None)
@example("Müll neben der Laterne, Schild kaputt, tote Taube", list(range(11)))
@given(TEXTS, st.permutations(range(len(TABLES))))
def test_the_order_of_rules_does_not_change_what_is_decided(text: str, order: list[int]) -> None:
    shuffled = of(tuple(TABLES[number] for number in order))
    assert told(decided(CITY, text)) == told(decided(shuffled, text))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_what_was_classified_before_does_not_change_a_decision(text: str) -> None:
    fresh = built(*TABLES, kinds=KINDS, vocabulary={**LISTS, "ungenutzt": (text,)})  # else it is the remembered one
    assert decided(fresh, text) == decided(CITY, text)
    assert fresh is not CITY


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_an_urgent_word_that_is_no_name_always_gets_through(text: str) -> None:
    decision = decided(CITY, f"Eine Spritze auf dem Weg. {text}")
    assert State.ROUTED is decision.state
    assert "kod" in decision.recipients


@settings(deadline=None)
@given(TEXTS)
def test_every_decision_can_be_told(text: str) -> None:
    assert rules.explain(decided(CITY, text), message(text)).startswith("Ergebnis: ")


def test_the_tables_are_sound() -> None:
    assert () == rules.build(rule_settings(*TABLES, kinds=KINDS), LISTS, KREFELD)[1]
