"""What the citizen wrote now: the text without quotes, signatures, mobile footers and disclaimers.

Works line by line, German and English, in linear time. In doubt a line stays: a lost sentence may be an emergency, a
left-over signature is only ugly. When nothing would be left, the whole text counts as new. A forward ("WG:", "Fwd:",
or a forwarded block in the text) keeps what it forwards.
"""

from collections.abc import Iterator
from typing import NamedTuple

from intake.mail import quote_patterns


def extract(text: str, subject: str = "") -> str:
    """The new part of ``text``; the whole of it when nothing else would be left."""
    signs = _look(f"\n{text}")
    if not any(signs) and not quote_patterns.ABOUT_THIS_MAIL.search(f"\n{text[-_TAIL:]}"):
        return text.strip()
    lines = text.split("\n")
    for index in signs.verbs:
        length = _attribution(lines, index) if 0 <= index < len(lines) else 0
        if length:
            signs.attributions[index] = length
    cut, forwarded = len(lines), False
    if signs.history or signs.attributions:
        cut, forwarded = _history(lines, signs, is_forward=quote_patterns.FORWARD_SUBJECT.match(subject) is not None)
    signs.footer.update(_foreign(lines[:cut]))
    head = _without_signature(lines[:cut], signs)
    if not forwarded and cut < len(lines) and (answers := _answers(lines[cut:], pointed=_points_below(head))):
        head += ["", *answers]
    kept = "\n".join(head).strip()
    if len(head) < cut and "\n\n\n" in kept:
        kept = quote_patterns.GAP.sub("\n\n", kept)
    if forwarded:
        tail = "\n".join(lines[cut:]).strip()
        kept = f"{kept}\n\n{tail}" if kept and tail else kept or tail
    return kept if _says_something(kept) else text.strip()


_TAIL = 3_000  # characters at the end among which such a disclaimer stands
_LAST = 30  # lines
_POINTING = 200  # characters
_MARK = 400
"""Longer no line is that marks a forward or an earlier message."""


class _Signs(NamedTuple):
    """The numbers of the lines that may be what the name says."""

    greeting: set[int]
    history: set[int]
    footer: set[int]
    special: set[int]  # "> " (the first of several) or "-- "
    verbs: set[int]  # an introduction ("Am ... schrieb ...:") may begin here
    quotes: dict[int, int]  # where several quoted lines begin: how many
    attributions: dict[int, int]  # where an introduction does begin: how many lines it takes


def _look(text: str) -> _Signs:
    """The signs in ``text``, which begins with a line end."""
    signs = _Signs(set(), set(), set(), set(), set(), {}, {})
    number, at = -1, 0
    for found in quote_patterns.SIGN.finditer(text):
        start = found.start() + 1
        number += text.count("\n", at, start)
        at = start
        kind = found.lastgroup or ""
        getattr(signs, kind).add(number)
        if kind == "special":
            length = text.count("\n", at, found.end()) + 1
            if length > 1 and text[at] == ">" and text.find(">From ", at, found.end() + 5) < 0:
                signs.quotes[number] = length
        elif kind == "history" and text[at : at + 8].lower().startswith(("gesendet", "von")):
            signs.footer.add(number)
    number, at = -1, 0
    for colon in quote_patterns.COLON.finditer(text):  # an introduction ends with one, on its last line
        end = start = colon.start()
        number += text.count("\n", at, end)
        at = end
        for _ in range(4):
            start = text.rfind("\n", max(0, end - 2000), start) if start > 0 else start
        before = text[start if start >= 0 else max(0, end - 2000) : end].lower()
        if any(verb in before for verb in quote_patterns.VERBS):
            signs.verbs.update((number - 3, number - 2, number - 1, number))
    return signs


def _says_something(text: str) -> bool:
    return quote_patterns.LETTER.search(text) is not None


def _history(lines: list[str], signs: _Signs, *, is_forward: bool) -> tuple[int, bool]:
    """Where the earlier messages begin that are not marked line by line, and whether they are a forward's content."""
    for index in sorted(signs.history.union(signs.attributions)):
        if lines[index][:1] in (">", ""):
            continue
        line = lines[index][:_MARK]
        if index in signs.history:
            if quote_patterns.FORWARD_MARK.match(line):
                return _before_rule(lines, index), True
            if _is_block(lines, index):
                return _before_rule(lines, index), is_forward
            if quote_patterns.ORIGINAL_MARK.match(line):
                return index, is_forward
        length = signs.attributions.get(index, 0)
        if length:
            following = index + length
            while following < len(lines) and not lines[following].strip():
                following += 1
            if following >= len(lines) or lines[following][:1] != ">":
                return index, is_forward
            if is_forward:
                return index, True
    return len(lines), False


def _foreign(lines: list[str]) -> Iterator[int]:
    """The numbers of the last lines that may begin a disclaimer in another language."""
    first = max(0, len(lines) - _LAST)
    last = "\n".join(["", *lines[first:]])[-_TAIL:]
    if quote_patterns.ABOUT_THIS_MAIL.search(last):
        yield from range(first, len(lines))


def _points_below(head: list[str]) -> bool:
    """Whether somebody says hardly more than that the answers stand below, "in rot"."""
    said = " ".join(filter(None, head))
    return len(said) < _POINTING and quote_patterns.ANSWERS_BELOW.search(said) is not None


