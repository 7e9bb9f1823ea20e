"""Whether somebody is in danger: signs that add up, and doubts that take away.

Lists of phrases for danger know few of the next city's. Signs transfer: a person, a body's state, a voice, a weapon,
fire, height, water, traffic, a trap. Each window of two sentences is looked at by itself; its features (which lists of
signs have a word in it, how many, which doubts) are summed up (``Library.danger``), and so is what every
other word of a German text says for or against danger ("Sperrmüll", "plötzlich"). The highest sum decides: certain →
an alarm, likely → a person of the duty desk looks at once, a trace → nothing leaves the city by itself. A sentence as
long as dictation without marks makes it is cut into windows by its clauses. Windows with nothing but weak signs
("Straße", "liegt") are not looked at.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from routing.model.library import DECIMALS, WORD, Library
from routing.rules.engine.signs.marks import Mark, Sort, is_foreign
from routing.text import stems
from routing.text.clauses import Clauses

RULE = "Zeichen von Gefahr"
"""Under this name the signs stand in a decision, as a rule's matches do."""
ALARM, LOOK, PERSON, TRACE, WITH_RULE = "alarm", "look", "person", "trace", "alarm_with_rule"
_BIAS = "bias"
_MORE = "2"
_SHORT, _LONG = 12, 60
"""Up to so many words a message is short, from so many on it is long."""
_WIDEST = 300
"""A sentence of more characters is cut."""
_MOST_GRAVE, _MOST_WEAK = 5, 4
_HOPELESS = -5.0
"""Below that sum of its signs a window's other words are not looked at: they do not make up for it."""
_COUNTED = (Sort.DANGER, Sort.DOUBT, Sort.REPORT)


class Level(Enum):
    """How sure it is that somebody is in danger."""

    NONE = 0
    TRACE = 1
    LOOK = 2
    ALARM = 3


class Danger(Struct, frozen=True):
    """What was found in the window that speaks most for danger.

    ``signs`` and ``doubts``: the words with the names of their lists, in order; ``field``: the number of the field;
    ``sentence``: that of the window's first sentence; ``asks``: whether that is a question.
    """

    level: Level
    sum: float
    field: int
    signs: tuple[Mark, ...]
    doubts: tuple[Mark, ...]
    sentence: int = 0
    asks: bool = False


NOTHING = Danger(Level.NONE, float("-inf"), 0, (), ())


class Looked(Struct, frozen=True):
    """A field: its clauses, the library's words in it, and where rules apply (position, name of the feature)."""

    clauses: Clauses
    marks: Sequence[Mark]
    rules: Sequence[tuple[int, str]] = ()


class _Window(Struct):
    """Two sentences: signs, doubts, features of the rules, words; the number of the first one, and whether it asks."""

    signs: list[Mark]
    doubts: list[Mark]
    rules: set[str]
    text: str
    sentence: int
    asks: bool
    foreign: bool


def look(fields: Sequence[Looked], library: Library, *, words: int) -> Danger:
    """The gravest window of all fields. ``words``: how many the message has."""
    best = NOTHING
    for number, field in enumerate(fields):
        for window in _windows(field, library.weak):
            total = _total(window, library, words=words)
            if total > best.sum:
                level = _level(total, library.danger.levels)
                if level is Level.ALARM and any(sign.mistyped for sign in window.signs):
                    level = _without_guesses(window, library, words=words)
                best = Danger(
                    level, total, number, tuple(window.signs), tuple(window.doubts), window.sentence, window.asks
                )
    return best


def _total(window: _Window, library: Library, *, words: int) -> float:
    signs, doubts = _signs(window, library, words=words), _doubts(window, words=words)
    total = library.danger.of(signs) + library.danger.of(doubts)
    if total >= _HOPELESS:
        total += library.danger.of_words(stems.of(window.text))
    return round(total, DECIMALS)


def _without_guesses(window: _Window, library: Library, *, words: int) -> Level:
    """An alarm that rests on misspelt words holds only where the others would be looked at without them."""
    sure = [sign for sign in window.signs if not sign.mistyped]
    total = _total(replace(window, signs=sure), library, words=words)
    return Level.ALARM if total >= library.danger.levels[LOOK] else Level.LOOK


def features(fields: Sequence[Looked], library: Library, *, words: int) -> Sequence[Mapping[str, float]]:
    """What speaks for and against danger in each window of the fields, as the weights count it; never empty."""
    found = [
        {
            **_signs(window, library, words=words),
            **_doubts(window, words=words),
            **dict.fromkeys((WORD + word for word in sorted(stems.of(window.text))), 1.0),
        }
        for field in fields
        for window in _windows(field, library.weak)
    ]
    return found or [{_BIAS: 1.0}]


