"""What every single word is to a letter that leaves the city: known, a person's, or not to be shown.

``Known`` holds the words of one configuration: its rules' and the lists of ``words.toml``, the gazetteer's names, the
bodies. A word is judged by itself and remembered; what stands around it is looked at in ``names`` and ``numbers``.
"""

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from routing.text import lexicon
from routing.text.excerpt import wordlists
from routing.text.keywords import folding
from routing.text.per_configuration import remembered
from routing.text.places.match import SUFFIXES

if TYPE_CHECKING:
    from routing.model.settings import Configuration

MOST_REMEMBERED = 40_000
PHRASE_KEY = 5
"""Letters of its first word by which a name of several words is looked up: adjectives are inflected."""
_SHORTEST_BEGINNING, _LONGEST_REST = 6, 4
_WORD = re.compile(r"[^\W\d_]{3,}")
_LIST = re.compile(r"@(\w+)")
_NAME_PART = re.compile(r"[^\W\d_]+(?:[.'’-]+[^\W\d_]+)*\.?")
_ENDINGS = ("", "s", "n", "en", "e", "es", "er", "ern")
_UMLAUT = re.compile(r"(a|o|u)e(?=[^aeiou]*$)")
_AEU = re.compile(r"aeu(?=[^aeiou]*$)")
_LINKS = ("", "s", "n", "en", "es", "er", "e")
_STREETS = (
    *SUFFIXES,
    "bruch",
    "markt",
    "chaussee",
    "steig",
    "graben",
    "brink",
    "kamp",
    "poort",
    "tangente",
    "viertel",
)
_TENS = "zwanzig|dreissig|vierzig|fuenfzig|sechzig|siebzig|achtzig|neunzig"
_ONES = "ein|eins|zwei|zwo|drei|vier|fuenf|sechs|sieben|acht|neun"
_NUMBER = re.compile(
    rf"(?:null|{_ONES}|zehn|elf|zwoelf|(?:drei|vier|fuenf|sech|sieb|acht|neun)zehn|(?:(?:{_ONES})und)?(?:{_TENS})|hundert|tausend)"
)
_LATIN = re.compile(r"[a-zäöüßA-ZÄÖÜẞ'’&-]+\.?")
_LONGEST_SIMPLE, _SHORTEST_STREET = 8, 5
_LIKE_NAMES = ("baum", "stein", "berg", "bach", "garten", "feld", "holz")
_NO_COMPOUND = ("mann", "frau", "kind", "leute", "sohn", "name", "er", "in")


class Sort(IntEnum):
    """What a word is."""

    FUNCTION = 0
    SMALL = 1  # verb, adjective
    NUMBER = 2  # in words
    MATTER = 3  # what a rule is about
    THING = 4
    PLACE = 5
    BRAND = 6
    GROUP = 7  # people of whom nobody is meant
    PERSON = 8
    SENSITIVE = 9
    UNKNOWN = 10


_FIRST = (("function", Sort.FUNCTION), ("groups", Sort.GROUP))


class Word(Struct, frozen=True):
    """A word by itself: its sort, in small letters, its bits (``wordlists``), whether it is written with a capital."""

    sort: Sort
    low: str
    bits: int
    is_capital: bool


