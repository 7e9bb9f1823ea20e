import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from intake.message import Arrival, Automatic, Kind, Stored
from routing import rules
from routing.model.decision import State, Urgency
from routing.model.gazetteer import Gazetteer
from routing.model.settings import Configuration, Weights
from routing.pipeline import dispatch
from routing.planning import plan as planning
from routing.store import cases, migrations, tables
from tests.support import letterbox
from tests.support.rule_examples import KREFELD, built, decided, found, kind, message, rule, settings
from tests.support.waiting import is_cheaper

CITY = built(
    rule("Notfall", "messer", "blutet stark", "feuer", urgency="notfall"),
    rule("Nadel", "spritze", urgency="sofort", recipient=["kod", "kbk"]),
    rule("Müll", "müll", "müllsack", id="S01", **{"except": ["müll im hof"], "unless": ["osterputz"]}),
    rule("Müllkippe", "müllkippe", id="S01", urgency="sammel", recipient="kbk"),
    rule("Laterne", "laterne", recipient="kbk"),
    rule("Hund", "hund", recipient="kod"),
    rule("Schild", "schild"),
    rule("Schlagloch", "schlagloch"),
    kinds=(
        kind("einspruch", "einspruch", state="routed", recipient="gsak"),
        kind("dank", "vielen dank für", state="kept"),
        kind("frage", "sachstand"),
    ),
)


def test_nothing_found_is_for_a_person() -> None:
    decision = decided(CITY, "Guten Tag, bitte rufen Sie mich an")
    assert (State.REVIEW, "unclear", ()) == (decision.state, decision.kind, decision.concerns)


def test_rules_of_one_category_make_one_concern() -> None:
    decision = decided(CITY, "Müllsäcke an der Müllkippe")
    (concern,) = decision.concerns
    assert ("gsak", "kbk") == concern.recipients
    assert Urgency.HEUTE is concern.urgency
    assert ("Müll", "Müllkippe") == concern.rules


def test_two_categories_make_two_concerns() -> None:
    decision = decided(CITY, "Müll unter der Laterne")
    assert ["Müll", "Laterne"] == [concern.category for concern in decision.concerns]
    assert State.ROUTED is decision.state


def test_an_emergency_goes_to_the_duty_desk_alone_and_the_rest_waits() -> None:
    decision = decided(CITY, "Mann mit Messer neben dem Müll")
    assert ("kod",) == decision.recipients
    assert Urgency.NOTFALL is decision.urgency
    assert [("Notfall", State.ROUTED), ("Müll", State.REVIEW)] == [
        (concern.category, concern.state) for concern in decision.concerns
    ]


def test_an_urgent_rule_comes_before_the_kinds() -> None:
    decision = decided(CITY, "Einspruch! Auf dem Weg liegt eine Spritze.")
    assert ("concern", ("kod", "kbk")) == (decision.kind, decision.recipients)


def test_a_kind_comes_before_the_other_rules() -> None:
    decision = decided(CITY, "Einspruch wegen Müll")
    assert ("einspruch", State.ROUTED) == (decision.kind, decision.state)
    assert State.REVIEW is decision.concerns[1].state


def test_thanks_alone_is_kept_and_thanks_with_a_report_is_for_a_person() -> None:
    assert State.KEPT is decided(CITY, "Vielen Dank für alles").state
    decision = decided(CITY, "Vielen Dank für alles, aber da liegt wieder Müll")
    assert (State.REVIEW, "dank") == (decision.state, decision.kind)


def test_too_many_topics_are_for_a_person() -> None:
    decision = decided(CITY, "Müll, Laterne, Hund, Schild, Schlagloch")
    assert State.REVIEW is decision.state
    assert {State.REVIEW} == {concern.state for concern in decision.concerns}


def test_many_topics_for_two_bodies_need_no_person() -> None:
    decision = decided(CITY, "Müll, Laterne, Müllkippe, Schild, Schlagloch")
    assert (State.ROUTED, {"gsak", "kbk"}) == (decision.state, set(decision.recipients))


def test_urgent_among_many_topics_still_goes_out() -> None:
    decision = decided(CITY, "Müll, Laterne, Hund, Schild, Schlagloch, Spritze")
    assert State.ROUTED is decision.state
    assert ("kod", "kbk") == decision.recipients


