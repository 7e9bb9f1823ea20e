"""Text as the keywords see it, with the way back to the original characters.

Folding makes spellings alike: lower case, ``ae oe ue ss`` for ``ä ö ü ß``, composed and decomposed letters, other
accents dropped, soft hyphens and invisible marks removed, words that a line break cut in two joined again
("Müll-⏎säcke"). It is applied to keywords and texts alike and changes nothing when applied twice. ``Folded``
remembers where lengths changed, so that every match can be shown in the text as the citizen wrote it. Nothing here
fails: any string folds.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

_UNIT = re.compile(
    r"[-\u2010\u2011][\u00ad\u200b-\u200f\u2060\ufeff]*[ \t]*\r?\n[ \t]*(?!(?:und|oder|bzw|sowie)\b)(?=[a-zäöüß])"
    r"|[A-Za-z][\u0300-\u036f]+|[^\x00-\x7f][\u0300-\u036f]*"
)
_LETTERS = {
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "å": "a", "ł": "l", "đ": "d",
    "ı": "i", "‐": "-", "‑": "-", "’": "'",
}  # fmt: skip
_BREAKS = {ord(char): " " for char in map(chr, range(128)) if not char.isalnum()}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. ``words`` has a space for every character that is no letter or digit, and one at each end."""

    original: str
    text: str
    words: str
    starts: tuple[int, ...]  # where in ``text`` something was replaced ...
    ends: tuple[int, ...]  # ... up to here
    original_starts: tuple[int, ...]
    original_ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` (not empty) stands in the original."""
        return self._locate(start)[0], self._locate(end - 1)[1]

    def _locate(self, position: int) -> tuple[int, int]:
        index = bisect_right(self.starts, position) - 1
        if index < 0:
            return position, position + 1
        if position < self.ends[index]:
            return self.original_starts[index], self.original_ends[index]
        original = self.original_ends[index] + position - self.ends[index]
        return original, original + 1


def fold(original: str) -> Folded:
    """The text as keywords see it."""
    pieces: list[str] = []
    starts, ends, original_starts, original_ends = [], [], [], []
    done = length = 0
    for unit in _UNIT.finditer(original):
        at, until = unit.span()
        plain = original[done:at].lower()
        replacement = _fold_unit(unit.group())
        length += len(plain)
        pieces += (plain, replacement)
        starts.append(length)
        length += len(replacement)
        ends.append(length)
        original_starts.append(at)
        original_ends.append(until)
        done = until
    pieces.append(original[done:].lower())
    text = "".join(pieces)
    return Folded(
        original, text, _words(text), tuple(starts), tuple(ends), tuple(original_starts), tuple(original_ends)
    )


def word_list(text: str) -> frozenset[str]:
    """The words of a list as it stands in a source file, separated by spaces and line breaks."""
    return frozenset(text.split())


def plain(text: str) -> str:
    """Only the folded text."""
    return fold(text).text


def _words(text: str) -> str:
    if text.isascii():
        return f" {text.translate(_BREAKS)} "
    return f" {''.join(char if char.isalnum() else ' ' for char in text)} "


@lru_cache(maxsize=4096)
def _fold_unit(unit: str) -> str:
    if unit[0] in "-\u2010\u2011" and "\n" in unit:
        return ""
    folded = unit
    for _ in range(4):  # one pass is enough for all but a handful of ligatures
        before = folded
        composed = unicodedata.normalize("NFKC", folded).casefold()
        folded = "".join(_LETTERS.get(char) or _bare(char) for char in composed)
        if folded == before:
            break
    return folded


def _bare(char: str) -> str:
    """Without accents; nothing at all for marks and invisible characters."""
    parts = unicodedata.normalize("NFKD", char).casefold()
    return "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Me", "Cf"})
