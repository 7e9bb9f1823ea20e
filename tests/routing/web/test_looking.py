"""Who looked: each page that shows a person's data leaves a row, and what is restricted is not shown unasked."""

from typing import Any

import pytest

from intake import storage
from routing.privacy import holds
from routing.store import held
from tests.routing.web.conftest import House


def _looks(house: House) -> list[dict[str, Any]]:
    return house.office.rows("SELECT actor, action, what FROM looks ORDER BY id")


def _restrict(house: House, message: int) -> None:
    with storage.writing(house.office.work.engine) as connection:
        holds.begin(connection, held.Kind.RESTRICTED, [message], "Verlangen", house.office.clock(), actor="admin")


@pytest.fixture
def number(house: House) -> str:
    """A case with a letter."""
    house.office.receive("Am Westwall 3 liegt eine Spritze.")
    return str(house.office.value("SELECT number FROM cases"))


@pytest.mark.parametrize(
    ("path", "action", "what"),
    [
        ("/vorgang/{0}", "show", "{0}"),
        ("/klaerung/{0}", "review", "{0}"),
        ("/suche?worte=Spritze", "search", "{0}"),
        ("/schreiben/1", "letter", "Schreiben-1"),
        ("/foto/1/0", "photo", "N-1"),
    ],
)
def test_each_look_leaves_one_row_with_the_account(
    house: House, number: str, path: str, action: str, what: str
) -> None:
    house.browser("petra").get(path.format(number))

    assert [{"actor": "petra", "action": action, "what": what.format(number)}] == _looks(house)


@pytest.mark.parametrize("path", ["/", "/klaerung"])
def test_a_list_of_what_waits_is_a_look_and_an_empty_one_is_none(house: House, path: str) -> None:
    browser = house.browser("petra")
    browser.get(path)
    assert [] == _looks(house)
    house.office.receive("Am Westwall 3 ist etwas Seltsames, können Sie bitte nachsehen?")
    browser.get(path)

    assert [("petra", "list")] == [(row["actor"], row["action"]) for row in _looks(house)]


def test_a_search_is_noted_by_what_was_found_and_never_by_its_words(house: House, number: str) -> None:
    house.browser("petra").get("/suche?worte=anna@example.org")

    assert [number] == [row["what"] for row in _looks(house)]


@pytest.mark.parametrize("path", ["/vorgang/{0}", "/klaerung/{0}", "/schreiben/1", "/foto/1/0"])
def test_what_is_restricted_is_shown_only_to_whom_asks_again(house: House, number: str, path: str) -> None:
    browser, address = house.browser("petra"), path.format(number)
    _restrict(house, 1)
    status, _, text = browser.get(address)
    assert 403 == status
    assert "Spritze" not in text
    assert [] == _looks(house)
    assert f'href="{address}?trotzdem=ja"' in text

    assert 403 != browser.get(f"{address}?trotzdem=ja")[0]
    assert "restricted" in _looks(house)[0]["action"]


def test_a_look_that_cannot_be_noted_hides_no_emergency(house: House, number: str) -> None:
    browser = house.browser("petra")
    with storage.writing(house.office.work.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE looks RENAME TO hidden")

    assert 200 == browser.get(f"/vorgang/{number}")[0]
    assert [] == house.office.rows("SELECT id FROM hidden")


def test_today_shows_the_words_of_what_waits_to_the_desk_alone(house: House) -> None:
    house.account("rita", "rules")
    house.office.receive("Bitte sehen Sie nach.", subject="Fahrrad von Frau Muster")
    assert "Fahrrad" in house.browser("petra").get("/")[2]
    seen = len(_looks(house))
    text = house.browser("rita").get("/")[2]

    assert "In Klärung" in text
    assert "Fahrrad" not in text
    assert seen == len(_looks(house))


def test_who_asked_for_it_stays_at_it_while_deciding(house: House, number: str) -> None:
    """A case of two: one message is restricted, the other one's concern may be decided."""
    house.office.receive(f"zu {number}: ich wollte noch etwas fragen", subject=f"Re: {number}")
    _restrict(house, 1)
    browser = house.browser("petra")
    page = browser.get(f"/klaerung/{number}-2?trotzdem=ja")[2]
    address = page.partition('<form method="post" action="/klaerung/')[2].partition('"')[0]
    status, _, text = browser.post(f"/klaerung/{address}")

    assert 400 == status
    assert "Bitte wählen Sie mindestens eine Stelle." in text
