"""What of a citizen's words leaves the city: the clauses that say what and where, made of known words.

``of_text`` cuts the text into clauses, keeps those that bear a word of the rules or describe it, and puts "[…]" for
every word in them that is not known or may be somebody's; "…" stands for what is left out. Clauses about the writer or
somebody else, contact, thanks and story are left out. ``of_cell`` does the same for a place or a remark. Nothing else
may be said to a body outside (docs/decisions/2026-11-30-the-excerpt.md).

Never: guesses what a word means, looks anything up outside, or shows a word because no pattern objects. Linear in the
characters of the text; raises nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from routing.text.cleaning import clean
from routing.text.excerpt import clauses, names, numbers, tokens
from routing.text.excerpt.clauses import Clause
from routing.text.excerpt.known import Known, Sort, of_configuration
from routing.text.excerpt.tokens import NUMBER, SIGN, WORD, Sentence, Token
from routing.text.excerpt.wordlists import BIT

__all__ = ("GAP", "LEFT_OUT", "Excerpt", "Known", "of_cell", "of_configuration", "of_text")

GAP, LEFT_OUT = "[…]", "…"
LONGEST = 1500
"""Characters of an excerpt; more is left out visibly."""
_CLOSING = re.compile(
    r"(?im)^[ \t>]*(?:(?:mit )?(?:(?:viele|liebe|beste|sch[öo]ne|herzliche|freundliche[nm]?|sonnige|nette)[nmr]? )?"
    r"gr(?:ü|u|ue)(?:ß|ss)(?:e|en)?\b|mfg\b|lg\b|vg\b|hochachtungsvoll|best regards|kind regards|regards|sincerely|"
    r"cordialement|cordiali|saludos|groetjes|pozdrawiam|sayg|--[ \t]*$)"
)
_WRAPPED = re.compile(r"(?<=[^\n]{60})[ \t]*\n(?=[a-zäöüß])")
_GAPS = re.compile(r"\[…\](?:[\s,;/&–-]*\[…\])+")
_LEFT = re.compile(r"…(?:[\s,;.:–-]*…)+")
_EMPTY = re.compile(r"\(\s*[,;…]*\s*\)")
_CORRECTED = re.compile(r" \(nicht \d{1,4} ?[a-z]?\)$")  # "Steinstraße 62 (nicht 60)", as the program writes it
_SEE = re.compile(r"\s*(?:siehe|wie|vgl|s\.)\b", re.IGNORECASE)
_SPACE = re.compile(r"[ \t]+")
_BEFORE_SIGN = re.compile(r"\s+([,.;:!?)])")
_SIGNS = re.compile(r"(?<=…)[\s]*[,;:.–-]+")


class Excerpt(Struct, frozen=True):
    """The words that may leave, how many gaps are in them, whether they say what it is about, and the homes named."""

    text: str
    gaps: int
    says: bool
    homes: tuple[str, ...] = ()


def of_text(text: str, known: Known, scenes: Sequence[str] = ()) -> Excerpt:
    """The excerpt of ``text``; an address that stands alone stays when it is in the list of ``scenes``.

    Raises nothing.
    """
    return _of_text(clean(text), known, tuple(scenes))


@lru_cache(maxsize=64)
def _of_text(text: str, known: Known, scenes: tuple[str, ...]) -> Excerpt:
    text = text.removeprefix("Betreff: ")
    closing = _CLOSING.search(text)
    body, signature = (text[: closing.start()], text[closing.end() :]) if closing else (text, "")
    body = _WRAPPED.sub(" ", body)
    read = _read(body, known, is_end=not signature)
    if signature:
        read += _read(_after(signature), known, is_end=True)
    if is_note := _is_note(read):
        _keep_what_it_is_about(read)
    homes: list[str] = []
    chosen = _chosen(read, scenes, homes, is_note=is_note)
    shown = "".join(_written(body_of, one, keep) for (body_of, one, _), keep in zip(read, chosen, strict=True))
    shown = _tidy(shown)
    says = any(
        clause.bears or clause.things
        for (_, _, of), keep in zip(read, chosen, strict=True)
        for clause, stays in zip(of, keep, strict=True)
        if stays
    )
    return Excerpt(shown, shown.count(GAP), says, tuple(homes))


def of_cell(text: str, known: Known) -> str:
    """What of a place may leave: its known words, a gap for others; "" where nothing is left; raises nothing."""
    corrected = _CORRECTED.search(text := clean(text))
    text = text[: corrected.start()] if corrected else text
    shown: list[str] = []
    for sentence in tokens.sentences(text, known, shouted=_shouts(text)):
        _judge(sentence, known, at_head=True)
        of = [clauses.read(sentence.tokens, span) for span in sentence.clauses]
        if any(clause.personal or clause.sensitive or clause.living for clause in of) or _SEE.match(text):
            return ""
        for clause in of:
            homes: list[str] = []
            if clause.places:
                _without_homes(text, sentence, clause, (text,), homes)
            if homes:
                return ""
            if clause.places or clause.things or clause.matters:
                words = _words(text, sentence.tokens, (clause.start, clause.end)).strip()
                shown.append(f"{words})" if words.startswith("(") and not words.endswith(")") else words)
    return _tidy(" ".join(shown)) + (corrected.group() if corrected and shown else "")


_Read = tuple[str, Sentence, list[Clause]]


def _read(text: str, known: Known, *, is_end: bool) -> list[_Read]:
    read: list[_Read] = []
    last = -1
    lines = text.count("\n")
    shouted = _shouts(text)
    for sentence in tokens.sentences(text, known, shouted=shouted):
        _judge(sentence, known, at_head=sentence.line != last)
        last = sentence.line
        of = [clauses.read(sentence.tokens, span) for span in sentence.clauses]
        if is_end and read and lines and sentence.line >= lines - 3 and _is_signature(sentence):
            for token in sentence.tokens:
                token.gap = True
            of = [clauses.read(sentence.tokens, span) for span in sentence.clauses]
        read.append((text, sentence, of))
    return read


def _judge(sentence: Sentence, known: Known, *, at_head: bool) -> None:
    names.mark_places(sentence.tokens, known)
    names.judge(sentence.tokens, at_head=at_head)
    numbers.judge(sentence.tokens)


def _shouts(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return letters > 12 and sum(map(str.isupper, text)) > 0.7 * letters


def _after(signature: str) -> str:
    """What follows a signature: a postscript of whole sentences."""
    return "\n".join(line for line in signature.split("\n")[1:] if len(line.split()) > 5)


def _is_signature(sentence: Sentence) -> bool:
    """A line of few capitalised words at the end says who wrote it."""
    words = [token for token in sentence.tokens if token.kind == WORD]
    return (
        0 < len(words) < 4
        and all(token.is_capital for token in words)
        and not any(token.kind == NUMBER and not token.gap for token in sentence.tokens)
    )


def _is_note(read: list[_Read]) -> bool:
    """Whether nothing says by itself what it is about and nobody speaks: "1x Matratze", "Müll, Roßstraße 200"."""
    return not any(_speaks(one) or (one.bears and not one.simple) for _, _, of in read for one in of)


def _keep_what_it_is_about(read: list[_Read]) -> None:
    """In a mere note a rule's word is what it is about, and nobody's name, unless something of a person is in it."""
    personal = any(clause.personal or clause.sensitive or clause.living for _, _, of in read for clause in of)
    for _, sentence, of in read:
        for at, clause in enumerate(of):
            follows = of[at + 1].places if at + 1 < len(of) else 0
            for token in sentence.tokens[clause.start : clause.end]:
                if token.sort is Sort.MATTER and token.gap and (not personal or (clause.simple and follows)):
                    token.gap = False
            of[at] = clauses.read(sentence.tokens, (clause.start, clause.end))
            of[at].is_name_like = of[at].is_name_like and not of[at].matters


def _speaks(clause: Clause) -> bool:
    """Whether somebody says something of himself or of others in it; the labels of a form do not."""
    return clause.speaks or clause.polite or (clause.personal and clause.small > 0)


def _chosen(read: list[_Read], scenes: tuple[str, ...], homes: list[str], *, is_note: bool) -> list[list[bool]]:
    """For each sentence which of its clauses stay; homes in them are gaps afterwards."""
    bearing = [any(clause.bears for clause in of) for _, _, of in read]
    chosen: list[list[bool]] = []
    others = any(clause.bears and not clause.personal for _, _, of in read for clause in of)
    for index, (text, sentence, of) in enumerate(read):
        near = is_note or any(bearing[max(0, index - 1) : index + 2])
        for at, clause in enumerate(of):
            if clause.places and _without_homes(text, sentence, clause, scenes, homes):
                of[at] = clauses.read(sentence.tokens, (clause.start, clause.end))
        keeps = [_stays(clause, near=near) and not (others and clause.personal and not clause.places) for clause in of]
        for at, clause in enumerate(of):
            if keeps[at] and clause.simple and not is_note and not _is_listed(sentence, of, keeps, at):
                keeps[at] = False
        chosen.append(keeps)
    return chosen


def _stays(clause: Clause, *, near: bool) -> bool:
    if clause.bears:
        return not (clause.speaks and clause.personal and clause.matters < 2) or clause.words > 4
    if (
        not near
        or not clause.words
        or clause.someone
        or clause.personal
        or clause.living
        or clause.sensitive
        or clause.speaks
    ):
        return False
    return clause.places > 0 or (clause.tells and not clause.polite and not clause.gaps)


def _without_homes(text: str, sentence: Sentence, clause: Clause, scenes: tuple[str, ...], homes: list[str]) -> bool:
    """Mark the addresses of a clause that may be somebody's home; whether one was found. ``homes``: those that are."""
    of = sentence.tokens
    found = False
    at = clause.start
    while at < clause.end:
        if of[at].sort is not Sort.PLACE or of[at].gap:
            at += 1
            continue
        begin = at
        while at < clause.end and of[at].sort is Sort.PLACE:
            at += 1
        end = at
        exact = end < clause.end and of[end].kind == NUMBER
        if exact:
            end += 2 if end + 1 < clause.end and len(of[end + 1].low) == 1 and of[end + 1].low.isalpha() else 1
        written = text[of[begin].start : of[end - 1].end]
        is_home = _is_somebodys(of, begin, clause, exact=exact)
        if is_home:
            homes.append(written)
        lead = of[begin - 1].bits if begin else 0
        if is_home or (exact and not _names_scene(written, scenes) and not (clause.bears and lead & _LEAD)):
            found = True
            for token in of[begin:end]:
                token.gap = True
    return found


