"""What a body's reply to one of our letters says: done, commissioned, not ours, a question; pure.

The four words that every letter asks for are understood, and ordinary German ("haben wir gestern beseitigt", "das ist
nicht unsere Straße, bitte an KBK"). The rule above all: no reply is read as its opposite. So a sentence counts as a
whole, with every "nicht", "noch", "wenn", "morgen" in it; two sayings in one reply, or one that is half understood,
are UNCLEAR, and a person reads it. A reply to a digest may answer several cases, each by its number.
"""

import re
from collections.abc import Collection, Sequence
from enum import StrEnum

from msgspec import Struct

from routing.replies.reading import mentions, numbers, patterns, positions, sentences
from routing.replies.reading.bodies import Bodies
from routing.replies.reading.numbers import Case, Part

LONGEST = 5000  # characters; a longer one is for a person
MANY_WORDS = 160
_SHORTENED = (
    (re.compile(r"\berl\b\.?", re.IGNORECASE), "erledigt"),
    (re.compile(r"\bn\. ?z\b\.?|\bnz\b\.?", re.IGNORECASE), "nicht zuständig"),
    (re.compile(r"\bbeauftr\.", re.IGNORECASE), "beauftragt"),
    (re.compile(r"\bveranl\.", re.IGNORECASE), "veranlasst"),
)
"""What people write for the words that our letters ask for."""


class AnswerKind(StrEnum):
    """What a reply came to."""

    DONE = "done"
    COMMISSIONED = "commissioned"  # the body takes care of it, or has somebody do it
    REFUSED = "refused"  # not responsible: handed back
    QUESTION = "question"
    RECEIVED = "received"  # thanks, noted, being looked at: a sign of life that decides nothing
    AUTOMATIC = "automatic"  # a ticket system's receipt, an absence: nobody has read our letter
    UNCLEAR = "unclear"


class Answer(Struct, frozen=True):
    """What the reply says about one case; ``number`` is "" where it names none and means the letter it answers.

    ``number`` is written out ("KOD-2026-000123"), ``position`` the concern behind it or None; ``words`` are the
    sentences that decided; ``other`` is the body that the reply names instead ("kbk"), or "". ``beside`` are the
    numbers of cases that the reply names without being about them; ``linked``: it says that they belong together.
    """

    number: str
    position: int | None
    kind: AnswerKind
    words: str
    other: str = ""
    everything: bool = False  # "alles erledigt": said of every concern of the letter
    beside: tuple[str, ...] = ()
    linked: bool = False


def read(
    text: str,
    bodies: Bodies,
    *,
    speakers: Collection[str] = (),
    prefix: str,
    year: int = 0,
    quoted: str = "",
    listed: Sequence[Case] = (),
) -> tuple[Answer, ...]:
    """The answers in ``text`` (what the body wrote now), one per case that it names, or one for the whole letter.

    ``speakers`` are the ids of those ``bodies`` that it may come from: they name another. ``prefix`` is that of the
    city's case numbers, ``year`` completes a shortened one; ``quoted`` is the whole mail with its quotation ("> "),
    for answers written between its lines. ``listed`` are the letter's concerns in the order of its list; what the
    answer says of any other case, or of a number that the list does not have, is for a person.
    """
    if not text.strip() or len(text) > LONGEST:
        return (Answer("", None, AnswerKind.UNCLEAR, ""),)
    text, quoted = _written_out(text), _written_out(quoted[:LONGEST])
    text, beside = mentions.marked(text, prefix, listed) if listed else (text, [])
    apart: list[Part] = []
    if len(listed) > 1:
        text, lines = mentions.lines_apart(text)
        apart = [Part([(beside[mark], None)], said) for mark, said in lines]
    parts = _by_place(text, bodies, prefix, listed) if len(listed) > 1 else []
    parts = parts or numbers.parts(text, bodies, prefix, year) or numbers.between(quoted, bodies, prefix, year)
    if apart and not parts and text.strip():
        apart.append(Part([("", None)], text))
    parts += apart
    if not parts:
        return (_answer("", None, text, bodies, speakers, beside),)
    found: dict[Case, Answer] = {}
    for part in parts:
        for number, position in part.cases:
            answer = _answer(number, position, part.text, bodies, speakers, beside)
            before = found.get((number, position))
            if before is not None and before.kind is not answer.kind:
                answer = Answer(number, position, AnswerKind.UNCLEAR, f"{before.words} / {answer.words}")
            found[number, position] = answer
    return tuple(found.values())


