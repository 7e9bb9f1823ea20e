"""Regeln: a sentence is tried, a change is checked and compared before it is saved, and nothing is overwritten."""

import pytest

from routing.config import loader
from routing.config.editing import forms, saving
from tests import ROOT
from tests.routing.web.conftest import Browser, House
from tests.support.waiting import until

SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")


@pytest.fixture
def rules(house: House) -> Browser:
    """Somebody who may change the rules, on the shipped configuration."""
    path = house.office.work.active.configuration.path
    before = path.read_text(encoding="utf-8")
    web = before[before.index("[web]") : before.index("[web]") + before[before.index("[web]") :].index("\n[")]
    shipped = SHIPPED.replace('gazetteer = "gazetteer.toml"', f'gazetteer = "{ROOT / "gazetteer.toml"}"')
    path.write_text(shipped.replace("# ===== Die Stellen", f"{web}\n\n# ===== Die Stellen", 1), encoding="utf-8")
    house.office.work.reload()
    house.account("regeln", "rules")
    return house.browser("regeln")


def _saved(house: House) -> str:
    return house.office.work.active.configuration.path.read_text(encoding="utf-8")


def test_lamps_go_to_somebody_else_with_two_clicks_and_comments_stay(house: House, rules: Browser) -> None:
    before = _saved(house)
    rules.get("/regeln/kategorie/I01")
    assert (
        "/regeln/entwurf" == rules.post("/regeln/kategorie/I01", urgency="heute", **{"to kbk": "yes"})[1]["Location"]
    )
    page = rules.get("/regeln/entwurf")[2]
    assert "Geprüft: Die Datei wäre in Ordnung." in page
    assert "I01 =" in page
    assert before == _saved(house), "nothing is saved yet"
    rules.post("/regeln/entwurf", do="save")

    changed = [line for line in _saved(house).splitlines() if line not in before.splitlines()]
    [line] = changed
    assert 'recipient = "kbk", urgency = "heute"' in line
    loaded = loader.load(house.office.work.active.configuration.path, prove=False)
    assert {("kbk",)} == {rule.recipient for rule in loaded.settings.rules if rule.id == "I01"}
    assert "Gespeichert." in rules.get("/regeln")[2]


def test_a_word_is_added_to_a_rule_of_the_library(house: House, rules: Browser) -> None:
    [rule] = [one.name for one in house.office.work.settings.rules if one.name == "Müllablagerung"]
    assert rule in rules.get("/regeln?wort=m%C3%BCllsack")[2]
    rules.get("/regeln/regel?name=M%C3%BCllablagerung")
    rules.post("/regeln/regel", rule=rule, add="polsterecke\n")
    rules.post("/regeln/entwurf", do="save")

    assert '"polsterecke"' in _saved(house)


def test_a_mistake_is_told_with_its_line_and_cannot_be_saved(house: House, rules: Browser) -> None:
    before = _saved(house)
    rules.get("/regeln/entwurf")
    broken = before.replace('recipient = "ngn"', 'recipient = "ngm"', 1)
    line = broken[: broken.index('"ngm"')].count("\n") + 1
    rules.post("/regeln/entwurf", do="check", text=broken)
    page = rules.get("/regeln/entwurf")[2]
    assert f"Zeile {line}" in page
    assert "ngn" in page
    assert 'value="save"' not in page
    rules.post("/regeln/entwurf", do="save")

    assert before == _saved(house)


def test_what_the_last_ninety_days_would_have_been_is_shown_first(house: House, rules: Browser) -> None:
    house.office.receive("Am Westwall 3 ist die Straßenlaterne aus.")
    rules.get("/regeln/kategorie/I01")
    rules.post("/regeln/kategorie/I01", urgency="sammel", **{"to kbk": "yes"})
    rules.get("/regeln/entwurf")
    rules.post("/regeln/entwurf", do="compare")
    until(lambda: "kämen anders heraus" in rules.get("/regeln/entwurf")[2], "the comparison has ended")

    page = rules.get("/regeln/entwurf")[2]
    assert "1 Nachrichten verglichen: 1 kämen anders heraus" in page
    assert "ngn (sammel) → kbk (sammel)" in page


