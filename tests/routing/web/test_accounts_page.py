"""Konten: accounts are added, changed and ended on a page, and nobody shuts the last administrator out."""

import re

import pytest

from tests.routing.web.conftest import Browser, House


@pytest.fixture
def browser(house: House) -> Browser:
    """The administrator, at the page."""
    browser = house.browser("admin")
    browser.get("/konten")
    return browser


def _first(text: str) -> str:
    found = re.search(r"<code>([a-z2-9-]{19})</code>", text)
    assert found
    return found[1]


def test_a_new_account_signs_in_with_its_first_password_and_must_change_it(house: House, browser: Browser) -> None:
    text = browser.post("/konten", do="add", name="Dora", shown="Dora Muster", **{"role privacy": "yes"})[2]
    password = _first(text)
    assert password not in browser.get("/konten")[2]
    dora = house.browser()
    dora.sign_in("dora", password)

    assert "/passwort" == dora.get("/datenschutz")[1]["Location"]
    assert "Konto dora angelegt (privacy)." in [row["detail"] for row in house.office.rows("SELECT * FROM events")]


def test_a_new_first_password_signs_out_everywhere(house: House, browser: Browser) -> None:
    petra = house.browser("petra")
    password = _first(browser.post("/konten", do="password", name="petra")[2])

    assert "/anmelden" in petra.get("/klaerung")[1]["Location"]
    assert 303 == house.browser().sign_in("petra", password)[0]


def test_other_roles_hold_at_once_and_an_ended_account_comes_back_with_roles(house: House, browser: Browser) -> None:
    browser.post("/konten", do="roles", name="petra", **{"role rules": "yes"})
    assert 403 == house.browser("petra").get("/klaerung")[0]
    browser.post("/konten", do="end", name="petra")
    assert 403 == house.browser().sign_in("petra")[0]
    browser.post("/konten", do="roles", name="petra", **{"role desk": "yes"})

    assert 200 == house.browser("petra").get("/klaerung")[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "add", "name": "petra", "role desk": "yes"},
        {"do": "add", "name": "../etc", "role desk": "yes"},
        {"do": "add", "name": "neu"},
        {"do": "add", "name": "neu", "role root": "yes"},
        {"do": "password", "name": "niemand"},
        {"do": "roles", "name": "petra"},
        {"do": "end", "name": "admin"},
        {"do": "roles", "name": "ADMIN", "role desk": "yes"},
    ],
)
def test_what_does_not_do_is_said_and_changes_nothing(house: House, browser: Browser, fields: dict[str, str]) -> None:
    before = house.office.rows("SELECT * FROM accounts")

    assert 400 == browser.post("/konten", **fields)[0]
    assert before == house.office.rows("SELECT * FROM accounts")


def test_only_administrators_come_in(house: House) -> None:
    petra = house.browser("petra")

    assert 403 == petra.get("/konten")[0]
    assert 403 == petra.post("/konten", do="roles", name="petra", **{"role admin": "yes"})[0]