@pytest.mark.parametrize(
    ("text", "state", "alert"),
    [
        ("Sie haben eine neue Sprachnachricht", State.REVIEW, False),
        ("Ihr Hinweis Müll ist eingegangen", State.REVIEW, False),
        ("Ihr Hinweis Spritze ist eingegangen", State.REVIEW, True),
    ],
)
def test_automatic_mail_is_never_forwarded(text: str, state: State, alert: bool) -> None:
    decision = decided(CITY, text, automatic=Automatic.AUTO_REPLY)
    assert (state, alert, "auto-reply") == (decision.state, decision.alert, decision.kind)


def test_an_automatic_answer_to_a_letter_of_ours_is_kept() -> None:
    for ours in ("kod-2026-000001.gsak.ab12@krefeld.invalid", "kod-s-2026-11-23-gsak-1.gsak.ab12@krefeld.invalid"):
        decision = decided(CITY, "Ich bin im Urlaub", automatic=Automatic.AUTO_REPLY, references=(ours,))
        assert State.KEPT is decision.state
    foreign = decided(CITY, "Ich bin im Urlaub", automatic=Automatic.AUTO_REPLY, references=("x@example.org",))
    assert State.REVIEW is foreign.state


def test_a_missed_call_is_kept_unless_it_names_something_urgent() -> None:
    assert State.KEPT is decided(CITY, "Müll", kind=Kind.MISSED_CALL).state
    decision = decided(CITY, "Messer", kind=Kind.MISSED_CALL)
    assert (State.REVIEW, True, "missed call") == (decision.state, decision.alert, decision.kind)


@pytest.mark.parametrize(
    "text",
    [
        "Herr Müll rief an",
        "Frau Petra Müll rief an",
        "Familie Müll",
        "Mit freundlichen Grüßen\nPetra Müll",
        "Viele Grüße, K. Müll",
        "Mein Name ist Klaus Müll",
        "Dr. Müll",
        "Treffpunkt Karl-Müll-Platz",
        "in der Müllstraße 3",
    ],
)
def test_names_and_streets_are_no_topics(text: str) -> None:
    assert [] == found(text, "müll", "müll*")


@pytest.mark.parametrize(
    "text",
    [
        "Frau blutet stark",
        "Frau Blutet stark",
        "FRAU BLUTET STARK",
        "Frau Messer am Hals",
        "Herr mit Messer",
        "Mann, Messer!",
        "Viele Grüße\nPS: hier ist jemand mit einem Messer",
        "Kein Messer mehr",
    ],
)
def test_a_mask_never_silences_an_emergency(text: str) -> None:
    decision = decided(CITY, text)
    assert (State.ROUTED, ("kod",)) == (decision.state, decision.recipients)


@pytest.mark.parametrize(
    "text", ["Herr Messer bittet um Rückruf", "Sehr geehrte Frau Messer, hallo", "Frau Feuer hat angerufen"]
)
def test_an_evident_name_is_no_emergency(text: str) -> None:
    assert State.REVIEW is decided(CITY, text).state


def test_a_phrase_that_names_a_street_finds_it() -> None:
    assert ["Schwertstraße 80"] == found("in der Schwertstraße 80", "schwertstraße 80", "schwert*")


def test_an_exception_hides_its_words_and_no_others() -> None:
    assert State.REVIEW is decided(CITY, "Müll im Hof").state
    assert State.ROUTED is decided(CITY, "Müll im Hof und Müll am Weg").state


def test_a_veto_takes_the_whole_rule_and_is_told() -> None:
    decision = decided(CITY, "Müll vom Osterputz")
    assert State.REVIEW is decision.state
    assert "osterputz" in decision.near_misses[0].why.lower()


