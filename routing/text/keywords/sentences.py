"""Where sentences end: at ! ? ; and empty lines, at full stops unless they belong to a number or an abbreviation."""

import re
from bisect import bisect_left

FARTHEST = 300  # characters to either side that a sentence may reach
_ABBREVIATED = ("bzw", "evtl", "inkl", "ggf", "tel", "hr", "hrn", "fr", "nr", "ca", "dr", "st", "fa", "zw", "geb")
_NO_ABBREVIATION = "".join(rf"(?<!\b{word}\.)" for word in _ABBREVIATED) + r"(?<!str\.)"  # "Grenzstr. 117"
# A full stop belongs to the number or letter before it where there is only one of them ("z. B.", "3.").
STOP = re.compile(
    r"[!?;.\n]"  # told at its first character, for which ``re`` looks much faster than for alternatives
    rf"(?:(?<=[!?;])|(?<=\.)(?!\S)(?<=[^\W_]{{2}}\.){_NO_ABBREVIATION}|(?<=\n)(?=[ \t\r]{{0,2}}\n))",
    re.IGNORECASE,
)

Span = tuple[int, int]


def ends_within(text: str, start: int, end: int) -> bool:
    """Whether a sentence ends in ``text[start:end]`` (offsets in characters)."""
    stop = STOP.search(text, start, end + 4)  # it may look a few characters ahead
    return stop is not None and stop.start() < end


class Stops:
    """Where the sentences of a folded text end; worked out when it is first asked for."""

    __slots__ = ("_stops", "_text")

    def __init__(self, text: str) -> None:
        """``text``: folded or as it was written."""
        self._text = text
        self._stops: list[int] | None = None

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
            self._stops = [stop.start() for stop in STOP.finditer(self._text)]
        return self._stops