def _written_out(text: str) -> str:
    for short, word in _SHORTENED:
        text = short.sub(word, text)
    return text


def _by_place(text: str, bodies: Bodies, prefix: str, listed: Sequence[Case]) -> list[Part]:
    """What is said of the letter's list by its own numbers, beside which whole numbers may stand."""
    places = {case: at for at, case in enumerate(listed, 1)}
    cases = {number: at for (number, _), at in places.items() if sum(number == one for one, _ in listed) == 1}
    plain = numbers.replaced(text, prefix, lambda case: f"Nr. {places.get(case) or cases.get(case[0]) or case[0]}")
    said = positions.parts(plain, bodies, len(listed))
    if not said or (plain != text and not positions.parts(text, bodies, len(listed))):
        return []  # whole numbers alone are read with the words around them
    there = range(1, len(listed) + 1)
    return [
        Part([listed[at - 1] if at in there else (f"{positions.NOT_LISTED}{at}", None) for at in one.places], one.text)
        for one in said
    ]


def _answer(
    number: str, position: int | None, text: str, bodies: Bodies, speakers: Collection[str], marked: list[str]
) -> Answer:
    beside = mentions.named(text, marked)
    linked = bool(beside) and mentions.are_linked(text)
    settled = mentions.settled_with(text) if beside else text
    said = sentences.split(settled or text, bodies)
    outcome, words = _kind(said, bodies)
    if beside and not (settled and outcome is AnswerKind.DONE):
        outcome = AnswerKind.UNCLEAR
    words = mentions.unmarked(text if beside else words or " ".join(one.words for one in said), marked)[:300]
    own = patterns.fold(settled or text)
    other = next((one for one, name in bodies.named if one not in speakers and patterns.names(own, one, name)), "")
    everything = outcome is not AnswerKind.UNCLEAR and patterns.EVERYTHING.search(own) is not None
    return Answer(number, position, outcome, words, other, everything, beside, linked)


def _kind(said: list[sentences.Sentence], bodies: Bodies) -> tuple[AnswerKind, str]:
    """The one thing that all sentences together say, with the words that say it."""
    if sum(len(sentence.folded.split()) for sentence in said) > MANY_WORDS:
        return AnswerKind.UNCLEAR, ""
    cues = [(sentence, sentences.cues(sentence, bodies)) for sentence in said]
    found = set().union(*(cue for _, cue in cues)) if cues else set()
    words = " ".join(sentence.words for sentence, cue in cues if cue)[:300]
    asked = sentences.asked_word(said)
    if asked is not None:  # the word that our letter asks for stands alone in the first line
        contrary = found - {asked, *sentences.AGREEING[asked]}
        acted_on = asked in {"done", "commissioned"}  # the others are for a person anyway
        doubtful = acted_on and any(sentences.doubts(sentence) for sentence, cue in cues if not cue)
        return (AnswerKind.UNCLEAR if contrary or doubtful else AnswerKind(asked)), words
    if patterns.AUTOMATIC.search(" ".join(sentence.folded for sentence in said)):
        return (AnswerKind.UNCLEAR if found & {"done", "refused", "question"} else AnswerKind.AUTOMATIC), words
    for outcome, agreeing in sentences.AGREEING.items():
        if outcome in found and not found - {outcome} - agreeing:
            doubtful = outcome != "question" and any(sentences.doubts(sentence) for sentence, cue in cues if not cue)
            return (AnswerKind.UNCLEAR if doubtful else AnswerKind(outcome)), words
    if not found and said and all(patterns.RECEIVED.fullmatch(one.folded or "danke") for one in said):
        return AnswerKind.RECEIVED, " ".join(sentence.words for sentence in said)
    return AnswerKind.UNCLEAR, words
