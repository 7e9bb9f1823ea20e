"""Sentences of a reply, and what each of them says by itself: its cues.

A cue is "done", "commissioned", "refused", "question", "not done", or "doubt" for a sentence that says something
of the matter but not plainly enough. Whatever turns a saying round counts for the whole sentence, never for a clause.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from routing.answers import wordings

AGREEING: dict[str, frozenset[str]] = {
    "done": frozenset(),
    "commissioned": frozenset({"not done"}),
    "refused": frozenset({"not done"}),
    "question": frozenset({"not done"}),
}
"""The outcomes that one reply may come to, each with the cues that may stand beside it."""

_ASKED = {"erledigt": "done", "beauftragt": "commissioned", "nicht zustaendig": "refused", "rueckfrage": "question"}
_ASKED_FIRST = re.compile(
    r"\s*(erledigt|beauftragt|nicht zust(?:ä|ae)ndig|r(?:ü|ue)ckfrage)\s*[-–—:,.!(;]\s*", re.IGNORECASE
)
_ABBREVIATED = (
    r"(?<!\bnr)(?<!\bstr)(?<!\bca)(?<!\bbzw)(?<!\bfa)(?<!\bevtl)(?<!\binkl)(?<!\bz)(?<!\bb)(?<!\bi)(?<!\bh)(?<!\d)"
)
_END = re.compile(rf"(?<=[!?;])\s*|{_ABBREVIATED}\.+(?:\s+|$)|\n+", re.IGNORECASE)
_LINE_END = re.compile(r"[.!?;:]\s*$")


LONGEST_SHORT = 4
_TURNED = (wordings.CONDITION, wordings.MODAL, wordings.PARTIAL, wordings.CONTRAST, wordings.HEDGE)


class Sentence(Struct, frozen=True):
    """``words`` as written, ``folded`` without what says nothing, ``asks`` with a question mark at its end."""

    words: str
    folded: str
    asks: bool


def split(text: str) -> list[Sentence]:
    """The sentences of a reply up to its closing; a word we ask for, at the very beginning, is one by itself."""
    found: list[Sentence] = []
    body = _body(text)
    first = _ASKED_FIRST.match(body)
    pieces = [first[1], *_END.split(body[first.end() :])] if first else _END.split(body)
    for piece in pieces:
        words = " ".join(piece.split())
        folded = wordings.fold(words)
        if not words or wordings.SMALL_PRINT.search(folded):
            continue
        meant = " ".join(wordings.NOTHING.sub(" ", folded).strip(" ,.!:;-–").split())
        found.append(Sentence(words, meant, asks="?" in words))
    return found


def _body(text: str) -> str:
    """The lines up to the closing, without quoted ones; wrapped lines are joined, so that no sentence is torn."""
    joined = ""
    for line in text.replace("\r", "").split("\n"):
        plain = line.strip()
        if plain.startswith(">"):
            continue
        folded = wordings.fold(plain)
        if joined.strip() and wordings.CLOSING.fullmatch(folded):
            break
        alone = folded.strip(" .!:-") in _ASKED or not folded or _LINE_END.search(plain) is not None
        greeting = not wordings.NOTHING.sub("", folded).strip(" ,.!") and "dank" not in folded
        joined += "\n" if greeting else plain + ("\n" if alone else " ")
    return joined.strip()


def asked_word(said: Sequence[Sentence]) -> str | None:
    """The outcome whose word stands alone at the beginning, as our letter asks for it."""
    if not said or said[0].asks:
        return None
    return _ASKED.get(said[0].folded)


def cues(sentence: Sentence) -> frozenset[str]:
    """What the sentence says of the matter; nothing for one that says nothing of it."""
    if sentence.asks:
        return frozenset({"question"})
    text, refused = wordings.REFUSED.subn(" § ", sentence.folded)
    text, gone = wordings.GONE.subn(" § ", text)
    text, undone = wordings.NOT_DONE.subn(" § ", text)
    text, phrase = wordings.DONE_PHRASE.subn(" § ", text)
    found = {"not done"} if undone else set()
    if refused:
        turned = wordings.CONDITION.search(text) or wordings.NEGATION.search(text) or wordings.AGAINST.search(text)
        found.add("doubt" if turned else "refused")
    if wordings.QUESTION.search(text):
        found.add("question")
    going = _going(text, undone=bool(undone))
    if going:
        found.add(going)
    if gone or phrase or wordings.PARTICIPLE.search(text):
        done = _done(text, plainly=bool(gone or phrase))
        if done == "doubt" and going == "commissioned" and wordings.CONDITION.search(text):
            done = going  # "beauftragt, wir melden uns, sobald es erledigt ist"
        found.add(done)
    acted_on = found & {"done", "commissioned"}
    return frozenset(found - acted_on | {"doubt"} if acted_on and _strange(sentence.words) else found)


def _strange(words: str) -> bool:
    """Whether the sentence holds a short word that nobody here knows, such as a dialect's "not"; names are allowed."""
    tokens = re.findall(r"[^\W\d_]+", words)
    loud = words.isupper()
    for index, token in enumerate(tokens):
        folded = wordings.fold(token)
        is_name = token[0].isupper() and index > 0 and not loud
        is_known = folded in wordings.SHORT or wordings.PARTICIPLE.fullmatch(folded)
        if len(token) <= LONGEST_SHORT and not is_name and not is_known:
            return True
    return False


