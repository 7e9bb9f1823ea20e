"""What holds for every address of the pages, those to come too: who may in, and hostile values in every field."""

import re
from urllib.parse import quote, urlencode

import pytest

from intake import storage
from routing.model.web import Role
from routing.store import accounts
from routing.web import application, visit
from tests import ROOT
from tests.routing.web.conftest import Browser, House

ROUTES = [route for page in application.PAGES for route in page.ROUTES]
HOSTILE = (
    "\"><script>alert('x')</script>",
    "' OR 1=1; DROP TABLE cases; --",
    "{{ 7777*7777 }}",
    "../../../../etc/passwd",
    "\x00\r\nSet-Cookie: a=b",
    "9" * 40,
    "\ufffe\u202e💥" * 10,
)
TEMPLATES = "".join(file.read_text() for file in (ROOT / "routing" / "web" / "templates").glob("*.j2"))
FIELDS = sorted({*re.findall(r'name="([a-z]+)"', TEMPLATES), "n 1", "role desk", "also kbk"} - {"token", "do"})
DOING = sorted(set(re.findall(r'name="do" value="([^"{]+)"', TEMPLATES)))


def _path(route: visit.Route, text: str = "1") -> str:
    """The address with ``text`` in each of its parts; where it wants a number, a large one."""
    path = re.sub(r"\{\w+:int\}", str(10**30) if text != "1" else "1", route.path)
    return re.sub(r"\{\w+\}", quote(text, safe=""), path)


def _send(browser: Browser, route: visit.Route, path: str, **fields: str) -> tuple[int, str]:
    status, _, text = browser.get(path) if route.method == "GET" else browser.post(path, **fields)
    return status, text


def test_nobody_and_no_other_role_gets_in(house: House) -> None:
    for role in Role:
        house.account(f"nur-{role}", role)
    nobody = house.browser()
    nobody.get("/anmelden")
    known = {role: house.browser(f"nur-{role}") for role in Role}
    for route in ROUTES:
        if route.is_open:
            continue
        assert _send(nobody, route, _path(route))[0] in {303, 403}, route
        for role, browser in known.items():
            if route.roles and role not in route.roles:
                assert 403 == _send(browser, route, _path(route))[0], (route, role)


def test_hostile_values_in_every_field_do_nothing(house: House) -> None:
    house.office.receive("Am Westwall 3 ist etwas Seltsames, können Sie bitte nachsehen?")
    browser = house.browser("admin")
    for shift, hostile in enumerate(HOSTILE):
        mixed = {name: HOSTILE[(at + shift) % len(HOSTILE)] for at, name in enumerate(FIELDS)}
        for route in ROUTES:
            path = _path(route, hostile)
            if route.method == "GET":
                _harmless(route, *_send(browser, route, f"{path}?{urlencode(mixed)}"))
            elif route.path not in {"/abmelden", "/anmelden"}:
                _harmless(route, *_send(browser, route, path, **mixed, do=DOING[shift]))
    with storage.reading(house.office.work.engine) as connection:
        assert {"admin", "petra"} == {one.name for one in accounts.every(connection)}
    assert 1 == house.office.value("SELECT count(*) FROM cases")


@pytest.mark.parametrize("path", ["/vorgang/{0}", "/klaerung/{0}", "/postausgang", "/konten", "/datenschutz/sperre"])
def test_hostile_values_with_every_button_do_nothing(house: House, path: str) -> None:
    house.office.receive("Am Westwall 3 ist etwas Seltsames, können Sie bitte nachsehen?")
    browser = house.browser("admin")
    route = next(route for route in ROUTES if route.method == "POST" and route.path == path.replace("0", "number"))
    address = path.format(house.office.value("SELECT number FROM cases"))
    for shift, what in enumerate(DOING):
        mixed = {name: HOSTILE[(at + shift) % len(HOSTILE)] for at, name in enumerate(FIELDS) if name != "seen"}
        _harmless(route, *_send(browser, route, address, **(mixed | {"do": what, "seen": ""})))


def _harmless(route: visit.Route, status: int, text: str) -> None:
    assert status < 500 or route.path == "/healthz", (route, text[-800:])
    assert "<script>alert" not in text, route
    assert "60481729" not in text, route
