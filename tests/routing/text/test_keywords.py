import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routing.config.checks import semantics
from routing.rules.engine.values import RuleSet
from routing.text.keywords import dictionary, folding, inflection, patterns, typos
from tests.support import rule_examples
from tests.support.rule_examples import found
from tests.support.waiting import is_cheaper


@pytest.mark.parametrize(
    ("keyword", "form"),
    [
        ("müllsack", "Müllsäcke"),
        ("müllsack", "Müllsäcken"),
        ("müllsack", "Müllsackes"),
        ("müllsack", "MUELLSAECKE"),
        ("müllsäcke", "Müllsack"),
        ("spritze", "Spritzen"),
        ("spritzen", "Spritze"),
        ("abgeladen", "abgeladene"),
        ("abgestellt", "abgestelltes"),
        ("schlagloch", "Schlaglöcher"),
        ("fahrrad", "Fahrräder"),
        ("baum", "Bäume"),
        ("kind", "Kindern"),
        ("schild", "Schilder"),
        ("ampel", "Ampeln"),
        ("dealer", "Dealern"),
        ("straßenschaden", "Straßenschäden"),
        ("ablagerung", "Ablagerungen"),
        ("kaputt", "kaputten"),
        ("dunkel", "dunkle"),
        ("wilder", "wilden"),
        ("hund", "Hundes"),
        ("grölen", "grölt"),
        ("kiffen", "gekifft"),
        ("vogel", "Vögeln"),
        ("straße", "Strasse"),
        ("laterne", "Laternen"),
        ("auto", "Autos"),
    ],
)
def test_a_word_finds_its_inflections(keyword: str, form: str) -> None:
    assert [form] == found(f"Hier ist das: {form}.", keyword)


@pytest.mark.parametrize(
    ("keyword", "neighbour"),
    [
        ("müll", "Müller"),
        ("müll", "Müllabfuhr"),
        ("laub", "Urlaub"),
        ("laub", "Laube"),
        ("laub", "erlaubt"),
        ("schuss", "Ausschuss"),
        ("leiche", "gleiche"),
        ("drogen", "Drogerie"),
        ("heroin", "Heroine"),
        ("taube", "Tauber"),
        ("park", "parken"),
        ("hund", "hundert"),
        ("brand", "Brandt"),
        ("spritze", "Spritzer"),
        ("ast", "Gast"),
        ("ratte", "Rattan"),
    ],
)
def test_a_word_does_not_find_its_neighbours_in_the_dictionary(keyword: str, neighbour: str) -> None:
    assert [] == found(f"Hier ist das: {neighbour}.", keyword)


@pytest.mark.parametrize(
    "text",
    [
        "MÜLLSÄCKE",
        "muellsaecke",
        unicodedata.normalize("NFD", "Müllsäcke"),
        "Müll\u00adsäcke",
        "Müll\u200bsäcke",
        "Müll-\nsäcke",
        "Müll-\r\n  säcke",
        "\uff2düllsäcke",
    ],
)
def test_spelling_does_not_hide_a_word(text: str) -> None:
    assert [text] == found(f"Da: {text} liegen dort", "müllsack")


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("müll", "Mülll"),
        ("müll", "MÜÜÜÜLLLL"),
        ("müllsack", "Müüllsäcke"),
        ("hilfe", "Hiiiilfe"),
        ("schifffahrt", "Schiffahrt"),
        ("schifffahrt", "Schifffahrt"),
        ("betttuch", "Betttücher"),
        ("großstadt", "Grossstadt"),
        ("sperrmüll", "Sperrrmu\u0308u\u0308lll"),
    ],
)
def test_drawn_out_letters_do_not_hide_a_word(keyword: str, text: str) -> None:
    assert [text] == found(f"Da: {text} ist dort", keyword)


def test_doubled_letters_still_tell_words_apart() -> None:
    assert [] == found("Die Monatsrate, die Hüte, das Beet", "ratte", "hütte", "bett")


