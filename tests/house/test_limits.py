"""What keeps the house easy to enter: narrow folders, short ways, no program in a string, no name of what is gone.

``python -m tests.house.measure`` shows the figures. Limits may be lowered, never raised.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.house import measure, sources
from tests.house.sources import Source

OURS = sources.read(ROOT, "intake", "routing")
EVERYWHERE = OURS | sources.read(ROOT, "tests", "bench")

WIDEST = 13
WIDEST_OF_ALL = {Path("routing"): 16, Path("tests/routing"): 16}  # the second mirrors the first
LONGEST_CHAIN = 14
LONGEST_FILE = 350
LONG_FUNCTIONS = {"routing.store.migrations.versions.0001_the_first_schema.upgrade"}  # released, never changed
IMPORTS_INSIDE_FUNCTIONS = 16  # each pays with a measured start, or keeps a child process small
SAY_SHAPES = 0.37
NAME_ERRORS = 0.14
"""Shares of the public functions, as far as words tell."""
NOQA = 59


@pytest.mark.parametrize(
    ("folder", "width"), sources.siblings(ROOT, "intake", "routing", "tests", "bench").items(), ids=str
)
def test_a_folder_can_be_taken_in_at_a_glance(folder: Path, width: int) -> None:
    assert width <= WIDEST_OF_ALL.get(folder, WIDEST)


def test_the_longest_way_along_imports_is_short() -> None:
    chain = sources.longest_chain(sources.graph(OURS, loading=True))

    assert len(chain) <= LONGEST_CHAIN, " > ".join(chain)


def test_files_are_short() -> None:
    assert [] == [source.name for source in OURS.values() if source.text.count("\n") > LONGEST_FILE]


def test_functions_are_short() -> None:
    long = {
        f"{source.name}.{function.name}"
        for source in OURS.values()
        for function in source.functions
        if measure.length(function) > measure.LONG
    }

    assert set() == long - LONG_FUNCTIONS


def test_imports_stand_at_the_top() -> None:
    inside = {source.name: len(sources.imports_inside_functions(source)) for source in OURS.values()}

    assert sum(inside.values()) <= IMPORTS_INSIDE_FUNCTIONS, {name: count for name, count in inside.items() if count}


def test_few_lines_are_kept_from_the_linter() -> None:
    assert measure.comments(EVERYWHERE, measure.NOQA) <= NOQA


def test_docstrings_say_what_is_in_a_container_and_what_is_raised() -> None:
    said = [ast.get_docstring(function) or "" for source in OURS.values() for function in measure.public(source.tree)]

    assert sum(bool(measure.SHAPES.search(one)) for one in said) >= SAY_SHAPES * len(said)
    assert sum(bool(measure.ERRORS.search(one)) for one in said) >= NAME_ERRORS * len(said)


def test_no_program_is_written_in_a_string() -> None:
    assert [] == [source.name for source in OURS.values() if any(_programs(source))]


PROGRAM = re.compile(r"(?:^|[;\n])\s*(?:from\s+[\w.]+\s+import\s+\w|import\s+\w+\s*(?:$|[;\n]))")


def _programs(source: Source) -> Iterator[str]:
    """Strings that are Python, and the switch that would run one."""
    docstrings = {id(node.value) for node in ast.walk(source.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and (node.value == "-c" or PROGRAM.search(node.value))
        ):
            yield node.value


NAMED = re.compile(r"(?<![\w./-])((?:intake|routing|tests|bench)(?:[./]\w+)+)")
ENDINGS = {"py", "toml", "md", "txt", "json", "sh", "j2"}
IN_THE_WHEEL = "routing/shipped"
"""Where the wheel carries the shipped files."""


def test_comments_and_docstrings_name_only_what_is_there() -> None:
    said = {(source.name, name) for source in EVERYWHERE.values() for name in _named(source)}

    assert [] == sorted((where, name) for where, name in said if not exists(name))


def _named(source: Source) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield from NAMED.findall(token.string)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from NAMED.findall(node.value.value)


def exists(name: str) -> bool:
    """Whether a path, a module or a name in a module ("routing.rules.classify") is there."""
    if "/" in name:
        return name.startswith(IN_THE_WHEEL) or (ROOT / name).exists()
    *parts, last = name.split(".")
    if last in ENDINGS or name in EVERYWHERE:
        return True  # a file of this name, wherever it lies; a module
    above = ".".join(parts)
    return above in EVERYWHERE and bool(re.search(rf"\b{last}\b", EVERYWHERE[above].text))