THINGS = built(
    rule(
        "Ding",
        *(
            "müll",
            "müllsack",
            "sperrmüll",
            "matratze",
            "laterne",
            "straßenlaterne",
            "schlagloch",
            "schild",
            "papierkorb",
        ),
        *(
            "verkehrsschild",
            "gully",
            "gullydeckel",
            "auto",
            "ampel",
            "schrottfahrrad",
            "fahrrad",
            "ratte",
            "musik",
            "baum",
        ),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "Der Müll ist weg, danke!",
        "Kein Müll mehr da",
        "Die Laterne brennt wieder",
        "Die Müllsäcke wurden gestern abgeholt.",
        "Das Schlagloch ist inzwischen repariert worden",
        "Der Müll wurde schon abgeholt",
        "Der Müll an der Roßstr. 12 wurde schon abgeholt, danke",
        "Die Matratze ist nicht mehr da.",
        "Der Sperrmüll liegt nicht mehr dort",
        "Die Straßenlaterne vor Haus 12 leuchtet jetzt wieder. Danke!",
        "Das Schild ist wieder da",
        "Danke, dass Sie den Müll so schnell abgeholt haben!",
        "Sie haben den Sperrmüll abgeholt, vielen Dank",
        "Der Papierkorb wurde geleert",
        "Die Sache mit dem Müll hat sich erledigt",
        "Der Gully ist wieder frei",
        "Das Auto ohne Kennzeichen ist seit gestern weg",
        "Die Ampel funktioniert wieder einwandfrei",
        "Der Müll ist\nweg, danke",
        "Das Schrottfahrrad wurde am Montag entfernt.",
        "keine Ratten mehr gesehen",
    ],
)
def test_what_is_settled_is_no_report(text: str) -> None:
    decision = decided(THINGS, text)
    assert (State.KEPT, "erledigt", ()) == (decision.state, decision.kind, decision.concerns)


@pytest.mark.parametrize(
    "text",
    [
        "Die Laterne brennt wieder nicht",
        "Der Müll ist nicht weg",
        "Der Müll ist immer noch nicht weg",
        "Der Müll wurde nicht abgeholt",
        "Der Müll ist wieder da",
        "Die Laterne ist nicht mehr da",
        "Das Verkehrsschild ist verschwunden",
        "Der Gullydeckel ist weg",
        "Die Laterne brennt nicht mehr",
        "Ist der Müll weg?",
        "Wann ist der Müll weg",
        "Ich warte, bis der Müll weg ist",
        "Angeblich ist der Müll weg",
        "Der Müll ist weg, aber der Rest liegt noch da",
        "Der Müll ist weg. Leider liegt schon wieder neuer da.",
        "Der Müll wurde nur teilweise abgeholt",
        "Unbekannte haben hier Müll entsorgt",
        "Der Müll wurde am Ostwall entsorgt",
        "Die Musik läuft wieder",
        "Diebe haben mein Fahrrad mitgenommen",
        "Unbekannte haben das Schild entfernt",
        "damit hier kein Müll mehr liegt",
        "Ich möchte keinen Müll mehr sehen",
        "Der Sperrmüll, der nicht abgeholt wurde, stinkt",
        "Es gibt keinen Papierkorb mehr",
        "Hier kommt kein Auto mehr durch",
        "Der Müll ist nicht mehr zu ertragen",
        "Wenn Sie den Müll abgeholt haben, melden Sie sich",
        "Nachdem der Müll abgeholt wurde, lag am nächsten Tag neuer da",
        "Der Baum ist fast umgefallen",
        "Der Müll stinkt mehr als sonst",
        "Der Müll wurde gestern abgeholt, jetzt liegt da neuer Müll",
    ],
)
def test_what_is_not_settled_stays_a_report(text: str) -> None:
    assert State.ROUTED is decided(THINGS, text).state


def test_something_urgent_that_is_settled_is_for_a_person() -> None:
    assert State.REVIEW is decided(CITY, "Die Spritze ist weg, danke").state


def test_the_subject_counts_too() -> None:
    decision = decided(CITY, "siehe Betreff", subject="Müll am Ostwall")
    (match,) = decision.concerns[0].matches
    assert ("subject", 0, 4) == (match.field, match.start, match.end)


def test_the_place_column_is_a_place_and_no_topic() -> None:
    decision = decided(CITY, "bitte ansehen", place="Müll-Laterne, Roßstr. 12")
    assert () == decision.concerns
    assert [("Roßstraße", "12")] == [(place.street, place.number) for place in decision.places]


def test_a_very_long_text_is_cut_and_says_so() -> None:
    decision = decided(CITY, "Müll " + "x " * 200_000)
    assert "200.000" in decision.reason
    assert 20 >= len(decided(CITY, "Müll " * 60_000).concerns[0].matches)


def test_the_order_of_rules_does_not_change_who_gets_it() -> None:
    tables = [rule(name, name, id=name[0], recipient=to) for name, to in (("müll", "gsak"), ("laterne", "kbk"))]
    tables += [rule("messer", "messer", urgency="notfall"), rule("hund", "hund", recipient="kod")]
    seen = set()
    for _ in range(6):
        random.shuffle(tables)
        decision = decided(built(*tables), "Müll, Laterne, Hund")
        seen.add((decision.state, frozenset(decision.recipients), decision.urgency))
    assert 1 == len(seen)


