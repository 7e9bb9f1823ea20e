"""Text as the keywords see it, with the way back to the original characters.

Folding makes spellings alike: lower case, ``ae oe ue ss`` for ``ä ö ü ß``, composed and decomposed letters, other
accents dropped, soft hyphens and invisible marks removed, words that a line break cut in two joined again
("Müll-⏎säcke"). It is applied to keywords and texts alike and changes nothing when applied twice. ``Folded``
knows the way back, so that every match can be shown in the text as the citizen wrote it. Nothing here fails.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

_UNSEEN = r"[\u00ad\u200b-\u200f\u2060\ufeff\u0300-\u036f \t]*"  # blanks, and what folding removes
_CUT = rf"[-\u2010\u2011]{_UNSEEN}\r?\n"
_UNIT = re.compile(
    rf"(?P<joined>{_CUT}{_UNSEEN}(?!(?:und|oder|bzw|sowie)\b)(?=[a-zäöüß]))|(?P<kept>{_CUT})"
    r"|[A-Za-z][\u0300-\u036f]+|[^\x00-\x7f][\u0300-\u036f]*"
)
_LETTERS = {
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "å": "a", "ł": "l", "đ": "d",
    "ı": "i", "‐": "-", "‑": "-", "’": "'", "‘": "'", "‚": "'", "„": '"', "“": '"', "”": '"', "–": " ", "—": " ",
    "€": " ",
}  # fmt: skip
_COMMON = tuple((char, _LETTERS[char]) for char in "äöüß")
_SELDOM = (*((char, _LETTERS[char]) for char in "„“”‚‘’–—€"), ("…", "..."), ("\u00a0", " "))
_PLAIN_CUT = re.compile(r"-[ \t]*\r?\n")
_DOUBLED = re.compile(r"[äöüÄÖÜßẞ]")
_BREAKS = {ord(char): " " for char in map(chr, range(128)) if not char.isalnum()}


class Folded:
    """A folded text. ``words`` has a space for every character that is no letter or digit, and one at each end.

    The way back is worked out when it is first asked for: most texts are folded only to find nothing in them.
    """

    __slots__ = ("_ends", "_original_ends", "_original_starts", "_quick", "_starts", "original", "text", "words")

    def __init__(self, original: str, text: str, *, quick: bool) -> None:
        """``text`` is ``original`` folded; ``quick``: nothing but single letters were replaced."""
        self._quick = quick
        self.original = original
        self.text = text
        self.words = _words(text)
        self._starts: list[int] | None = None  # where in ``text`` something was replaced ...
        self._ends: list[int] = []  # ... up to here
        self._original_starts: list[int] = []
        self._original_ends: list[int] = []

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` (not empty) stands in the original."""
        if self._starts is None:
            self._starts = self._map()
        if not self._starts:
            return start, end
        return self._locate(self._starts, start)[0], self._locate(self._starts, end - 1)[1]

    def _locate(self, starts: list[int], position: int) -> tuple[int, int]:
        index = bisect_right(starts, position) - 1
        if index < 0:
            return position, position + 1
        if position < self._ends[index]:
            return self._original_starts[index], self._original_ends[index]
        original = self._original_ends[index] + position - self._ends[index]
        return original, original + 1

    def _map(self) -> list[int]:
        if len(self.text) == len(self.original) and self._quick:
            return []
        if self._quick and "…" not in self.original:
            doubled = [letter.start() for letter in _DOUBLED.finditer(self.original)]
            doubles = [at + index for index, at in enumerate(doubled)]
            self._ends = [start + 2 for start in doubles]
            self._original_starts = doubled
            self._original_ends = [at + 1 for at in doubled]
            return doubles
        starts: list[int] = []
        done = length = 0
        for unit in _UNIT.finditer(self.original):
            at, until = unit.span()
            length += at - done
            starts.append(length)
            length += len(_replacement(unit))
            self._ends.append(length)
            self._original_starts.append(at)
            self._original_ends.append(until)
            done = until
        return starts


def fold(original: str) -> Folded:
    """The text as keywords see it."""
    quick = _quick(original)
    return Folded(original, plain(original), quick=False) if quick is None else Folded(original, quick, quick=True)


def plain(original: str) -> str:
    """Only the folded text."""
    quick = _quick(original)
    if quick is not None:
        return quick
    pieces: list[str] = []
    done = 0
    for unit in _UNIT.finditer(original):
        at, until = unit.span()
        pieces += (original[done:at].lower(), _replacement(unit))
        done = until
    pieces.append(original[done:].lower())
    return "".join(pieces)


def _quick(original: str) -> str | None:
    """The folded text of ordinary German without words cut by a line break; None for every other text."""
    if _PLAIN_CUT.search(original):
        return None
    quick = original.lower()
    if quick.isascii():
        return quick
    for letter, replacement in _COMMON:
        quick = quick.replace(letter, replacement)
    if quick.isascii():
        return quick
    for letter, replacement in _SELDOM:
        quick = quick.replace(letter, replacement)
    return quick if quick.isascii() else None


def word_list(text: str) -> frozenset[str]:
    """The words of a list as it stands in a source file, separated by spaces and line breaks."""
    return frozenset(text.split())


def _words(text: str) -> str:
    if text.isascii():
        return f" {text.translate(_BREAKS)} "
    return f" {''.join(char if char.isalnum() else ' ' for char in text)} "


def _replacement(unit: re.Match[str]) -> str:
    if unit.lastgroup == "joined":
        return ""
    return "- " if unit.lastgroup == "kept" else _fold_unit(unit[0])


@lru_cache(maxsize=4096)
def _fold_unit(unit: str) -> str:
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
