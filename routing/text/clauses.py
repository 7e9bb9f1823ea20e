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
_BREAK = re.compile(
    r"\n(?:(?=[ \t]*(?:[-*+•]|\d{1,2}[.)]|[a-h]\))[ \t]?)|(?<=[^\n]\n)(?=[^\n]{0,59}(?:\n|$)))|\)(?=\s)"
)
_COUNTED = re.compile(r"(?<![\w.,])(?:\d{1,2}|[a-h])\Z")
_BETWEEN = re.compile(r"\bzwischen\b[^,;.]{0,60}$")
_REACH = 80
_COUNTED_REACH = 3


class Clauses:
    """The sentences of a text, each by its number from 0, and their clauses, each by where it begins.

    Worked out when asked for, the clauses sentence by sentence: of most sentences nobody asks.
    """

    __slots__ = ("_asks", "_begins", "_breaks", "_clauses", "text")

    def __init__(self, text: str) -> None:
        """``text``: folded."""
        self.text = text
        self._begins: list[int] | None = None
        self._asks: list[bool] = []
        self._clauses: dict[int, list[int]] = {}
        self._breaks: list[int] | None = None

    def at(self, position: int) -> int:
        """The number of the clause, from 0, in which a position (offset in characters) of the text lies."""
        clauses = self.of(self.sentence(position))
        return clauses[bisect_right(clauses, position) - 1]

    def of(self, sentence: int) -> list[int]:
        """The clauses of a sentence, in order; the first begins where it does."""
        known = self._clauses.get(sentence)
        if known is None:
            known = self._clauses[sentence] = self._cut(*self.span(sentence))
        return known

    def sentence(self, position: int) -> int:
        """The number of the sentence, from 0, in which a position (offset in characters) of the text lies."""
        return bisect_right(self._begins or self._sentences(), position) - 1

    def asks(self, sentence: int) -> bool:
        """Whether a sentence is a question."""
        self._sentences()
        return self._asks[sentence]

    def span(self, sentence: int) -> tuple[int, int]:
        """(start, end) of a sentence in characters, its mark included."""
        begins = self._begins or self._sentences()
        return begins[sentence], begins[sentence + 1] if sentence + 1 < len(begins) else len(self.text)

    @property
    def sentences(self) -> int:
        """How many sentences there are, that of the text's end included."""
        return len(self._sentences())

    def clause_span(self, clause: int) -> tuple[int, int]:
        """(start, end) of a clause in characters."""
        sentence = self.sentence(clause)
        clauses = self.of(sentence)
        following = bisect_right(clauses, clause)
        return clause, clauses[following] if following < len(clauses) else self.span(sentence)[1]

    def cuts(self, sentence: int, least: int) -> list[int]:
        """Where a sentence may be cut so that each part has at least so many characters: where its clauses begin."""
        last, behind = self.span(sentence)
        cuts: list[int] = []
        for start in self.of(sentence):
            if last + least <= start <= behind - least:
                last = start
                cuts.append(start)
        return cuts

    @property
    def breaks(self) -> list[int]:
        """Where the lines of lists and short lines begin: sorted offsets in characters.

        Also what is counted within a line ("1) … 2) …").
        """
        if self._breaks is None:
            self._breaks = [at for found in _BREAK.finditer(self.text) if (at := self._break(found.start())) >= 0]
        return self._breaks

    def _break(self, at: int) -> int:
        """Where a line breaks, or what the bracket at ``at`` counts begins; -1 where it counts nothing."""
        if self.text[at] == "\n":
            return at
        counted = _COUNTED.search(self.text, max(0, at - _COUNTED_REACH), at)
        return counted.start() if counted else -1

    @property
    def questions(self) -> int:
        """How many sentences ask ..."""
        self._sentences()
        return sum(self._asks)

    @property
    def statements(self) -> int:
        """... and how many of those that say something do not."""
        spans = map(self.span, range(self.sentences))
        return sum(
            not asks and any(map(str.isalnum, self.text[begin:end]))
            for (begin, end), asks in zip(spans, self._asks, strict=True)
        )

    def _sentences(self) -> list[int]:
        if self._begins is None:
            stops = list(sentences.STOP.finditer(self.text))
            self._begins = [0, *[stop.end() for stop in stops]]
            self._asks = [*[stop[0] == "?" for stop in stops], False]
        return self._begins

    def _cut(self, begin: int, end: int) -> list[int]:
        starts = [begin]
        for cut in _CUT.finditer(self.text, begin, end):
            start = cut.start()
            if start > begin and (
                cut[0] != "und" or not _BETWEEN.search(self.text, max(begin, start - _REACH), start)
            ):
                starts.append(start)
        return starts