class Known:
    """The words of one city's configuration."""

    def __init__(
        self,
        matters: Iterable[str],
        beginnings: Iterable[str],
        states: Iterable[str],
        places: Iterable[str],
        others: Iterable[str],
    ) -> None:
        """``matters``: words of the rules, and their ``beginnings``; ``places`` of the gazetteer.

        ``states``: how words for the state of a thing begin; ``others``: bodies.
        """
        self._beginnings = tuple(sorted(one for one in beginnings if len(one) >= _SHORTEST_BEGINNING))
        self._matters = frozenset(matters)
        self._things = wordlists.folded("things") | self._matters | wordlists.folded("numbered")
        listed = wordlists.folded("things")
        self._heads = frozenset(
            one for one in self._things if one in listed or (lexicon.is_noun(one) and not lexicon.is_small(one))
        )
        self._states = tuple(sorted(one for one in (*states, *wordlists.folded("colours")) if len(one) > 2))
        self._places: set[str] = set()
        self.phrases: dict[str, list[tuple[str, ...]]] = {}
        for name in (*places, *(one.replace("-", " ") for one in wordlists.words("brands") if "-" in one)):
            parts = tuple(folding.plain(part.casefold()) for part in _NAME_PART.findall(name))
            if len(parts) == 1:
                self._places.add(parts[0])
                self._places.add(parts[0] + "s")
            elif parts:
                self.phrases.setdefault(parts[0][:PHRASE_KEY], []).append(parts)
        self._brands = wordlists.folded("brands") | {folding.plain(one.casefold()) for one in others}
        self._known: dict[str, Word] = {}

    def word(self, written: str) -> "Word":
        """What a word is, as written, whatever stands around it."""
        known = self._known.get(written)
        if known is None:
            if len(self._known) > MOST_REMEMBERED:
                self._known.clear()
            known = self._known[written] = self._word(written)
        return known

    def sort(self, written: str) -> Sort:
        """The sort of a word as written."""
        return self.word(written).sort

    def _word(self, written: str) -> "Word":
        sort = self._judged(written)
        low = written.casefold().removesuffix(".")
        plain = folding.plain(low)
        bits = wordlists.of(low)
        if sort is Sort.SMALL and plain.startswith(self._states):
            bits |= wordlists.BIT["state"]
        base = plain.removesuffix("s")
        if len(base) < _LONGEST_SIMPLE or base.endswith(_LIKE_NAMES) or sort is Sort.SMALL:
            bits |= wordlists.BIT["simple"]
        if written[:1].isupper() and plain[:PHRASE_KEY] in self.phrases:
            bits |= wordlists.BIT["phrase"]
        return Word(sort, low, bits, written[:1].isupper())

    def _judged(self, word: str) -> Sort:
        if not _LATIN.fullmatch(word):
            return Sort.THING if word in wordlists.words("units") else Sort.UNKNOWN  # "m³"
        plain = folding.plain(word.casefold().removesuffix("."))
        small = word[0].islower()
        found = self._of_a_list(plain, small=small)
        if found is not None:
            return found
        if "-" in plain:
            return self._joined(word)
        is_small = _is_small(plain)
        if not (small and is_small):
            if found := self._listed(plain):
                return found
            if plain in self._brands:
                return Sort.BRAND
            if not small and not is_small and len(plain) > _SHORTEST_STREET and plain.endswith(_STREETS):
                return Sort.PLACE
            if found := self._compound(plain):
                return found
        return Sort.SMALL if is_small else Sort.UNKNOWN

    def _of_a_list(self, plain: str, *, small: bool) -> Sort | None:
        """What the lists say that come before everything else; a small verb or adjective is nobody."""
        if _in(plain, wordlists.folded("sensitive")):
            return Sort.SENSITIVE
        for name, sort in _FIRST:
            if plain in wordlists.folded(name):
                return sort
        if _in(plain, wordlists.folded("persons")) and not ((small or plain.endswith("tes")) and _is_small(plain)):
            return Sort.PERSON  # "der Alte", and neither "der alte Zaun" nor "Altes Fahrrad"
        if _NUMBER.fullmatch(plain):
            return Sort.NUMBER
        if plain in self._places:
            return Sort.PLACE
        return Sort.THING if plain in wordlists.folded("units") else None

    def _listed(self, plain: str) -> Sort | None:
        bases = [base for base in _bases(plain) if base in self._heads]
        if any(base in self._matters and base not in wordlists.folded("weak") for base in bases):
            return Sort.MATTER
        return Sort.THING if bases or plain in wordlists.folded("numbered") else None

    def _compound(self, plain: str) -> Sort | None:
        if any(plain.startswith(begin) and len(plain) - len(begin) <= _LONGEST_REST for begin in self._beginnings):
            return Sort.MATTER
        if plain.endswith(tuple(wordlists.folded("name_ends"))) and not lexicon.is_noun(plain):
            return None
        for at in range(3, len(plain) - 2):
            head = next((base for base in _bases(plain[at:]) if len(base) > 2 and base in self._heads), "")
            if head and not head.endswith(_NO_COMPOUND) and self._is_first_part(plain[:at]):
                return Sort.MATTER if head in self._matters else Sort.THING
        return None

    def _is_first_part(self, plain: str) -> bool:
        for link in _LINKS:
            first = plain.removesuffix(link) if link else plain
            if (link and first == plain) or len(first) < 3:
                continue
            if first in self._things or lexicon.is_noun(first) or (len(first) > 3 and _is_small(first)):
                return True
        return False

    def _joined(self, word: str) -> Sort:
        """A word with hyphens: what its last part is, where the others are known or it is named after somebody."""
        *before, last = [part for part in word.split("-") if part] or [word.replace("-", "x")]
        if not before:
            return Sort.UNKNOWN
        plain = folding.plain(last.casefold().removesuffix("."))
        if plain in _STREETS:
            return Sort.PLACE
        kinds = [self.sort(part) for part in before if len(part) > 1]
        own = self.sort(last[0].upper() + last[1:])
        if Sort.SENSITIVE in kinds or own is Sort.SENSITIVE or all(kind is Sort.NUMBER for kind in (*kinds, own)):
            return Sort.SENSITIVE
        nouns = all(
            kind not in {Sort.UNKNOWN, Sort.PERSON} or lexicon.is_noun(folding.plain(part.casefold()))
            for kind, part in zip(kinds, (part for part in before if len(part) > 1), strict=True)
        )
        if nouns and own is not Sort.UNKNOWN and Sort.PERSON not in kinds:
            return own
        if plain in wordlists.folded("institutions"):
            return Sort.PLACE
        return Sort.UNKNOWN


