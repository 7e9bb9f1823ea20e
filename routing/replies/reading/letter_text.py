"""The words of a body apart from the words of our letter, which its mail program may hold without any mark. Pure.

Outlook leaves the old mail as it is, and people write into it. What the mail reader takes for history then holds the
answer; here our own lines are known, because we wrote them.
"""

import email
import email.policy
import re
from collections import Counter

_BLOCK = re.compile(
    r"\s*(?:(?:\*?(?:von|from|gesendet|sent|an|to|cc|betreff|subject|datum|date)\*? ?:\*?).*|(?:[-_] ?){5,}|"
    r"-+ ?[^\n]{0,40}"
    r"(?:urspr(?:ü|ue)ngliche|original|weitergeleitete)[^\n]{0,40}|.{0,200}\b(?:schrieb|wrote)\b.{0,200}:)\s*",
    re.IGNORECASE,
)
_MANY = 3  # lines of ours in a new text: the mail reader found nothing else and took all of it


def plain(raw: bytes) -> str:
    """The text of a letter of ours (its bytes), as we wrote it; "" for one without."""
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def own_words(new_text: str, text: str, ours: str) -> str:
    """What the body wrote: ``new_text`` as the mail reader found it, else what in ``text`` is not ours."""
    known = _lines(ours)
    lines = [_folded(line) for line in new_text.splitlines()]
    if new_text.strip() and sum(line in known for line in lines) < _MANY:
        return new_text
    return "\n".join(line for line, is_ours in _told(text, known) if not is_ours).strip()


def left(text: str, new_text: str, ours: str) -> str:
    """The lines of ``text`` that are neither in ``new_text`` nor ours nor marked as quoted, one below the other."""
    known = _lines(ours) + _lines(new_text)
    return "\n".join(line for line, is_known in _told(text, known) if not is_known and line.strip())


def marked(text: str, ours: str) -> str:
    """``text`` with a mark ("> ") before each line of ours, so that answers between them are seen."""
    return "\n".join(
        f"> {line}" if is_ours and not line.lstrip().startswith(">") else line
        for line, is_ours in _told(text, _lines(ours))
    )


def _told(text: str, known: Counter[str]) -> list[tuple[str, bool]]:
    """Each line, and whether it is ours: as often as it stands in the letter."""
    left = known.copy()
    found = []
    for line in text.replace("\r", "").split("\n"):
        folded = _folded(line)
        is_ours = line.lstrip().startswith(">") or _BLOCK.fullmatch(line) is not None
        if folded and left[folded] > 0:
            left[folded] -= 1
            is_ours = True
        found.append((line, is_ours))
    return found


def _lines(text: str) -> Counter[str]:
    return Counter(folded for line in text.splitlines() if (folded := _folded(line)))


def _folded(line: str) -> str:
    return " ".join(line.lstrip("> \t").split()).casefold()
