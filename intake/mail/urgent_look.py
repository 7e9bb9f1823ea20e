"""A quick look at words: whether a text may tell of an emergency, so that it is read and decided before others.

Nothing follows from it but an order: it looks for pieces of words anywhere, by no rule.
"""

import functools
from collections import defaultdict

from ahocorasick_rs import AhoCorasick

from intake.base import umlauts

LONGEST = 5_000  # characters that are looked at: it costs as much as reading

Keyword = tuple[tuple[str, ...], ...]
"""Words that must all be there, each in one of several forms, as ``umlauts.written_out`` writes them."""


class UrgentWords:
    """The keywords to look for; without any nothing is urgent."""

    def __init__(self, keywords: tuple[Keyword, ...] = ()) -> None:
        self._needed = [len(keyword) for keyword in keywords]
        self._owners: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, keyword in enumerate(keywords):
            for place, forms in enumerate(keyword):
                for form in forms:
                    self._owners[form].append((number, place))
        self._forms = list(self._owners)
        self._finder = AhoCorasick(self._forms) if self._forms else None

    def are_in(self, *texts: str) -> bool:
        """Whether all words of a keyword stand in one of ``texts``."""
        return any(self._any_in(text) for text in texts)

    def _any_in(self, text: str) -> bool:
        if self._finder is None or not text:
            return False
        folded = umlauts.written_out(text[:LONGEST])
        there: dict[int, set[int]] = defaultdict(set)
        for form in {found[0] for found in self._finder.find_matches_as_indexes(folded, overlapping=True)}:
            for number, place in self._owners[self._forms[form]]:
                there[number].add(place)
                if len(there[number]) == self._needed[number]:
                    return True
        return False


@functools.lru_cache(maxsize=1)
def finder(keywords: tuple[Keyword, ...]) -> UrgentWords:
    """What looks for these keywords, made once for all mailboxes; it may be asked from several threads."""
    return UrgentWords(keywords)
