"""The fields of web forms and phone notes: "Straße: Moerser Straße 17", "schadensort=Westwall 112", "Ihre Daten".

A label is what stands before a colon or an equals sign, or a short line of its own. What it is for is told by its
words (``Library.fields``); mails that are forms as a whole are read by ``routing.text.web_forms``. A label without a
value on its line holds the lines below it. "Straße" alone is the writer's where the form asks for a name, else the
scene's. Works on folded text, linear.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from routing.text.form_fields import Holds
from routing.text.keywords import folding, sentences


class Value(Struct, frozen=True, gc=False):
    """Where a field's value stands (folded): HOME, SCENE or TEXT."""

    start: int
    end: int
    holds: Holds


_LABEL = re.compile(
    r"(?:^|[\n;|,.{]|/(?=\s))[ \t>*\[\]•\-\d)\"{]*"
    r"([a-z][^\n:=;|,.\d\"]{0,44}?(?:\.[^\n:=;|,.\d\"]{0,20}?)?)[ \t\"]*[:=]"
)
_MARKS = ":="
_BEFORE_LABEL = "\n;|,."
_LONG_LINE = 100  # characters, of which the beginning is not looked at
_ALONE = re.compile(r"[ \t>*]*(?:\d{1,2}[.)][ \t]*)?([a-z][a-z /.,()_-]{1,38})[ \t]*")
_CELL = re.compile(r"^[ \t>]*\|?[ \t]*([a-z][^\n:=;|\t,\d]{0,44}?)[ ]*[|\t]", re.MULTILINE)  # "| Adresse | … |"
_PERSON = re.compile(r"\b(?:herrn?|frau|familie|hr\.|hrn\.|fr\.|fam\.|anruf\w*|eheleute)\s")
_NEXT_PART = re.compile(r"\s(?:-|/)\s|[|\t]")
_WORD = re.compile(r"[a-z]+")
_MOST_WORDS = 5
_MOST_WORDS_ALONE = 3
_CLEAR = (Holds.SCENE, Holds.HOME, Holds.TEXT)
_SHORT = 4  # letters: such a word of a label is meant as a whole
_POSTCODE_LINE = re.compile(r"\n[ \t]*\d{5}[ \t]+[^\n]{2,40}")

_NUMBER_ENDS = re.compile(r"\.\s{1,2}(?=[a-z]{3})(?<=\d\.\s)")  # "Ostwall 8. Der Müll"

Labels = Mapping[Holds, tuple[str, ...]]
NO_LABELS: Labels = {}


def labels(fields: Mapping[str, tuple[str, ...]]) -> Labels:
    """The beginnings of label words (folded), by what their fields hold."""
    return {holds: tuple(folding.plain(word) for word in fields.get(holds.value, ())) for holds in Holds}


def values(text: str, known: Labels) -> list[Value]:
    """The values of the fields that say where somebody lives or where it is, in order."""
    if not any(mark in text for mark in ":=|\n\t"):
        return []
    found = [(label.start(1), label.end(), _held(label[1], known)) for label in _labels(text)]
    cells = _CELL.finditer(text) if "|" in text or "\t" in text else ()
    found += [(cell.start(1), cell.end(), _held(cell[1], known)) for cell in cells]
    found += [
        (line.start(1), line.end(), held)
        for line in _lines(text)
        if (held := _held(line[1], known, alone=True)) is not None
    ]
    fields = sorted({start: (start, end, held) for start, end, held in found if held is not None}.values())
    return _values(text, fields)


def _labels(text: str) -> Iterator[re.Match[str]]:
    """The labels before a colon or an equals sign, looked for from each of these backwards: there are few."""
    behind = 0
    for end in sorted(at + 1 for mark in _MARKS for at in _all(text, mark)):
        begin = max(behind, text.rfind("\n", behind, end))
        if end - begin > _LONG_LINE:
            last = max(text.rfind(char, begin, end) for char in _BEFORE_LABEL)
            if last >= 0 and text[last] == ".":  # one may stand in a label
                last = max(text.rfind(char, begin, last) for char in _BEFORE_LABEL)
            begin = max(begin, last)
        if label := _LABEL.search(text, begin, end):
            yield label
        behind = end