def _is_somebodys(of: Sequence[Token], begin: int, clause: Clause, *, exact: bool) -> bool:
    """Whether an address belongs to somebody: by a word of living, or a name or a person right before it."""
    if clause.living and (exact or not clause.bears):
        return True
    at = begin - 1
    words = 0
    while (
        at >= 0
        and words < 3
        and (of[at].bits & _FROM or of[at].low in _BETWEEN or (exact and of[at].gap and of[at].kind == NUMBER))
    ):
        words += of[at].kind == WORD
        at -= 1
    if at < 0 or not of[at].gap or of[at].kind != WORD:
        return False
    if of[begin - 1].low == ":" and any(one.bits & _SCENE_LABEL for one in of[:at]):
        return False
    if at == begin - 1 or of[begin - 1].kind == SIGN:
        return exact and of[at].sort is not Sort.THING  # "Hövelmann, Lindenstraße 31", but not "Müll, Roßstraße 200"
    return of[at + 1].low != ":"  # "der Hövelmann aus der Lindenstraße", but not "Nachricht: Auf der Lindenstraße"


_BETWEEN = frozenset({",", "(", ":", "|"})
_FROM, _LEAD, _SCENE_LABEL = BIT["from"], BIT["lead"], BIT["scene_labels"]


def _names_scene(written: str, scenes: tuple[str, ...]) -> bool:
    low = written.casefold()
    return any(scene and (scene.casefold() in low or low in scene.casefold()) for scene in scenes)