def tolerated(text: str, *keywords: str, urgency: str = "heute") -> list[str]:
    rule_set = rule_examples.built(rule_examples.rule("Regel", *keywords, typos=True, urgency=urgency))
    decision = rule_examples.decided(rule_set, text)
    return [match.found for concern in decision.concerns for match in concern.matches]


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("matratze", "Matrazte"),
        ("matratze", "Matraze"),
        ("matratze", "Mattratzen"),
        ("waschmaschine", "Waschmaschiene"),
        ("kühlschrank", "Kühlschranck"),
        ("sperrmüll", "Sperrmlüls"),
        ("kühlschrank*", "Kuhlschrank"),
        ("*fernseher", "Fernsehr"),
        ("einkaufswagen", "Einkaufswagn"),
    ],
)
def test_a_rule_may_tolerate_a_typing_mistake_in_a_long_word(keyword: str, text: str) -> None:
    assert [text] == tolerated(f"Da ist {text}, und dort auch", keyword)
    assert [] == found(f"Da ist {text}, und dort auch", keyword)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("schreien", "scheinen"),
        ("schreien", "schreiben"),
        ("schaukel", "Schaufel"),
        ("gartenschaukel", "Gartenschaufel"),
        ("flaschen", "Taschen"),
        ("laternen", "Kasernen"),
        ("rutschen", "lutschen"),
        ("rutschen", "rauschen"),
        ("scherben", "scheren"),
        ("pflaster", "Laster"),
        ("matratze", "Mattrazze"),
        ("ratte", "Rattte"),
        ("*matratze", "Doppelmatrazte"),
        ("alte matratze", "alte Matrazte"),
    ],
)
def test_a_word_of_the_dictionary_and_a_second_mistake_are_not_tolerated(keyword: str, text: str) -> None:
    assert found(f"Da ist {text}", keyword) == tolerated(f"Da ist {text}", keyword)


def test_no_typing_mistake_makes_an_emergency() -> None:
    assert [] == tolerated("Bewusstlsoer", "bewusstloser", urgency="notfall")
    assert ["Bewusstlsoer"] == tolerated("Bewusstlsoer", "bewusstloser")


def test_every_place_of_a_mistyped_word_is_found() -> None:
    assert ["Matrazte", "MATRAZTE", "Matrazten"] == tolerated("Matrazte, MATRAZTE; Haus-Matrazten", "matratze")


def test_what_was_asked_before_does_not_change_the_answer() -> None:
    tolerance = typos.Tolerance({"matratze": (1,)})
    words = ["matrazte", "matratze", "matraze", "mattratze", "matrazte"]
    assert [{1}, set(), {1}, {1}, {1}] == [tolerance.among({word}).get(word, set()) for word in words]


def test_the_dictionary_knows_words_their_endings_and_two_words_in_one() -> None:
    assert all(
        map(dictionary.is_known, ["schreien", "scheinen", "schaufel", "fahrraeder", "gartenschaufel", "strassen"])
    )
    assert not any(map(dictionary.is_known, ["matrazte", "waschmaschiene", "kuehlschranck"]))


def test_a_dictionary_is_built_from_a_list_of_words() -> None:
    assert dictionary.build(["Müll", "Über-ich", "x"]) == dictionary.build(["MUELL"])
    assert dictionary.build(["Müll"]) != dictionary.build([])


def test_a_hyphen_at_the_end_of_a_line_before_und_stays() -> None:
    assert "sperr- und hausmuell" == folding.plain("Sperr-\nund Hausmüll").replace("\n", " ")


