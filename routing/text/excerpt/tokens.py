"""Words and signs of a text, and its sentences and clauses. Linear, never fails."""

import re
from collections.abc import Iterator

from msgspec import Struct

from routing.text.excerpt import wordlists
from routing.text.excerpt.known import Known, Sort

WORD, NUMBER, MIXED, ODD, SIGN = range(5)
_TOKEN = re.compile(
    r"([^\W\d_]+(?:['’&-][^\W\d_]+)*-?\.?(?![@#_\\=<>{}$~^+*|•&\d]|://|\.[a-z]{2}))"
    r"|(\S*[@#_\\=<>{}$~^+*|•&]\S*|\S*://\S*|\S*[a-z0-9]\.[a-z]{2,}\S*|\S*\d\S*[:/–-]\S*[^\W\d]\S*(?<![.,;:!?)]))"
    r"|((?<![^\W_])(?:\d{1,2}[:.]\d{2}(?=\s?(?:[uU]hr|h\b))|\d+(?:[.,:/–x-]\d+)*(?:[a-hA-H](?![^\W_]))?)(?![^\W_]))"
    r"|(\w*\d\w*)"
    r"|(\S)"
)
_KINDS = (0, WORD, ODD, NUMBER, MIXED, SIGN)
_BREAKS = frozenset(".!?…")
_OPENS = frozenset(':"„“»')
_CUTS = frozenset(',;:()[]–—/"„“”»«')
_BEGINNINGS = wordlists.words("beginnings")
"""In capitals amid a sentence they begin one, whose full stop was forgotten."""
_ABBREVIATED = wordlists.words("abbreviated")
_LOWER = re.compile(r"\s*[a-zäöüß(,]")
_CONJUNCTION = wordlists.BIT["conjunction"]


class Token(Struct):
    """A word, number or sign: what it is, where it stands, whether it goes.

    ``low`` is it in small letters, ``bits`` are the lists that have it (``wordlists``); ``first``: it begins its
    sentence, a line or direct speech.
    """

    low: str
    start: int
    end: int
    kind: int
    sort: Sort
    bits: int
    is_capital: bool
    first: bool
    gap: bool = False


class Sentence(Struct):
    """Its tokens, and where its clauses begin among them."""

    tokens: list[Token]
    clauses: list[tuple[int, int]]
    line: int


def sentences(text: str, known: Known, *, shouted: bool = False) -> Iterator[Sentence]:
    """The sentences of a text in order, line by line; ``shouted``: in capitals, which then mean nothing.

    Raises nothing.
    """
    at = 0
    for number, line in enumerate(text.split("\n")):
        tokens: list[Token] = []
        first = True
        for found in _TOKEN.finditer(line):
            kind = _KINDS[found.lastindex or 5]
            begin, end = found.span()
            written = found[0]
            stop = False
            if kind == WORD:
                if written[-1] == "." and _is_stop(written[:-1], line, end):
                    written, stop, end = written[:-1], True, end - 1
                word = known.word(written.casefold() if shouted else written)
                tokens.append(
                    Token(word.low, at + begin, at + end, WORD, word.sort, word.bits, word.is_capital, first)
                )
                first = False
            else:
                sort = Sort.FUNCTION if kind in {SIGN, NUMBER} else Sort.UNKNOWN
                tokens.append(_sign(written, at + begin, kind, sort))
                stop = (
                    kind == SIGN
                    and written in _BREAKS
                    and not (
                        written == "." and len(tokens) > 1 and tokens[-2].kind == NUMBER and _LOWER.match(line, end)
                    )
                )
                first = kind == SIGN and (written in _OPENS or (first and written not in ",/-("))
            if stop:
                if kind == WORD:
                    tokens.append(_sign(".", at + end, SIGN, Sort.FUNCTION))
                yield Sentence(tokens, _clauses(text, tokens), number)
                tokens, first = [], True
        if tokens:
            yield Sentence(tokens, _clauses(text, tokens), number)
        at += len(line) + 1


def _sign(written: str, start: int, kind: int, sort: Sort) -> Token:
    return Token(written, start, start + len(written), kind, sort, 0, is_capital=False, first=False)


def _is_stop(word: str, line: str, end: int) -> bool:
    """Whether a full stop ends a sentence: not one behind an abbreviation or a single letter."""
    low = word.casefold()
    if low.endswith(("str", "nr")) and len(low) > 2 and low != "str":
        rest = line[end:].lstrip()
        return not rest[:1].isdigit() and (not rest or rest[0].isupper())
    if len(word) == 1 or low in _ABBREVIATED:
        return not line[end:].strip() and len(word) > 1
    return True


def _clauses(text: str, tokens: list[Token]) -> list[tuple[int, int]]:
    starts = [0]
    before = tokens[0]
    for index, token in enumerate(tokens[1:], 1):
        if token.kind == SIGN:
            if token.low in _CUTS or (token.low == "-" and before.end < token.start):
                starts.append(index)
        elif token.kind == WORD and (
            (token.bits & _CONJUNCTION and before.kind != NUMBER)
            or (
                token.is_capital
                and not token.first
                and before.kind != SIGN
                and text[token.start : token.end] in _BEGINNINGS
            )
        ):
            starts.append(index)
        before = token
    starts.append(len(tokens))
    return [(start, starts[number]) for number, start in enumerate(starts[:-1], 1)]