def test_bad_keywords_are_named_and_the_others_still_work() -> None:
    rule_set, problems = rules.build(settings(rule("Müll", "müll", "x*", "@moebl")), {"moebel": ("sofa",)}, KREFELD)
    assert [("Müll", "x*"), ("Müll", "@moebl")] == [(problem.rule, problem.keyword) for problem in problems]
    assert "Meinten Sie „moebel“" in problems[1].what
    assert State.ROUTED is decided(rule_set, "Müll").state


def test_the_same_rules_are_compiled_once_however_they_were_read() -> None:
    lists: dict[str, tuple[str, ...]] = {"möbel": ("sofa",)}
    first, _ = rules.build(settings(rule("Müll", "@möbel")), lists, Gazetteer(ways=("Hohlweg",)))
    assert first is rules.build(settings(rule("Müll", "@möbel")), dict(lists), Gazetteer(ways=("Hohlweg",)))[0]
    lists["möbel"] = ("schrank",)
    second, _ = rules.build(settings(rule("Müll", "@möbel")), lists, Gazetteer(ways=("Hohlweg",)))
    assert [State.REVIEW, State.ROUTED] == [decided(rule_set, "Ein Schrank").state for rule_set in (first, second)]


def test_an_example_that_does_not_hold_is_explained() -> None:
    given = settings(
        rule("Müll", "müll", tests=[{"text": "Laub"}, {"text": "Müll", "matches": False}, {"text": "Müll"}]),
    )
    rule_set, _ = rules.build(given, {}, KREFELD)
    failures = rules.run_tests(rule_set, given)
    assert [("Laub", True), ("Müll", False)] == [(failure.text, failure.expected) for failure in failures]
    assert "soll aber" in failures[0].why


HEAP = built(
    rule("Müll", "müll", "matratze", yields="sentence"),
    rule("Sperrmüll", "sperrmüll", yields="sentence"),
    rule("Kot", "hundekot", urgency="sammel"),
    rule("Spielplatz", "spielplatz", recipient="kbk", yields="message"),
    rule("Schaukel", "schaukel", recipient="kbk"),
    rule("Spritze", "spritze", recipient=["kod", "kbk"], urgency="sofort"),
    rule("Notfall", "messer", recipient="kbk", urgency="notfall"),
)


@pytest.mark.parametrize(
    ("text", "letters", "covered"),
    [
        ("Matratze und Sperrmüll am Ostwall", {"Sperrmüll"}, {"Müll"}),
        ("Matratze am Ostwall. Am Nordwall liegt Sperrmüll.", {"Müll", "Sperrmüll"}, set()),
        ("Matratze", {"Müll"}, set()),
        ("Spritze auf dem Spielplatz", {"Spritze"}, {"Spielplatz"}),
        ("Am Spielplatz. Dort liegt eine Spritze!", {"Spritze"}, {"Spielplatz"}),
        ("Schaukel am Spielplatz; Hundekot", {"Schaukel", "Kot"}, {"Spielplatz"}),
        ("Müll auf dem Spielplatz", {"Müll"}, {"Spielplatz"}),  # it only says where
        ("Spielplatz voller Müll", {"Müll", "Spielplatz"}, set()),  # another body's letter covers nothing
        ("Messer auf dem Spielplatz", {"Notfall"}, set()),  # nor does an alarm: the rest waits for a person
    ],
)
def test_one_heap_gives_one_letter(text: str, letters: set[str], covered: set[str]) -> None:
    decision = decided(HEAP, text)
    assert letters == {concern.category for concern in decision.concerns if concern.state is State.ROUTED}
    assert covered == {concern.category for concern in decision.concerns if concern.state is State.KEPT}


def test_a_heap_named_in_the_subject_is_the_heap_of_the_text() -> None:
    decision = decided(HEAP, "Der Sperrmüll liegt seit Tagen da.", subject="Müll am Ostwall")
    assert [("Müll", State.KEPT), ("Sperrmüll", State.ROUTED)] == [(c.category, c.state) for c in decision.concerns]


def test_the_remaining_letter_is_as_urgent_as_the_covered_one_was() -> None:
    letters = [c for c in decided(HEAP, "Hundekot und Müll").concerns if c.state is State.ROUTED]
    assert [("Kot", Urgency.HEUTE)] == [(concern.category, concern.urgency) for concern in letters]