def _answers(history: list[str], *, pointed: bool) -> list[str]:
    """What stands between and below the lines of an earlier message, where these or the answers are marked.

    Behind "-----Ursprüngliche Nachricht-----" and its header fields: who marks the old lines writes between them, and
    who leaves them as they were marks the answers ("=> vor Nummer 9"). Where only colours did that, ``pointed``
    keeps all.
    """
    start = 0
    while start < len(history) and (not history[start].strip() or _is_head(history[start])):
        start += 1
    if start >= len(history) or history[start][:1] != ">":
        marked = [line for line in map(_marked_answer, history[start:]) if line]
        return marked or (history[start:] if pointed else [])
    own = "\n".join([line for line in history[start:] if line[:1] != ">"]).strip()
    return extract(own).split("\n") if _says_something(own) else []


def _marked_answer(line: str) -> str:
    """What is behind the mark of an answer within an earlier message that is not marked itself; "" without one."""
    found = quote_patterns.ANSWER_MARK.match(line)
    return line[found.end() :].strip() if found else ""


def _is_head(line: str) -> bool:
    """Whether a line leads in an earlier message: its mark, or one of its header fields."""
    line = line[:_MARK]
    return (
        quote_patterns.ORIGINAL_MARK.match(line) is not None
        or quote_patterns.BLOCK_FIELD.match(line) is not None
        or quote_patterns.RULE.fullmatch(line) is not None
    )


def _is_block(lines: list[str], index: int) -> bool:
    """An Outlook block: Von/From and Gesendet/Date and one more within the next lines."""
    found = quote_patterns.BLOCK_FIELD.match(lines[index])
    if found is None or found[1].lower() not in quote_patterns.BLOCK_STARTS:
        return False
    names = {found[1].lower()}
    for line in lines[index + 1 : index + 9]:
        following = quote_patterns.BLOCK_FIELD.match(line)
        if following:
            names.add(following[1].lower())
    sender, about = names & quote_patterns.BLOCK_SENDERS, names & quote_patterns.BLOCK_SUBJECTS
    return bool(sender and about) and len(names) >= 3


def _before_rule(lines: list[str], index: int) -> int:
    """Without the rule (____) that Outlook draws before a block."""
    while index > 0 and quote_patterns.RULE.match(lines[index - 1]) and len(lines[index - 1]) < 200:
        index -= 1
    return index


def _attribution(lines: list[str], index: int) -> int:
    """How many lines a "… schrieb …:" takes that begins here; 0 for none."""
    line = lines[index]
    if len(line) > 300:
        return 0
    joined = ""
    for count, piece in enumerate(lines[index : index + 4], 1):
        joined = f"{joined} {piece.strip()}" if joined else piece.strip()
        if not piece.strip() or len(joined) > 600:
            return 0
        if joined.endswith(":"):
            own = not quote_patterns.OWN_WORDS.isdisjoint(joined.lower().split())
            return count if not own and quote_patterns.ATTRIBUTION.match(joined) else 0
        if count == 1 and not quote_patterns.ATTRIBUTION_START.match(joined):
            return 0
    return 0


def _without_signature(lines: list[str], signs: _Signs) -> list[str]:
    """Without quotes and their introductions, signature, footers, disclaimers; later prose and postscripts stay."""
    first = min(signs.greeting.union(signs.footer, signs.special, signs.attributions), default=len(lines))
    kept = lines[:first]
    said = any(map(_says_something, kept))
    signed = disclaimed = False
    following = len(kept)
    while following < len(lines):
        index, line = following, lines[following]
        following += signs.quotes.get(index, 1)
        if not line or line.isspace():
            disclaimed = False
            kept.append("")
        elif line[0] == ">" and not line.startswith(">From "):
            disclaimed = False
        elif index in signs.attributions:
            following = index + signs.attributions[index]
        elif said and index in signs.special and line.rstrip() == "--":
            break
        elif disclaimed or (index in signs.footer and _is_footer(line)) or (signed and _is_confidential(line)):
            disclaimed = disclaimed or signed or quote_patterns.MOBILE.match(line[:200]) is None
        elif said and not signed and index in signs.greeting and _is_greeting(line.strip()):
            signed = True
        elif not signed or _is_content(line.strip()):
            kept.append(line)
            said = said or _says_something(line)
    return kept


def _is_confidential(line: str) -> bool:
    return quote_patterns.CONFIDENTIAL.search(line[:600]) is not None


def _is_footer(line: str) -> bool:
    if len(line) < 200 and quote_patterns.MOBILE.match(line):
        return True
    if quote_patterns.DISCLAIMER.match(line[:600]):
        return True
    return _is_confidential(line) and quote_patterns.ABOUT_THIS_MAIL.match(f"\n{line[:_MARK]}") is not None


def _is_greeting(line: str) -> bool:
    if len(line) > 90 or quote_patterns.GREETING.match(line) is None:
        return False
    return len(line.split()) <= quote_patterns.LONGEST_GREETING and not line.endswith("?")


def _is_content(line: str) -> bool:
    """After the greeting: a postscript, or a sentence that is no part of a signature."""
    if quote_patterns.POSTSCRIPT.match(line):
        return True
    if len(line.split()) < 7:
        return False
    word = quote_patterns.SMALL_WORD.search(line)
    return word is not None and quote_patterns.SENTENCE_END.search(line, word.end()) is not None