@pytest.mark.parametrize(
    ("keyword", "text", "expected"),
    [
        ("müllberg*", "Ein Müllbergchen!", ["Müllbergchen"]),
        ("müllberg*", "Riesenmüllberg", []),
        ("*sperrmüll", "Straßensperrmülls Reste", ["Straßensperrmülls"]),
        ("*sperrmüll", "Sperrmülltermin", []),
        ("*drogen*", "Partydrogenkonsum", ["Partydrogenkonsum"]),
        ("schlagloch*", "Schlaglöchern", ["Schlaglöchern"]),
        ("wilder müll", "wilden Müll und wilder-Müll", ["wilden Müll", "wilder-Müll"]),
        ("wilder müll", "Wilder. Müll", []),
        ("wilde müllkippe*", "wilde Müllkippen", ["wilde Müllkippen"]),
        ("e-scooter*", "Der E-Scooter und E Scooter", ["E-Scooter", "E Scooter"]),
        ("tonne ... geleert", "Die Tonne wurde wieder nicht geleert", ["Tonne wurde wieder nicht geleert"]),
        ("tonne ... geleert", "Die Tonne steht da. Sie wurde geleert", []),
        ("spritze + spielplatz", "Auf dem Spielplatz liegen Spritzen", ["Spritzen"]),
        ("spritze + spielplatz", "Da sind Spritzen. Der Spielplatz ist schön.", []),
        ("/fahrr(ad|aeder)/", "zwei Fahrräder", ["Fahrräder"]),
        ("/oel(spur|lache)/", "Ölspur und Ölheizung", ["Ölspur"]),
    ],
)
def test_patterns_mean_what_the_handbook_says(keyword: str, text: str, expected: list[str]) -> None:
    assert expected == found(text, keyword)


def test_a_list_stands_for_each_of_its_words_also_within_other_keywords() -> None:
    lists = {"moebel": ("sofa", "alter schrank", "@geraete"), "geraete": ("*maschine",), "weg": ("liegt", "steht")}
    text = "Ein Sofa steht hier. Dort alte Schränke. Waschmaschinen auch"
    assert ["Sofa", "alte Schränke", "Waschmaschinen"] == found(text, "@möbel", vocabulary=lists)
    assert ["Sofa"] == found(text, "@möbel + @weg", vocabulary=lists)


@pytest.mark.parametrize(
    ("keyword", "told"),
    [
        ("", "leer"),
        ("  ", "leer"),
        ("*", "leer"),
        ("mü*", "mindestens 4"),
        ("*mül", "mindestens 4"),
        ("*müll*", "mindestens 5"),
        ("mü*ll", "Stern"),
        ("@mobel", "Meinten Sie „moebel“"),
        ("@kreis", "enthält sich selbst"),
        ("/(/", "regulärer Ausdruck".removeprefix("regulärer ")),
        ("/x*/", "leeren Text"),
        ("... müll", "gehören"),
        ("müll ...", "dahinter"),
        ("!!! müll", "keinen Buchstaben"),
    ],
)
def test_a_keyword_that_makes_no_sense_is_explained(keyword: str, told: str) -> None:
    with pytest.raises(patterns.KeywordError, match=told):
        patterns.parse(keyword, {"moebel": ("sofa",), "kreis": ("@kreis",)})


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = folding.plain(text)
    assert once == folding.plain(once)


@given(st.text("aouäöüßÄÖÜẞ „é…\n", max_size=20))
@example("Müßte")
def test_each_folded_letter_knows_the_one_letter_it_was(text: str) -> None:
    folded = folding.fold(text)
    for at, letter in enumerate(folded.text):
        start, end = folded.span(at, at + 1)
        assert letter in folding.plain(text[start:end])
        assert folded.span(0, at + 1)[1] == end
        assert folded.span(at, len(folded.text))[0] == start
    lone = text.replace("…", "").replace("é", "")
    one_by_one = "".join(map(folding.plain, lone))
    if folding.plain(lone) == one_by_one:  # nothing was drawn out
        folded = folding.fold(lone)
        origin = [index for index, letter in enumerate(lone) for _ in folding.plain(letter)]
        spans = [folded.span(at, at + 1) for at in range(len(one_by_one))]
        assert spans == [(index, index + 1) for index in origin]