def _going(text: str, *, undone: bool) -> str:
    """Whether something was set going: "commissioned", "doubt" when that is not said plainly, else ""."""
    if not (wordings.COMMISSIONED.search(text) or wordings.WE_DO.search(text) or wordings.WILL_DO.search(text)):
        return ""
    modal = None if wordings.CAN_ONLY.search(text) else wordings.MODAL.search(text)
    conditional = wordings.CONDITION.search(text) and not wordings.PARTICIPLE.search(text)
    handed_on = re.search(r"\bweitergeleitet\b|\bweitergegeben\b", text) and wordings.ELSEWHERE.search(text)
    turned = (wordings.NEGATION, wordings.HABIT, wordings.HEDGE, wordings.ONLY)
    contrary = wordings.AGAINST.search(text) and not undone  # "noch nicht erledigt, aber beauftragt"
    if modal or conditional or handed_on or contrary or any(pattern.search(text) for pattern in turned):
        return "doubt"
    return "commissioned"


def _done(text: str, *, plainly: bool) -> str:
    """What a sentence with "erledigt" in it comes to: done only in the past and without any doubt."""
    if wordings.NEGATION.search(text):
        return "not done"
    past = re.search(r"\b(?:wurden?|worden|haben|hat|habe|war|waren)\b", text)
    only_later = wordings.CAN_ONLY.search(text)
    if only_later or wordings.FUTURE.search(text):
        turned = [wordings.CONDITION, wordings.AGAINST, wordings.HABIT, wordings.HEDGE, wordings.ONLY]
        turned += [] if only_later else [wordings.MODAL]
        return "doubt" if past or any(pattern.search(text) for pattern in turned) else "commissioned"
    if any(pattern.search(text) for pattern in (*_TURNED, wordings.HABIT, wordings.PRESENT)):
        return "doubt"
    if wordings.LOOKED.search(text) and not wordings.BOTH.search(text):
        return "doubt"  # a look was had, a photo taken
    by_itself = not wordings.SUBJECT.search(_around(wordings.BY.sub(" ", text)))
    return "done" if plainly or by_itself or wordings.AUXILIARY.search(text) else "doubt"


def _around(text: str) -> str:
    """The part of the sentence that may hold its subject: what stands behind a comma, a dash or a date does not."""
    found = wordings.PARTICIPLE.search(text)
    end = found.end() if found else 0
    return text[:end] + re.split(r" am |[,/(:–-]", text[end:], maxsplit=1)[0]


def doubts(sentence: Sentence) -> bool:
    """Whether a sentence without a cue of its own puts the others in doubt."""
    turned = (wordings.NEGATION, wordings.FUTURE, *_TURNED)
    return any(pattern.search(sentence.folded) for pattern in turned)
