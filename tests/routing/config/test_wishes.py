"""What a clerk wants of config.toml: each wish is one edit, and ``check`` says what it leaves behind."""

from pathlib import Path

import pytest

from routing import rules
from routing.config import lint_hints, loader
from routing.config.problems import ConfigurationError
from routing.model.decision import Decision, State
from routing.model.settings import Configuration
from tests import ROOT
from tests.support import rule_examples

SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")
STADTWERKE = '[recipients.stadtwerke]\nname = "Stadtwerke"\naddress = "licht@sw.invalid"\nschedule = "Mo-Fr 07:30"\n'
FIRE_BRIGADE = '[recipients.feuerwehr]\nname = "Feuerwehr"\naddress = "wespen@fw.invalid"\nschedule = "Mo-Fr 08:00"\n'


def edited(folder: Path, *changes: tuple[str, str], more: str = "") -> Path:
    """The shipped file in a folder of its own, each text in it replaced once."""
    text = SHIPPED
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "gazetteer.toml").write_bytes((ROOT / "gazetteer.toml").read_bytes())
    path = folder / "config.toml"
    path.write_text(f"{text}\n{more}", encoding="utf-8")
    return path


def line_of(category: str) -> str:
    """Its line in [responsible]."""
    return next(line for line in SHIPPED.splitlines() if line.startswith(f"{category} = "))


def to(category: str, bodies: str) -> tuple[str, str]:
    """The edit that sends a category to other bodies."""
    line = line_of(category)
    before, _, rest = line.partition("recipient = ")
    after = rest[rest.index("]") + 1 :] if rest.startswith("[") else rest[rest.index('",') + 1 :]
    return line, f"{before}recipient = {bodies}{after}"


def decided(configuration: Configuration, text: str) -> Decision:
    rule_set, problems = rules.compiled(configuration)
    assert problems == ()
    return rule_examples.decided(rule_set, text)


def told(configuration: Configuration) -> str:
    """What ``check`` says beside "in Ordnung"."""
    return "\n".join((*configuration.warnings, *map(str, lint_hints.hints(configuration))))


def test_lamps_go_to_the_stadtwerke_and_none_stays_behind(tmp_path: Path) -> None:
    changed = loader.load(edited(tmp_path, to("I01", '"stadtwerke"'), more=STADTWERKE))
    assert [] == [rule.name for rule in changed.settings.rules if "ngn" in rule.recipient]
    for text in ("Die Laterne vor Haus 5 flackert", "alles dunkel", "Hier ist es abends viel zu finster"):
        assert decided(changed, text).recipients == ("stadtwerke",)
    assert "geht weiter an" not in told(changed)


def test_a_part_of_a_category_that_stays_is_named(tmp_path: Path) -> None:
    changed = loader.load(edited(tmp_path, to("I03", '"stadtwerke"'), more=STADTWERKE))
    assert "Ein Teil der Kategorie geht weiter an kbk: I03-radweg („Straßen / Schlaglöcher“)." in told(changed)


def test_a_rule_of_the_same_words_that_stays_is_named(tmp_path: Path) -> None:
    changed = loader.load(edited(tmp_path, to("I03", '"stadtwerke"'), more=STADTWERKE))
    assert "Die Regel „Grün ohne nähere Angabe“ (I06) kennt dasselbe Wort „baumwurzel*“" in told(changed)


def test_scooters_go_elsewhere_and_back_to_the_duty_desk(tmp_path: Path) -> None:
    text = "E-Scooter liegen quer auf dem Gehweg"
    assert decided(loader.load(edited(tmp_path, to("V02", '"gsak"'))), text).recipients == ("gsak",)
    assert decided(loader.load(edited(tmp_path, to("V02", '"kod"'))), text).recipients == ("kod",)


def test_a_new_word_is_bulky_waste(tmp_path: Path) -> None:
    change = '[[changes]]\nrule = "Sperrmüll auf der Straße"\nadd = ["polsterecke"]\n'
    decision = decided(loader.load(edited(tmp_path, more=change)), "Vor Haus 3 liegt eine Polsterecke")
    assert [concern.category for concern in decision.concerns] == ["Abfall / Müllablagerung (Sperrmüll)"]


def test_nothing_is_forwarded_about_chewing_gum(tmp_path: Path) -> None:
    changed = loader.load(edited(tmp_path, to("S18", "[]")))
    for text in ("Überall sind Kaugummis", "Der Gehweg klebt voller Kaugummis", "Kaugummi am Spielplatz"):
        decision = decided(changed, text)
        assert (State.KEPT, ()) == (decision.state, decision.recipients)
        assert "„Straßen / Kaugummi“ nicht weiter" in decision.near_misses[0].why
    leaves = loader.load(edited(tmp_path, to("S10", "[]")))
    for text in (
        "Nasses Laub und ein Sofa auf dem Gehweg",
        "Nasses Laub und ein Sofa auf dem Gehweg vor Haus 3 bei uns",
    ):
        decision = decided(leaves, text)
        assert ["S01"] == [concern.category_id for concern in decision.concerns]
        assert decision.state is not State.KEPT
    decision = decided(changed, "Kaugummis vor dem Kiosk, und die Laterne vor Haus 5 flackert")
    assert (State.ROUTED, ("ngn",)) == (decision.state, decision.recipients)


