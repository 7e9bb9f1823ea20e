"""The syntax trees of a checkout's modules and who imports whom: for the tests of the house and its measures.

Nothing is imported or run: any checkout can be read, an older one too.
"""

import ast
import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    """A module file: its dotted name, its path and its text."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree, made when it is first asked for: to make all takes seconds."""
        return ast.parse(self.text)

    @property
    def house(self) -> str:
        """The room that it belongs to: the first two parts of its name."""
        return ".".join(self.name.split(".")[:2])

    @property
    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS))

    def imported(self) -> Iterator[tuple[str, str]]:
        """(module, name) of every import anywhere in the file; name is "" for a plain import."""
        for node in ast.walk(self.tree):
            yield from self.imports_of(node)

    def imports_of(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        """(module, name) of what this one statement imports; nothing when it is no import."""
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((self._absolute(node), alias.name) for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        package = self.name.split(".") if self.path.name == "__init__.py" else self.name.split(".")[:-1]
        base = package[: len(package) - node.level + 1] if node.level else []
        return ".".join([*base, *([node.module] if node.module else [])])


def read(root: Path, *packages: str) -> dict[str, Source]:
    """Dotted name to source of every Python file below the named packages of the checkout at ``root``."""
    return {source.name: source for package in packages for source in _below(root, package)}


@cache
def _below(root: Path, package: str) -> tuple[Source, ...]:
    found = []
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Source(name, path, path.read_text(encoding="utf-8")))
    return tuple(found)


def graph(sources: Mapping[str, Source], *, loading: bool = False) -> dict[str, set[str]]:
    """Name of each module to the names of those of ``sources`` that it imports.

    With ``loading`` only what is imported when the module is loaded, otherwise inside functions too.
    """
    return {name: imports(source, sources, loading=loading) for name, source in sources.items()}


def imports(source: Source, sources: Mapping[str, Source], *, loading: bool = False) -> set[str]:
    """The names of those of ``sources`` that this one imports; ``loading`` as for ``graph``."""
    found = set()
    for node in source.tree.body if loading else ast.walk(source.tree):
        for module, name in source.imports_of(node):
            target = f"{module}.{name}" if f"{module}.{name}" in sources else module
            if target in sources and target != source.name:
                found.add(target)
    return found


def cycle(edges: Mapping[str, set[str]]) -> list[str]:
    """One circle of imports, its first module named again at the end; empty when there is none."""
    try:
        graphlib.TopologicalSorter(edges).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def longest_chain(edges: Mapping[str, set[str]]) -> list[str]:
    """The longest way from a module down its imports, the top first.

    Raises ``graphlib.CycleError`` when imports go in a circle.
    """
    chains: dict[str, list[str]] = {}
    for name in graphlib.TopologicalSorter(edges).static_order():
        below = max((chains[target] for target in sorted(edges.get(name, ()))), key=len, default=[])
        chains[name] = [name, *below]
    return max(chains.values(), key=len, default=[])


def imports_inside_functions(source: Source) -> list[ast.stmt]:
    """The import statements below a function, each once."""
    found: dict[int, ast.stmt] = {}
    for function in source.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found[id(node)] = node
    return list(found.values())


def siblings(root: Path, *packages: str) -> dict[Path, int]:
    """Folder (relative to ``root``) to the number of modules and folders with modules in it; ``__init__`` is none."""
    found = {}
    for package in packages:
        for folder in [root / package, *(path for path in (root / package).rglob("*") if path.is_dir())]:
            modules = [path for path in folder.glob("*.py") if path.name not in {"__init__.py", "__main__.py"}]
            rooms = [path for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.py"))]
            if modules or rooms:
                found[folder.relative_to(root)] = len(modules) + len(rooms)
    return found