def _windows(field: Looked, weak: Collection[str]) -> Iterator[_Window]:
    """Each two sentences that follow each other and of which one has a sign of danger that is not weak."""
    if not any(mark.sort is Sort.DANGER for mark in field.marks):
        return
    starts = _starts(field.clauses)
    signs: dict[int, list[Mark]] = {}
    doubts: dict[int, list[Mark]] = {}
    rules: dict[int, set[str]] = {}
    for mark in field.marks:
        if mark.sort in _COUNTED:
            of = signs if mark.sort is Sort.DANGER else doubts
            of.setdefault(bisect_right(starts, mark.start) - 1, []).append(mark)
    strong = [sentence for sentence, marks in signs.items() if any(mark.name not in weak for mark in marks)]
    if not strong:
        return
    for position, name in field.rules:
        rules.setdefault(bisect_right(starts, position) - 1, set()).add(name)
    foreign = is_foreign(field.marks)
    text = "" if foreign else field.clauses.text
    ends = [*starts[1:], len(text), len(text)]
    for first in sorted({sentence - before for sentence in strong for before in (0, 1) if sentence >= before}):
        both = (first, first + 1)
        yield _Window(
            [mark for sentence in both for mark in signs.get(sentence, ())],
            [mark for sentence in both for mark in doubts.get(sentence, ())],
            {name for sentence in both for name in rules.get(sentence, ())},
            text[starts[first] : ends[first + 1]],
            sentence := field.clauses.sentence(starts[first]),
            field.clauses.asks(sentence),
            foreign,
        )


def _starts(clauses: Clauses) -> list[int]:
    """Where sentences begin; long ones are cut at their clauses."""
    starts: list[int] = []
    for sentence in range(clauses.sentences):
        begin, end = clauses.span(sentence)
        starts.append(begin)
        if end - begin > _WIDEST:
            starts.extend(clauses.cuts(sentence, _WIDEST // 2))
    return starts


def _signs(window: _Window, library: Library, *, words: int) -> Mapping[str, float]:
    """The lists of the signs, how many grave and how many weak ones there are, and whether somebody is named."""
    counted: dict[str, float] = {_BIAS: 1.0}
    lists = _counted(counted, ((mark.name, mark.start) for mark in window.signs))
    grave = _said(window.signs, lists - library.who - library.weak)
    for least in range(1, min(grave, _MOST_GRAVE) + 1):
        counted[f"zeichen{least}"] = 1.0
    for least in range(1, min(_said(window.signs, lists & library.weak), _MOST_WEAK) + 1):
        counted[f"neben{least}"] = 1.0
    if not lists.isdisjoint(library.who):
        counted["wer"] = 1.0
        if grave:
            counted["wer+"] = 1.0
    if words <= _SHORT:
        counted["kurz"] = 1.0
    if window.foreign:
        counted["fremdsprache"] = 1.0
    return counted


def _said(signs: Iterable[Mark], lists: Collection[str]) -> int:
    """How many of the lists have a sign; a word that stands in several speaks for one."""
    return min(len(lists), len({mark.start for mark in signs if mark.name in lists}))


def _doubts(window: _Window, *, words: int) -> Mapping[str, float]:
    """What speaks against: doubts, signs of a report or of office mail, rules of ordinary things, a question."""
    found = dict.fromkeys(window.rules, 1.0)
    named = ((mark.name if mark.sort is Sort.DOUBT else f"meldung.{mark.name}", mark.start) for mark in window.doubts)
    _counted(found, named)
    if window.asks:
        found["frage"] = 1.0
    if words > _LONG:
        found["lang"] = 1.0
    return found


def _counted(found: dict[str, float], named: Iterable[tuple[str, int]]) -> set[str]:
    """Counts each list once, and once more if it has several words; gives the lists."""
    lists: dict[str, set[int]] = {}
    for name, start in named:
        lists.setdefault(name, set()).add(start)
    for name, places in lists.items():
        found[name] = 1.0
        if len(places) > 1:
            found[name + _MORE] = 1.0
    return set(lists)


def _level(total: float, levels: Mapping[str, float]) -> Level:
    if total >= levels[ALARM]:
        return Level.ALARM
    if total >= levels[LOOK]:
        return Level.LOOK
    return Level.TRACE if total >= levels[TRACE] else Level.NONE
