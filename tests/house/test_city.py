"""No city stands in code or library: the words of the one that the shipped files are for are searched for in both.

Comments and docstrings may cite what was learned there; the demo's samples are invented letters to that city. The
program's own name is not the city's.
"""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT

WORDS = re.compile(
    r"krefeld|(?<![a-z])kod(?![a-z])|gsak|\bkbk\b|\bngn\b|\bswk\b|maak|ostwall|uerding|fischeln|seidenweber",
    re.IGNORECASE,
)
OWN_NAME = re.compile(r"(?:\$|x-)?kod-intake[\w-]*|KOD_INTAKE_\w*", re.IGNORECASE)
LIBRARY = sorted((ROOT / "routing" / "library").rglob("*.toml"))
EVERYWHERE = frozenset(
    {
        "bahnhofstraße",
        "schulstraße",
        "berliner-straße",
        "blumenstraße",
        "gartenstadt",
        "gartenstraße",
        "hauptstraße",
        "hochstraße",
        "kanalstraße",
        "marktstraße",
        "müllerstraße",
        "neumarkt",
        "parkstraße",
        "theaterplatz",
        "willy-brandt-platz",
    }
)
"""Names of places that stand in the city's gazetteer and would in most others."""
MODULES = sorted(path for half in ("intake", "routing") for path in (ROOT / half).rglob("*.py"))


def named(text: str) -> list[str]:
    """The city's words in ``text``."""
    return WORDS.findall(OWN_NAME.sub("", text))


def _said(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of what runs: everything but comments and docstrings."""
    source = path.read_text(encoding="utf-8")
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for one in body if isinstance(body, list) else ():
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                docstrings.update(range(one.lineno, (one.end_lineno or one.lineno) + 1))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT and token.start[0] not in docstrings:
            yield token.start[0], token.string


def test_no_code_names_a_city() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path in MODULES
        for line, text in _said(path)
        for word in named(text)
    ]
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates").iterdir()), ids=lambda path: path.name)
def test_no_template_names_a_city(path: Path) -> None:
    assert named(path.read_text(encoding="utf-8")) == []


def test_no_help_or_setting_names_a_city() -> None:
    """Docstrings of commands and the texts below settings are shown to staff."""
    shown = [*(ROOT / "routing" / "cli" / "commands").rglob("*.py"), ROOT / "routing" / "cli" / "__init__.py"]
    found = [
        f"{path.name}: {word}"
        for path in shown
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.decorator_list
        for word in named(ast.get_docstring(node) or "")
    ]
    assert found == []


def _places() -> set[str]:
    """The streets, squares and districts of the shipped gazetteer, but for names of any town."""
    gazetteer = tomllib.loads((ROOT / "gazetteer.toml").read_text(encoding="utf-8"))
    lists = (gazetteer["districts"], gazetteer["squares"])
    names = {name.lower() for names in (*lists, *gazetteer["streets"].values()) for name in names}
    return {name for name in names if name.replace(" ", "-") not in EVERYWHERE}


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_the_library_is_of_no_city(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    own = "|".join(sorted(map(re.escape, _places()), key=len, reverse=True))
    found = [*named(text), *re.findall(rf"(?<![\w*])(?:{own})(?![\w*])", text, re.IGNORECASE)]
    assert found == []


def test_the_search_finds_what_it_is_for() -> None:
    assert named("Vorgang KOD-2026-000123 der GSAK am Ostwall in Krefeld") == ["KOD", "GSAK", "Ostwall", "Krefeld"]
    assert named("kod-intake show, $KOD_INTAKE_CONFIG, X-KOD-Intake, Kodex") == []