def test_two_people_who_change_the_file_do_not_overwrite_each_other(house: House, rules: Browser) -> None:
    other = house.browser("admin")
    for browser, body in ((rules, "kbk"), (other, "gsak")):
        browser.get("/regeln/kategorie/I01")
        browser.post("/regeln/kategorie/I01", urgency="sammel", **{f"to {body}": "yes"})
        browser.get("/regeln/entwurf")
    rules.post("/regeln/entwurf", do="save")
    status, _, text = other.post("/regeln/entwurf", do="save")

    assert 400 == status
    assert "inzwischen von jemand anderem geändert" in text
    assert 'recipient = "kbk", urgency = "sammel"' in _saved(house)


def test_the_version_before_is_one_click_away(house: House, rules: Browser) -> None:
    before = _saved(house)
    rules.get("/regeln/kategorie/I01")
    rules.post("/regeln/kategorie/I01", urgency="heute", **{"to kbk": "yes"})
    rules.post("/regeln/entwurf", do="save")
    [earlier] = saving.earlier(house.office.work.settings.service.data)
    assert "regeln" == earlier.actor
    rules.get("/regeln/frueher")
    rules.post("/regeln/frueher", version=earlier.name)
    rules.post("/regeln/entwurf", do="save")

    assert before == _saved(house)
    assert 400 == rules.post("/regeln/frueher", version="../config.toml")[0]


def test_a_sentence_is_tried_with_the_rules_in_force_and_with_the_draft(house: House, rules: Browser) -> None:
    sentence = "Am Westwall 3 ist die Straßenlaterne aus. <b>"
    rules.get("/regeln")
    page = rules.post("/regeln/satz", satz=sentence)[2]
    assert "Netzgesellschaft" in page
    assert "&lt;b&gt;" in page
    rules.post("/regeln/kategorie/I01", urgency="sammel", **{"to gsak": "yes"})
    page = rules.post("/regeln/satz", satz=sentence, entwurf="ja")[2]

    assert "Nach Ihrem Entwurf" in page
    assert "GSAK" in page


def test_the_desk_reads_the_rules_and_changes_none(house: House, rules: Browser) -> None:
    desk = house.browser("petra")
    assert 200 == desk.get("/regeln")[0]

    assert [403, 403] == [desk.post(path)[0] for path in ("/regeln/entwurf", "/regeln/kategorie/I01")]


def test_forms_keep_every_comment_of_the_shipped_file() -> None:
    text = forms.with_responsible(SHIPPED, "V02", [], "sammel")
    text = forms.with_words(text, "Wespennest", add=["hornisse + nest"], remove=["wespe"], leave_out=["wespentaille"])
    text = forms.with_words(text, "Wespennest", add=["hornisse + nest", "erdwespe"])

    gone = [line for line in SHIPPED.splitlines() if line not in text.splitlines()]
    assert ["V02 = "] == [line[:6] for line in gone]
    assert 'add = ["hornisse + nest", "erdwespe"]' in text


def _opened(rules: Browser) -> str:
    """The mark of the file that the page with the text shows."""
    return rules.get("/regeln/entwurf")[2].partition('name="before" value="')[2].partition('"')[0]


def test_a_text_that_was_opened_before_somebody_else_saved_is_not_saved_over_it(house: House, rules: Browser) -> None:
    before, mark = _saved(house), _opened(rules)
    path = house.office.work.active.configuration.path
    path.write_text(before + "# von jemand anderem\n", encoding="utf-8")
    rules.post("/regeln/entwurf", do="check", text=before + "# von mir\n", before=mark)
    assert "inzwischen geändert" in rules.get("/regeln/entwurf")[2]
    rules.post("/regeln/entwurf", do="save")
    assert "# von jemand anderem" in _saved(house)

    rules.post("/regeln/entwurf", do="drop")
    rules.post("/regeln/entwurf", do="check", text=_saved(house) + "# von mir\n", before=_opened(rules))
    rules.post("/regeln/entwurf", do="save")
    assert ["# von jemand anderem", "# von mir"] == _saved(house).splitlines()[-2:]


def test_a_file_with_the_line_ends_of_windows_is_saved(house: House, rules: Browser) -> None:
    path = house.office.work.active.configuration.path
    path.write_bytes(_saved(house).replace("\n", "\r\n").encode())
    rules.post("/regeln/entwurf", do="check", text=_saved(house) + "# von mir\n", before=_opened(rules))
    rules.post("/regeln/entwurf", do="save")

    assert "# von mir" in _saved(house)