@remembered
def of_configuration(configuration: "Configuration") -> Known:
    """The words known to ``configuration``, the set of its rules, lists and places; raises nothing."""
    settings = configuration.settings
    outside = {name for name, body in settings.recipients.items() if not body.inside}
    keywords = [word for rule in settings.rules if not outside.isdisjoint(rule.recipient) for word in rule.keywords]
    lists = {name for keyword in keywords for name in _LIST.findall(keyword)}
    keywords += [word for name in lists for word in configuration.vocabulary.get(name, ())]
    states = {
        folding.plain(word.rstrip("*").casefold())
        for words in configuration.library.states.values()
        for word in words
        if " " not in word
    }
    matters = {folding.plain(word.casefold()) for keyword in keywords for word in _WORD.findall(keyword)}
    beginnings = {folding.plain(one[:-1].casefold()) for one in keywords if one.endswith("*") and one[:-1].isalpha()}
    places = (*configuration.gazetteer.places, *configuration.gazetteer.towns, settings.city.name)
    return Known(matters, beginnings, states, places, [*settings.recipients, *settings.city.other_bodies])


def _in(plain: str, words: frozenset[str]) -> bool:
    """Whether a word or its stem is in a list of folded words."""
    return plain in words or any(
        plain.endswith(ending) and len(plain) - len(ending) > 3 and plain[: -len(ending)] in words
        for ending in ("s", "n", "en", "e", "es", "er", "em")
    )


def _bases(plain: str) -> Iterable[str]:
    """The word without its ending, with and without umlaut."""
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) > 2:
            base = plain[: len(plain) - len(ending)]
            changed = _AEU.sub("au", base) if "aeu" in base else _UMLAUT.sub(r"\1", base, count=1)
            if ending in {"er", "ern"} and not changed.endswith(_er_plurals()):
                continue  # a baker, no plural
            yield base
            if ending != "es" and changed != base:
                yield changed


@cache
def _er_plurals() -> tuple[str, ...]:
    return tuple(wordlists.folded("er_plural"))


def _is_small(plain: str) -> bool:
    if lexicon.is_small(plain):
        return True
    return any(
        plain.startswith(prefix) and len(plain) - len(prefix) > 3 and lexicon.is_small(plain[len(prefix) :])
        for prefix in lexicon.SEPARABLE
    )
