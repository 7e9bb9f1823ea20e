"""All keywords of all rules looked for in one pass over a text.

What a word may be is remembered (``meanings``); only where it may be something are its neighbours looked at. So the
cost grows with the text and the hits, not with the number of keywords. Regular expressions go through one RE2 set
first. Both are linear, whatever the text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import re2

from routing.text.keywords import outline, phrases, sentences, typos, word_cache
from routing.text.keywords.folding import Folded
from routing.text.keywords.values import Keyword, Phrase
from routing.text.keywords.word_cache import Meaning

MOST_EXPRESSION_HITS = 200

Span = tuple[int, int]
Hit = tuple[int, int, int]
"""A keyword's number and where it stands in the folded text: start, end."""


class Index:
    """Keywords ready to be looked for; built once, used for every text. What it remembers of words is bounded."""

    def __init__(self, keywords: Sequence[Keyword], kept: bytes = b"") -> None:
        """Numbers of hits count ``keywords`` from 0; ``kept``: what ``to_keep`` gave for the same ones.

        Raises ValueError for a value that is not.
        """
        self._keywords = keywords
        self._kept = kept
        found, self._mistyped = outline.unpacked(kept, len(keywords)) if kept else (phrases.outline(keywords), b"")
        self._outline = None if kept else found  # until it is packed
        self._alone: dict[int, tuple[int, ...]] = {}  # part → keywords that are only this part
        self._together: dict[int, list[int]] = defaultdict(list)  # part → keywords of which it is the rarest part
        self._parts_of: dict[int, tuple[int, ...]] = {}  # of keywords with several
        first: list[tuple[int, int]] = []  # of each part, as they are numbered: a keyword that has it, its place there
        expressions: list[int] = []
        for number, several in enumerate(found.parts_of):
            for place, part in enumerate(several):
                if part == len(first):
                    first.append((number, place))
            if len(several) == 1:
                self._alone[several[0]] = (*self._alone.get(several[0], ()), number)
            elif several:
                self._parts_of[number] = several
            else:
                expressions.append(number)
        for number, part in found.rarest.items():
            self._together[part].append(number)
        self._distinct_parts = {number: frozenset(several) for number, several in self._parts_of.items()}
        self._shared = frozenset(part for several in self._parts_of.values() for part in several)

        def phrases_of(part: int) -> tuple[Phrase, ...]:
            keyword, place = first[part]
            return keywords[keyword].parts[place]

        targets = phrases.Targets(phrases_of)
        self._meanings = word_cache.Meanings(found.literals, targets, self._alone, self._shared)
        self._tolerance: typos.Tolerance | None = None  # made when it is first asked for, which takes a while
        self._expressions = tuple(
            (number, expression) for number in expressions if (expression := keywords[number].expression) is not None
        )
        self._expression_set = _expression_set(self._expressions)

    def to_keep(self) -> bytes:
        """What makes an index of the same keywords ready without taking each of them apart."""
        if (found := self._outline) is not None:
            self._kept = outline.packed(found, typos.forms(self._keywords))
            self._outline = None
        return self._kept

    def find(self, folded: Folded) -> list[Hit]:
        """Every place where a keyword stands as it is written, in order of the text. Linear in its length."""
        hits: list[Hit] = []
        found: dict[int, list[Span]] = {}
        words = folded.words.split(" ")
        if meant := self._meanings.of(words):
            self._find_parts(folded.text, words, meant, hits, found)
        for keyword in self._complete(found):
            hits.extend(self._find_together(folded.text, keyword, found))
        if self._expression_set is not None:
            hits.extend(self._find_expressions(folded))
        return hits

    def find_mistyped(self, folded: Folded) -> list[Hit]:
        """Every place, in order, where a keyword that allows for it stands with a typing mistake."""
        if self._tolerance is None:
            kept = self._mistyped
            words = outline.unpacked_mistyped(kept) if kept else typos.forms(self._keywords)
            self._tolerance = typos.Tolerance(words)
        return list(_find_mistyped(folded.words, self._tolerance))

    def _find_parts(
        self,
        text: str,
        words: Sequence[str],
        meant: Sequence[tuple[int, Meaning]],
        hits: list[Hit],
        found: dict[int, list[Span]],
    ) -> None:
        """Keywords of one part go to ``hits``; the parts of the others, with their places, to ``found``."""
        present: set[str] = set()  # all words, once they are asked for
        lengths = list(accumulate(map(len, words[: meant[-1][0] + 1])))  # what lies behind the last seldom matters
        for place, meaning in meant:
            end = lengths[place] + place - 1  # a blank for each word before it; the first is not in the text
            start = end - len(words[place])
            if meaning.alone:
                hits += [(keyword, start, end) for keyword in meaning.alone]
            for part in meaning.parts:
                if part in found:
                    found[part].append((start, end))
                else:
                    found[part] = [(start, end)]
            wanted = meaning.apart
            if meaning.after and (after := meaning.after.get(words[place + 1] or phrases.word_near(words, place, 1))):
                wanted = (*wanted, *after)
            if meaning.before and (
                before := meaning.before.get(words[place - 1] or phrases.word_near(words, place, -1))
            ):
                wanted = (*wanted, *before)
            for target, somewhere in wanted:
                if somewhere is not None:
                    present = present or set(words)
                    if somewhere.isdisjoint(present):
                        continue
                span = phrases.around(words, target, place)
                if span is None:
                    continue
                first, last = span
                behind = words[place + 1 : last + 1]
                around = lengths[first] + first - 1 - len(words[first]), end + sum(map(len, behind)) + len(behind)
                if sentences.ends_within(text, *around):
                    continue
                hits += [(keyword, *around) for keyword in self._alone.get(target.part, ())]
                if target.part in self._shared:
                    found.setdefault(target.part, []).append(around)

    def _complete(self, found: dict[int, list[Span]]) -> list[int]:
        """The keywords of several parts that were all found, in the order in which their first part was."""
        complete = [
            keyword
            for part in found
            for keyword in self._together.get(part, ())
            if found.keys() >= self._distinct_parts[keyword]
        ]
        if len(complete) > 1:
            order = {part: place for place, part in enumerate(found)}
            complete.sort(key=lambda keyword: (min(order[part] for part in self._parts_of[keyword]), keyword))
        return complete

    def _find_together(self, text: str, keyword: int, found: dict[int, list[Span]]) -> Iterator[Hit]:
        first, *others = self._parts_of[keyword]
        starts = [sorted([start for start, _ in found[part]]) for part in others]
        for start, end in found[first]:
            if all(_has_one_beside(text, of, start, end) for of in starts):
                yield keyword, start, end

    def _find_expressions(self, folded: Folded) -> Iterator[Hit]:
        if self._expression_set is None:
            return
        for index in self._expression_set.Match(folded.text) or ():
            keyword, expression = self._expressions[index]
            for count, found in enumerate(expression.finditer(folded.text)):
                if count >= MOST_EXPRESSION_HITS:
                    break
                if found.end() > found.start():
                    yield keyword, found.start(), found.end()


def _find_mistyped(words: str, tolerance: typos.Tolerance) -> Iterator[Hit]:
    for word, meant in tolerance.among(set(words.split())).items():
        at = words.find(f" {word} ")
        while at >= 0:
            yield from ((number, at, at + len(word)) for number in sorted(meant))
            at = words.find(f" {word} ", at + 1)


def _expression_set(expressions: tuple[tuple[int, Any], ...]) -> Any:
    if not expressions:
        return None
    together = re2.Set.SearchSet()  # type: ignore[no-untyped-call]  # re2 has no types
    for _, expression in expressions:
        together.Add(expression.pattern)
    together.Compile()
    return together


def _has_one_beside(text: str, starts: Sequence[int], start: int, end: int) -> bool:
    """Whether one of ``starts`` (sorted) lies in the sentence of ``text[start:end]`` but not in that itself."""
    behind = bisect_left(starts, end)
    if (
        behind < len(starts)
        and starts[behind] < end + sentences.FARTHEST
        and not sentences.ends_within(text, end, starts[behind])
    ):
        return True
    before = bisect_left(starts, start) - 1
    return (
        before >= 0
        and starts[before] >= start - sentences.FARTHEST
        and not sentences.ends_within(text, starts[before], start)
    )