def _is_listed(sentence: Sentence, of: list[Clause], keeps: list[bool], at: int) -> bool:
    """Whether one word alone belongs to a list of things, and is not what stands in brackets or behind a dash."""
    sign = sentence.tokens[of[at].start].low
    if sign in {"(", "[", "–", "-", "/", "—"}:
        return False
    if of[at].matters and not of[at].is_name_like:
        return True
    if of[at].small and not any(token.is_capital for token in sentence.tokens[of[at].start : of[at].end]):
        return True  # "orange", "umgekippt": names are not in the dictionary of small letters
    others = [of[near] for near in (at - 1, at + 1) if 0 <= near < len(of) and keeps[near]]
    return any(not one.gaps and (one.matters or one.things) for one in others)


def _written(text: str, sentence: Sentence, keeps: list[bool]) -> str:
    shown: list[str] = []
    for span, stays in zip(sentence.clauses, keeps, strict=True):
        shown.append(_words(text, sentence.tokens, span) if stays else f" {LEFT_OUT} ")
    return "".join(shown) + "\n"


def _words(text: str, of: Sequence[Token], span: tuple[int, int]) -> str:
    start, end = span
    shown: list[str] = []
    at = of[start - 1].end if start else of[start].start
    for token in of[start:end]:
        shown.append(text[at : token.start])
        shown.append(GAP if token.gap else text[token.start : token.end])
        at = token.end
    return "".join(shown)


def _tidy(shown: str) -> str:
    """One mark for several gaps or left-out clauses in a row; lines that say nothing are left out."""
    lines: list[str] = []
    for line in shown.split("\n"):
        kept = _LEFT.sub(LEFT_OUT, _SPACE.sub(" ", _EMPTY.sub("", _GAPS.sub(GAP, line))))
        kept = _BEFORE_SIGN.sub(r"\1", _SIGNS.sub("", kept)).strip(" ,;:-–")
        lines.append(kept if any(map(str.isalnum, kept)) else LEFT_OUT if kept else "")
    text = " ".join(line for line in lines if line)
    text = _LEFT.sub(LEFT_OUT, text).strip()
    text = "" if text == LEFT_OUT else text
    if len(text) > LONGEST:
        text = f"{text[: text.rfind(' ', 0, LONGEST)].rstrip()} {LEFT_OUT}"
    return text
