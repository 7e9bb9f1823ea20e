"""The stems of a text's words, for counting words whatever their inflection. Works on folded text; linear.

A stem is no dictionary form: one ending of German is cut off where at least four letters remain, so that "brennt" and
"brennen" are one word. Numbers are left out: they say where and when, not what.
"""

import re
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_ENDING = re.compile(r"(?:ern|em|er|en|es|st|e|s|n|t)$")
_SHORTEST = 4
_MOST_REMEMBERED = 20_000


def of(text: str) -> set[str]:
    """The stems of a folded text, each once."""
    return {stem(word) for word in _WORD.findall(text) if not word.isdigit()}


@lru_cache(maxsize=_MOST_REMEMBERED)
def stem(word: str) -> str:
    """A folded word without its ending."""
    if len(word) <= _SHORTEST:
        return word
    shorter = _ENDING.sub("", word)
    return shorter if len(shorter) >= _SHORTEST else word
