"""Measures a checkout: ``python -m tests.house.measure [FOLDER ...] [--json]``, a column for each folder.

Every row of the table "Measured" that the renovation of November 2026 began with, so that a later one can be laid
beside it. Only syntax trees and ``git log`` are read; nothing of the checkout runs. What is counted:

- **modules**: Python files below the packages; kloc counts all their lines, thousands.
- **functions**: methods and nested functions too, from ``def`` to their last line. Parameters without self and cls.
- **public functions**: of a module or a public class, no leading underscore. "names errors": the docstring says what
  is raised (an …Error, "raises"); "shapes, units, time zones": it says what a container holds, in which unit a number
  is, or which time zone a moment has. Both are found by words, so they are good for comparing, not for more.
- **chain**: modules on the longest way along the imports that loading follows; then with those inside functions too.
- **cycles**: imports inside functions count.
- **widest folder**: modules and folders with modules beside each other, without ``__init__``.
- **commit subjects**: of the last 200 commits (``--commits``) that are no merges, in characters.
"""

import argparse
import ast
import io
import json
import re
import statistics
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.house import sources
from tests.house.sources import Source

LONG = 60
MANY_PARAMETERS = 5
COMMITS = 200
PACKAGES = ("intake", "routing")
IGNORED = re.compile(r"#\s*type:\s*ignore")
NOQA = re.compile(r"#.*\bnoqa\b")
ERRORS = re.compile(r"\b\w*(?:Error|Exception)\b|\b[Rr]ais(?:es?|ed|ing)\b")
SHAPES = re.compile(
    r"""\b(?:
        bytes | characters? | (?:kilo|mega)bytes | (?:milli|micro)?seconds | minutes | hours | days
        | per\ cent | percent | UTC | aware | time\ zones? | local\ time | naive
        | (?:list|tuple|set|dict|dictionary|mapping|iterator|pairs?|sequence)\ (?:of|from|with) | keyed\ by | in\ order
        | by\ (?:name|key|id|number) | sorted | newest\ first | oldest\ first | one\ per | each\ with
    )\b
    | \([\w`*]+(?:,\ [\w`*]+)+\)   # a tuple's parts
    | \w\ to\ \w+\ of | →
    """,
    flags=re.VERBOSE,
)


def measure(root: Path, packages: tuple[str, ...] = PACKAGES, commits: int = COMMITS) -> dict[str, str]:
    """Row of the table to its value, in the table's order, for the checkout at ``root``."""
    found = sources.read(root, *packages)
    rows: dict[str, Callable[[], str]] = {
        "modules / kloc": lambda: f"{len(found)} / {_kloc(found):.1f}",
        "file: median / longest": lambda: _median_and_most([_lines(source) for source in found.values()]),
        f"function: median / over {LONG} lines": lambda: _function_lengths(found),
        "public functions: with docstring": lambda: _share(found, bool),
        "… that names errors": lambda: _share(found, lambda said: bool(ERRORS.search(said))),
        "… that says shapes, units, time zones": lambda: _share(found, lambda said: bool(SHAPES.search(said))),
        "type: ignore": lambda: str(comments(found, IGNORED)),
        "noqa (with tests and bench)": lambda: (
            f"{comments(found, NOQA)} ({comments(sources.read(root, *packages, 'tests', 'bench'), NOQA)})"
        ),
        "Any per kloc": lambda: f"{sum(map(_anys, found.values())) / _kloc(found):.1f}",
        "imports inside functions": lambda: str(sum(len(sources.imports_inside_functions(s)) for s in found.values())),
        "longest import chain (in functions too)": lambda: (
            f"{_chain(sources.graph(found, loading=True))} ({_chain(sources.graph(found))})"
        ),
        "cycles": lambda: str(1 if sources.cycle(sources.graph(found)) else 0),
        "widest folder": lambda: _widest(sources.siblings(root, *packages)),
        "widest folder of tests / bench": lambda: " / ".join(
            _widest(sources.siblings(root, folder)) for folder in ("tests", "bench")
        ),
        f"functions with more than {MANY_PARAMETERS} parameters / most": lambda: _parameters(found),
        "CONTRIBUTING / SECURITY / pre-commit / editorconfig": lambda: _papers(root),
        "commit subject: median (longest)": lambda: _subjects(root, commits),
    }
    return {name: row() for name, row in rows.items()}


