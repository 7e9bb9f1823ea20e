"""Whether a person should see a message before it leaves as an ordinary letter, though no danger is certain in it.

Most of what strangers wrote of doubtful things names a thing that rules know ("Am Ufer lagen Schuhe", "Die Mauer hat
einen Bauch", "Auf der Bank lagen leere Tablettenpackungen"), and few or no signs of danger. How it is told tells them
from reports: by signs and doubts that are each too little, by words, and by what speaks for a report. All of this is
summed up (``Library.worry``) where the concerns are told: in their sentences and the ones before and behind. From the
level on, nothing goes out: the message waits for a person. What is dangerous is judged elsewhere (``danger``).
"""

from collections.abc import Iterator, Mapping, Sequence

from routing.model.library import DECIMALS, WORD, Library
from routing.rules.engine.signs.danger import Looked
from routing.rules.engine.signs.marks import Sort, is_foreign
from routing.text import stems

LEVEL = "worry"
_BIAS = "bias"
_REPORT = "meldung."


def total(fields: Sequence[Looked], report: Mapping[str, float], library: Library) -> float:
    """How much speaks for a look. ``report``: feature → value, what speaks for and against a report."""
    found, words = _found(fields, report)
    return round(library.worry.of(found) + library.worry.of_words(words), DECIMALS)


def features(fields: Sequence[Looked], report: Mapping[str, float]) -> dict[str, float]:
    """The same as a mapping: name that its weights have → how much of it is there, each word too."""
    found, words = _found(fields, report)
    return {**found, **dict.fromkeys([WORD + word for word in sorted(words)], 1.0)}


def told(fields: Sequence[Looked]) -> Iterator[tuple[int, int, int]]:
    """The sentences near the concerns: number of the field, start and end (folded, in characters).

    Of other languages there is none: no weight knows their words.
    """
    for number, field in enumerate(fields):
        if field.rules and not is_foreign(field.marks):
            yield from ((number, *field.clauses.span(sentence)) for sentence in _near(field))


def _found(fields: Sequence[Looked], report: Mapping[str, float]) -> tuple[dict[str, float], set[str]]:
    """The features but for the words, and the words' stems."""
    found = {_REPORT + name: value for name, value in report.items()}
    found[_BIAS] = found.pop(_REPORT + _BIAS, 1.0)
    for field in fields:
        near, sentence = _near(field), field.clauses.sentence
        everywhere = len(near) == field.clauses.sentences
        for mark in field.marks:
            tells = mark.sort is Sort.DANGER or mark.sort is Sort.DOUBT
            if tells and (everywhere or sentence(mark.start) in near):
                found[mark.name] = 1.0
    texts = [fields[number].clauses.text[begin:end] for number, begin, end in told(fields)]
    return found, stems.of(" ".join(texts))


def _near(field: Looked) -> list[int]:
    """The sentences in which ordinary rules apply, with the ones before and behind, in order."""
    at = {field.clauses.sentence(position) for position, _ in field.rules}
    near = {sentence + by for sentence in at for by in (-1, 0, 1)}
    return [sentence for sentence in sorted(near) if 0 <= sentence < field.clauses.sentences]
