"""Text as the keywords see it, with the way back to the original characters.

Folding makes spellings alike: lower case, ``ae oe ue ss`` for ``ä ö ü ß``, composed and decomposed letters, other
accents dropped, soft hyphens and invisible marks removed, words that a line break cut in two joined again
("Müll-⏎säcke"), drawn-out letters shortened ("Mülll", "Müüll", "Hiiiilfe"; ``Schifffahrt`` loses one f, in keywords
too). It is applied to keywords and texts alike and changes nothing when applied twice. ``Folded`` knows the way back,
so that every match can be shown in the text as the citizen wrote it. Nothing here fails.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate, count
from operator import add
from typing import NamedTuple

import ahocorasick_rs

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
GERMAN = (*((char, _LETTERS[char]) for char in "äöüß"), ("Ä", "ae"), ("Ö", "oe"), ("Ü", "ue"), ("ẞ", "ss"))
_SELDOM = (*((char, _LETTERS[char]) for char in "„“”‚‘’–—€"), ("…", "..."), ("\u00a0", " "))
_PLAIN_CUT = re.compile(r"-[ \t]*\r?\n")
_DOUBLED = bytes(char in "äöüÄÖÜß" for char in map(chr, range(256)))  # of these, folding makes two letters
_DRAWN_OUT = ahocorasick_rs.AhoCorasick([*(3 * chr(letter) for letter in range(97, 123)), "aeae", "oeoe", "ueue"])
_RUN = re.compile(r"([aiou])\1{2,}|([a-z])\2{2,}")
_UMLAUT_RUN = re.compile(r"(ae|oe|ue)\1+")
_BREAKS = {ord(char): " " for char in map(chr, range(128)) if not char.isalnum()}


class Folded:
    """A folded text. ``words`` has a space for every character that is no letter or digit, and one at each end.

    The way back is worked out when it is first asked for: most texts are folded only to find nothing in them.
    """

    __slots__ = ("_long", "_quick", "_ways", "original", "text", "words")

    def __init__(self, original: str, text: str, *, quick: bool) -> None:
        """``text`` is ``original`` spelled alike; ``quick``: nothing but single letters were replaced."""
        self._quick = quick
        self._long = text  # before drawn-out letters are shortened
        self._ways: list[_Way | _Doubled] | None = None
        self.original = original
        self.text = _shortened(text)
        self.words = _words(self.text)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` (not empty) stands in the original: (start, end) in characters."""
        if self._ways is None:
            self._ways = self._back()
        for way in self._ways:
            start, end = way.back(start, end)
        return start, end

    def _back(self) -> list["_Way | _Doubled"]:
        ways: list[_Way | _Doubled] = [_spelled(self.original, len(self._long), quick=self._quick)]
        if self._long is not self.text:
            text = self._long
            for runs in (_RUN, _UMLAUT_RUN):
                ways.insert(0, _way((*run.span(), len(_short(run))) for run in runs.finditer(text)))
                text = runs.sub(_short, text)
        return [way for way in ways if way.starts]


class _Way(NamedTuple):
    """Back over one step of folding: each stretch ``starts[n]:ends[n]`` was ``before_starts[n]:before_ends[n]``."""

    starts: list[int]
    ends: list[int]
    before_starts: list[int]
    before_ends: list[int]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Where what stands at ``start:end`` stood before."""
        starts, ends, before_starts, before_ends = self
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, end - 1) - 1
        if first >= 0:
            inside = start < ends[first]
            start = before_starts[first] if inside else before_ends[first] + start - ends[first]
        if last >= 0:
            end = before_ends[last] if end <= ends[last] else before_ends[last] + end - ends[last]
        return start, end


class _Doubled(NamedTuple):
    """Back over letters that became two, the usual case: they begin at ``starts``."""

    starts: list[int]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Where what stands at ``start:end`` stood before."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        if first >= 0:
            start -= first + (start != self.starts[first])
        if last >= 0:
            end -= last + (end - 1 != self.starts[last])
        return start, end


def _way(replaced: Iterable[tuple[int, int, int]]) -> _Way:
    """From what was replaced (start, end, new length), in order."""
    way = _Way([], [], [], [])
    done = length = 0
    for start, end, new in replaced:
        length += start - done
        way.starts.append(length)
        length += new
        way.ends.append(length)
        way.before_starts.append(start)
        way.before_ends.append(end)
        done = end
    return way


def _spelled(original: str, length: int, *, quick: bool) -> _Way | _Doubled:
    if quick and length == len(original):
        return _Doubled([])
    if quick and "…" not in original and "ẞ" not in original:
        marked = original.encode("latin-1", "replace").translate(_DOUBLED)
        *pieces, _ = marked.split(b"\1")
        return _Doubled(list(map(add, accumulate(map(len, pieces)), count(0, 2))))
    return _way((*unit.span(), len(_replacement(unit))) for unit in _UNIT.finditer(original))


def fold(original: str) -> Folded:
    """The text as keywords see it."""
    quick = _quick(original)
    return Folded(original, _slow(original), quick=False) if quick is None else Folded(original, quick, quick=True)


def plain(original: str) -> str:
    """Only the folded text."""
    quick = _quick(original)
    return _shortened(_slow(original) if quick is None else quick)


def plain_lines(texts: Iterable[str]) -> dict[str, str]:
    """Only the folded texts of many, keyed by the original; at once takes a tenth of the time.

    They have no line breaks and no hyphens.
    """
    lines = list(texts)
    return dict(zip(lines, plain("\n".join(lines)).split("\n"), strict=True)) if lines else {}


def _shortened(text: str) -> str:
    if not _DRAWN_OUT.find_matches_as_indexes(text):
        return text
    return _UMLAUT_RUN.sub(_short, _RUN.sub(_short, text))


def _short(run: re.Match[str]) -> str:
    """Vowels are never written three times in a row in German, except e ("Schneeeule"); nor is an umlaut twice."""
    return run[1] or 2 * run[2]


def _slow(original: str) -> str:
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
    quick = original
    for replaced in (GERMAN, _SELDOM):
        if quick.isascii():
            break
        for letter, replacement in replaced:
            quick = quick.replace(letter, replacement)
    return quick.lower() if quick.isascii() else None  # of ASCII alone that takes a twentieth of the time


def word_list(text: str) -> frozenset[str]:
    """The set of words of a list as it stands in a source file, separated by spaces and line breaks."""
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
