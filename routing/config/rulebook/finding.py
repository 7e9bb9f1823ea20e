"""The rules in force as a list with their places, and which of their keywords know a word."""

import re
from collections.abc import Iterator

from msgspec import Struct

from routing.config.problems import KeyPath
from routing.config.rulebook.merge import Merged
from routing.config.rulebook.origins import Origin
from routing.config.rulebook.sources import Sources
from routing.model.settings import KindRule, Rule
from routing.rules.engine.values import Role, RuleSet
from routing.text.keywords import folding, matching, patterns

_KEYS = {Role.KEYWORD: "keywords", Role.EXCEPT: "except", Role.UNLESS: "unless"}
_LISTS = re.compile(r"@(\w+)")
Line = tuple[str, int]
"""A file's name, and the line there."""


class Listed(Struct, frozen=True):
    """A rule or kind in force: its line in [responsible] ("" without), where it stands, the lines of its changes."""

    rule: Rule | KindRule
    category: str
    file: str
    line: int
    changed: tuple[int, ...]


class Known(Struct, frozen=True):
    """A keyword that knows a word: its rule, its key there, the word lists that hold the word, all their places."""

    rule: str
    key: str
    keyword: str
    lists: tuple[str, ...]
    places: tuple[Line, ...]


def listed(rulebook: Sources) -> list[Listed]:
    """Every rule in force, then every kind, in the order in which they are tried, one per rule."""
    merged, found = rulebook.merged, []
    for path, rule, origin in _all(merged):
        file, line = rulebook.line(rulebook.place(path))
        lines = (rulebook.line(("", ("changes", number)))[1] for number in origin.changes)
        changed = tuple(line for line in lines if line is not None)
        found.append(Listed(rule, origin.category, file, line or 0, changed))
    return found


def find(word: str, rulebook: Sources, rule_set: RuleSet) -> list[Known]:
    """Every keyword, then every exception and veto that knows ``word``, in order of the rules.

    Be it as one of several words or of a list.
    """
    hits = {number for number, _, _ in rule_set.index.find(folding.fold(word))}
    sources = {
        (rule, role, rule_set.keywords[number].source)
        for number, (rule, role) in enumerate(rule_set.owners)
        if number in hits
    }
    holding = _holding(word, rulebook)
    plain = folding.plain(word).strip()
    found = []
    for number, (path, rule, _) in enumerate(_all(rulebook.merged)):
        for role, words in ((Role.KEYWORD, rule.keywords), (Role.EXCEPT, rule.except_), (Role.UNLESS, rule.unless)):
            for index, keyword in enumerate(words):
                lists = tuple(name for name in _LISTS.findall(folding.plain(keyword)) if name in holding)
                written = plain in folding.plain(re.sub(r"[*+@/.]", " ", keyword)).split()
                if lists or written or (number, role, keyword) in sources:
                    spots = [rulebook.line(rulebook.place((*path, _KEYS[role], index)))]
                    spots += [_line_of(rulebook, name, holding[name]) for name in lists]
                    lines = tuple((file, line or 0) for file, line in spots)
                    found.append(Known(rule.name, _KEYS[role], keyword, lists, lines))
    return sorted(found, key=lambda known: list(_KEYS.values()).index(known.key))


def _all(merged: Merged) -> Iterator[tuple[KeyPath, Rule | KindRule, Origin]]:
    for index, (rule, origin) in enumerate(zip(merged.rules, merged.rule_origins, strict=True)):
        yield ("rules", index), rule, origin
    for index, (kind, origin) in enumerate(zip(merged.kinds, merged.kind_origins, strict=True)):
        yield ("kinds", index), kind, origin


def _holding(word: str, rulebook: Sources) -> dict[str, str]:
    """The word lists (in plain letters) that know the word, each with its entry that does."""
    vocabulary = rulebook.merged.vocabulary
    entries = [(name, entry) for name, words in vocabulary.items() for entry in words]
    known = patterns.Lists(vocabulary, [entry for _, entry in entries])
    index = matching.Index(tuple(patterns.parse(entry, known) for _, entry in entries))
    found: dict[str, str] = {}
    for number, _, _ in index.find(folding.fold(word)):
        name, entry = entries[number]
        found.setdefault(folding.plain(name), entry)
    return found


def _line_of(rulebook: Sources, name: str, entry: str) -> tuple[str, int | None]:
    """Where the entry of a word list stands."""
    for number, change in enumerate(rulebook.config.changes):
        if folding.plain(change.list) == name and entry in change.add:
            return rulebook.line(("", ("changes", number, "add", change.add.index(entry))))
    for file, book in rulebook.library.items():
        for key, words in book.value.lists.items() if book.value else ():
            if folding.plain(key) == name and entry in words:
                return rulebook.line((file, ("lists", key, words.index(entry))))
    own = rulebook.config.files.vocabulary
    return own.name if own else "", None
