"""How much of a citizen's words is shown, so that all who redact them look at the same."""

import re
from collections.abc import Iterable

LONGEST = 4000  # characters; more is shortened visibly
MOST_SENTENCES = 8  # with a word that a rule found, from behind that
_LONGEST_SENTENCE = 500
_END = re.compile(r"[.!?]\s|\n")


def shortened(text: str, found: Iterable[int] = ()) -> str:
    """``text`` as far as a letter shows it: some thousand characters, and the sentences of what rules found behind.

    ``found`` are the offsets in ``text`` where the words of the matter begin. Cut between two words, so that no half
    address escapes redaction.
    """
    lead = len(text) - len(text.lstrip())
    text = text.strip()
    if len(text) <= LONGEST:
        return text
    kept = text[:LONGEST]
    end = max(kept.rfind(" "), kept.rfind("\n"), 0)
    sentences = _sentences(text, sorted({one - lead for one in found if end <= one - lead < len(text)}))
    later = "".join(f"\n(…)\n{sentence}" for sentence in sentences)
    return f"{kept[:end].rstrip()}{later}\n(gekürzt; der ganze Text liegt bei uns)"


def _sentences(text: str, found: Iterable[int]) -> list[str]:
    """The sentences that hold these offsets, each once."""
    result: list[str] = []
    until = 0
    for at in found:
        if at < until or len(result) >= MOST_SENTENCES:
            continue
        start = max((stop.end() for stop in _END.finditer(text, max(0, at - _LONGEST_SENTENCE), at)), default=-1)
        if start < 0:
            start = text.find(" ", max(0, at - _LONGEST_SENTENCE), at) + 1
        stop = _END.search(text, at, at + _LONGEST_SENTENCE)
        until = stop.end() if stop else max(text.rfind(" ", at, at + _LONGEST_SENTENCE), at)
        if stop is None and at + _LONGEST_SENTENCE >= len(text):
            until = len(text)
        result.append(text[max(start, 0) : until].strip())
    return result
