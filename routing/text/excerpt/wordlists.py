"""The word lists of ``words.toml``, each folded and read once, and which of them have a word, as bits."""

import tomllib
from functools import cache
from pathlib import Path

from routing.text.keywords import folding

_FILE = Path(__file__).with_name("words.toml")


@cache
def _lists() -> dict[str, frozenset[str]]:
    read = tomllib.loads(_FILE.read_text("utf-8"))
    return {name: frozenset(text.casefold().split()) for name, text in read.items()}


def words(name: str) -> frozenset[str]:
    """The set of a list's words as it is written, in small letters. Raises KeyError for one that is not there."""
    return _lists()[name]


@cache
def folded(name: str) -> frozenset[str]:
    """The set of the same words with ae, oe, ue, ss. Raises KeyError for a list that is not there."""
    return frozenset(folding.plain(word) for word in words(name))


_LISTS = (
    "article",
    "determiner",
    "title",
    "pronoun",
    "being",
    "strict",
    "lives",
    "writes",
    "head",
    "scene_labels",
    "led_place",
    "fused",
    "way",
    "part_of_way",
    "into",
    "someone",
    "auxiliary",
    "from",
    "lead",
    "conjunction",
    "and",
    "has",
    "before_names",
    "weather",
    "nominal",
    "institutions",
    "businesses",
    "speaking",
    "doing",
    "throwing",
    "farewells",
    "living",
    "polite",
    "weak",
    "street_words",
    "numbered",
    "units",
)

BIT = {name: 1 << number for number, name in enumerate((*_LISTS, "state", "simple", "phrase"))}
"""The bit of each list."""


def of(low: str) -> int:
    """The bits of the set of lists that have a word in small letters, however ß and umlauts are written.

    Raises nothing.
    """
    bits = 0
    plain = folding.plain(low)
    for name in _LISTS:
        if plain in folded(name):
            bits |= BIT[name]
    return bits
