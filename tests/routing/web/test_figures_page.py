"""Zahlen: any period by choice, plots beside tables, files; no person, no other role, no strange period."""

import io
import json
import re

import openpyxl
import pytest

from tests.routing.web.conftest import Browser, House
from tests.support import waiting

LAMP = "Am Westwall 3 ist die Straßenlaterne kaputt, meldet Anna Beispiel, Tel. 02151 123456."
MONTH = "/zahlen?art=monat&von=2026-06-15"


@pytest.fixture
def browser(house: House) -> Browser:
    """The desk, a while after a few concerns came in."""
    house.office.clock.set("2026-06-16 10:00")
    for number in range(6):
        house.office.receive(LAMP.replace("3", str(number + 3), 1), sender=f"anna{number}@example.org")
    house.office.clock.set("2026-07-02 10:00")
    return house.browser("petra")


def _shown(browser: Browser, path: str) -> str:
    """The page as soon as its figures are counted."""

    def look() -> str:
        status, _, text = browser.get(path)
        assert 200 == status
        return "" if "werden gerade gezählt" in text else text

    return str(waiting.until(look, path))


def test_the_month_before_is_shown_with_its_sentence_and_its_plots(browser: Browser) -> None:
    text = _shown(browser, "/zahlen")

    assert "<h1>Zahlen für Juni 2026</h1>" in text
    assert "Sechs Bürgeranliegen sind im Juni 2026 in Krefeld eingegangen." in text
    assert "Verglichen mit Mai 2026. Stand: " in text
    plots = re.findall(r'<svg [^>]*role="img" aria-labelledby="([\w-]+) ([\w-]+)".*?</svg>', text, re.DOTALL)
    assert len(plots) >= 5
    assert all(f'id="{name}"' in text and f'id="{told}"' in text for name, told in plots)
    assert text.count("<table>") > len(plots)


CHOSEN = (
    ("art=woche&von=2026-06-16", "15. bis 21. Juni 2026", "Sechs Bürgeranliegen sind vom 15. bis 21."),
    ("art=quartal&von=2026-06-16", "2. Quartal 2026", "Sechs Bürgeranliegen sind im 2. Quartal 2026 in"),
    ("art=jahr&von=2026-01-01", "2026", "Sechs Bürgeranliegen sind im Jahr 2026 in"),
    ("art=tage&von=16.6.2026&bis=2026-06-16", "16. Juni 2026", "Sechs Bürgeranliegen sind am 16. Juni 2026"),
    ("art=jahr&von=2199-12-31", "2199", "Im Jahr 2199 sind in Krefeld keine Bürgeranliegen eingegangen."),
)


def test_a_period_is_chosen(browser: Browser) -> None:
    for query, title, sentence in CHOSEN:
        text = _shown(browser, f"/zahlen?{query}")
        assert f"<h1>Zahlen für {title}</h1>" in text
        assert sentence in text


def test_one_click_leads_to_the_period_before_and_to_those_that_run(browser: Browser) -> None:
    text = _shown(browser, "/zahlen?art=quartal&von=2026-01-16")
    found = dict(re.findall(r'<li><a href="/zahlen\?([^"]+)">([^<]+)</a>', text))

    assert "← 4. Quartal 2025" == found["art=quartal&amp;von=2025-10-01"]
    assert "2. Quartal 2026 →" == found["art=quartal&amp;von=2026-04-01"]
    assert "diese Woche" == found["art=woche&amp;von=2026-06-29"]
    assert "Der Zeitraum läuft noch" in _shown(browser, "/zahlen?art=woche&von=2026-07-02")


def test_every_file_is_the_same_report(house: House, browser: Browser) -> None:
    text = _shown(browser, MONTH)
    files = [one.replace("&amp;", "&") for one in re.findall(r'href="(/zahlen/[^"]+)"', text)]
    found = {path.split("?")[0].removeprefix("/zahlen/"): browser.get(path) for path in files}

    assert {"html", "xlsx", "csv", "json", "open"} == found.keys()
    assert {200} == {status for status, _, _ in found.values()}
    assert 6 == json.loads(found["json"][2])["counts"]["concerns"]
    assert "Sechs Bürgeranliegen" in found["csv"][2]
    assert "Sechs Bürgeranliegen" in found["html"][2]
    assert "Juni 2026,insgesamt,,6" in found["open"][2]
    assert 'attachment; filename="zahlen-2026-06-01-bis-2026-06-30.xlsx"' == found["xlsx"][1]["Content-Disposition"]
    browser.get(next(path for path in files if "xlsx" in path))
    assert "Überblick" in openpyxl.load_workbook(io.BytesIO(browser.content)).sheetnames


def test_no_person_stands_in_it(browser: Browser) -> None:
    texts = [_shown(browser, MONTH)]
    texts += [browser.get(f"/zahlen/{form}?art=monat&von=2026-06-15")[2] for form in ("html", "csv", "json", "open")]

    assert "Anna" not in "".join(texts).replace('value="Anna', "")
    assert "123456" not in "".join(texts)
    assert "KOD-2026-" not in "".join(texts)


def test_a_channel_with_a_hostile_name_is_text(house: House, browser: Browser) -> None:
    with house.office.work.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE messages SET channel = '<script>alert(1)</script>'")
        connection.exec_driver_sql("UPDATE concerns SET category = '</title><script>alert(2)</script>'")
    text = _shown(browser, MONTH)

    assert "&lt;script&gt;alert(1)" in text
    assert "&lt;script&gt;alert(2)" in text
    assert "<script>alert" not in text


STRANGE = (
    "art=tage&von=2026-06-30&bis=2026-06-01",
    "art=tage&von=1990-01-01&bis=2026-06-01",
    "art=monat&von=0001-01-01",
    "art=jahr&von=9999-12-31",
    "art=tage&von=2026-02-30",
    "art=woche&von=%3Cb%3E",
)


def test_a_period_that_is_none_is_told_in_a_sentence(house: House) -> None:
    browser = house.browser("petra")
    for query in STRANGE:
        status, _, text = browser.get(f"/zahlen?{query}")
        assert 400 == status, query
        assert "<b>" not in text.partition("<main")[2]


def test_neither_another_role_nor_another_form_gets_anything(house: House, browser: Browser) -> None:
    house.account("regina", "rules")
    regina = house.browser("regina")

    assert [403, 403] == [regina.get(path)[0] for path in ("/zahlen", "/zahlen/csv")]
    assert "/zahlen" not in regina.get("/")[2]
    assert [404, 404] == [browser.get(path)[0] for path in ("/zahlen/text", "/zahlen/..%2Fconfig.toml")]
