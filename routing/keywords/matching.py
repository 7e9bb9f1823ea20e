"""All keywords of all rules looked for in one pass over a text.

One Aho-Corasick automaton holds one literal for every form of every keyword's rarest word; only where it hits are
endings and neighbours looked at. So the cost grows with the text and the hits, not with the number of keywords.
Regular expressions go through one RE2 set first. Both are linear, whatever the text.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ahocorasick_rs

from routing.keywords.folding import Folded
from routing.keywords.patterns import Form, Keyword, Phrase, Slot

FARTHEST = 300  # characters to either side in which the parts of "a + b" are looked for
MOST_EXPRESSION_HITS = 200
_NEXT_WORD = re.compile(r" {1,4}([^ ]+)")
_ABBREVIATED = (
    "str",
    "bzw",
    "evtl",
    "inkl",
    "ggf",
    "tel",
    "hr",
    "hrn",
    "fr",
    "nr",
    "ca",
    "dr",
    "st",
    "fa",
    "zw",
    "geb",
)
_SENTENCE_END = re.compile(
    r"[!?;]|\n\s*\n|(?<=[a-z0-9]{2})" + "".join(rf"(?<!\b{word})" for word in _ABBREVIATED) + r"\.(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Keyword number ``keyword`` found at ``text[start:end]`` of the folded text."""

    keyword: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Target:
    keyword: int
    variant: int
    part: int
    anchor: int  # which slot of the phrase the literal belongs to
    form: Form


class Index:
    """Keywords ready to be looked for; built once, used for every text, never changed."""

    def __init__(self, keywords: tuple[Keyword, ...]) -> None:
        """Numbers of hits count ``keywords`` from 0."""
        self._keywords = keywords
        literals: dict[str, list[_Target]] = defaultdict(list)
        for target in _targets(keywords):
            literal = target.form.literal
            literals[literal if target.form.open_start else f" {literal}"].append(target)
        self._targets = tuple(tuple(targets) for targets in literals.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(literals)) if literals else None
        self._expressions = tuple(number for number, keyword in enumerate(keywords) if keyword.expression is not None)
        self._expression_set = _expression_set(keywords, self._expressions)

    def find(self, folded: Folded) -> Iterator[Hit]:
        """Every place where a keyword stands; the same place only once per keyword and form."""
        words = folded.words
        if self._automaton is not None:
            for literal, start, end in self._automaton.find_matches_as_indexes(words, overlapping=True):
                for target in self._targets[literal]:
                    span = self._verify(folded, target, start, end)
                    if span is not None:
                        yield Hit(target.keyword, *span)
        yield from self._find_expressions(folded)

    def _verify(self, folded: Folded, target: _Target, start: int, end: int) -> tuple[int, int] | None:
        words = folded.words
        until = words.find(" ", end)
        endings = target.form.endings
        if endings is not None and words[end:until] not in endings:
            return None
        at = words.rfind(" ", 0, start + 1) + 1
        phrases = self._keywords[target.keyword].variants[target.variant]
        phrase = phrases[target.part]
        if len(phrase.slots) > 1:
            span = _neighbours(words, phrase, target.anchor, at, until)
            if span is None:
                return None
            at, until = span
            if _SENTENCE_END.search(folded.text, at - 1, until - 1):
                return None
        if len(phrases) > 1 and not _together(folded, phrases, target.part, at, until):
            return None
        return at - 1, until - 1  # ``words`` begins with a space that the text does not have

    def _find_expressions(self, folded: Folded) -> Iterator[Hit]:
        if self._expression_set is None:
            return
        for number in self._expression_set.Match(folded.text) or ():
            keyword = self._expressions[number]
            for count, found in enumerate(self._keywords[keyword].expression.finditer(folded.text)):
                if count >= MOST_EXPRESSION_HITS:
                    break
                if found.end() > found.start():
                    yield Hit(keyword, found.start(), found.end())


def _targets(keywords: tuple[Keyword, ...]) -> Iterator[_Target]:
    for number, keyword in enumerate(keywords):
        for variant, phrases in enumerate(keyword.variants):
            part = min(range(len(phrases)), key=lambda index: _commonness(_anchor(phrases[index])[1]))
            anchor, slot = _anchor(phrases[part])
            for form in slot:
                yield _Target(number, variant, part, anchor, form)


def _anchor(phrase: Phrase) -> tuple[int, Slot]:
    """The slot to look for first: the one whose words are rarest, by their length and number."""
    index = min(range(len(phrase.slots)), key=lambda place: _commonness(phrase.slots[place]))
    return index, phrase.slots[index]


def _commonness(slot: Slot) -> float:
    return sum(26.0 ** -min(len(form.literal), 8) for form in slot)


def _expression_set(keywords: tuple[Keyword, ...], numbers: tuple[int, ...]) -> Any:
    if not numbers:
        return None
    import re2  # noqa: PLC0415 - only needed by rules that use expressions

    together = re2.Set.SearchSet()  # type: ignore[no-untyped-call]  # re2 has no types
    for number in numbers:
        together.Add(keywords[number].expression.pattern)
    together.Compile()
    return together


def _fits(slot: Slot, word: str) -> bool:
    for form in slot:
        literal = form.literal
        if form.open_start:
            at = word.find(literal) if form.endings is None else word.rfind(literal)
        else:
            at = 0 if word.startswith(literal) else -1
        if at >= 0 and (form.endings is None or word[at + len(literal) :] in form.endings):
            return True
    return False


def _neighbours(words: str, phrase: Phrase, anchor: int, start: int, end: int) -> tuple[int, int] | None:
    """The span of the whole phrase around its anchor word, or None."""
    until = end
    for index in range(anchor + 1, len(phrase.slots)):
        for _ in range(phrase.gaps[index - 1] + 1):
            following = _NEXT_WORD.match(words, until)
            if following is None:
                return None
            until = following.end()
            if _fits(phrase.slots[index], following[1]):
                break
        else:
            return None
    at = start
    for index in range(anchor - 1, -1, -1):
        for _ in range(phrase.gaps[index] + 1):
            before = _previous_word(words, at)
            if before is None:
                return None
            at, word = before
            if _fits(phrase.slots[index], word):
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


def _together(folded: Folded, phrases: tuple[Phrase, ...], known: int, start: int, end: int) -> bool:
    """Whether the other parts stand in the same sentence as the one at ``words[start:end]``."""
    left, right = sentence(folded, start - 1, end - 1)
    words = folded.words[left + 1 : right + 1]
    places = [(match.start(), match.end()) for match in re.finditer(r"[^ ]+", words)]
    own = range(start - 1 - left, end - 1 - left)
    for index, phrase in enumerate(phrases):
        if index != known and not any(
            at not in own and _fits(phrase.slots[0], words[at:until]) and _follows(words, phrase, at, until)
            for at, until in places
        ):
            return False
    return True


def _follows(words: str, phrase: Phrase, start: int, end: int) -> bool:
    return len(phrase.slots) == 1 or _neighbours(f"{words} ", phrase, 0, start, end) is not None


def sentence(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around ``text[start:end]`` begins and ends, at most 300 characters away."""
    nearest, farthest = max(0, start - FARTHEST), min(len(folded.text), end + FARTHEST)
    left = nearest
    for stop in _SENTENCE_END.finditer(folded.text, nearest, start):
        left = stop.end()
    following = _SENTENCE_END.search(folded.text, end, farthest)
    return left, following.start() if following else farthest
