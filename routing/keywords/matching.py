"""All keywords of all rules looked for in one pass over a text.

One Aho-Corasick automaton holds one literal for every form of every phrase's rarest word; only where it hits are
endings and neighbours looked at. So the cost grows with the text and the hits, not with the number of keywords.
Regular expressions go through one RE2 set first. Both are linear, whatever the text.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ahocorasick_rs

from routing.keywords import inflection
from routing.keywords.folding import Folded
from routing.keywords.patterns import Form, Keyword, Phrase, Slot

FARTHEST = 300  # characters to either side in which the parts of "a + b" are looked for
MOST_EXPRESSION_HITS = 200
_NEXT_WORD = re.compile(r" {1,4}([^ ]+)")
_STOP = re.compile(r"[!?;.\n]")
_ABBREVIATED = frozenset(
    {"str", "bzw", "evtl", "inkl", "ggf", "tel", "hr", "hrn", "fr", "nr", "ca", "dr", "st", "fa", "zw", "geb"}
)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """Keyword number ``keyword`` found at ``text[start:end]`` of the folded text."""

    keyword: int
    start: int
    end: int


class _Words:
    """A slot made quick to ask: does this word fit?"""

    __slots__ = ("_exact", "_infixes", "_prefixes", "_suffixes")

    def __init__(self, slot: Slot) -> None:
        closed = [form for form in slot if form.endings is not None]
        self._exact = frozenset(
            form.literal + ending for form in closed if not form.open_start for ending in form.endings or ()
        )
        self._suffixes = tuple(
            form.literal + ending for form in closed if form.open_start for ending in form.endings or ()
        )
        self._prefixes = tuple(form.literal for form in slot if form.endings is None and not form.open_start)
        self._infixes = tuple(form.literal for form in slot if form.endings is None and form.open_start)

    def fit(self, word: str) -> bool:
        return (
            word in self._exact
            or (bool(self._prefixes) and word.startswith(self._prefixes))
            or (bool(self._suffixes) and word.endswith(self._suffixes))
            or any(infix in word for infix in self._infixes)
        )


@dataclass(frozen=True, slots=True)
class _Target:
    """What a literal's hit may be: a word of a phrase of a part, with the endings that it may have."""

    part: int
    endings: frozenset[str] | None
    phrase: Phrase
    anchor: int
    words: tuple[_Words, ...]


class Index:
    """Keywords ready to be looked for; built once, used for every text, never changed."""

    def __init__(self, keywords: tuple[Keyword, ...]) -> None:
        """Numbers of hits count ``keywords`` from 0."""
        self._parts: dict[tuple[Phrase, ...], int] = {}
        self._alone: dict[int, list[int]] = defaultdict(list)  # part → keywords that are only this part
        self._together: dict[int, list[int]] = defaultdict(list)  # part → keywords that need it among others
        self._parts_of: dict[int, tuple[int, ...]] = {}
        for number, keyword in enumerate(keywords):
            parts = tuple(self._parts.setdefault(part, len(self._parts)) for part in keyword.parts)
            if len(parts) == 1:
                self._alone[parts[0]].append(number)
            elif parts:
                self._parts_of[number] = parts
                for part in set(parts):
                    self._together[part].append(number)
        literals = _literals(self._parts)
        self._targets = tuple(tuple(targets) for targets in literals.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(literals)) if literals else None
        self._expressions = tuple(
            (number, keyword.expression) for number, keyword in enumerate(keywords) if keyword.expression is not None
        )
        self._expression_set = _expression_set(self._expressions)

    def find(self, folded: Folded) -> Iterator[Hit]:
        """Every place where a keyword stands."""
        several: dict[int, dict[int, list[Span]]] = {}
        for part, start, end in self._find_parts(folded):
            for keyword in self._alone.get(part, ()):
                yield Hit(keyword, start, end)
            for keyword in self._together.get(part, ()):
                several.setdefault(keyword, {}).setdefault(part, []).append((start, end))
        for keyword, found in several.items():
            if len(found) == len(set(self._parts_of[keyword])):
                yield from self._find_together(folded, keyword, found)
        yield from self._find_expressions(folded)

    def _find_parts(self, folded: Folded) -> Iterator[tuple[int, int, int]]:
        if self._automaton is None:
            return
        words = folded.words
        all_targets = self._targets
        for literal, start, end in self._automaton.find_matches_as_indexes(words, overlapping=True):
            until = words.find(" ", end)
            ending = words[end:until]
            for target in all_targets[literal]:
                if target.endings is not None and ending not in target.endings:
                    continue
                at = words.rfind(" ", 0, start + 1)  # ``words`` begins with a space that the text does not have
                if len(target.words) == 1:
                    yield target.part, at, until - 1
                    continue
                span = _neighbours(words, target, at + 1, until)
                if span and not _stops(folded.text, span[0] - 1, span[1] - 1):
                    yield target.part, span[0] - 1, span[1] - 1

    def _find_together(self, folded: Folded, keyword: int, found: dict[int, list[Span]]) -> Iterator[Hit]:
        first, *others = self._parts_of[keyword]
        starts = {part: sorted(start for start, _ in spans) for part, spans in found.items()}
        for start, end in found[first]:
            left, right = sentence(folded, start, end)
            if all(_stands_apart(starts[part], (left, right), (start, end)) for part in others):
                yield Hit(keyword, start, end)

    def _find_expressions(self, folded: Folded) -> Iterator[Hit]:
        if self._expression_set is None:
            return
        for index in self._expression_set.Match(folded.text) or ():
            keyword, expression = self._expressions[index]
            for count, found in enumerate(expression.finditer(folded.text)):
                if count >= MOST_EXPRESSION_HITS:
                    break
                if found.end() > found.start():
                    yield Hit(keyword, found.start(), found.end())


