"""What the desk does on the pages: decide, look at a case, search, send letters on; and what nobody can do there."""

import html
import re

import pytest

from routing.desk import searching
from tests.routing.web.conftest import Browser, House

UNKNOWN = "Am Westwall 3 ist etwas Seltsames, können Sie bitte nachsehen?"


def _case(house: House, text: str = UNKNOWN) -> str:
    """The number of a case that waits for a decision."""
    house.office.receive(text)
    return str(house.office.rows("SELECT number FROM cases ORDER BY id DESC")[0]["number"])


def _decide(browser: Browser, number: str, **fields: str) -> tuple[int, str]:
    """Open the page of a concern, send its form; status, and the page that follows or says why not."""
    seen = browser.get(f"/klaerung/{number}")[2].partition('name="seen" value="')[2].partition('"')[0]
    status, headers, text = browser.post(f"/klaerung/{number}", seen=seen, **fields)
    return status, text if status != 303 else browser.get(headers["Location"])[2]


def test_a_concern_is_assigned_with_one_button_and_its_letter_goes_out(house: House) -> None:
    number, browser = _case(house), house.browser("petra")
    assert number in browser.get("/klaerung")[2]
    status, text = _decide(browser, number, do="to kbk", urgency="sofort")
    house.office.run()

    assert 303 == status
    assert f"{number} ist kbk zugewiesen." in text
    [letter] = house.office.letters("kbk")
    assert number in letter.subject
    assert "Petra hat den Vorgang kbk zugewiesen." in browser.get(f"/vorgang/{number}")[2]


def test_several_bodies_get_it(house: House) -> None:
    number = _case(house)
    _decide(house.browser("petra"), number, do="to kbk", **{"also gsak": "yes"}, urgency="sofort")
    house.office.run()

    assert [1, 1] == [len(house.office.letters(body)) for body in ("kbk", "gsak")]


def test_a_concern_is_closed_with_a_reason(house: House) -> None:
    number, browser = _case(house), house.browser("petra")
    _decide(browser, number, do="close", reason="am Telefon geklärt")

    assert "am Telefon geklärt" in browser.get(f"/vorgang/{number}")[2]
    assert "Nichts wartet" in browser.get("/klaerung")[2]


def test_without_a_body_nothing_is_decided(house: House) -> None:
    number = _case(house)
    status, text = _decide(house.browser("petra"), number, do="to niemand")

    assert 400 == status
    assert "mindestens eine Stelle" in text


def test_the_next_one_opens_by_itself(house: House) -> None:
    numbers = [_case(house, UNKNOWN.replace("3", str(house_number))) for house_number in (3, 5)]
    _, text = _decide(house.browser("petra"), numbers[0], do="close")

    assert f"{numbers[1]} entscheiden" in text


def test_two_people_at_one_case_do_not_overwrite_each_other(house: House) -> None:
    number, first, second = _case(house), house.browser("petra"), house.browser("admin")
    seen = second.get(f"/klaerung/{number}")[2].partition('name="seen" value="')[2].partition('"')[0]
    _decide(first, number, do="to kbk")
    status, _, text = second.post(f"/klaerung/{number}", seen=seen, do="to gsak")
    house.office.at("2026-06-11 13:30")

    assert 409 == status
    assert "Petra hat den Vorgang kbk zugewiesen" in text
    assert [] == house.office.letters("gsak")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7777*7777 }}"])
def test_what_a_citizen_writes_is_text_everywhere(house: House, hostile: str) -> None:
    house.office.receive(f"Am Westwall 3: {hostile}", subject=f"Seltsam {hostile}", sender="anna@example.org")
    browser = house.browser("petra")
    number = house.office.value("SELECT number FROM cases")
    pages = [browser.get(path)[2] for path in ("/", "/klaerung", f"/klaerung/{number}", f"/vorgang/{number}")]
    pages.append(browser.get("/suche?worte=Seltsam")[2])

    assert not any("<script>alert" in page or "<img src=x" in page or "60481729" in page for page in pages)
    assert all("Seltsam" in page for page in pages)


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("worte=Seltsames", True),
        ("worte=anna@example.org", True),
        ("worte=westwall+beispiel", True),
        ("worte=nirgends", False),
        ("worte=%25", False),
        ("worte='+OR+1=1", False),
        ("stand=review", True),
        ("stand=closed", False),
        ("von=2026-06-10&bis=2026-06-10", True),
        ("von=2026-06-11", False),
        ("bis=gestern&worte=Seltsames", True),
        ("stelle=kbk", False),
        ("weg=E-Mail", True),
    ],
)
def test_search_finds_by_words_and_by_what_a_case_is(house: House, query: str, finds: bool) -> None:
    number = _case(house)

    assert finds == (number in house.browser("petra").get(f"/suche?{query}")[2])


def test_a_number_finds_its_case(house: House) -> None:
    number = _case(house)

    assert number in house.browser("petra").get(f"/suche?worte={number.lower()}")[2]


def test_a_letter_that_waits_is_held_and_given_up(house: House) -> None:
    house.office.store("Am Westwall 3 liegt eine Spritze.")
    house.office.work.dispatch()
    house.office.work.freeze_letters()
    browser = house.browser("petra")
    letter = str(house.office.rows("SELECT id FROM letters ORDER BY id")[0]["id"])
    assert f'/schreiben/{letter}"' in browser.get("/postausgang")[2]
    assert "Westwall" in browser.get(f"/schreiben/{letter}")[2]
    browser.get("/postausgang")
    browser.post("/postausgang", letter=letter, do="hold")
    assert "angehalten" in browser.get("/postausgang")[2]
    browser.post("/postausgang", letter=letter, do="cancel")

    assert "cancelled" == house.office.value(f"SELECT DISTINCT state FROM deliveries WHERE letter_id = {letter}")


@pytest.mark.parametrize(
    "path",
    [
        "/vorgang/KOD-2026-999999",
        "/vorgang/..%2f..%2fetc",
        "/klaerung/KOD-2026-999999",
        "/schreiben/99",
        "/foto/1/9",
    ],
)
def test_what_there_is_not_is_told_in_a_sentence(house: House, path: str) -> None:
    status, _, text = house.browser("petra").get(path)

    assert status in {400, 404}
    assert "Traceback" not in text


@pytest.mark.parametrize("path", ["/klaerung", "/vorgang/KOD-2026-000001", "/suche", "/postausgang", "/foto/1/0"])
def test_another_role_s_pages_are_closed(house: House, path: str) -> None:
    house.account("regeln", "rules")

    assert 403 == house.browser("regeln").get(path)[0]


def test_a_search_whose_time_is_over_says_how_far_it_came_and_goes_on_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [_case(house, UNKNOWN.replace("3", str(house_number))) for house_number in (3, 5)]
    monkeypatch.setattr(searching, "SLICE", 1)
    monkeypatch.setattr(searching, "SECONDS", 0.0)
    browser = house.browser("petra")
    first = browser.get("/suche?worte=Seltsames")[2]
    address = html.unescape(re.findall(r'href="(/suche\?[^"]+)">Älteres', first)[0])
    second = browser.get(address)[2]

    assert [True, False] == [numbers[1] in page for page in (first, second)]
    assert [False, True] == [numbers[0] in page for page in (first, second)]
    assert "Älteres" not in second
