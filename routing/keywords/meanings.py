"""What single words mean to an index, remembered word by word.

A word is looked up in the automaton once, together with all others of its text that were not met before; from then on
it is one look into a dictionary. What is remembered is bounded: many strange words only cost their memory for a while.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import compress
from typing import Any, Literal

import ahocorasick_rs

from routing.keywords.targets import Endings, Target

MOST_REMEMBERED = 40_000
LONGEST_REMEMBERED = 60


class Meaning:
    """What a word may be: keywords that are this word, and phrases of which it is one."""

    __slots__ = ("after", "alone", "apart", "before", "parts")

    def __init__(self, wanted: Iterable[Target], alone: Mapping[int, Sequence[int]], shared: frozenset[int]) -> None:
        """``alone``: part → keywords that are only this part; ``shared``: parts of keywords with several."""
        singles: dict[int, None] = {}
        after: dict[str, list[Target]] = defaultdict(list)
        before: dict[str, list[Target]] = defaultdict(list)
        apart: list[Target] = []
        for target in wanted:
            if not target.words:
                singles[target.part] = None
            elif (following := target.following) is not None:
                for word in following:
                    after[word].append(target)
            elif (previous := target.before) is not None:
                for word in previous:
                    before[word].append(target)
            else:
                apart.append(target)
        self.alone = tuple([keyword for part in singles for keyword in alone.get(part, ())])
        self.parts = tuple([part for part in singles if part in shared])
        self.after = dict(after)
        self.before = dict(before)
        self.apart = tuple(apart)


class Meanings:
    """The meanings of all words, looked up when first met."""

    def __init__(
        self,
        literals: Mapping[str, Sequence[tuple[Endings, Target]]],
        alone: Mapping[int, Sequence[int]],
        shared: frozenset[int],
    ) -> None:
        """``literals`` as ``targets.literals`` gives them."""
        self._targets = tuple(literals.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(literals)) if literals else None
        self._alone = alone
        self._shared = shared
        self._known: dict[str, Meaning | Literal[False]] = {}  # False: it means nothing

    def of(self, words: Sequence[str]) -> list[tuple[int, Meaning]]:
        """The words that mean something: their places and meanings."""
        found = list(map(self._known.get, words))
        if None in found:
            unmet = list(_places_of_none(found))
            learned = self._learned({words[place] for place in unmet})
            for place in unmet:
                found[place] = learned[words[place]]
        return list(compress(enumerate(found), found))  # type: ignore[arg-type]

    def _learned(self, strange: set[str]) -> dict[str, Meaning | Literal[False]]:
        learned: dict[str, Meaning | Literal[False]] = dict.fromkeys(strange, False)
        if self._automaton is not None:
            words = list(strange)
            text = f" {' '.join(words)} "
            starts: list[int] = []
            at = 1
            for word in words:
                starts.append(at)
                at += len(word) + 1
            wanted: dict[str, dict[Target, None]] = {}
            for literal, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
                number = bisect_right(starts, start + 1) - 1
                word = words[number]
                ending = word[end - starts[number] :]
                for endings, target in self._targets[literal]:
                    if endings is None or ending in endings:
                        wanted.setdefault(word, {})[target] = None
            learned |= {word: Meaning(found, self._alone, self._shared) for word, found in wanted.items()}
        if len(self._known) + len(learned) > MOST_REMEMBERED:
            self._known.clear()
        if len(learned) <= MOST_REMEMBERED:
            self._known |= {word: found for word, found in learned.items() if len(word) <= LONGEST_REMEMBERED}
        return learned


def _places_of_none(found: list[Any]) -> Iterator[int]:
    """Where ``found`` has None; they are few."""
    place = -1
    with suppress(ValueError):
        while True:
            yield (place := found.index(None, place + 1))