def test_only_a_part_of_a_category_is_forwarded(tmp_path: Path) -> None:
    line = line_of("S09")
    lines = f'{to("S09", "[]")[1]}\nS09-park = {{ name = "Hundekot im Park", recipient = "kbk", urgency = "sammel" }}'
    own = '[[rules]]\nname = "Hundekot im Park"\ncategory = "S09-park"\nkeywords = ["hundehaufen + park"]\n'
    changed = loader.load(edited(tmp_path, (line, lines), more=own))
    assert decided(changed, "Hundehaufen auf dem Gehweg").state is State.KEPT
    [concern] = decided(changed, "Im Park liegen Hundehaufen").concerns
    assert ("Hundekot im Park", ("kbk",)) == (concern.category, concern.recipients)
    assert "kommt nie zum Zug" not in told(changed)


def test_wasps_go_to_the_fire_brigade_and_rats_do_not(tmp_path: Path) -> None:
    changed = loader.load(edited(tmp_path, to("S17", '"feuerwehr"'), more=FIRE_BRIGADE))
    assert decided(changed, "Wespennest am Eingang").recipients == ("feuerwehr",)
    assert decided(changed, "Ratten laufen über den Hof").recipients == ("kbk",)


@pytest.mark.parametrize("bodies", [("kod",), ("kod", "kbk")])
def test_needles_where_children_play_go_to_another_body_too(tmp_path: Path, bodies: tuple[str, ...]) -> None:
    written = "[" + ", ".join(f'"{body}"' for body in bodies) + "]"
    changed = loader.load(edited(tmp_path, to("N03-kinder", written)))
    assert decided(changed, "Auf dem Spielplatz liegen Spritzen im Sandkasten").recipients == bodies
    assert decided(changed, "Spritze auf dem Gehweg gefunden").recipients == ("kod",)


# Five of our own


def test_graffiti_goes_out_at_once_in_office_hours(tmp_path: Path) -> None:
    line = line_of("S16")
    changed = loader.load(edited(tmp_path, (line, line.replace('"sammel"', '"heute"'))))
    assert decided(changed, "Graffiti an der Mauer").urgency == "heute"


def test_a_word_is_taken_out_of_a_rule(tmp_path: Path) -> None:
    change = '[[changes]]\nrule = "E-Scooter"\nremove = ["bolt"]\n'
    changed = loader.load(edited(tmp_path, more=change))
    assert not any("bolt" in rule.keywords for rule in changed.settings.rules)


def test_a_festival_is_an_exception(tmp_path: Path) -> None:
    change = '[[changes]]\nrule = "Lärm"\nexcept = ["lärm vom stadtfest"]\n'
    changed = loader.load(edited(tmp_path, more=change))
    assert decided(changed, "Wir beschweren uns über Lärm vom Stadtfest").concerns == ()


def test_a_category_of_ones_own_needs_its_line_and_its_rule(tmp_path: Path) -> None:
    line = line_of("I04")
    own = '[[rules]]\nname = "Fahnenmast"\ncategory = "I10"\nkeywords = ["fahnenmast"]\n'
    new = f'{line}\nI10 = {{ name = "Straßen / Fahnen", recipient = "kbk", urgency = "liste" }}'
    changed = loader.load(edited(tmp_path, (line, new), more=own))
    [concern] = decided(changed, "Der Fahnenmast ist umgeknickt").concerns
    assert ("Straßen / Fahnen", "I10", ("kbk",), "liste") == (
        concern.category,
        concern.category_id,
        concern.recipients,
        concern.urgency,
    )


def test_a_rule_is_switched_off(tmp_path: Path) -> None:
    change = '[[changes]]\nrule = "Gestank"\noff = true\n'
    changed = loader.load(edited(tmp_path, more=change))
    assert "Gestank" not in {rule.name for rule in changed.settings.rules}