@example("-\u0308\n")
@example("Müll- \u0308\n\u00ad säcke")
@example("üüüeuuueeell")
@example("ueuuueßss")
@given(st.text(alphabet="aäoöuüßsAÄmlle -\n\r\u0308\u00ad\u200b–…“."))
def test_folding_twice_changes_nothing_in_german_either(text: str) -> None:
    once = folding.plain(text)
    assert once == folding.plain(once)


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet="aäöß -\u00ad\u0308…–xİ\ufb01"),
    st.sampled_from(["Müllsäcke", "mu\u0308ll\u00adsa\u0308cke", "MUELLSAECKEN", "Müüülllsäääcke", "Müll-\nsääcke"]),
    st.text(alphabet="aäöß -\n\u00ad…–xİ\ufb01"),
)
def test_a_match_cuts_the_matched_word_out_of_the_original(before: str, word: str, after: str) -> None:
    decision = rule_examples.decided(RULES, f"{before} {word} {after}")
    matches = [match for concern in decision.concerns for match in concern.matches]
    assert matches
    for match in matches:
        cut = f"{before} {word} {after}"[match.start : match.end]
        assert match.found == cut
        assert folding.plain(cut).startswith("muellsaeck")


RULES = rule_examples.built(rule_examples.rule("Müll", "müllsack"))


@given(st.text(alphabet=st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=14))
def test_every_word_is_among_its_own_forms(word: str) -> None:
    assert word in {stem + ending for stem, endings in inflection.stems(word) for ending in endings}


def test_five_thousand_keywords_cost_little_more_than_fifty() -> None:
    text = "Vor dem Haus am Ostwall liegt seit gestern ein Müllsack, daneben steht allerlei anderes. " * 17
    words = [f"{a}{b}{c}kel{d}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst" for d in range(34)]

    few, many = (rule_examples.built(rule_examples.rule("Müll", "müllsack", *words[:count])) for count in (50, 5000))

    def work(rule_set: RuleSet) -> None:
        for _ in range(40):
            rule_examples.decided(rule_set, text)

    assert len(words) >= 5000
    assert is_cheaper(lambda: work(many), 2.5, lambda: work(few))  # the budget is 1.5; a shared machine needs room


def test_many_strange_endings_do_not_change_what_is_found() -> None:
    rule_set = rule_examples.built(rule_examples.rule("Müll", "müllsack", "sperrmüll*"))
    strange = " ".join(f"Müllsack{number:x}q Sperrmüll{number:x}" for number in range(100))
    before = rule_examples.decided(rule_set, "Müllsäcke und Müllsacks")
    many = rule_examples.decided(rule_set, strange)
    assert {"Sperrmüll0", "Sperrmüllf"} <= {match.found for match in many.concerns[0].matches}
    assert not any(match.found.startswith("Müllsack") for match in many.concerns[0].matches)
    assert before == rule_examples.decided(rule_set, "Müllsäcke und Müllsacks")
    assert () == rule_examples.decided(rule_set, "Müllsackqq").concerns


@pytest.mark.parametrize("word", ["müll ", "spritze ", "a-\n", "straße ", "Frau Müller ", "kein müll mehr "])
def test_hostile_text_takes_linear_time(word: str) -> None:
    rule_set = rule_examples.built(
        rule_examples.rule("Müll", "müll", "müll + spritze", "müll ... spritze", "/muell|spritze/"),
    )

    def work(size: int) -> None:
        rule_examples.decided(rule_set, word * (size // len(word)))

    # 8 times the text; quadratic would be 64
    assert is_cheaper(lambda: work(160_000), 20, lambda: work(20_000), least=0.01)


def test_typing_mistakes_are_refused_for_urgent_rules() -> None:
    given = rule_examples.settings(
        rule_examples.rule("Notfall", "feuer", typos=True, urgency="notfall", recipient="kod"),
        rule_examples.rule("Müll", "müllsack", typos=True),
    )
    assert [("rules", 0, "typos")] == [fault.path for fault in semantics.faults(given) if "typos" in fault.path]