def _lines(source: Source) -> int:
    return source.text.count("\n")


def _kloc(found: Mapping[str, Source]) -> float:
    return max(sum(map(_lines, found.values())), 1) / 1000


def _median_and_most(numbers: list[int]) -> str:
    return f"{statistics.median(numbers):.0f} / {max(numbers)}" if numbers else "–"


def length(function: sources.Function) -> int:
    """Lines from ``def`` to the last one."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _function_lengths(found: Mapping[str, Source]) -> str:
    lengths = [length(function) for source in found.values() for function in source.functions]
    return f"{statistics.median(lengths):.0f} / {sum(one > LONG for one in lengths)}" if lengths else "–"


def _share(found: Mapping[str, Source], holds: Callable[[str], bool]) -> str:
    said = [ast.get_docstring(function) or "" for source in found.values() for function in public(source.tree)]
    return f"{100 * sum(map(holds, said)) / len(said):.0f} %" if said else "–"


def public(tree: ast.Module) -> Iterator[sources.Function]:
    """The public functions of a module and the public methods of its public classes."""
    homes: list[ast.Module | ast.ClassDef] = [tree]
    homes += [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for home in homes:
        yield from (
            node for node in home.body if isinstance(node, sources.FUNCTIONS) and not node.name.startswith("_")
        )


def comments(found: Mapping[str, Source], pattern: re.Pattern[str]) -> int:
    """How many comments hold the pattern."""
    return sum(
        token.type == tokenize.COMMENT and bool(pattern.search(token.string))
        for source in found.values()
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline)
    )


def _anys(source: Source) -> int:
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(source.tree))


def _chain(edges: Mapping[str, set[str]]) -> str:
    return "a circle" if sources.cycle(edges) else str(len(sources.longest_chain(edges)))


def _widest(widths: Mapping[Path, int]) -> str:
    if not widths:
        return "–"
    folder = max(widths, key=lambda path: widths[path])
    return f"{widths[folder]} ({folder.as_posix()})"


def parameters(function: sources.Function) -> int:
    """How many arguments it takes, without self and cls; ``*args`` and ``**kwargs`` count one each."""
    arguments = function.args
    named = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    further = [one for one in (arguments.vararg, arguments.kwarg) if one]
    return len([name for name in named if name not in {"self", "cls"}]) + len(further)


def _parameters(found: Mapping[str, Source]) -> str:
    counts = [parameters(function) for source in found.values() for function in source.functions]
    return f"{sum(count > MANY_PARAMETERS for count in counts)} / {max(counts, default=0)}"


def _papers(root: Path) -> str:
    names = ("CONTRIBUTING.md", "SECURITY.md", ".pre-commit-config.yaml", ".editorconfig")
    return " / ".join("yes" if (root / name).exists() else "no" for name in names)


def _subjects(root: Path, commits: int) -> str:
    asked = ["git", "-C", str(root), "log", "--no-merges", f"--max-count={commits}", "--format=%s"]
    run = subprocess.run(asked, check=False, capture_output=True, text=True)  # fails where there is no history
    lengths = [len(subject) for subject in run.stdout.splitlines()]
    return f"{statistics.median(lengths):.0f} ({max(lengths)})" if lengths else "–"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.house.measure", description="Measure a checkout.")
    parser.add_argument("folders", nargs="*", type=Path, default=[Path()], help="checkouts; this one by default")
    parser.add_argument("--packages", nargs="+", default=PACKAGES, help="folders of modules in each checkout")
    parser.add_argument("--commits", type=int, default=COMMITS, help="how many subjects are looked at")
    parser.add_argument("--json", action="store_true", help="for machines")
    chosen = parser.parse_args()
    columns = [measure(folder.resolve(), tuple(chosen.packages), chosen.commits) for folder in chosen.folders]
    if chosen.json:
        print(json.dumps(columns, ensure_ascii=False, indent=2))
        return 0
    print("| |", " | ".join(folder.resolve().name for folder in chosen.folders), "|")
    print("|---|" + "---|" * len(columns))
    for row in columns[0]:
        print(f"| {row} |", " | ".join(column[row] for column in columns), "|")
    return 0


if __name__ == "__main__":
    sys.exit(main())
