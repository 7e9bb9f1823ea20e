"""What single words mean to an index, remembered word by word.

A word is looked up in the automaton when it is first met; from then on it is one look into a dictionary. What is
remembered is bounded: many strange words only cost their memory for a while.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Literal

import ahocorasick_rs

if TYPE_CHECKING:
    from routing.text.keywords.phrases import Target, Targets

MOST_REMEMBERED = 40_000
Wanted = tuple["Target", frozenset[str] | None]
"""A phrase, and words of which one must stand somewhere in the text (None: that cannot be said beforehand)."""

LONGEST_REMEMBERED = 60


class Meaning:
    """What a word may be: keywords that are this word, and phrases of which it is one."""

    __slots__ = ("after", "alone", "apart", "before", "parts")

    def __init__(self, wanted: "Iterable[Target]", alone: Mapping[int, Sequence[int]], shared: frozenset[int]) -> None:
        """``alone``: part → keywords that are only this part; ``shared``: parts of keywords with several."""
        singles: dict[int, None] = {}
        after: dict[str, list[Wanted]] = defaultdict(list)
        before: dict[str, list[Wanted]] = defaultdict(list)
        apart: list[Wanted] = []
        for target in wanted:
            if not target.words:
                singles[target.part] = None
            elif (following := target.following) is not None:
                wants = target, target.apart
                for word in following:
                    after[word].append(wants)
            elif (previous := target.before) is not None:
                wants = target, target.apart
                for word in previous:
                    before[word].append(wants)
            else:
                apart.append((target, target.apart))
        self.alone = tuple([keyword for part in singles for keyword in alone.get(part, ())])
        self.parts = tuple([part for part in singles if part in shared])
        self.after = dict(after)
        self.before = dict(before)
        self.apart = tuple(apart)


class Meanings(dict[str, Meaning | Literal[False]]):
    """The meanings of words, each looked up when first met; False: it means nothing."""

    def __init__(
        self,
        literals: Mapping[str, tuple[int, ...]],
        targets: "Targets",
        alone: Mapping[int, Sequence[int]],
        shared: frozenset[int],
    ) -> None:
        """``literals`` as an outline has them, ``targets`` of their parts."""
        super().__init__()
        self._literals = tuple(literals.items())
        self._targets = targets
        self._automaton = ahocorasick_rs.AhoCorasick(list(literals)) if literals else None
        self._alone = alone
        self._shared = shared

    def of(self, words: Sequence[str]) -> list[tuple[int, Meaning]]:
        """The words that mean something, in order, as pairs of (number of the word, meaning)."""
        found = list(map(self.__getitem__, words))
        return list(compress(enumerate(found), found))  # type: ignore[arg-type]

    def __missing__(self, word: str) -> Meaning | Literal[False]:
        meaning = self._learned(word)
        if len(word) <= LONGEST_REMEMBERED:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[word] = meaning
        return meaning

    def _learned(self, word: str) -> Meaning | Literal[False]:
        if self._automaton is None:
            return False
        wanted: dict[Target, None] = {}
        for literal, _, end in self._automaton.find_matches_as_indexes(f" {word} ", overlapping=True):
            ending = word[end - 1 :]
            looked_for, parts = self._literals[literal]
            for part in parts:
                for endings, target in self._targets.of(part)[looked_for]:
                    if endings is None or ending in endings:
                        wanted[target] = None
        return Meaning(wanted, self._alone, self._shared) if wanted else False