def test_a_covered_concern_is_explained_in_german() -> None:
    letter = message("Matratze und Sperrmüll")
    decision = rules.classify(letter, HEAP)
    assert ("gsak",) == decision.recipients
    told = rules.explain(decision, letter)
    assert "1 Anliegen erkannt: Sperrmüll. Ohne eigenes Schreiben, weil dieselbe Stelle schon eines bekommt" in told
    assert "Kein eigenes Schreiben: Ein anderes Anliegen dieser Nachricht geht schon an dieselbe Stelle." in told


def test_a_covered_concern_is_stored_closed_and_waits_for_nobody(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    engine = storage.create(f"sqlite:///{tmp_path / 'kod.db'}")
    migrations.upgrade(engine)
    letter = message("Matratze und Sperrmüll")
    with storage.writing(engine) as connection:
        storage.add(connection, [Arrival(source="kod", key="1", received_at=moment, raw=b"", message=letter)], moment)
    stored = Stored(1, "kod", moment, letter)
    configuration = Configuration(path=tmp_path, settings=settings(rule("Müll", "müll")), fingerprint="x")
    ruling = planning.plan(stored, rules.classify(letter, HEAP), planning.Dates(configuration.settings, moment))
    with storage.writing(engine) as connection:
        cases.keep_snapshot(connection, configuration, moment)
        cases.record(connection, [ruling], configuration.fingerprint, moment, prefix="KOD")
        rows = connection.execute(sa.select(tables.concerns.c.category, tables.concerns.c.state)).all()
    assert {("Müll", "closed"), ("Sperrmüll", "open")} == {(row.category, row.state) for row in rows}
    assert ["gsak"] == [plan.recipient for plan in ruling.planned]


def test_an_explanation_names_sentence_word_rule_and_near_miss() -> None:
    letter = message("Am Ostwall liegt Müll. Herr Hund rief an.")
    told = rules.explain(rules.classify(letter, CITY), letter)
    for part in ("liegt [Müll]", "Schlüsselwort „müll“", "Regel „Müll“", "gsak", "Ort: Ostwall", "„Hund“", "ein Name"):
        assert part in told


def test_at_most_five_near_misses_are_told() -> None:
    tables = [rule(f"Regel {number}", f"wort{number}x", **{"except": [f"wort{number}x"]}) for number in range(9)]
    text = " ".join(f"wort{number}x" for number in range(9))
    assert 5 == len(decided(built(*tables), text).near_misses)


def test_many_settled_things_do_not_hide_a_report() -> None:
    assert State.ROUTED is decided(CITY, "Der Müll ist weg. " * 40 + "Aber jetzt liegt da neuer Müll.").state


def test_many_exceptions_do_not_hide_a_report() -> None:
    assert State.ROUTED is decided(CITY, "Müll im Hof. " * 40 + "Müll am Weg.").state


@pytest.mark.parametrize("word", ["Müll im Hof, ", "Ostwall Müll ", "Viele Grüße\nPetra Müll\n", "Der Müll ist weg. "])
def test_hostile_masks_take_linear_time(word: str) -> None:
    def work(size: int) -> None:
        decided(CITY, word * (size // len(word)))

    assert is_cheaper(lambda: work(160_000), 20, lambda: work(20_000), least=0.01)


PARTLY = built(
    rule("Müll", "matratze"),
    rule("Weg", "gehweg + kaputt", recipient="kod"),
    rule("Tonne", "tonne ... geleert", recipient="kod"),
    rule("Brett", "brett", recipient="kbk", yields="any"),
)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Eine kaputte Matratze auf dem Gehweg", {"Müll"}),
        ("Matratze, und der Gehweg ist kaputt", {"Müll", "Weg"}),
        ("Ein kaputtes Brett auf dem Gehweg", {"Weg"}),
        ("Auf dem Gehweg ist etwas kaputt", {"Weg"}),
        ("Eine Matratze vor der Tonne, die nicht geleert ist", {"Müll", "Tonne"}),
    ],
)
def test_what_is_wrong_at_a_place_goes_before_weak_words_only(text: str, letters: set[str]) -> None:
    going = {concern.category for concern in decided(PARTLY, text).concerns if concern.state is State.ROUTED}
    assert letters == going


MENTIONED = built(
    rule("Müll", "müll"),
    rule("Laterne", "laterne", recipient="kod"),
    rule("Brett", "brett", yields="any"),
    rule("Rad", "rad", recipient="kbk", yields="any"),
    rule("Gefahr", "grube", recipient="kod", urgency="sofort"),
)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Müll neben der Laterne", {"Müll"}),
        ("Müll und eine kaputte Laterne", {"Müll", "Laterne"}),
        ("Die Laterne neben der kleinen roten Laterne, dazu Müll", {"Müll", "Laterne"}),
        ("Neben der Laterne fehlt etwas", {"Laterne"}),
        ("Müll, ein Brett und ein Rad", {"Müll"}),
        ("Ein Rad und ein Brett", {"Rad"}),
        ("Neben dem Brett steht ein Rad", {"Rad"}),
        ("Müll in der Grube", {"Müll", "Gefahr"}),
        ("Rund um die Laterne liegt Müll", {"Müll"}),
        ("Um die Laterne herum liegt Müll", {"Müll"}),
        ("Es geht um die Laterne und um Müll", {"Müll", "Laterne"}),
        ("Müll hängt über der Laterne", {"Müll"}),
        ("Ich beschwere mich über die Laterne und den Müll", {"Müll", "Laterne"}),
        ("Müll auf dem Weg zur Laterne", {"Müll"}),
        ("Müll im Bereich der Laterne", {"Müll"}),
        ("Müll und ein schlechter Bereich, der Laterne fehlt Licht", {"Müll", "Laterne"}),
    ],
)
def test_what_a_message_is_about_goes_before_what_it_only_mentions(text: str, letters: set[str]) -> None:
    going = {concern.category for concern in decided(MENTIONED, text).concerns if concern.state is State.ROUTED}
    assert letters == going


