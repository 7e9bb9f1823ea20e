"""All keywords of all rules looked for in one pass over a text.

One Aho-Corasick automaton holds one literal for every form of every phrase's rarest word; only where it hits are
endings and neighbours looked at. So the cost grows with the text and the hits, not with the number of keywords.
Regular expressions go through one RE2 set first. Both are linear, whatever the text.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import ahocorasick_rs

from routing.keywords import sentences, targets, typos
from routing.keywords.folding import Folded
from routing.keywords.patterns import Keyword, Phrase
from routing.keywords.targets import Target

LONGEST_ENDING = 12  # letters of an ending that is remembered
MOST_ENDINGS = 32  # of one literal that are remembered
MOST_EXPRESSION_HITS = 200
_USUAL_ENDINGS = frozenset({"", "e", "n", "en", "s", "es"})  # of a mistyped word in place of a star

Span = tuple[int, int]
Hit = tuple[int, int, int]
"""A keyword's number and where it stands in the folded text: start, end."""
_Wanted = tuple[Target | None, frozenset[str] | None, frozenset[str] | None, int, tuple[int, ...], bool]
"""What a hit may be, ready for the loop: a target of several words or None, its neighbours, its part, the keywords
that are this part alone, and whether others need it among several."""


class Index:
    """Keywords ready to be looked for; built once, used for every text. What it remembers of endings is bounded."""

    def __init__(self, keywords: tuple[Keyword, ...]) -> None:
        """Numbers of hits count ``keywords`` from 0."""
        self._parts: dict[tuple[Phrase, ...], int] = {}
        self._alone: dict[int, list[int]] = defaultdict(list)  # part → keywords that are only this part
        self._together: dict[int, list[int]] = defaultdict(list)  # part → keywords of which it is the rarest part
        self._parts_of: dict[int, tuple[int, ...]] = {}  # of keywords with several
        for number, keyword in enumerate(keywords):
            parts = tuple(self._parts.setdefault(part, len(self._parts)) for part in keyword.parts)
            if len(parts) == 1:
                self._alone[parts[0]].append(number)
            elif parts:
                self._parts_of[number] = parts
        literals, commonness = targets.literals(self._parts)
        for number, parts in self._parts_of.items():
            self._together[min(parts, key=commonness.__getitem__)].append(number)
        self._distinct_parts = {number: frozenset(parts) for number, parts in self._parts_of.items()}
        self._shared = frozenset(part for parts in self._parts_of.values() for part in parts)
        self._targets = tuple(tuple(targets) for targets in literals.values())
        self._endings: tuple[dict[str, tuple[_Wanted, ...]], ...] = tuple({} for _ in self._targets)
        self._automaton = ahocorasick_rs.AhoCorasick(list(literals)) if literals else None
        self._tolerance = _tolerance(keywords)
        self._expressions = tuple(
            (number, keyword.expression) for number, keyword in enumerate(keywords) if keyword.expression is not None
        )
        self._expression_set = _expression_set(self._expressions)

    def find(self, folded: Folded) -> list[Hit]:
        """Every place where a keyword stands."""
        hits: list[Hit] = []
        found: dict[int, list[Span]] = {}
        stops = sentences.Stops(folded.text)
        self._find_parts(folded.words, stops, hits, found)
        for keyword in self._complete(found):
            hits.extend(self._find_together(stops, keyword, found))
        hits.extend(self._find_expressions(folded))
        if self._tolerance is not None:
            hits.extend(_find_mistyped(folded.words, self._tolerance))
        return hits

    def _find_parts(self, words: str, stops: sentences.Stops, hits: list[Hit], found: dict[int, list[Span]]) -> None:
        """Keywords of one part go to ``hits``; the parts of the others, with their places, to ``found``."""
        if self._automaton is None:
            return
        all_endings = self._endings
        for literal, start, end in self._automaton.find_matches_as_indexes(words, overlapping=True):
            until = words.find(" ", end)
            ending = words[end:until]
            wanted = all_endings[literal].get(ending)
            if wanted is None:
                wanted = self._wanted(literal, ending)
            if not wanted:
                continue
            at = words.rfind(" ", 0, start + 1)  # ``words`` begins with a space that the text does not have
            following = before = None
            for target, all_following, all_before, part, alone, together in wanted:
                first, last = at, until - 1
                if target is not None:
                    if all_following is not None:
                        if following is None:
                            following = targets.next_word(words, until)
                        if following not in all_following:
                            continue
                    if all_before is not None:
                        if before is None:
                            before = targets.word_before(words, at + 1)
                        if before not in all_before:
                            continue
                    span = targets.around(words, target, at + 1, until)
                    if span is None or stops.any_within(span[0] - 1, span[1] - 1):
                        continue
                    first, last = span[0] - 1, span[1] - 1
                hits += [(keyword, first, last) for keyword in alone]
                if together:
                    spans = found.get(part)
                    if spans is None:
                        found[part] = [(first, last)]
                    else:
                        spans.append((first, last))

    def _wanted(self, literal: int, ending: str) -> tuple[_Wanted, ...]:
        """What a literal's word with this ending may be; remembered, within bounds."""
        wanted = tuple(
            (
                target if len(target.words) > 1 else None,
                target.following,
                target.before,
                target.part,
                tuple(self._alone.get(target.part, ())),
                target.part in self._shared,
            )
            for target in self._targets[literal]
            if target.endings is None or ending in target.endings
        )
        known = self._endings[literal]
        if len(ending) <= LONGEST_ENDING and len(known) < MOST_ENDINGS:
            known[ending] = wanted
        return wanted

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

    def _find_together(self, stops: sentences.Stops, keyword: int, found: dict[int, list[Span]]) -> Iterator[Hit]:
        first, *others = self._parts_of[keyword]
        starts = {part: sorted(start for start, _ in found[part]) for part in others}
        for start, end in found[first]:
            within = stops.sentence(start, end)
            if all(_stands_apart(starts[part], within, (start, end)) for part in others):
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


