"""Which numbers mean something to a dispatcher: a mast, a house, a time, a size, a count. All others go."""

import re
from collections.abc import Sequence

from routing.text.excerpt import wordlists
from routing.text.excerpt.known import Sort
from routing.text.excerpt.tokens import MIXED, NUMBER, WORD, Token
from routing.text.excerpt.wordlists import BIT

_TIME = re.compile(r"(?:[01]?\d|2[0-4])[:.][0-5]\d")
_DAY = re.compile(r"(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])(?:\.(?:20)?(?:2\d)?)?")
_ROAD = re.compile(
    r"[ABKL]\d{1,3}[a-z]?|\d{1,4}[a-h]|\d{1,5}(?:m|cm|mm|km|qm|m²|m³|kg|x|h|er|te|ten|l|kw|w)", re.IGNORECASE
)
_UNIT, _NUMBERED = BIT["units"], BIT["numbered"]
_YEARS = frozenset({"jahr", "jahre", "jahren", "j"})
_SINCE = wordlists.words("since")
_STRONG = wordlists.words("strong_numbers")
_COUNTED = frozenset({Sort.THING, Sort.MATTER, Sort.GROUP, Sort.BRAND})
_HOURS = frozenset({"uhr", "h"})
_AT = frozenset({"um", "gegen", "ab", "bis", "seit", "von", "und"})
_DAYS = frozenset({"am", "seit", "vom", "bis", "ab", "dem", "den", "zum"})
_STRONG_ENDS = tuple(
    word + ending
    for word in (
        "mast",
        "laterne",
        "lampe",
        "leuchte",
        "tonne",
        "container",
        "schacht",
        "deckel",
        "baum",
        "ampel",
        "poller",
        "ständer",
        "kasten",
    )
    for ending in ("", "n", "en", "s", "es")
)
_LONGEST, _LONGEST_STRONG = 4, 8
_JOINS = frozenset({",", "und", "bis", "-", "–", "/", "oder", "x", "&"})


def judge(tokens: Sequence[Token]) -> None:
    """Mark those of a list of tokens, a sentence's, that are numbers in digits or words and go; raises nothing."""
    for begin, end in _runs(tokens):
        digits = sum(sum(map(str.isdigit, token.low)) for token in tokens[begin:end])
        together = end - begin
        before = tokens[begin - 1] if begin else None
        after = tokens[end] if end < len(tokens) else None
        if together == 1 and tokens[begin].sort is Sort.NUMBER and tokens[begin].kind == WORD:
            counted = after is not None and (
                after.sort in {Sort.THING, Sort.MATTER, Sort.GROUP, Sort.SMALL, Sort.BRAND} or after.bits & _UNIT
            )
            tokens[begin].gap = (
                tokens[begin].low == "null" or _is_age(before, after) or (len(tokens[begin].low) > 7 and not counted)
            )
        elif together > 1:
            for token in tokens[begin:end]:
                token.gap = not (together == 2 and after is not None and after.bits & _UNIT and digits < 6)
        else:
            tokens[begin].gap = not _means(tokens, begin, before, after, digits)


def _runs(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Numbers that follow one another without a word between."""
    runs: list[tuple[int, int]] = []
    for index, token in enumerate(tokens):
        if token.kind == NUMBER or (token.kind == WORD and token.sort is Sort.NUMBER) or token.kind == MIXED:
            if runs and runs[-1][1] == index:
                runs[-1] = (runs[-1][0], index + 1)
            else:
                runs.append((index, index + 1))
    return runs


def _means(tokens: Sequence[Token], at: int, before: Token | None, after: Token | None, digits: int) -> bool:
    """Whether a number that stands alone says something to a dispatcher."""
    token = tokens[at]
    if token.kind == MIXED:
        return _ROAD.fullmatch(token.low) is not None
    back = at
    while back > 1 and tokens[back - 1].low in _JOINS and tokens[back - 2].kind == NUMBER:
        back -= 2  # 3, 4 und 5
    if back != at:
        return not tokens[back].gap and digits <= _LONGEST
    if before is not None and before.low == "." and at > 1:
        before = tokens[at - 2]
    if _is_of_a_flat(tokens, at):
        return False
    if _is_strong(tokens, at, before):
        return digits <= _LONGEST_STRONG
    if _is_age(before, after):
        return False
    moment = _is_moment(token, before, after)
    if moment is not None:
        return moment
    if token.low.count("/") > 1 or token.low.count(".") > 1 or digits > _LONGEST:
        return False
    return _counts(tokens, at, after) or _numbers(before)


def _is_strong(tokens: Sequence[Token], at: int, before: Token | None) -> bool:
    """Whether it is the number of a mast, a container, a tree."""
    if before is None or before.gap:
        return False
    return before.low in _STRONG or (before.low == ":" and at > 1 and tokens[at - 2].low in _STRONG)


def _is_moment(token: Token, before: Token | None, after: Token | None) -> bool | None:
    """Whether a number is a day or a time that means something; None: it is neither."""
    hours = after is not None and after.low in _HOURS
    if _DAY.fullmatch(token.low) and before is not None and before.low in _DAYS and not hours:
        return True
    if _TIME.fullmatch(token.low) and (after is None or after.kind != NUMBER):
        return after is None or hours or (before is not None and before.low in _AT)
    if _DAY.fullmatch(token.low):
        return before is not None and before.sort is Sort.THING
    return None


def _counts(tokens: Sequence[Token], at: int, after: Token | None) -> bool:
    """Whether something is counted or measured: "4 Säcke", "30 cm", "2 gelbe Tonnen"."""
    if after is None or after.gap:
        return False
    if after.bits & _UNIT or after.sort in _COUNTED:
        return True
    return after.sort is Sort.SMALL and at + 2 < len(tokens) and tokens[at + 2].sort in _COUNTED


def _numbers(before: Token | None) -> bool:
    """Whether what stands before has a number: a house, a street, a mast."""
    if before is None or before.gap:
        return False
    return bool(before.bits & _NUMBERED) or before.sort is Sort.PLACE or before.low.endswith(_STRONG_ENDS)


def _is_of_a_flat(tokens: Sequence[Token], at: int) -> bool:
    """Whether it is the number of somebody's flat, floor or the like: "Whg. Nr. 18"."""
    while at and (tokens[at - 1].low in {".", "nr", "nummer"}):
        at -= 1
    return at > 0 and tokens[at - 1].sort is Sort.SENSITIVE


def _is_age(before: Token | None, after: Token | None) -> bool:
    return after is not None and after.low in _YEARS and (before is None or before.low not in _SINCE)
