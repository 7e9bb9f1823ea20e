"""The pages in a real browser: a clerk's morning by keyboard alone, no barriers at three widths, no script needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright

from tests.routing.web.conftest import PASSWORD, House
from tests.support import browser as letters_browser

pytestmark = pytest.mark.extra

WIDTHS = (375, 900, 1600)
PATHS = (
    "/",
    "/klaerung",
    "/klaerung/{0}",
    "/vorgang/{0}",
    "/suche?worte=Westwall",
    "/regeln",
    "/zahlen?art=jahr",
    "/zahlen?art=tage&von=2020-01-01&bis=2020-01-01",
    "/postausgang",
    "/datenschutz",
)
OF_RULES = ("/regeln/entwurf", "/regeln/frueher", "/passwort", "/datenschutz/blicke", "/konten")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Debian's Chromium, driven by Playwright."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


def _opened(chromium: Chromium, house: House, *, width: int = 1200, script: bool = True) -> Page:
    """A window whose visitor has every role."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=script, bypass_csp=True, locale="de-DE"
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{house.port}/")
    page.fill("#name", "admin")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url("**/")
    return page


def _numbers(house: House, count: int) -> list[str]:
    for number in range(count):
        house.office.receive(f"Am Westwall {number + 1} ist etwas Seltsames, <b>können</b> Sie bitte nachsehen?")
    return [str(row["number"]) for row in house.office.rows("SELECT number FROM cases ORDER BY id")]


def test_a_morning_of_decisions_by_keyboard_alone(chromium: Chromium, house: House) -> None:
    numbers = _numbers(house, 3)
    page = _opened(chromium, house)
    page.goto(f"http://127.0.0.1:{house.port}/klaerung")
    page.keyboard.press("n")
    for number in numbers[:2]:
        page.wait_for_url(f"**/klaerung/{number}")
        page.keyboard.press("1")
    page.wait_for_url(f"**/klaerung/{numbers[2]}")
    page.focus("#reason")
    page.keyboard.type("1 Anruf genügte")  # a figure in a field is no key
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/klaerung")

    assert "Nichts wartet" in page.inner_text("main")
    assert ["closed", "open", "open"] == sorted(
        row["state"] for row in house.office.rows("SELECT state FROM concerns")
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_has_barriers_or_is_wider_than_its_window(chromium: Chromium, house: House, width: int) -> None:
    [number, *_] = _numbers(house, 2)
    page = _opened(chromium, house, width=width)
    barriers, wider = [], []
    for path in (*PATHS, *OF_RULES):
        page.goto(f"http://127.0.0.1:{house.port}{path.format(number)}")
        if path.startswith("/zahlen"):
            page.get_by_text("Für die Presse").wait_for()  # it looks again by itself
        page.add_script_tag(content=letters_browser.axe())
        found = page.evaluate("tags => axe.run(document, {runOnly: tags})", letters_browser.TAGS)
        barriers += [(path, one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
        wider += [path] if page.evaluate("document.documentElement.scrollWidth") > width else []

    assert ([], []) == (barriers, wider)


def test_everything_is_done_without_script(chromium: Chromium, house: House) -> None:
    [number] = _numbers(house, 1)
    page = _opened(chromium, house, script=False)
    page.goto(f"http://127.0.0.1:{house.port}/klaerung/{number}")
    page.locator("button[value='to kbk']").click()
    page.wait_for_url("**/klaerung")

    assert f"{number} ist kbk zugewiesen." in page.inner_text("main")


def test_figures_are_seen_without_script(chromium: Chromium, house: House) -> None:
    page = _opened(chromium, house, script=False)
    page.goto(f"http://127.0.0.1:{house.port}/zahlen?art=jahr")
    while page.get_by_role("link", name="Nachsehen").count():
        page.get_by_role("link", name="Nachsehen").click()

    assert "Für die Presse" in page.inner_text("main")


def test_what_a_citizen_wrote_runs_nowhere(chromium: Chromium, house: House, tmp_path: Path) -> None:
    house.office.receive(
        "Am Westwall 3 <script>document.title='gehackt'</script><img src=x onerror=\"document.title='gehackt'\">",
        subject="<svg onload=alert(1)>",
    )
    [number] = [row["number"] for row in house.office.rows("SELECT number FROM cases")]
    page = _opened(chromium, house)
    for path in ("/", "/klaerung", f"/klaerung/{number}", f"/vorgang/{number}", "/suche?worte=%3Cscript%3E"):
        page.goto(f"http://127.0.0.1:{house.port}{path}")
        assert "gehackt" not in page.title(), path
    page.screenshot(path=tmp_path / "vorgang.png", full_page=True)
