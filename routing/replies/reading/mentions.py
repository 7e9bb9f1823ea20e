"""Numbers in an answer that its letter does not list: a hint for a person, never a target. Pure.

"Doppelmeldung zu KOD-…8" and "erledigt mit KOD-…8" say how two cases belong together; that they are linked changes
neither of them.
"""

import re
from collections.abc import Collection, Iterable

from intake import reference

Case = tuple[str, int | None]
_MARK = re.compile(r"⟦(\d{1,3})⟧")
_LINE = re.compile(r"[*•–\s-]*⟦(\d{1,3})⟧[\s:,=–-]*(.*)")
_SAME = re.compile(
    r"(?:doppel\w*|dublette|duplikat|identisch|dasselbe|derselbe|dieselbe|gleiche\w*|wie|siehe|s\. ?(?:a|o)\.?|vgl\.?|"
    r"gehört zu|"
    r"bereits (?:gemeldet|bekannt)|schon (?:gemeldet|bekannt)|bekannt)[^.!?\n⟦]{0,40}⟦",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"\b(?:zusammen |gemeinsam |gleich )?(?:mit|im zuge von|im rahmen von|bei|durch|über|unter)"
    r"(?: (?:dem |der )?(?:vorgang|nummer|nr\.?|auftrag|hinweis))? ?⟦\d{1,3}⟧",
    re.IGNORECASE,
)


def marked(text: str, prefix: str, listed: Collection[Case]) -> tuple[str, list[str]]:
    """A pair of ``text`` with a mark in place of each number that is not ``listed``, and a list of these numbers."""
    found: list[str] = []
    pattern = re.compile(
        rf"\[?(?<!\w)({reference.case_expression(prefix)})(?:-({reference.POSITION}))?(?!\w){reference.BEHIND}\]?",
        re.IGNORECASE,
    )

    def replaced(match: re.Match[str]) -> str:
        case, position = match[1].upper(), int(match[2]) if match[2] else None
        if any(case == known and position in {None, at} for known, at in listed):
            return match[0]
        found.append(case)
        return f"⟦{len(found) - 1}⟧"

    return pattern.sub(replaced, text), found


def lines_apart(text: str) -> tuple[str, list[tuple[int, str]]]:
    """A pair of ``text`` without the lines that begin with a mark, and these: (mark, what they say of its case)."""
    kept, apart = [], []
    for line in text.split("\n"):
        begins = _LINE.fullmatch(line.strip())
        if begins:
            apart.append((int(begins[1]), begins[2]))
        else:
            kept.append(line)
    return "\n".join(kept), apart


def named(text: str, found: list[str]) -> tuple[str, ...]:
    """A tuple of the numbers whose marks stand in ``text``, in order, each once."""
    return tuple(dict.fromkeys(found[int(mark[1])] for mark in _MARK.finditer(text)))


def are_linked(text: str) -> bool:
    """Whether ``text`` says that the case with a mark is the same matter, or was settled with it."""
    return _SAME.search(text) is not None or _WITH.search(text) is not None


def settled_with(text: str) -> str:
    """``text`` without "mit KOD-…", where that is all it says of the other case; else ""."""
    without = _WITH.sub(" ", text)
    return "" if "⟦" in without else without


def unmarked(text: str, found: Iterable[str]) -> str:
    """``text`` with its numbers again."""
    numbers = list(found)
    return _MARK.sub(lambda mark: numbers[int(mark[1])], text)