# Mistakes


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[[changes]]\nrule = "Strasenlaterne"\nadd = ["funzel"]\n', "Meinten Sie „Straßenlaterne“?"),
        ('[[changes]]\nlist = "moebl"\nadd = ["polsterecke"]\n', "Meinten Sie „moebel“?"),
        (
            '[[changes]]\nrule = "Ratten"\nremove = ["rate"]\n',
            "„rate“ steht nicht in dieser Regel. Meinten Sie „ratte“?",
        ),
        ('[[changes]]\nadd = ["x"]\n', "Es ist nicht klar, was hier geändert werden soll."),
        ('[[rules]]\nname = "A"\ncategory = "I1"\nkeywords = ["funzel"]\n', "steht nicht in [responsible]."),
        (
            '[[rules]]\nname = "Ratten"\ncategory = "S14"\nkeywords = ["funzel"]\n',
            "hat schon eine Regel der Bibliothek",
        ),
        ('[[rule]]\nname = "A"\ncategory = "S14"\nkeywords = ["funzel"]\n', "Meinten Sie [[rules]]?"),
        ('[[changes]]\nrule = "Ratten"\nkeywords = ["nager"]\n', "Meinten Sie „add“?"),
        ('[[changes]]\nrule = "Ratten"\nempfaenger = "gsak"\n', "steht unter [responsible]"),
        (
            '[[rules]]\nname = "Hüpfburg"\ncategory = "O07-hüpfburg"\nkeywords = ["hüpfburg"]\n',
            "Schreiben Sie hier „O07-huepfburg“ und ergänzen Sie unter [responsible]: O07-huepfburg = {",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loader.load(edited(tmp_path, more=more))
    [problem] = caught.value.problems
    assert said in str(problem)
    assert problem.line is not None
    assert problem.line > SHIPPED.count("\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("recipient", "empfänger", "Der Name empfänger enthält Zeichen, die in Namen nicht vorkommen dürfen."),
        ("recipient", "empfaenger", "Unbekannter Schlüssel. Meinten Sie „recipient“?"),
        ('"kbk"', '"Kommunalbetrieb Krefeld"', "Ihr Kürzel ist „kbk“."),
        ('"kbk"', '"KBK"', "Meinten Sie „kbk“?"),
        ('"kbk"', '"kbk, kod"', 'Mehrere Stellen schreiben Sie so: ["kbk", "kod"].'),
        ('"kbk"', "kbk", "Der Wert kbk steht nicht in Anführungszeichen."),
        ('"kbk"', '"kbk', "Am Ende dieses Textes fehlt das Anführungszeichen"),
        ('"kbk"', "„kbk“", "Hier steht ein typografisches Anführungszeichen („)"),
        ('"kbk"', '"kbk", "gsak"', "Mehrere Werte hintereinander brauchen eckige Klammern."),
        ('"kbk"', '["kbk", "gsak"', "Hier fehlt die Klammer ] am Ende."),
        ('"kbk"', "", "Hinter recipient = fehlt der Wert."),
        ('"kbk",', '"kbk"', "Hinter dieser Angabe fehlt ein Komma."),
        ('"kbk",', '"kbk";', "Hier steht ein Semikolon statt eines Kommas."),
        ("recipient =", "recipient:", "Hinter dem Namen steht : statt =."),
        (" }", " ]", "Am Ende der Zeile steht ] statt }."),
        (" }", "", "Am Ende der Zeile fehlt die Klammer }."),
        (" }", ", }", "Hinter der letzten Angabe steht ein Komma zu viel."),
        ("{ ", "( ", "Hier steht ( statt {."),
        ("{ ", "", "Vor der ersten Angabe fehlt die Klammer {."),
    ],
)
def test_a_mistake_in_a_line_of_responsible_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    line = line_of("S17")
    with pytest.raises(ConfigurationError) as caught:
        loader.load(edited(tmp_path, (line, line.replace(old, new))))
    assert [problem.line for problem in caught.value.problems if said in problem.what] == [
        SHIPPED[: SHIPPED.index(line)].count("\n") + 1
    ]
    assert all(problem.advice for problem in caught.value.problems)


def test_a_category_without_its_line_says_which_to_add(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loader.load(edited(tmp_path, (line_of("S17") + "\n", "")))
    [problem] = caught.value.problems
    assert "Für die Kategorie S17 („Tiere / Wespen und Hornissen“) der Bibliothek ist niemand zuständig." in str(
        problem
    )
    assert 'S17 = { name = "Tiere / Wespen und Hornissen", recipient = "…", urgency = "sammel" }' in str(problem)


def test_a_line_for_an_unknown_category_is_refused(tmp_path: Path) -> None:
    line = line_of("I06-baenke")
    with pytest.raises(ConfigurationError) as caught:
        loader.load(edited(tmp_path, (line, line.replace("I06-baenke", "I06-banke"))))
    assert "Zur Kategorie „I06-banke“ gibt es keine Regel. Meinten Sie „I06-baenke“?" in str(caught.value)


def test_a_word_that_another_rule_has_is_told(tmp_path: Path) -> None:
    own = '[[rules]]\nname = "Unsere Laternen"\ncategory = "S01"\nkeywords = ["laterne"]\n'
    assert "steht auch in der Regel „Straßenlaterne“, die an ngn geht" in told(loader.load(edited(tmp_path, more=own)))


def test_a_mistake_in_a_library_of_ones_own_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "buch").mkdir()
    (tmp_path / "buch" / "licht.toml").write_text(
        '[[rules]]\nname = "Lampe"\ncategory = "I01"\nkeywords = ["@gibts"]\n'
    )
    path = tmp_path / "config.toml"
    start = SHIPPED.replace("# library = ", "library = ").replace('"bibliothek"', '"buch"')
    text = start[: start.index("\n[responsible]\n")] + "\n[responsible]\n" + line_of("I01") + "\n"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "gazetteer.toml").write_bytes((ROOT / "gazetteer.toml").read_bytes())
    with pytest.raises(ConfigurationError) as caught:
        loader.load(path)
    assert "licht.toml, Zeile 4, [[rules]] „Lampe“" in str(caught.value)
