"""Who gets in, and what a browser is told: sessions, forms, roles, headers, proxies."""

import re
import socket
import sqlite3
import time
from contextlib import closing

import pytest
import sqlalchemy as sa

from intake import storage
from intake.base import errors
from routing.service import health
from routing.web import memory
from tests.routing.web.conftest import PASSWORD, Browser, House

BY_PROXY = {"trusted_proxies": '"127.0.0.1"', "trusted_header": '"X-Remote-User"'}


def test_nobody_sees_a_page_before_signing_in(house: House) -> None:
    status, headers, _ = house.browser().get("/")

    assert (303, "/anmelden") == (status, headers["Location"])


def test_signing_in_leads_where_one_wanted_to_go_and_nowhere_else(house: House) -> None:
    browser = house.browser()
    _, headers, _ = browser.get("/passwort")
    assert "/anmelden?weiter=/passwort" == headers["Location"]
    browser.get(headers["Location"])
    _, headers, _ = browser.post("/anmelden", name="Petra", password=PASSWORD, weiter="/passwort")
    assert "/passwort" == headers["Location"]

    for elsewhere in ("https://boese.invalid", "//boese.invalid", "/\\boese.invalid", "javascript:alert(1)"):
        _, headers, _ = house.browser().post("/anmelden", name="petra", password=PASSWORD, weiter=elsewhere)
        assert "/" == headers["Location"]


@pytest.mark.parametrize(("name", "password"), [("petra", "falsch"), ("niemand", PASSWORD), ("petra", "x" * 5000)])
def test_a_wrong_password_and_an_unknown_account_are_told_the_same(house: House, name: str, password: str) -> None:
    status, _, text = house.browser().sign_in(name, password)

    assert 403 == status
    assert "Name oder Passwort stimmt nicht." in text


def test_after_five_guesses_the_right_password_does_not_help_either(house: House) -> None:
    browser = house.browser()
    for _ in range(5):
        browser.sign_in(password="geraten")
    status, _, text = browser.sign_in()
    assert 403 == status
    assert "Viertelstunde" in text

    assert 303 == browser.sign_in("admin")[0]


def test_an_ended_account_is_out_at_once(house: House) -> None:
    browser = house.browser("petra")
    assert 200 == browser.get("/")[0]
    house.end_account("petra")

    assert 303 == browser.get("/")[0]
    assert 403 == house.browser().sign_in()[0]


def test_a_session_ends_after_two_hours_without_a_click_and_after_ten_in_any_case(house: House) -> None:
    idle, busy = house.browser("petra"), house.browser("petra")
    for minutes in range(90, 600, 90):
        house.office.clock.set(f"2026-06-10 {9 + minutes // 60:02}:{minutes % 60:02}")
        assert 200 == busy.get("/")[0]
    assert 303 == idle.get("/")[0]
    house.office.clock.set("2026-06-10 19:01")
    assert 303 == busy.get("/")[0]


def test_signing_in_begins_a_new_session_and_signing_out_ends_it(house: House) -> None:
    browser = house.browser()
    browser.cookie = planted = "x" * 43
    browser.sign_in()
    assert planted != browser.cookie
    stolen = browser.cookie
    browser.post("/abmelden")
    browser.cookie = stolen

    assert 303 == browser.get("/")[0]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    browser = house.browser()
    browser.get("/anmelden")
    _, headers, _ = browser.post("/anmelden", name="petra", password=PASSWORD)

    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(headers["Set-Cookie"].split("; "))


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://boese.invalid"}],
)
def test_a_form_from_elsewhere_changes_nothing(house: House, headers: dict[str, str]) -> None:
    browser = house.browser("petra")
    body = f"token={browser.token}"
    kind = "application/x-www-form-urlencoded"

    assert 403 == browser.ask("POST", "/abmelden", body, Content_Type=kind, **headers)[0]
    assert 200 == browser.get("/")[0]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("token=falsch", "application/x-www-form-urlencoded"),
        ("token={token}", "text/plain"),
        ("token={token}&x=" + "y" * 2_000_001, "application/x-www-form-urlencoded"),
        ("token={token}" + "&x=1" * 3000, "application/x-www-form-urlencoded"),
    ],
)
def test_a_form_without_its_token_or_too_long_changes_nothing(house: House, body: str, kind: str) -> None:
    browser = house.browser("petra")
    sent = body.replace("{token}", browser.token)

    assert 403 == browser.ask("POST", "/abmelden", sent, Content_Type=kind, Sec_Fetch_Site="same-origin")[0]


def test_every_answer_forbids_what_the_pages_do_not_need(house: House) -> None:
    for path in ("/anmelden", "/gibt-es-nicht", "/style.css", "/healthz"):
        _, headers, _ = house.browser().get(path)
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert ("nosniff", "DENY") == (headers["X-Content-Type-Options"], headers["X-Frame-Options"])


