"""Words of a message that could be keywords: no names, no streets, no numbers, no words of everyday letters.

What points at a person is taken out first (``redact``), then places, words after Herr and Frau, and surnames. Two
neighbours count as one term as well ("grüner pfeil"). Terms of one word in several forms share a key, so that they are
counted together; the key is crude on purpose, since the real counts come from the keyword language itself.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct

from intake.message import Message
from routing.model.gazetteer import Gazetteer
from routing.rules.engine.mentions import masks
from routing.rules.lint import common_words
from routing.text import places, redaction
from routing.text.keywords import folding, inflection, matching

SHORTEST = 4
LONGEST_READ = 5000
_WORD = re.compile(r"[a-z]+")
_MARK = re.compile(r"\[[^\]\n]{3,60}\]")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+")
_COMMON = frozenset(folding.plain(word) for word in common_words.WORDS)
_PEOPLE = frozenset(folding.plain(word) for word in (*common_words.SURNAMES, *common_words.FIRST_NAMES))


class Term(Struct, frozen=True):
    """One word or two, as written in small letters with umlauts; ``key`` is alike for its forms."""

    key: str
    written: str


@dataclass(frozen=True)
class Reader:
    """Finds the terms of messages; ``gazetteer`` holds the city's places."""

    gazetteer: Gazetteer
    city_words: redaction.CityWords

    @cached_property
    def _names(self) -> places.Names:
        return places.Names(self.gazetteer)

    @cached_property
    def _index(self) -> matching.Index:
        return matching.Index(self._names.keywords)

    @cached_property
    def _place_words(self) -> frozenset[str]:
        return frozenset(word for name in self.gazetteer.places for word in folding.fold(name).words.split())

    def terms(self, message: Message) -> Iterable[Term]:
        """The terms of a message, each once, in order."""
        text = f"{message.subject}\n\n{message.new_text}"[:LONGEST_READ]
        text = _redacted(message, text, self.city_words)
        folded = folding.fold(_MARK.sub(" . ", _LINK.sub(" . ", text)))
        banned = self._spans(folded)
        found: dict[str, Term] = {}
        previous: tuple[int, str, Term] | None = None
        for match in _WORD.finditer(folded.words):
            start, end = match.start() - 1, match.end() - 1  # ``words`` begins with a space that the text has not
            if not self._may_count(match[0]) or any(at < end and start < until for at, until in banned):
                previous = None
                continue
            original = folded.original[slice(*folded.span(start, end))]
            if masks.is_name(folded, start, end, urgent=False):
                previous = None
                continue
            term = Term(_key(match[0]), " ".join(original.lower().split()))
            if len(match[0]) >= SHORTEST and match[0] not in _COMMON:
                found.setdefault(term.key, term)
            if previous is not None and previous[0] == start - 1 and not {match[0], previous[1]} <= _COMMON:
                before = previous[2]
                pair = Term(f"{before.key} {term.key}", f"{before.written} {term.written}")
                found.setdefault(pair.key, pair)
            previous = end, match[0], term
        return found.values()

    def _spans(self, folded: folding.Folded) -> list[tuple[int, int]]:
        hits = places.read(folded, self._index.find(folded), self._names)
        return [(hit.start, hit.end) for hit in hits]

    def _may_count(self, word: str) -> bool:
        if len(word) < 3 or word in inflection.NEVER:
            return False
        return word not in _PEOPLE and word not in self._place_words

    def sender(self, message: Message) -> Iterator[str]:
        """The keys of the words that a sender is called by."""
        said = folding.fold(f"{message.from_name} {message.from_addr.partition('@')[0]}").words
        yield from (_key(word) for word in said.split())

    def names(self, message: Message) -> Iterator[str]:
        """The keys of words after Herr, Frau and the like."""
        folded = folding.fold(message.new_text[:LONGEST_READ])
        for match in _WORD.finditer(folded.words):
            if masks.is_name(folded, match.start() - 1, match.end() - 1, urgent=False):
                yield _key(match[0])


def _redacted(message: Message, text: str, city_words: redaction.CityWords) -> str:
    return redaction.redact(text, city_words, own_names=(message.from_name,), own_addresses=(message.from_addr,)).text


def _key(word: str) -> str:
    """The word without the endings and umlauts that inflection changes."""
    bare = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    for ending in ("ern", "en", "er", "es", "em", "e", "n", "s"):
        if bare.endswith(ending) and len(bare) - len(ending) >= SHORTEST:
            return bare.removesuffix(ending)
    return bare
