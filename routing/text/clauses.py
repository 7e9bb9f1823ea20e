"""Sentences and their clauses: what is said together. Works on folded text; linear, never fails.

A clause ends with its sentence, at a comma, a colon, a bracket, a dash between blanks, and at words that begin a
statement of their own ("und", "aber", "weil", "außerdem"). That is coarse: "der Gehweg und die Straße" are two clauses
of which one says nothing, so whoever asks joins clauses of one sentence (``rules.engine.evidence``).
"""

import re
from bisect import bisect_right

from routing.text.keywords import sentences

_CUT = re.compile(
    r"[,:()]|\s-+\s|\s\|\s|\n\s*[-*+]\s|\n\s*\d{1,2}[.)]\s"
    r"|\b(?:und|aber|weil|sondern|sowie|ausserdem|zudem|waehrend|obwohl|denn|doch|dass|desweiteren|zusaetzlich)\b"
)
_BETWEEN = re.compile(r"\bzwischen\b[^,;.]{0,60}$")
_REACH = 80


class Clauses:
    """The clauses and sentences of a text, each by number from 0."""

    __slots__ = ("_asks", "_begins", "_starts", "sentence_of", "text")

    def __init__(self, text: str) -> None:
        """``text``: folded."""
        starts, of = [0], [0]
        begins, asks = [0], []
        for number, stop in enumerate([*sentences.STOP.finditer(text), None]):
            end = stop.end() if stop else len(text)
            for cut in _CUT.finditer(text, begins[-1], end):
                if cut[0] != "und" or not _BETWEEN.search(text, max(begins[-1], cut.start() - _REACH), cut.start()):
                    starts.append(cut.start())
                    of.append(number)
            asks.append(stop is not None and stop[0] == "?")
            if stop:
                starts.append(end)
                of.append(number + 1)
                begins.append(end)
        self.text = text
        self.sentence_of = of
        """Of each clause: the number of its sentence."""
        self._starts = starts
        self._begins = begins
        self._asks = asks

    def __len__(self) -> int:
        return len(self._starts)

    def at(self, position: int) -> int:
        """The number of the clause in which a position of the text lies."""
        return bisect_right(self._starts, position) - 1

    def sentence(self, position: int) -> int:
        """The number of the sentence in which a position of the text lies."""
        return bisect_right(self._begins, position) - 1

    def asks(self, clause: int) -> bool:
        """Whether the clause's sentence is a question."""
        return self._asks[self.sentence_of[clause]]

    def sentence_asks(self, sentence: int) -> bool:
        """Whether a sentence is a question."""
        return self._asks[sentence]

    def span(self, sentence: int) -> tuple[int, int]:
        """Where a sentence begins and ends, its mark included."""
        behind = self._begins[sentence + 1] if sentence + 1 < len(self._begins) else len(self.text)
        return self._begins[sentence], behind

    @property
    def sentences(self) -> int:
        """How many sentences there are, that of the text's end included."""
        return len(self._begins)

    def cuts(self, sentence: int, least: int) -> list[int]:
        """Where a sentence may be cut so that each part has at least so many characters: where its clauses begin."""
        last, behind = self.span(sentence)
        cuts: list[int] = []
        for start in self._starts[bisect_right(self._starts, last) : bisect_right(self._starts, behind - least)]:
            if start - last >= least:
                last = start
                cuts.append(start)
        return cuts

    @property
    def questions(self) -> int:
        """How many sentences ask ..."""
        return sum(self._asks)

    @property
    def statements(self) -> int:
        """... and how many of those that say something do not."""
        return sum(
            not asks and any(map(str.isalnum, self.text[slice(*self.span(n))])) for n, asks in enumerate(self._asks)
        )
