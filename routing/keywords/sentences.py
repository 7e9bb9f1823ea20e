"""Where sentences end: at ! ? ; and empty lines, at full stops unless they belong to a number or an abbreviation."""

import re
from bisect import bisect_left

FARTHEST = 300  # characters to either side that a sentence may reach
_STOP = re.compile(r"[!?;]|\.(?!\S)|\n(?=[ \t\r]{0,2}\n)")
_ABBREVIATED = frozenset(
    {"str", "bzw", "evtl", "inkl", "ggf", "tel", "hr", "hrn", "fr", "nr", "ca", "dr", "st", "fa", "zw", "geb"}
)

Span = tuple[int, int]


class Stops:
    """Where the sentences of a folded text end; worked out when it is first asked for."""

    __slots__ = ("_stops", "_text")

    def __init__(self, text: str) -> None:
        """``text``: folded or as it was written."""
        self._text = text
        self._stops: list[int] | None = None

    def any_within(self, start: int, end: int) -> bool:
        """Whether a sentence ends in ``text[start:end]``."""
        if self._stops is None and _STOP.search(self._text, start, end) is None:
            return False
        stops = self._all()
        index = bisect_left(stops, start)
        return index < len(stops) and stops[index] < end

    def sentence(self, start: int, end: int) -> Span:
        """Where the sentence around ``text[start:end]`` begins and ends, at most 300 characters away."""
        nearest, farthest = max(0, start - FARTHEST), min(len(self._text), end + FARTHEST)
        stops = self._all()
        before, after = bisect_left(stops, start) - 1, bisect_left(stops, end)
        left = stops[before] + 1 if before >= 0 and stops[before] >= nearest else nearest
        right = stops[after] if after < len(stops) and stops[after] < farthest else farthest
        return left, right

    def _all(self) -> list[int]:
        if self._stops is None:
            text = self._text
            self._stops = [stop.start() for stop in _STOP.finditer(text) if _is_stop(text, stop.start())]
        return self._stops


def _is_stop(text: str, at: int) -> bool:
    """An empty line is; a full stop not within a number or an address nor of an abbreviation ("Str.", "z. B.")."""
    if text[at] != ".":
        return True
    word = at
    while word > 0 and at - word < 6 and text[word - 1].isalnum():
        word -= 1
    if at - word > 1 and text[at - 3 : at].lower() == "str":  # "Grenzstr. 117"
        return False
    return at - word > 1 and text[word:at].lower() not in _ABBREVIATED