def _tolerance(keywords: tuple[Keyword, ...]) -> typos.Tolerance | None:
    """Over the words of those keywords that are one word and may be mistyped; None without any."""
    forms: dict[str, set[int]] = defaultdict(set)
    for number, keyword in enumerate(keywords):
        if keyword.typos and len(keyword.parts) == 1:
            for phrase in keyword.parts[0]:
                for form in phrase.slots[0] if len(phrase.slots) == 1 else ():
                    for ending in _USUAL_ENDINGS if form.endings is None else form.endings:
                        forms[form.literal + ending].add(number)
    return typos.Tolerance({form: frozenset(numbers) for form, numbers in forms.items()}) if forms else None


def _find_mistyped(words: str, tolerance: typos.Tolerance) -> Iterator[Hit]:
    for word in dict.fromkeys(words.split()):
        if len(word) >= typos.SHORTEST - 1 and (meant := tolerance.keywords(word)):
            at = words.find(f" {word} ")
            while at >= 0:
                yield from ((number, at, at + len(word)) for number in sorted(meant))
                at = words.find(f" {word} ", at + 1)


def _expression_set(expressions: tuple[tuple[int, Any], ...]) -> Any:
    if not expressions:
        return None
    import re2  # noqa: PLC0415 - only needed by rules that use expressions

    together = re2.Set.SearchSet()  # type: ignore[no-untyped-call]  # re2 has no types
    for _, expression in expressions:
        together.Add(expression.pattern)
    together.Compile()
    return together


def _stands_apart(starts: list[int], within: Span, own: Span) -> bool:
    """Whether one of ``starts`` lies in the sentence but not in the match itself."""
    index = bisect_left(starts, within[0])
    while index < len(starts) and starts[index] < within[1]:
        if not own[0] <= starts[index] < own[1]:
            return True
        index += 1
    return False
