"""Letters as people see them: docs/schreiben.md is what the program writes; a browser finds no barrier in them."""

from pathlib import Path

import pytest

from tests.support import browser
from tests.support.manuals import letter_samples

SAMPLES = {name: made for name, _, made in letter_samples.letters() if name}


def test_the_page_of_the_letters_is_what_the_program_writes() -> None:
    assert letter_samples.PAGE.read_text("utf-8") == letter_samples.page(), (
        "renew: python -m tests.support.manuals.letter_samples"
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_each_letter_has_its_pictures(name: str) -> None:
    for width in (browser.PHONE, browser.DESKTOP):
        assert (letter_samples.DOCS / "pictures" / f"{name}-{width}.png").stat().st_size > 1000


@pytest.mark.extra
@pytest.mark.parametrize("width", [browser.PHONE, browser.DESKTOP])
@pytest.mark.parametrize("name", SAMPLES)
def test_in_a_browser_there_is_no_barrier_and_nothing_sticks_out(name: str, width: int, tmp_path: Path) -> None:
    seen = browser.look(letter_samples.html_of(SAMPLES[name]), width, tmp_path)
    assert [] == seen.violations
    assert width == seen.width
    assert {"color-contrast", "html-has-lang", "document-title", "page-has-heading-one"} <= set(seen.passes)


@pytest.mark.extra
def test_a_barrier_would_be_seen(tmp_path: Path) -> None:
    page = letter_samples.html_of(SAMPLES["weiterleitung"])
    for good, bad, barrier in (
        ('lang="de"', "", "html-has-lang"),
        ("color:#1a1a1a", "color:#cccccc", "color-contrast"),
        ("<h1", '<img src="x.png"><h1', "image-alt"),
    ):
        seen = browser.look(page.replace(good, bad), browser.DESKTOP, tmp_path)
        assert barrier in {one.partition(":")[0] for one in seen.violations}
