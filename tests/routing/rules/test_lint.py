"""The linter: what it says of a small rule file, and that it says nothing of a good one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from routing import rules
from routing.config import loader
from routing.model.gazetteer import Gazetteer
from routing.rules import lint
from routing.rules.lint import sample_texts, usage
from routing.rules.lint.hint import Hint
from tests import ROOT
from tests.support import rule_examples
from tests.support.rule_examples import KREFELD, kind, rule
from tests.support.waiting import is_cheaper

SHIPPED = ROOT / "config.toml"
ALARM = rule(
    "Alles, was alarmiert",
    *("bewusstlos*", "blutet stark", "es brennt", "brennt es", "riecht nach gas", "messer", "blindgänger", "spritze"),
    *("kanaldeckel fehlt", "giftköder"),
    urgency="notfall",
    recipient="kod",
)


def with_ways(names: tuple[str, ...]) -> Gazetteer:
    return Gazetteer(ways=("Kempener Allee", "Stadtgarten", *names))


def looked(*tables: dict[str, Any], places: tuple[str, ...] = (), **more: Any) -> list[Hint]:
    """The hints about these rules, beside one that alarms as it should."""
    vocabulary = more.pop("vocabulary", {})
    settings = rule_examples.settings(*tables, ALARM, **more)
    rule_set, problems = rules.build(settings, vocabulary, with_ways(places))
    assert problems == ()
    return list(lint.look(rule_set, vocabulary, with_ways(places)))


def only(hints: list[Hint]) -> Hint:
    [hint] = hints
    return hint


def example(text: str, *, matches: bool = True) -> dict[str, Any]:
    return {"text": text, "matches": matches}


def test_nothing_is_said_of_rules_that_work_as_meant() -> None:
    assert [] == looked(
        rule("Müll", "müllsack", "müllberg*") | {"except": ["müllsackständer"]},
        rule("Laterne", "laterne + flackert", recipient="kbk"),
        kinds=(kind("Dank", "vielen dank für die schnelle hilfe"),),
    )


def test_a_keyword_that_its_own_exception_hides_is_named() -> None:
    hint = only(looked(rule("Müll", "müllsack", "karton") | {"except": ["karton*"]}))
    assert ("Müll", "keywords", "karton") == (hint.rule, hint.key, hint.item)
    assert hint.what == "Das Schlüsselwort „karton“ zählt nie. Das Wort steht in der Ausnahmeliste der Regel."


def test_a_keyword_that_is_a_place_never_counts() -> None:
    hint = only(looked(rule("Grün", "stadtgarten")))
    assert "zählt nie. Das Wort gehört zu einer Orts- oder Straßenangabe." in hint.what


def test_a_kind_below_one_with_the_same_words_never_decides() -> None:
    hints = looked(rule("Müll", "müll"), kinds=(kind("Presse", "interview"), kind("Medien", "interview")))
    assert "Die Regel kommt nie zum Zug: Trifft sie zu, entscheidet immer „Presse“." in [hint.what for hint in hints]
    assert {"Medien"} == {hint.rule for hint in hints}


def test_a_kind_whose_words_all_alarm_never_decides() -> None:
    hint = only(looked(rule("Müll", "müll"), kinds=(kind("Waffen", "messer"),)))
    assert hint.what == "Die Regel kommt nie zum Zug: Trifft sie zu, entscheidet immer „Alles, was alarmiert“."


@pytest.mark.parametrize("loser", [{"priority": -1}, {"yields": "any"}])
def test_a_rule_that_another_one_always_beats_is_named(loser: dict[str, Any]) -> None:
    hints = looked(rule("Müll", "müll", "sack"), rule("Abfall", "müll", recipient="kbk", **loser))
    assert "Die Regel kommt nie zum Zug: Trifft sie zu, entscheidet immer „Müll“." in [
        hint.what for hint in hints if hint.rule == "Abfall"
    ]


def test_a_rule_that_adds_nothing_to_another_is_superfluous() -> None:
    broad = rule("Müll", "müllsack*", "karton", category="Abfall")
    narrow = rule("Müllsäcke", "müllsack", "müllsacklager", category="Abfall")
    hint = only(looked(broad, narrow))
    assert ("Müllsäcke", "name") == (hint.rule, hint.key)
    assert "findet auch „Müll“" in hint.what


def test_one_keyword_in_two_rules_for_different_bodies_is_named() -> None:
    hint = only(looked(rule("Müll", "palette", "karton"), rule("Holz", "paletten", "bretter", recipient="kbk")))
    assert ("Holz", "paletten") == (hint.rule, hint.item)
    assert (
        "steht auch in der Regel „Müll“, die an gsak geht: Steht sonst nichts da, entscheidet ein Mensch." in hint.what
    )


def test_a_priority_says_whose_word_it_is() -> None:
    assert [] == looked(
        rule("Müll", "palette", "karton"), rule("Holz", "paletten", "bretter", recipient="kbk", priority=1)
    )


def test_two_forms_of_a_word_in_one_rule_do_no_harm_but_two_spellings_are_one_too_many() -> None:
    assert [] == looked(rule("Müll", "müllsack", "müllsäcke"))
    assert "steht zweimal in derselben Regel" in only(looked(rule("Müll", "müllsack", "muellsack"))).what


def test_an_example_says_that_both_rules_are_meant() -> None:
    both = rule("Holz", "palette", "bretter", recipient="kbk", tests=[example("Paletten und Bretter auf dem Radweg")])
    assert [] == looked(rule("Müll", "palette"), both)


def test_one_keyword_with_two_urgencies_is_a_contradiction() -> None:
    hint = only(
        looked(
            rule("Müll", "palette", "karton"), rule("Holz", "palette", "bretter", urgency="sammel", category="Müll")
        )
    )
    assert "mit anderer Dringlichkeit (heute statt sammel); die höhere gilt" in hint.what


def test_one_identity_with_two_categories_for_different_bodies_is_a_contradiction() -> None:
    hint = only(looked(rule("Tonne", "tonne", id="S04"), rule("Gebühr", "gebühr", id="S04", recipient="kbk")))
    assert hint.what.startswith("Die Kennung S04 heißt hier „Gebühr“, bei der Regel „Tonne“ aber „Tonne“")


@pytest.mark.parametrize(
    ("keyword", "found"),
    [
        ("hund*", "„hundert“, „hunderte“"),
        ("*leiche*", "„gleiche“"),
        ("*schuss", "„ausschuss“"),
        ("*laub", "„urlaub“"),
        ("mess*", "„messe“"),
        ("idea*", "„ideal“"),
    ],
)
def test_a_wildcard_that_finds_everyday_words_is_named(keyword: str, found: str) -> None:
    [hint, *_] = looked(rule("Regel", keyword, "eindeutig"))
    assert ("Regel", keyword) == (hint.rule, hint.item)
    assert found in hint.what


def test_a_keyword_that_finds_a_surname_is_named() -> None:
    told = [hint.what for hint in looked(rule("Regel", "feuer*", "eindeutig"))]
    assert any("findet auch die Nachnamen „Feuerbach“ und „Feuerstein“" in what for what in told)


def test_a_street_that_gets_through_is_named() -> None:
    told = [hint.what for hint in looked(rule("Regel", "*allee", "eindeutig"), places=("Rosenallee",))]
    assert ["„*allee“ findet auch die Orte „Kempener Allee“ und „Rosenallee“."] == told


def test_a_very_short_wildcard_is_named_until_an_example_shows_what_it_is_for() -> None:
    hint = only(looked(rule("Regel", "teer*", "eindeutig")))
    assert "ist sehr kurz: Es findet jedes Wort, das so beginnt" in hint.what
    assert [] == looked(rule("Regel", "teer*", "eindeutig", tests=[example("Die Teerdecke ist aufgeplatzt")]))


def test_a_veto_in_an_urgent_rule_is_named() -> None:
    hint = only(looked(rule("Spritzen", "kanüle", urgency="sofort", unless=["arzt"])))
    assert ("Spritzen", "unless", "arzt") == (hint.rule, hint.key, hint.item)


def test_an_emergency_that_nobody_would_hear_is_named() -> None:
    settings = rule_examples.settings(rule("Müll", "müll"))
    rule_set, _ = rules.build(settings, {}, KREFELD)
    told = [hint.what for hint in lint.look(rule_set, {}, KREFELD)]
    assert "Der Satz „Frau blutet stark“ alarmiert niemanden." in told


def silenced(*tables: dict[str, Any], places: tuple[str, ...] = ()) -> tuple[Hint, ...]:
    rule_set, _ = rules.build(rule_examples.settings(*tables), {}, with_ways(places))
    return lint.silenced(rule_set, {})


def test_an_exception_that_silences_a_form_of_an_urgent_word_is_grave() -> None:
    [hint] = silenced(rule("Spritzen", "spritze", urgency="sofort") | {"except": ["spritzen"]})
    assert hint.is_grave
    assert "alarmiert nicht. Das Wort steht in der Ausnahmeliste der Regel." in hint.what


def test_a_street_of_ones_own_that_silences_an_urgent_word_is_grave() -> None:
    [hint] = silenced(rule("Brand", "im brand", urgency="notfall", recipient="kod"), places=("Im Brand",))
    assert "Orts- oder Straßenangabe" in hint.what


def test_an_exception_that_leaves_the_word_itself_alone_is_not() -> None:
    assert () == silenced(rule("Spritzen", "spritze", urgency="sofort") | {"except": ["spritzen sie", "spritzgebäck"]})


def test_a_silenced_word_that_another_urgent_rule_hears_is_not() -> None:
    deaf = rule("Spritzen", "spritze", urgency="sofort") | {"except": ["spritze"]}
    assert () == silenced(deaf, rule("Nadeln", "spritze", urgency="sofort"))


@pytest.mark.parametrize(
    ("keyword", "texts"),
    [
        ("müllsack", ("müllsack",)),
        ("*spielplatz*", ("spielplatz",)),
        ("tonne ... geleert", ("tonne geleert",)),
        ("spritze + spielplatz", ("spritze und spielplatz",)),
        ("@tier ... beißt", ("hund beißt", "katze beißt")),
        ("@fehlt beißt", ()),
        ("/oel(spur|lache)/", ()),
    ],
)
def test_a_witness_is_the_keyword_as_somebody_would_write_it(keyword: str, texts: tuple[str, ...]) -> None:
    assert texts == sample_texts.texts(keyword, {"tier": ("hund", "*katze*")})


def test_there_is_nothing_to_say_of_the_shipped_file_and_looking_is_fast() -> None:
    loaded = loader.load(SHIPPED)
    rule_set, _ = rules.compiled(loaded)

    def load() -> None:
        again = loader.load(SHIPPED)  # raises if anything grave is in it
        rules.compiled(again)

    def look() -> None:
        assert () == lint.look(rule_set, loaded.vocabulary, loaded.gazetteer)

    look()
    assert is_cheaper(look, 7, load)


def recorded(messages: int, *found: tuple[str, str], corrected: int = 0) -> usage.Record:
    record = usage.Record()
    for number in range(messages):
        record.add(datetime(2026, 11, 1, tzinfo=UTC), frozenset(found), is_corrected=number < corrected)
    return record


def history(record: usage.Record, *tables: dict[str, Any]) -> list[str]:
    rule_set, _ = rules.build(rule_examples.settings(*tables), {}, KREFELD)
    return [f"{hint.rule}: {hint.what}" for hint in usage.hints(rule_set, record)]


def test_history_names_rules_and_keywords_that_never_matched() -> None:
    told = history(recorded(600, ("Müll", "müll")), rule("Müll", "müll", "abfall"), rule("Schnee", "schnee"))
    assert [
        "Müll: 1 von 2 Schlüsselwörtern haben seit dem 01.11.2026 (600 Nachrichten) nie getroffen: „abfall“.",
        "Schnee: Die Regel hat seit dem 01.11.2026 (600 Nachrichten) nie zugetroffen.",
    ] == told


def test_history_is_silent_about_a_broad_list_of_which_most_words_are_rare() -> None:
    assert [] == history(recorded(600, ("Müll", "müll")), rule("Müll", "müll", "abfall", "unrat", "gerümpel"))


def test_history_never_calls_an_urgent_rule_unused_nor_judges_by_a_few_messages() -> None:
    assert [] == history(recorded(600), rule("Brand", "brand", urgency="notfall", recipient="kod"))
    assert [] == history(recorded(20), rule("Müll", "müll"))
    assert [] == history(usage.Record(), rule("Müll", "müll"))


def test_history_names_a_rule_that_people_often_correct() -> None:
    told = history(recorded(20, ("Müll", "müll"), corrected=5), rule("Müll", "müll"))
    span = "seit dem 01.11.2026 (20 Nachrichten)"
    assert [f"Müll: 5 von 20 Nachrichten dieser Regel hat ein Mensch anders zugewiesen, {span}."] == told
    assert [] == history(recorded(20, ("Müll", "müll"), corrected=2), rule("Müll", "müll"))
