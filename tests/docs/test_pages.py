"""The pages that lead through the house: every file, command and target they name is there, the pictures are true.

Decision notes are history and may name what is gone.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from intake import __version__
from routing import cli
from routing.store import tables
from tests import ROOT
from tests.house import test_house, test_limits

PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", ".github/PULL_REQUEST_TEMPLATE")),
    *sorted((ROOT / "docs").glob("*.md")),
]
FOLDERS = r"\.ci|\.github|bench|deploy|docs|intake|requirements|routing|templates|tests"
PATH = re.compile(rf"(?<![\w./-])(?:{FOLDERS})/(?:[\w.*@-]+/?)*")
OWN_NAME = re.compile(r"`([\w.-]+\.(?:md|py|sh|service|ya?ml))`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
CALL = re.compile(r"kod-intake((?: --?[\w-]+(?:[ =][A-ZÄÖÜ]\S*)?)*) (?!kod-intake)([a-z][a-z-]*)(?: ([a-z][a-z-]+))?")
TARGETS = re.compile(r"^\s*make ([a-z][a-z -]*)", flags=re.MULTILINE)
MODULE = re.compile(r"python3? -m ([\w.]+)")
NOT_OURS = {"venv", "pip", "pytest"}
"""Modules that ``python -m`` runs and that are not ours."""


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _code(page: Path) -> Iterator[str]:
    """What the page sets as code: indented and fenced lines, and what stands between backticks."""
    fenced = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line
        else:
            yield from re.findall(r"`([^`]+)`", line)


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_a_page_names_no_file_that_is_not_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = {path.rstrip(".") for path in PATH.findall(text)}
    names = set(OWN_NAME.findall(text))

    assert [] == sorted(path for path in paths if not any(ROOT.glob(path)))
    assert [] == sorted(name for name in names if not any(_anywhere(name)))
    assert [] == sorted(name for name in set(test_limits.NAMED.findall(text)) if not test_limits.exists(name))
    assert [] == sorted(link for link in LINK.findall(text) if not (page.parent / link).exists())


def _anywhere(name: str) -> Iterator[Path]:
    """Files of this name in the checkout."""
    yield from ROOT.glob(name)
    for folder in FOLDERS.replace("\\", "").split("|"):
        yield from (ROOT / folder).rglob(name)


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_a_page_names_no_command_that_is_not_there(page: Path) -> None:
    unknown = []
    for line in _code(page):
        for _, name, further in CALL.findall(line):
            command = cli.group.get_command(click.Context(cli.group), name)
            if command is None:
                unknown.append(name)
            elif isinstance(command, click.Group) and further and further not in command.commands:
                unknown.append(f"{name} {further}")

    assert [] == unknown


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_a_page_names_no_target_and_no_module_that_is_not_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    code = "\n".join(_code(page))
    named = {name for names in TARGETS.findall(code) for name in names.split()}
    modules = {name.rstrip(".").replace(".", "/") for name in MODULE.findall(code)} - NOT_OURS

    assert set() == named - targets
    assert [] == [
        name for name in modules if not (ROOT / f"{name}.py").exists() and not (ROOT / name / "__main__.py").exists()
    ]


def _picture(page: str, heading: str) -> list[str]:
    """The indented lines below the heading of a page, up to the first other text."""
    below = (ROOT / page).read_text(encoding="utf-8").partition(f"{heading}\n")[2]
    return re.split(r"\n(?=[^\s])", below)[0].splitlines()


def test_the_picture_of_the_floors_is_the_table_that_the_tests_hold() -> None:
    (head, *lines) = [line for line in _picture("docs/architecture.md", "## Floors") if line.strip()]
    border = head.index("routing")
    drawn = []
    for line in lines[: len(set(test_house.FLOOR.values()))]:
        name, _, rooms = line.strip().partition("  ")
        half = {"intake": line[:border].strip().removeprefix(name).split(), "routing": line[border:].split()}
        drawn.append((name, {f"{side}.{room}" for side, names in half.items() for room in names}))
        assert rooms

    floors = test_house.FLOORS.strip().replace("\n    ", " ").splitlines()
    assert [
        (name, set(rooms.split())) for name, _, rooms in (line.partition(":") for line in reversed(floors))
    ] == drawn


def test_the_architecture_page_shows_every_table() -> None:
    rows = [
        line.split("|")[2]
        for line in (ROOT / "docs/architecture.md").read_text(encoding="utf-8").splitlines()
        if re.match(r"\| (?:intake|routing|both) \|", line)
    ]

    assert set(tables.metadata.tables) == set(re.findall(r"`(\w+)`", " ".join(rows)))


def test_the_changelog_begins_with_this_version() -> None:
    first = re.search(r"^## (\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert first
    assert __version__ == first[1]
