"""Where every table, key and list entry of a sound TOML text stands, found with tree-sitter.

tomllib gives the values, this the lines. Needs a text that tomllib has accepted; where tree-sitter sees it differently
a position is simply missing and the nearest enclosing one is used.
"""

import tomllib

import tree_sitter
import tree_sitter_toml
from msgspec import Struct, field

from routing.config.problems import KeyPath

Spot = tuple[int, int]
"""Line and column, both from 1, in characters."""

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
_DEEPEST = 5  # list in a list in a list: no key of ours goes deeper, and hostile files do


class Positions(Struct):
    """``spots`` for everything, ``tables`` for headers alone; a list's tables are counted from 0."""

    spots: dict[KeyPath, Spot] = field(default_factory=dict)
    tables: dict[KeyPath, bool] = field(default_factory=dict)  # True: a list's table, [[...]]

    def spot(self, path: KeyPath) -> Spot | None:
        """Of ``path`` or of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if found := self.spots.get(path[:length]):
                return found
        return None

    def table(self, path: KeyPath) -> KeyPath:
        """The header under which ``path`` stands; () for the top of the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.tables:
                return path[:length]
        return ()


def find(text: str) -> Positions:
    """The positions of everything in ``text``, lines from 1. Raises nothing: ``text`` may be broken."""
    return _Finder(text).found


class _Finder:
    """One walk over one tree; holds the lines to turn bytes into characters and the lists' counts."""

    def __init__(self, text: str) -> None:
        self.found = Positions()
        self._lines = text.encode().split(b"\n")
        self._counts: dict[KeyPath, int] = {}
        for node in _PARSER.parse(text.encode()).root_node.named_children:
            if node.type == "pair":
                self._pair(node, (), 0)
            elif node.type in ("table", "table_array_element"):
                self._table(node)

    def _table(self, node: tree_sitter.Node) -> None:
        header, *pairs = [child for child in node.named_children if child.type != "comment"]
        *parents, last = _names(header)
        path: KeyPath = ()
        for name in parents:
            path = self._inside((*path, name))
        path = (*path, last)
        is_list = node.type == "table_array_element"
        if is_list:
            self._counts[path] = self._counts.get(path, -1) + 1
            self.found.spots.setdefault(path, self._spot(node))
            path = (*path, self._counts[path])
        self.found.spots.setdefault(path, self._spot(node))
        self.found.tables[path] = is_list
        for pair in pairs:
            if pair.type == "pair":
                self._pair(pair, path, 0)

    def _inside(self, path: KeyPath) -> KeyPath:
        return (*path, self._counts[path]) if path in self._counts else path

    def _pair(self, node: tree_sitter.Node, parent: KeyPath, depth: int) -> None:
        key, *values = [child for child in node.named_children if child.type != "comment"]
        path = parent
        for name in _names(key):
            path = (*path, name)
            self.found.spots.setdefault(path, self._spot(key))
        if values and depth < _DEEPEST:
            self._value(values[-1], path, depth + 1)

    def _value(self, node: tree_sitter.Node, path: KeyPath, depth: int) -> None:
        if node.type == "inline_table":
            for pair in node.named_children:
                if pair.type == "pair":
                    self._pair(pair, path, depth)
        elif node.type == "array" and depth < _DEEPEST:
            entries = (child for child in node.named_children if child.type != "comment")
            for index, entry in enumerate(entries):
                self.found.spots[*path, index] = self._spot(entry)
                if entry.child_count:
                    self._value(entry, (*path, index), depth + 1)

    def _spot(self, node: tree_sitter.Node) -> Spot:
        row, column = node.start_point
        return row + 1, len(self._lines[row][:column].decode(errors="replace")) + 1


def _names(node: tree_sitter.Node) -> list[str]:
    """The names of a key, outermost first; dotted keys nest to the left and may be very deep."""
    names: list[str] = []
    while node.type == "dotted_key":
        *rest, last = node.named_children
        names.append(_name(last))
        node = rest[0]
    names.append(_name(node))
    return names[::-1]


def _name(node: tree_sitter.Node) -> str:
    text = (node.text or b"").decode()
    if node.type != "quoted_key":
        return text
    return next(iter(tomllib.loads(f"{text}=0"))) if "\\" in text else text[1:-1]
