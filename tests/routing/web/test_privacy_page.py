"""Datenschutz: a person is found, gets her data, is held, restricted and erased; and who looked."""

import http.client
import io
import zipfile
from contextlib import closing
from urllib.parse import urlencode

import pytest

from tests.routing.web.conftest import Browser, House

SECRET = "Zwiebelkuchen"


@pytest.fixture
def browser(house: House) -> Browser:
    """Somebody with the role privacy alone; Anna and Berta have written."""
    house.account("dora", "privacy")
    house.office.receive(f"Am Westwall 3 liegt eine Spritze. {SECRET}", sender="anna@example.org")
    house.office.receive("Am Ostwall 5 liegt Müll, das sah auch Anna Beispiel.", sender="berta@example.org")
    browser = house.browser("dora")
    browser.get("/datenschutz")
    return browser


def test_a_person_is_found_with_why_and_the_look_is_noted(house: House, browser: Browser) -> None:
    status, _, text = browser.post("/datenschutz/person", said="anna@example.org\n0151 2345678")

    assert 200 == status
    assert "„anna@example.org“ im Feld Absender" in text
    assert "N-2" not in text
    [look] = house.office.rows("SELECT actor, action, what FROM looks WHERE action != 'list'")
    assert {"actor": "dora", "action": "person find", "what": "N-1"} == look


def test_a_person_gets_a_zip_with_what_is_hers(house: House, browser: Browser) -> None:
    body = urlencode({"token": browser.token, "n 1": "yes", "said": "anna@example.org", "known": "yes"})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"intake_session={browser.cookie}"}
    with closing(http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)) as connection:
        connection.request("POST", "/datenschutz/auskunft", body, headers)
        response = connection.getresponse()
        archive = zipfile.ZipFile(io.BytesIO(response.read()))

    assert 'attachment; filename="auskunft-2026-06-10.zip"' == response.headers["Content-Disposition"]
    assert SECRET in archive.read("auskunft.json").decode()


def test_nothing_is_erased_before_a_page_has_said_what_and_where(house: House, browser: Browser) -> None:
    text = browser.post("/datenschutz/loeschen", **{"n 1": "yes"})[2]
    assert "N-1" in text
    assert "E-Mails auf dem Mailserver" in text
    assert SECRET in house.office.value("SELECT text FROM messages WHERE id = 1")
    status, _, text = browser.post("/datenschutz/geloescht", **{"n 1": "yes"})

    assert 200 == status
    assert "Gelöscht: 1 Nachricht" in text
    assert SECRET not in house.office.value("SELECT text FROM messages WHERE id = 1")
    assert "Löschverlangen" in browser.get("/datenschutz")[2]


def test_a_hold_wins_until_it_is_ended(house: House, browser: Browser) -> None:
    browser.post("/datenschutz/sperre", **{"n 1": "yes"}, do="hold", reason="Klage", until="2027-12-31")
    text = browser.get("/datenschutz")[2]
    assert "Klage" in text
    assert "31. Dezember 2027" in text
    assert "Gesperrt, darum bleiben: N-1" in browser.post("/datenschutz/loeschen", **{"n 1": "yes"})[2]
    browser.post("/datenschutz/geloescht", **{"n 1": "yes"})
    assert SECRET in house.office.value("SELECT text FROM messages WHERE id = 1")
    browser.post("/datenschutz/sperre", **{"n 1": "yes"}, do="end")

    assert "Nichts ist gesperrt" in browser.get("/datenschutz")[2]


def test_restriction_stops_the_letter(house: House, browser: Browser) -> None:
    browser.post("/datenschutz/sperre", **{"n 2": "yes"}, do="restrict", reason="bestritten")
    house.office.at("2026-06-12 09:00")

    assert not any("Ostwall" in letter.text for letter in house.office.letters("gsak", "kod", "kbk"))


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/datenschutz/person", {"said": " "}),
        ("/datenschutz/sperre", {"n 1": "yes", "do": "hold", "reason": " "}),
        ("/datenschutz/geloescht", {}),
        ("/datenschutz/geloescht", {"n 99": "yes"}),
        ("/datenschutz/auskunft", {"n x": "yes"}),
        ("/datenschutz/loeschen", {"n 9999999999999999999999": "yes"}),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_changed(
    house: House, browser: Browser, path: str, fields: dict[str, str]
) -> None:
    assert 400 == browser.post(path, **fields)[0]
    assert [] == house.office.rows("SELECT id FROM holds UNION SELECT id FROM deletions")


def test_who_looked_is_shown_and_is_a_look(house: House, browser: Browser) -> None:
    house.browser("petra").get("/vorgang/KOD-2026-000001")
    text = browser.get("/datenschutz/blicke?nummer=KOD-2026-000001&konto=petra")[2]

    assert "<td>petra</td><td>show</td>" in text
    assert "access" in browser.get("/datenschutz/blicke")[2]


@pytest.mark.parametrize("path", ["/datenschutz", "/datenschutz/blicke"])
def test_only_those_who_keep_privacy_come_in(house: House, path: str) -> None:
    assert 403 == house.browser("petra").get(path)[0]