def test_a_new_password_must_be_chosen_first_and_signs_out_everywhere_else(house: House) -> None:
    house.account("neu", "desk", is_new=True)
    browser, other = house.browser("neu"), house.browser("neu")
    assert "/passwort" == browser.get("/")[1]["Location"]
    browser.get("/passwort")
    for old, new, again in (
        (PASSWORD, "kurz", "kurz"),
        (PASSWORD, "a" * 20, "b" * 20),
        ("falsch", "a" * 20, "a" * 20),
    ):
        assert 400 == browser.post("/passwort", old=old, new=new, again=again)[0]
    assert 303 == browser.post("/passwort", old=PASSWORD, new="noch ein Satz", again="noch ein Satz")[0]

    assert "Ihr Passwort ist geändert." in browser.get("/")[2]
    assert "/anmelden" == other.get("/")[1]["Location"]


def test_what_was_said_is_said_once(house: House) -> None:
    browser = house.browser("petra")
    browser.get("/passwort")
    browser.post("/passwort", old=PASSWORD, new="noch ein Satz", again="noch ein Satz")

    assert ["geändert" in browser.get("/")[2] for _ in range(2)] == [True, False]


@pytest.mark.parametrize("house", [BY_PROXY], indirect=True)
def test_a_trusted_proxy_signs_in_and_changes_who_is_there(house: House) -> None:
    browser = house.browser()
    status, _, text = browser.get("/", X_Remote_User="petra")
    assert 200 == status
    assert "Petra" in text
    assert "Admin" in browser.get("/", X_Remote_User="admin")[2]
    assert 403 != browser.get("/", X_Remote_User="")[0]
    assert "kein Konto" in browser.get("/", X_Remote_User="fremd")[2]


def test_a_header_that_no_trusted_proxy_sent_is_nothing(house: House) -> None:
    assert 303 == house.browser().get("/", X_Remote_User="petra")[0]


@pytest.mark.parametrize("house", [{"trusted_proxies": '"127.0.0.1"'}], indirect=True)
def test_behind_a_proxy_that_encrypts_the_cookie_is_for_encrypted_connections(house: House) -> None:
    browser = house.browser()
    browser.get("/anmelden", X_Forwarded_Proto="https")
    body = f"name=petra&password={PASSWORD.replace(' ', '+')}"
    kind = "application/x-www-form-urlencoded"
    _, headers, _ = browser.ask("POST", "/anmelden", body, Content_Type=kind, X_Forwarded_Proto="https")

    assert "Secure" in headers["Set-Cookie"]
    assert "max-age" in headers["Strict-Transport-Security"]


def test_healthz_tells_whether_work_is_done_and_no_more(house: House) -> None:
    assert (503, "trouble\n") == house.browser().get("/healthz")[::2]
    assert 404 == house.browser().get("/metrics")[0]


def test_who_asks_often_how_things_stand_asks_the_database_now_and_then(house: House) -> None:
    asked: list[str] = []
    sa.event.listen(
        house.office.work.engine, "before_cursor_execute", lambda *told: asked.append(told[2]), named=False
    )
    for _ in range(20):
        house.browser().get("/healthz")

    assert 0 < sum("heartbeats" in one for one in asked) < 10


def test_what_could_not_be_asked_is_not_remembered() -> None:
    recent = memory.Recent()

    def out() -> health.Health:
        raise errors.TemporaryError("out")

    for _ in range(2):
        with pytest.raises(errors.TemporaryError):
            recent.of(out)


@pytest.mark.parametrize("house", [{"metrics": "true"}], indirect=True)
def test_metrics_are_figures_without_words_of_citizens(house: House) -> None:
    house.office.receive("Am Westwall 3 liegt ein Müllsack. Anna Beispiel, 02151 123456")
    text = house.browser().get("/metrics")[2]

    assert "kod_intake_messages 1.0" in text
    assert not re.search("Beispiel|Westwall|02151", text)


def test_a_browser_that_never_ends_its_request_is_sent_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.web.server.REQUEST_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", house.port), timeout=60) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert b"" == slow.recv(100)


def test_hundreds_of_open_connections_hold_no_page_up(house: House) -> None:
    idle = [socket.create_connection(("127.0.0.1", house.port), timeout=60) for _ in range(200)]
    try:
        assert 200 == Browser(house.port).get("/anmelden")[0]
    finally:
        for connection in idle:
            connection.close()


def test_a_database_that_is_out_is_told_in_a_sentence(house: House) -> None:
    browser = house.browser("petra")
    house.break_database()
    began = time.monotonic()
    status, _, text = browser.get("/")

    assert 503 == status, text
    assert "Die Datenbank antwortet nicht" in text
    assert time.monotonic() - began < 60


def test_a_second_request_that_never_ends_is_sent_away_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.web.server.REQUEST_SECONDS", 0.6)
    with socket.create_connection(("127.0.0.1", house.port), timeout=60) as slow:
        slow.sendall(b"GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n")
        assert slow.recv(15).startswith(b"HTTP/1.1 200")
        slow.sendall(b"GET /style.css HTTP/1.1\r\nHost: x\r\n")
        while slow.recv(100_000):
            pass


def test_where_nothing_can_be_written_pages_are_shown_all_the_same(house: House) -> None:
    house.office.store("Am Westwall 3 ist etwas Seltsames.")
    house.office.work.dispatch()
    browser = house.browser("petra")
    house.office.clock.set("2026-06-10 09:30")
    path = storage.path_of(house.office.work.engine.url)
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, _, text = browser.get("/klaerung")

    assert 200 == status
    assert "KOD-2026-000001" in text
