"""Sentences of a reply, and what each of them says by itself: its cues.

A cue is "done", "commissioned", "refused", "question", "not done", or "doubt" for a sentence that says something
of the matter but not plainly enough. Whatever turns a saying round counts for the whole sentence, never for a clause.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from routing.replies.reading import patterns
from routing.replies.reading.bodies import Bodies

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
_TURNED = (patterns.CONDITION, patterns.MODAL, patterns.PARTIAL, patterns.CONTRAST, patterns.HEDGE)


class Sentence(Struct, frozen=True):
    """``words`` as written, ``folded`` without what says nothing, ``asks`` with a question mark at its end."""

    words: str
    folded: str
    asks: bool


def split(text: str, bodies: Bodies) -> list[Sentence]:
    """The sentences of a reply, in order, up to its closing.

    A word we ask for, at the very beginning, is one by itself.
    """
    found: list[Sentence] = []
    body = _body(text, bodies)
    first = _ASKED_FIRST.match(body)
    pieces = [first[1], *_END.split(body[first.end() :])] if first else _END.split(body)
    for piece in pieces:
        words = " ".join(piece.split())
        folded = patterns.fold(words)
        if not words or patterns.SMALL_PRINT.search(folded):
            continue
        meant = " ".join(patterns.NOTHING.sub(" ", folded).strip(" ,.!:;-–").split())
        found.append(Sentence(words, meant, asks="?" in words))
    return found


def _body(text: str, bodies: Bodies) -> str:
    """The lines up to the closing, without quoted ones; wrapped lines are joined, so that no sentence is torn."""
    joined = ""
    for line in text.replace("\r", "").split("\n"):
        plain = line.strip()
        if plain.startswith(">"):
            continue
        folded = patterns.fold(plain)
        if joined.strip() and bodies.closing.fullmatch(folded):
            break
        alone = folded.strip(" .!:-") in _ASKED or not folded or _LINE_END.search(plain) is not None
        greeting = not patterns.NOTHING.sub("", folded).strip(" ,.!") and "dank" not in folded
        joined += "\n" if greeting else plain + ("\n" if alone else " ")
    return joined.strip()


def asked_word(said: Sequence[Sentence]) -> str | None:
    """The outcome whose word stands alone at the beginning, as our letter asks for it."""
    if not said or said[0].asks:
        return None
    return _ASKED.get(said[0].folded)


def cues(sentence: Sentence, bodies: Bodies) -> frozenset[str]:
    """What the sentence says of the matter, a set of cue names; empty for one that says nothing of it."""
    if sentence.asks:
        return frozenset({"question"})
    text, refused = bodies.refused.subn(" § ", sentence.folded)
    text, gone = patterns.GONE.subn(" § ", text)
    text, undone = patterns.NOT_DONE.subn(" § ", text)
    text, phrase = patterns.DONE_PHRASE.subn(" § ", text)
    found = {"not done"} if undone else set()
    if refused:
        turned = patterns.CONDITION.search(text) or patterns.NEGATION.search(text) or patterns.AGAINST.search(text)
        found.add("doubt" if turned else "refused")
    if patterns.QUESTION.search(text):
        found.add("question")
    going = _going(text, bodies, undone=bool(undone))
    if going:
        found.add(going)
    if gone or phrase or patterns.PARTICIPLE.search(text):
        done = _done(text, plainly=bool(gone or phrase))
        if done == "doubt" and going == "commissioned" and patterns.CONDITION.search(text):
            done = going  # "beauftragt, wir melden uns, sobald es erledigt ist"
        found.add(done)
    acted_on = found & {"done", "commissioned"}
    return frozenset(found - acted_on | {"doubt"} if acted_on and _strange(sentence.words, bodies) else found)


def _strange(words: str, bodies: Bodies) -> bool:
    """Whether the sentence holds a short word that nobody here knows, such as a dialect's "not"; names are allowed."""
    tokens = re.findall(r"[^\W\d_]+", words)
    loud = words.isupper()
    for index, token in enumerate(tokens):
        folded = patterns.fold(token)
        is_name = token[0].isupper() and index > 0 and not loud
        is_known = folded in bodies.short or patterns.PARTICIPLE.fullmatch(folded)
        if len(token) <= LONGEST_SHORT and not is_name and not is_known:
            return True
    return False


def _going(text: str, bodies: Bodies, *, undone: bool) -> str:
    """Whether something was set going: "commissioned", "doubt" when that is not said plainly, else ""."""
    if not (patterns.COMMISSIONED.search(text) or patterns.WE_DO.search(text) or patterns.WILL_DO.search(text)):
        return ""
    modal = None if patterns.CAN_ONLY.search(text) else patterns.MODAL.search(text)
    conditional = patterns.CONDITION.search(text) and not patterns.PARTICIPLE.search(text)
    handed_on = re.search(r"\bweitergeleitet\b|\bweitergegeben\b", text) and bodies.elsewhere.search(text)
    turned = (patterns.NEGATION, patterns.HABIT, patterns.HEDGE, patterns.ONLY)
    contrary = patterns.AGAINST.search(text) and not undone  # "noch nicht erledigt, aber beauftragt"
    if modal or conditional or handed_on or contrary or any(pattern.search(text) for pattern in turned):
        return "doubt"
    return "commissioned"


def _done(text: str, *, plainly: bool) -> str:
    """What a sentence with "erledigt" in it comes to: done only in the past and without any doubt."""
    if patterns.NEGATION.search(text):
        return "not done"
    past = re.search(r"\b(?:wurden?|worden|haben|hat|habe|war|waren)\b", text)
    only_later = patterns.CAN_ONLY.search(text)
    if only_later or patterns.FUTURE.search(text):
        turned = [patterns.CONDITION, patterns.AGAINST, patterns.HABIT, patterns.HEDGE, patterns.ONLY]
        turned += [] if only_later else [patterns.MODAL]
        return "doubt" if past or any(pattern.search(text) for pattern in turned) else "commissioned"
    if any(pattern.search(text) for pattern in (*_TURNED, patterns.HABIT, patterns.PRESENT)):
        return "doubt"
    if patterns.LOOKED.search(text) and not patterns.BOTH.search(text):
        return "doubt"  # a look was had, a photo taken
    by_itself = not patterns.SUBJECT.search(_around(patterns.BY.sub(" ", text)))
    return "done" if plainly or by_itself or patterns.AUXILIARY.search(text) else "doubt"


def _around(text: str) -> str:
    """The part of the sentence that may hold its subject: what stands behind a comma, a dash or a date does not."""
    found = patterns.PARTICIPLE.search(text)
    end = found.end() if found else 0
    return text[:end] + re.split(r" am |\d\.\d|[,/(:–-]", text[end:], maxsplit=1)[0]


def doubts(sentence: Sentence) -> bool:
    """Whether a sentence without a cue of its own puts the others in doubt."""
    turned = (patterns.NEGATION, patterns.FUTURE, *_TURNED)
    return any(pattern.search(sentence.folded) for pattern in turned)
