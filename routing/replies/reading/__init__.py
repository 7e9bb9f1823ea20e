"""What a body's reply to one of our letters says: done, commissioned, not ours, a question; pure.

The four words that every letter asks for are understood, and ordinary German ("haben wir gestern beseitigt", "das ist
nicht unsere Straße, bitte an KBK"). The rule above all: no reply is read as its opposite. So a sentence counts as a
whole, with every "nicht", "noch", "wenn", "morgen" in it; two sayings in one reply, or one that is half understood,
are UNCLEAR, and a person reads it. A reply to a digest may answer several cases, each by its number.
"""

from collections.abc import Collection
from enum import StrEnum

from msgspec import Struct

from routing.replies.reading import numbers, patterns, sentences
from routing.replies.reading.bodies import Bodies

LONGEST = 5000  # characters; a longer one is for a person
MANY_WORDS = 160


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
    sentences that decided; ``other`` is the body that the reply names instead ("kbk"), or "".
    """

    number: str
    position: int | None
    kind: AnswerKind
    words: str
    other: str = ""
    everything: bool = False  # "alles erledigt": said of every concern of the letter


def read(
    text: str, bodies: Bodies, *, speakers: Collection[str] = (), prefix: str, year: int = 0, quoted: str = ""
) -> tuple[Answer, ...]:
    """The answers in ``text`` (what the body wrote now), one per case that it names, or one for the whole letter.

    ``speakers`` are the ids of those ``bodies`` that it may come from: they name another. ``prefix`` is that of the
    city's case numbers, ``year`` completes a shortened one; ``quoted`` is the whole mail with its quotation ("> "),
    for answers written between its lines.
    """
    if not text.strip() or len(text) > LONGEST:
        return (Answer("", None, AnswerKind.UNCLEAR, ""),)
    parts = numbers.parts(text, bodies, prefix, year) or numbers.between(quoted[:LONGEST], bodies, prefix, year)
    if not parts:
        return (_answer("", None, text, bodies, speakers),)
    found: dict[tuple[str, int | None], Answer] = {}
    for part in parts:
        for number, position in part.cases:
            answer = _answer(number, position, part.text, bodies, speakers)
            before = found.get((number, position))
            if before is not None and before.kind is not answer.kind:
                answer = Answer(number, position, AnswerKind.UNCLEAR, f"{before.words} / {answer.words}")
            found[number, position] = answer
    return tuple(found.values())


def _answer(number: str, position: int | None, text: str, bodies: Bodies, speakers: Collection[str]) -> Answer:
    said = sentences.split(text, bodies)
    outcome, words = _kind(said, bodies)
    words = words or " ".join(sentence.words for sentence in said)[:300]
    own = patterns.fold(text)
    other = next((one for one, name in bodies.named if one not in speakers and patterns.names(own, one, name)), "")
    everything = outcome is not AnswerKind.UNCLEAR and patterns.EVERYTHING.search(own) is not None
    return Answer(number, position, outcome, words, other, everything)


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
