"""The account of the pages' security names tests that there are."""

import re

from tests import ROOT


def test_every_test_that_the_account_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "sicherheit-der-seiten.md").read_text()))
    sources = "".join(file.read_text() for file in (ROOT / "tests" / "routing" / "web").glob("test_*.py"))

    assert named
    assert named <= set(re.findall(r"def (test_\w+)", sources))