def sentence(folded: Folded, start: int, end: int) -> Span:
    """Where the sentence around ``text[start:end]`` begins and ends, at most 300 characters away."""
    nearest, farthest = max(0, start - FARTHEST), min(len(folded.text), end + FARTHEST)
    before = _stops(folded.text, nearest, start)
    after = _stops(folded.text, end, farthest)
    return (before[-1] + 1 if before else nearest), (after[0] if after else farthest)


def _stops(text: str, start: int, end: int) -> list[int]:
    """Where sentences end within ``text[start:end]``."""
    return [stop.start() for stop in _STOP.finditer(text, start, end) if _ends_sentence(text, stop.start())]


def _ends_sentence(text: str, at: int) -> bool:
    """An empty line does; a full stop not within a number or an address nor of an abbreviation ("Str.", "z. B.")."""
    following = text[at + 1 : at + 2]
    if text[at] == "\n":
        return text[at + 1 : at + 4].lstrip(" \t\r").startswith("\n")
    if text[at] != ".":
        return True
    if following and not following.isspace():
        return False
    word = at
    while word > 0 and at - word < 6 and text[word - 1].isalnum():
        word -= 1
    return at - word > 1 and text[word:at] not in _ABBREVIATED


def _literals(parts: dict[tuple[Phrase, ...], int]) -> dict[str, list[_Target]]:
    literals: dict[str, list[_Target]] = defaultdict(list)
    known: dict[Slot, _Words] = {}
    for part, number in parts.items():
        for phrase in part:
            words = tuple(known.setdefault(slot, _Words(slot)) for slot in phrase.slots)
            anchor = min(range(len(phrase.slots)), key=lambda place: _commonness(phrase.slots[place]))
            for form in phrase.slots[anchor]:
                target = _Target(number, form.endings, phrase, anchor, words)
                literals[_literal(form)].append(target)
    return literals


def _literal(form: Form) -> str:
    return form.literal if form.open_start else f" {form.literal}"


def _commonness(slot: Slot) -> float:
    """How often a slot may be expected to hit, by the length and number of its words."""
    return sum(0.1 if form.literal in inflection.NEVER else 26.0 ** -min(len(form.literal), 8) for form in slot)


def _expression_set(expressions: tuple[tuple[int, Any], ...]) -> Any:
    if not expressions:
        return None
    import re2  # noqa: PLC0415 - only needed by rules that use expressions

    together = re2.Set.SearchSet()  # type: ignore[no-untyped-call]  # re2 has no types
    for _, expression in expressions:
        together.Add(expression.pattern)
    together.Compile()
    return together


def _neighbours(words: str, target: _Target, start: int, end: int) -> Span | None:
    """The span of the whole phrase around its anchor word, or None."""
    gaps = target.phrase.gaps
    until = end
    for index in range(target.anchor + 1, len(target.words)):
        for _ in range(gaps[index - 1] + 1):
            following = _NEXT_WORD.match(words, until)
            if following is None:
                return None
            until = following.end()
            if target.words[index].fit(following[1]):
                break
        else:
            return None
    at = start
    for index in range(target.anchor - 1, -1, -1):
        for _ in range(gaps[index] + 1):
            before = _previous_word(words, at)
            if before is None:
                return None
            at, word = before
            if target.words[index].fit(word):
                break
        else:
            return None
    return at, until


def _previous_word(words: str, start: int) -> tuple[int, str] | None:
    """Start and text of the word before ``start``, at most four characters away."""
    end = start
    while end > 0 and start - end < 5 and words[end - 1] == " ":
        end -= 1
    if end in {0, start} or words[end - 1] == " ":
        return None
    at = words.rfind(" ", 0, end) + 1
    return at, words[at:end]


def _stands_apart(starts: list[int], within: Span, own: Span) -> bool:
    """Whether one of ``starts`` lies in the sentence but not in the match itself."""
    index = bisect_left(starts, within[0])
    while index < len(starts) and starts[index] < within[1]:
        if not own[0] <= starts[index] < own[1]:
            return True
        index += 1
    return False