def test_a_weak_word_that_only_says_where_is_a_near_miss() -> None:
    decision = decided(MENTIONED, "Der Zaun hinter dem Brett")
    assert (State.REVIEW, ()) == (decision.state, decision.concerns)
    assert ["Das Wort sagt hier nur, wo etwas ist."] == [miss.why for miss in decision.near_misses]


@pytest.mark.parametrize(("priority", "bodies"), [(0, {"gsak", "kbk"}), (1, {"kod", "gsak"})])
def test_people_go_before_things_where_a_rule_says_so(priority: int, bodies: set[str]) -> None:
    rule_set = built(
        rule("Müll", "müll", "sack"),
        rule("Laterne", "laterne", "licht", recipient="kbk"),
        rule("Camp", "camp", recipient="kod", priority=priority),
    )
    text = "Ein Camp, daneben ein Sack mit Müll, und die Laterne gibt kein Licht"
    assert bodies == set(decided(rule_set, text).recipients)


def test_what_is_only_mentioned_is_explained_in_german() -> None:
    text = "Müll neben der Laterne"
    told = rules.explain(decided(MENTIONED, text), message(text))
    assert "Nur erwähnt: Laterne." in told
    assert "Kein eigenes Schreiben: hier nur erwähnt." in told


TYPING = built(
    rule("Möbel", "matratze", typos=True),
    rule("Schrank", "kühlschrank", recipient="kbk", typos=True, yields="any"),
    rule("Laterne", "laterne", recipient="kod"),
)


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("Eine Matrazte", {"Möbel"}),
        ("Matrazte, und die Laterne ist aus", {"Laterne"}),  # there is something clear
        ("Matrazte neben der Laterne", {"Möbel", "Laterne"}),
        ("Ein Kühlschranck", {"Schrank"}),
        ("Ein Kühlschranck und eine Matrazte", {"Möbel"}),
        ("Mit freundlichen Grüßen\nMatrazte", set()),
    ],
)
def test_typing_mistakes_are_looked_for_where_nothing_is_clear(text: str, categories: set[str]) -> None:
    assert categories == {concern.category for concern in decided(TYPING, text).concerns}


SAME_WORDS = built(
    rule("Taube", "taube", recipient="kod"),
    rule("Totes Tier", "tote taube"),
    rule("Schild", "schild + kaputt", recipient="kbk"),
    rule("Parken", "schild"),
    rule("Vorrang", "parkschild", priority=5),
    rule("Nachrang", "*schild ... verbogen", recipient="kbk"),
    rule("Eins", "asphalt"),
    rule("Zwei", "asphalt", recipient="kbk"),
    rule("Drei", "asphalt"),
    rule("Nadel", "asphalt nadel", recipient="kod", urgency="sofort"),
    rule("Rest", "matratze"),
)


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("Tote Taube am Weg", {"Taube": State.KEPT, "Totes Tier": State.ROUTED}),
        ("Tote Taube, dazu viele Tauben", {"Taube": State.ROUTED, "Totes Tier": State.ROUTED}),
        ("Das Schild ist kaputt", {"Parken": State.KEPT, "Schild": State.ROUTED}),
        ("Parkschild ist verbogen", {"Vorrang": State.ROUTED, "Nachrang": State.KEPT}),
    ],
)
def test_of_two_rules_with_the_same_word_the_closer_one_has_it(text: str, states: dict[str, State]) -> None:
    assert states == {concern.category: concern.state for concern in decided(SAME_WORDS, text).concerns}