def _all(text: str, char: str) -> Iterator[int]:
    at = text.find(char)
    while at >= 0:
        yield at
        at = text.find(char, at + 1)


def _lines(text: str) -> Iterator[re.Match[str]]:
    """The short lines of nothing but words, each matched without its end."""
    begin = 0
    for end in (*_all(text, "\n"), len(text)):
        if line := _ALONE.fullmatch(text, begin, end):
            yield line
        begin = end + 1


def _values(text: str, fields: Sequence[tuple[int, int, Holds]]) -> list[Value]:
    personal = any(held in {Holds.NAME, Holds.HOME, Holds.SCENE} for _, _, held in fields)
    if not personal and fields:
        personal = _PERSON.search(text, 0, fields[0][0]) is not None
    result: list[Value] = []
    section: Holds | None = None
    for number, (begin, end, held) in enumerate(fields):
        many = len(_WORD.findall(text[begin:end])) > 1
        until = fields[number + 1][0] if number + 1 < len(fields) else len(text)
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end
        empty = not text[end:line_end].strip(" \t:=]")
        if held in {Holds.SCENE, Holds.HOME}:
            section = held if empty else None
        elif held is Holds.TEXT and empty and section is Holds.HOME and many:
            section = Holds.SCENE  # "Angaben zur Meldung" behind those of the person
            continue
        elif held in {Holds.TEXT, Holds.NAME}:
            section = section if held is Holds.NAME and section is Holds.HOME else None
        if held is Holds.ADDRESS:
            held = section or (Holds.HOME if personal else Holds.SCENE)  # noqa: PLW2901
        elif held is Holds.SPOT:
            held = section or (Holds.SCENE if many or not empty else Holds.ADDRESS)  # noqa: PLW2901
            section = Holds.SCENE if many and empty else section
        if held in {Holds.SCENE, Holds.HOME, Holds.TEXT}:
            result.append(Value(end, min(until, _value_end(text, end, line_end, held, empty=empty)), held))
    return result


def _value_end(text: str, end: int, line_end: int, held: Holds, *, empty: bool) -> int:
    if held is Holds.TEXT:
        return len(text)
    if not empty:
        stops = [stop.start() for form in (sentences.STOP, _NUMBER_ENDS) if (stop := form.search(text, end, line_end))]
        if held is Holds.HOME and (part := _NEXT_PART.search(text, end + 1, line_end)):
            stops.append(part.start())  # "Anruferin: Becker, A 71 - Hundekot am B"
        if stops:
            return min(stops) + 1
        below = _POSTCODE_LINE.match(text, line_end) if held is Holds.HOME else None
        return below.end() if below else line_end
    blank = re.compile(r"\n[ \t]*\n").search(text, line_end + 1)
    return blank.start() if blank else len(text)


def _held(label: str, known: Labels, *, alone: bool = False) -> Holds | None:
    group, dot, last = label.rpartition(".")
    if dot and group.isalpha() and last.isalpha():  # "vorgang.strasse"
        held, section = _held(last, known), _held(group, known)
        return section if held in {Holds.ADDRESS, Holds.SPOT, None} and section in {Holds.SCENE, Holds.HOME} else held
    words = _WORD.findall(label)
    if not words or len(words) > (_MOST_WORDS_ALONE if alone else _MOST_WORDS):
        return None
    if len(words) == 1 and words[0] in known.get(Holds.SPOT, ()):
        return Holds.SPOT
    best = max((_longest(words, known.get(holds, ())), -order) for order, holds in enumerate(_CLEAR))
    if best[0]:
        return _CLEAR[-best[1]]
    order = (Holds.NAME, Holds.ADDRESS, Holds.SPOT)
    return next((holds for holds in order if _longest(words, known.get(holds, ()))), None)


def _longest(words: Sequence[str], beginnings: tuple[str, ...]) -> int:
    """How many letters the longest of the beginnings has that one of the words begins with."""
    if not any(word.startswith(beginnings) for word in words):
        return 0
    return max(
        (
            len(beginning)
            for word in words
            for beginning in beginnings
            if (word == beginning if len(beginning) <= _SHORT else word.startswith(beginning))
        ),
        default=0,
    )
