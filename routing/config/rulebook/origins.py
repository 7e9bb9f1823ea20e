"""Where each part of a rule in force stands: in the library, in [[changes]], in [responsible] or in [[rules]]."""

from collections.abc import Sequence

from msgspec import Struct

from routing.config.problems import KeyPath
from routing.model.rule_files import Change, OwnRule
from routing.model.settings import KindRule, Rule, Wording

Place = tuple[str, KeyPath]
"""A file of the library by its name, "" for config.toml; and the path of the key there."""
_WORDS = {"keywords": "add", "except": "except", "unless": "unless"}
_OF_THE_LINE = ("recipient", "urgency", "category", "state")


class Origin(Struct, frozen=True):
    """Where a rule was written, and as what; the numbers of its [[changes]]; its line in [responsible], "" without."""

    file: str
    path: KeyPath
    written: Wording
    changes: tuple[int, ...] = ()
    category: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it stands in config.toml."""
        return not self.file

    def place(self, rule: Rule | KindRule, rest: KeyPath, changes: Sequence[Change]) -> Place:
        """Where what is at ``rest`` of the ``rule`` in force stands; ``changes`` are all of config.toml."""
        key = str(rest[0]) if rest else ""
        if key in _WORDS and len(rest) > 1:
            return self._word(key, _value(rule, key)[int(rest[1])], changes)
        if key == "tests" and len(rest) > 1:
            return self._example(int(rest[1]), rest, changes)
        if key in _OF_THE_LINE and self.category and not self._says(key):
            path: KeyPath = ("responsible", self.category, "name" if key == "category" else key)
            return "", (*path, *rest[1:])
        return self.file, (*self.path, *rest)

    def _says(self, key: str) -> bool:
        """Whether the rule itself says this key, rather than its line in [responsible]."""
        own = isinstance(self.written, OwnRule)
        return bool(getattr(self.written, key, None)) and (key == "urgency" or (own and key == "recipient"))

    def _word(self, key: str, word: str, changes: Sequence[Change]) -> Place:
        for number in self.changes:
            words = _value(changes[number], _WORDS[key])
            if word in words:
                return "", ("changes", number, _WORDS[key], words.index(word))
        written = _value(self.written, key)
        return self.file, (*self.path, key, written.index(word)) if word in written else self.path

    def _example(self, index: int, rest: KeyPath, changes: Sequence[Change]) -> Place:
        left = index - len(self.written.tests)
        if left < 0:
            return self.file, (*self.path, *rest)
        for number in self.changes:
            if left < len(changes[number].tests):
                return "", ("changes", number, "tests", left, *rest[2:])
            left -= len(changes[number].tests)
        return self.file, self.path

    def is_of_the_library(self, example: str) -> bool:
        """Whether this example came with the library."""
        return bool(self.file) and any(test.text == example for test in self.written.tests)


def _value(table: Rule | KindRule | Wording | Change, key: str) -> tuple[str, ...]:
    words: tuple[str, ...] = getattr(table, "except_" if key == "except" else key)
    return words
