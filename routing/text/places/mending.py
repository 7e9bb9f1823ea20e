"""Street names that are misspelt by a letter or two: "Philadelfiastrasse", "Hülzer Str." → the gazetteer's name.

A name that sounds the same (Cologne phonetics, Postel 1969) is mended, and one that differs by a single letter or two
changed places (optimal string alignment), in long names by two. Never a word that German knows: "Bergstraße" may be a
street that the gazetteer lacks. The first letter must agree, or sound alike.
"""

import re
from collections.abc import Iterable

from routing.text.keywords import dictionary

_SHORTEST = 5
_LONG = 9
_ENDING = re.compile(r"(?:strasse|weg|platz|allee|wall|gasse|ring|ufer|pfad|dyk|damm|gath)$")
_SOUNDS = (
    *((re.compile(pattern), sound) for pattern, sound in (
        (r"ph", "f"), (r"[sz]?tsch|sch", "s"), (r"ts|tz|[czs]+", "s"), (r"ck|[gkq]+", "k"), (r"[dt]h?", "t"),
        (r"a$", "r"), (r"[fvw]", "f"),
        (r"[bp]", "p"), (r"[mn]", "m"), (r"x", "ks"), (r"[aeiouyjh]+", ""), (r"(.)\1+", r"\1"),
    )),
)  # fmt: skip


class Mender:
    """Names by how they sound and by their ending, ready to be looked through."""

    def __init__(self, official: Iterable[tuple[str, str]]) -> None:
        """``official``: names folded and written as one word, and as they are written."""
        self._by_ending: dict[str, list[tuple[str, str, str]]] = {}
        self._known: dict[str, str] = {}
        for key, name in official:
            stem, ending = _parted(key)
            self._by_ending.setdefault(ending, []).append((stem, sound(stem), name))
            if ending:  # and with the ending itself misspelt: "ostwal"
                self._by_ending.setdefault("", []).append((key, sound(key), name))

    def mended(self, word: str) -> str:
        """The name that a folded word without blanks is meant to be, or ""."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) > 5000:  # bounded, whatever people write
                self._known.clear()
            found = self._known[word] = self._look(word)
        return found

    def _look(self, word: str) -> str:
        stem, ending = _parted(word)
        names = self._by_ending.get(ending, ())
        if len(stem) < (_SHORTEST - 1 if ending else _SHORTEST) or not names:
            return ""
        known = dictionary.is_known(stem) or (not ending and dictionary.is_known(word))
        heard = sound(stem)
        most = 2 if len(stem) >= _LONG else 1
        alike = [name for other, sounds, name in names if sounds == heard and abs(len(other) - len(stem)) <= 2]
        if len(alike) == 1 and not (known and not ending) and len(heard) > 1:
            far = 1 if known else (len(stem) - 2) // 3  # "Rather" sounds like "Ritter" and is another street
            return alike[0] if _steps(stem, names, alike[0], far) <= far else ""
        if known:
            return ""
        near = sorted(
            (distance(stem, other, most), name)
            for other, _, name in names
            if abs(len(other) - len(stem)) <= most and other[0] == stem[0]
        )
        near = [one for one in near if one[0] <= most]
        return near[0][1] if near and (len(near) == 1 or near[0][0] < near[1][0]) else ""


def _steps(stem: str, names: Iterable[tuple[str, str, str]], meant: str, most: int) -> int:
    return min(distance(stem, other, most) for other, _, name in names if name == meant)


def _parted(word: str) -> tuple[str, str]:
    ending = _ENDING.search(word)
    return (word[: ending.start()], ending[0]) if ending and ending.start() else (word, "")


def sound(word: str) -> str:
    """How a folded word sounds, vowels left out but at its beginning."""
    sounds = word[1:]
    for pattern, heard in _SOUNDS:
        sounds = pattern.sub(heard, sounds)
    return {"f": "f", "v": "f", "w": "f", "c": "k", "k": "k", "p": "p", "b": "b"}.get(word[:1], word[:1]) + sounds


def distance(one: str, other: str, most: int) -> int:
    """Letters to change, add, drop or swap with their neighbour; more than ``most`` is ``most + 1``."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, beside in enumerate(other, 1):
            steps = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != beside))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == beside:
                steps = min(steps, before[column - 2] + 1)
            line.append(steps)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)
