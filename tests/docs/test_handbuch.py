"""The German handbook, tried by doing what it says: its commands are run, its settings loaded, its examples judged.

``tests/support/manuals/handbook.py`` says how docs/handbuch.md marks what is proved, and how to renew what commands
print.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from routing.cli.command_list import COMMANDS
from routing.config import loader
from routing.config.problems import ConfigurationError
from routing.model.settings import Vocabulary
from tests import ROOT
from tests.support import rule_examples
from tests.support.manuals import handbook
from tests.support.manuals.handbook import Block, Call, Walked

WRONG = "So ist es falsch"


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return handbook.walk(tmp_path_factory.mktemp("handbuch"))


CALLS = [
    (call, (block.line, number)) for block in handbook.BLOCKS for number, call in enumerate(handbook.calls(block))
]


@pytest.mark.parametrize(
    ("call", "key"), [pytest.param(*one, id=f"line{one[0].line}-{one[0].words[0]}") for one in CALLS]
)
def test_a_command_prints_what_the_handbook_shows(walked: Walked, call: Call, key: tuple[int, int]) -> None:
    assert handbook.same(walked.told[key]) == handbook.same(call.shown)


@pytest.mark.parametrize(
    "block", [pytest.param(one, id=f"line{one.line}") for one in handbook.BLOCKS if one.info == "toml"]
)
def test_settings_of_the_handbook_are_accepted_or_refused_as_it_says(block: Block, tmp_path: Path) -> None:
    path = handbook.write(tmp_path / "kod", block.text)
    if WRONG in block.text.partition("\n")[0]:
        with pytest.raises(ConfigurationError):
            loader.load(path)
    else:
        loader.load(path)


@pytest.mark.parametrize(
    "block", [pytest.param(one, id=f"line{one.line}") for one in handbook.BLOCKS if one.info == "text brief"]
)
def test_a_letter_of_the_handbook_goes_out_like_that(walked: Walked, block: Block) -> None:
    parts = [re.escape(part.strip("\n")) for part in block.text.split("\n…\n")]
    pattern = re.compile(".*".join(parts), re.DOTALL)
    assert any(pattern.search(letter) for letter in walked.letters)


@pytest.mark.parametrize(
    "block", [pytest.param(one, id=f"line{one.line}") for one in handbook.BLOCKS if one.info == "text datei"]
)
def test_rejected_rows_come_back_as_the_handbook_shows(walked: Walked, block: Block) -> None:
    assert block.text in walked.rejects


def test_the_handbook_is_read_in_half_an_hour() -> None:
    words = handbook.HANDBOOK.read_text().split()
    assert len(words) < 30 * 180


def keyword_examples() -> Iterator[tuple[str, bool, str]]:
    """Keyword, whether it is found, text: from the tables headed "Schlüsselwort"."""
    table = False
    for line in handbook.HANDBOOK.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            table = False
        elif cells[0] == "Schlüsselwort":
            table = True
        elif table and not cells[0].startswith("-"):
            keyword = cells[0].strip("`")
            yield from ((keyword, True, text) for text in re.findall("„(.+?)“", cells[1]))
            yield from ((keyword, False, text) for text in re.findall("„(.+?)“", cells[2]))


@cache
def shipped_lists() -> Vocabulary:
    return loader.load(ROOT / "config.toml", prove=False).vocabulary


@pytest.mark.parametrize(("keyword", "found", "text"), list(keyword_examples()))
def test_a_keyword_finds_what_the_handbook_says(keyword: str, text: str, *, found: bool) -> None:
    vocabulary = {name: words for name, words in shipped_lists().items() if f"@{name}" in keyword}
    assert found is bool(rule_examples.found(text, keyword, vocabulary=vocabulary))


def test_the_table_of_commands_is_complete() -> None:
    commands = {command for commands in COMMANDS.values() for command in commands}
    staff, administrator = handbook.HANDBOOK.read_text(), (ROOT / "docs" / "operations.md").read_text()
    assert commands == set(re.findall(r"^\| `kod-intake ([a-z-]+)", staff + administrator, re.MULTILINE))
