"""What the automaton looks for, and what its hits may be: a phrase around its rarest word.

``literals`` gives one literal for every form of every phrase's rarest word, each with its targets; ``around`` looks
whether a target's other words stand where they must.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from routing.keywords import inflection
from routing.keywords.patterns import Form, Phrase, Slot

_NEXT_WORD = re.compile(r" {1,4}([^ ]+)")

Span = tuple[int, int]


class Words:
    """A slot made quick to ask: does this word fit?"""

    __slots__ = ("_exact", "_infixes", "_prefixes", "_suffixes")

    def __init__(self, slot: Slot) -> None:
        """``slot`` as ``patterns`` gives it."""
        closed = [form for form in slot if form.endings is not None]
        self._exact = frozenset(
            form.literal + ending for form in closed if not form.open_start for ending in form.endings or ()
        )
        self._suffixes = tuple(
            form.literal + ending for form in closed if form.open_start for ending in form.endings or ()
        )
        self._prefixes = tuple(form.literal for form in slot if form.endings is None and not form.open_start)
        self._infixes = tuple(form.literal for form in slot if form.endings is None and form.open_start)

    @property
    def listed(self) -> frozenset[str] | None:
        """Every word that fits, where they can be listed."""
        return None if self._prefixes or self._suffixes or self._infixes else self._exact

    def fit(self, word: str) -> bool:
        """Whether the word is one of the slot's."""
        if word in self._exact:
            return True
        if self._prefixes and word.startswith(self._prefixes):
            return True
        if self._suffixes and word.endswith(self._suffixes):
            return True
        return bool(self._infixes) and any(infix in word for infix in self._infixes)


@dataclass(frozen=True, slots=True)
class Target:
    """What a literal's hit may be: a word of a phrase of a part, with the endings that it may have."""

    part: int
    endings: frozenset[str] | None
    phrase: Phrase
    anchor: int
    words: tuple[Words, ...]
    following: frozenset[str] | None  # the words that may stand right behind, where they can be listed
    before: frozenset[str] | None  # ... and right before


def literals(parts: dict[tuple[Phrase, ...], int]) -> tuple[dict[str, list[Target]], dict[int, float]]:
    """What to look for, with what it may be; and of each part how often it may be expected."""
    found: dict[str, list[Target]] = defaultdict(list)
    expected: dict[int, float] = {}
    known: dict[Slot, tuple[Words, float]] = {}
    for part, number in parts.items():
        expected[number] = 0.0
        for phrase in part:
            slots = [
                known.get(slot) or known.setdefault(slot, (Words(slot), _commonness(slot))) for slot in phrase.slots
            ]
            words = tuple(word for word, _ in slots)
            anchor = min(range(len(slots)), key=lambda place: slots[place][1])
            expected[number] += slots[anchor][1]
            last = anchor + 1 == len(words)
            following = None if last or phrase.gaps[anchor] else words[anchor + 1].listed
            before = words[anchor - 1].listed if anchor and not phrase.gaps[anchor - 1] else None
            for form in phrase.slots[anchor]:
                target = Target(number, form.endings, phrase, anchor, words, following, before)
                found[_literal(form)].append(target)
    return found, expected


def _literal(form: Form) -> str:
    return form.literal if form.open_start else f" {form.literal}"


def _commonness(slot: Slot) -> float:
    """How often a slot may be expected to hit, by the length and number of its words."""
    return sum(0.1 if form.literal in inflection.NEVER else 26.0 ** -min(len(form.literal), 8) for form in slot)


def around(words: str, target: Target, start: int, end: int) -> Span | None:
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


def next_word(words: str, end: int) -> str:
    """The word behind the one that ends at ``end``; empty when there is none near."""
    following = _NEXT_WORD.match(words, end)
    return following[1] if following else ""


def word_before(words: str, start: int) -> str:
    """The word before the one that begins at ``start``; empty when there is none near."""
    if start > 1 and words[start - 2] != " ":
        return words[words.rfind(" ", 0, start - 1) + 1 : start - 1]
    before = _previous_word(words, start)
    return before[1] if before else ""


def _previous_word(words: str, start: int) -> tuple[int, str] | None:
    """Start and text of the word before ``start``, at most four characters away."""
    end = start
    while end > 0 and start - end < 5 and words[end - 1] == " ":
        end -= 1
    if end in {0, start} or words[end - 1] == " ":
        return None
    at = words.rfind(" ", 0, end) + 1
    return at, words[at:end]