def test_a_tie_between_two_bodies_is_for_a_person() -> None:
    decision = decided(SAME_WORDS, "Asphalt!")
    assert State.REVIEW is decision.state
    assert "Nicht eindeutig: Eins, Zwei und Drei. Ein Mensch entscheidet." == decision.reason


def test_a_tie_beside_something_clear_waits_alone() -> None:
    decision = decided(SAME_WORDS, "Asphalt und eine Matratze")
    assert (State.ROUTED, ("gsak",)) == (decision.state, decision.recipients)
    assert {"Eins", "Zwei", "Drei"} == {c.category for c in decision.concerns if c.state is State.REVIEW}
    assert "In Klärung bleibt: Eins, Zwei und Drei." in decision.reason


def test_an_urgent_rule_never_gives_its_words_away() -> None:
    rule_set = built(
        rule("Nadel", "nadel", recipient="kod", urgency="sofort"),
        rule("Weihnachtsbaum", "nadel", "die nadel", priority=9),
    )
    states = {concern.category: concern.state for concern in decided(rule_set, "Da liegt die Nadel").concerns}
    assert {"Nadel": State.ROUTED, "Weihnachtsbaum": State.ROUTED} == states


LIGHT = built(
    rule("Kram", "karton", "holz", "eimer", weight=0.5),
    rule("Laterne", "laterne", recipient="kbk"),
    rule("Nadel", "nadel", urgency="sofort"),
)


@pytest.mark.parametrize(
    ("subject", "text", "state"),
    [
        ("", "Ein Karton", State.REVIEW),
        ("", "Ein Karton und noch ein Karton", State.REVIEW),
        ("", "Ein Karton und Holz", State.ROUTED),
        ("Karton", "siehe Foto", State.ROUTED),
    ],
)
def test_a_light_word_needs_another_one_or_the_subject(subject: str, text: str, state: State) -> None:
    decision = decided(LIGHT, text, subject=subject)
    assert (state, ["Kram"]) == (decision.state, [concern.category for concern in decision.concerns])


def test_a_light_word_beside_something_sure_is_a_near_miss() -> None:
    decision = decided(LIGHT, "Ein Karton unter der Laterne. Die Laterne ist aus.")
    assert ["Laterne"] == [concern.category for concern in decision.concerns]
    assert ["Dieses Wort allein genügt der Regel nicht."] == [miss.why for miss in decision.near_misses]


def test_the_weight_of_a_field_can_be_set() -> None:
    given = settings(rule("Müll", "müll")).model_copy(update={"weights": Weights(subject=1, text=0.5, enough=1)})
    rule_set, _ = rules.build(given, {}, KREFELD)
    assert State.REVIEW is decided(rule_set, "Müll").state
    assert State.ROUTED is decided(rule_set, "", subject="Müll").state


@pytest.mark.parametrize(
    ("text", "more", "state"),
    [
        ("Müll in Duisburg", {}, State.REVIEW),
        ("Müll", {"place": "Willich"}, State.REVIEW),
        ("Müll", {"place": "Kölner Str. 3, Willich"}, State.REVIEW),
        ("Müll am Ostwall", {}, State.ROUTED),
        ("Müll am Ostwall, ich wohne in Duisburg", {}, State.ROUTED),
        ("Mann mit Messer in Duisburg", {}, State.ROUTED),
        ("Eine Spritze in 47877 Willich", {}, State.ROUTED),
    ],
)
def test_what_happens_in_another_town_is_for_a_person(text: str, more: dict[str, str], state: State) -> None:
    decision = decided(CITY, text, **more)
    assert state is decision.state
    assert ("Der Ort liegt nicht in Krefeld" in decision.reason) is (state is State.REVIEW)


def test_a_weak_rule_with_the_same_word_is_no_tie() -> None:
    rule_set = built(
        rule("Zelt", "zelt"), rule("Sache", "zelt", "stange", recipient="kbk", yields="any"), rule("Not", "axt")
    )
    assert (State.ROUTED, ("gsak",)) == (decided(rule_set, "Ein Zelt").state, decided(rule_set, "Ein Zelt").recipients)


def test_an_abbreviated_street_does_not_end_a_sentence() -> None:
    rule_set = built(rule("Lampe", "laterne + flackert"))
    assert State.ROUTED is decided(rule_set, "Laterne vor Grenzstr. 117 flackert").state
    assert State.REVIEW is decided(rule_set, "Laterne vor Haus 117. Es flackert").state


THREE_BODIES = built(
    rule("Müll", "müll", "sofa", "schrank"),
    rule("Laterne", "laterne", "flackert", recipient="kbk"),
    rule("Lärm", "lärm", recipient="kod"),
    rule("Gefahr", "grube", recipient="kod", urgency="sofort"),
)


@pytest.mark.parametrize(
    ("text", "state", "letters"),
    [
        ("Sofa, Schrank, die Laterne flackert, Lärm", State.ROUTED, {"Müll", "Laterne"}),
        ("Müll, Laterne, Lärm", State.REVIEW, set()),  # nothing to choose between three bodies: a person decides
        ("Müll, Laterne, Grube", State.ROUTED, {"Müll", "Laterne", "Gefahr"}),  # what is urgent is never held back
        ("Müll und Lärm", State.ROUTED, {"Müll", "Lärm"}),
    ],
)
def test_of_more_than_two_bodies_those_get_a_letter_that_most_words_speak_for(
    text: str, state: State, letters: set[str]
) -> None:
    decision = decided(THREE_BODIES, text)
    going = {concern.category for concern in decision.concerns if concern.state is State.ROUTED}
    assert (state, letters) == (decision.state, going)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Sofa, Schrank, die Laterne flackert, Lärm", State.KEPT),
        ("Ein Sofa und ein Schrank. Die Laterne flackert. Und dann der Lärm!", State.REVIEW),
    ],
)
def test_what_is_too_much_for_two_letters_waits_when_it_has_a_sentence_of_its_own(text: str, state: State) -> None:
    states = {concern.category: concern.state for concern in decided(THREE_BODIES, text).concerns}
    assert {"Müll": State.ROUTED, "Laterne": State.ROUTED, "Lärm": state} == states


@pytest.mark.parametrize(
    ("sender", "text", "state"),
    [
        ("Petra Müll", "Bitte um Rückruf\nPetra Müll", State.REVIEW),
        ("Müll, Petra", "Bitte um Rückruf, das nervt Petra Müll", State.REVIEW),
        ("Petra Müll", "Bitte um Rückruf\nMüll, Petra", State.REVIEW),
        ("Petra Müll", "Hier liegt Müll. Petra Müll", State.ROUTED),
        ("Müll", "Müll", State.ROUTED),
        ("Klaus Messer", "Bitte um Rückruf\nKlaus Messer\n", State.REVIEW),
        ("Mann Messer", "Hier geht ein Mann Messer schwingend um", State.ROUTED),
    ],
)
def test_the_name_of_the_sender_is_no_topic(sender: str, text: str, state: State) -> None:
    assert state is decided(CITY, text, from_name=sender).state


def test_a_message_that_cannot_be_judged_costs_its_neighbours_nothing(tmp_path: Path) -> None:
    whole = letterbox.configured(tmp_path)
    rule_set, _ = rules.compiled(whole)
    recipients = {name: one for name, one in whole.settings.recipients.items() if name != "ngn"}  # as after a mistake
    settled = whole.settings.model_copy(update={"recipients": recipients})
    torn = whole.model_copy(update={"settings": settled})
    engine = storage.create(storage.url_of_file(tmp_path / "kod.sqlite"))
    migrations.upgrade(engine)
    texts = ("Ein Müllsack liegt dort", "Die Laterne ist aus", "Ein Hund bellt", "Wie spät ist es?")
    with storage.writing(engine) as connection:
        storage.add(connection, letterbox.rows(*texts), letterbox.NOW)
    done = dispatch.batch(engine, torn, rule_set, letterbox.NOW)
    assert (2, 2) == (done.routed, done.review)
    with storage.reading(engine) as connection:
        reasons = list(connection.scalars(sa.select(tables.decisions.c.reason).order_by(tables.decisions.c.id)))
    assert "KeyError" in reasons[1]
    assert not any("gescheitert" in reason for reason in (reasons[0], reasons[2], reasons[3]))
    engine.dispose()
