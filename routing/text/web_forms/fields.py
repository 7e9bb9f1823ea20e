"""A text as the fields of a form: labels before a colon, an equals sign or a tab, as a key of JSON, or on lines alone.

Pure, linear: each line is looked at once, and only its beginning. What a value is for is told by ``labels``.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from routing.text.form_fields import Holds
from routing.text.web_forms import labels
from routing.text.web_forms.labels import Known, Taught

LONGEST_LABEL = 60
_START = re.compile(r"[ \t>*_#•–|{\[(\"'-]*(?:\d{1,2}[.)][ \t]+)?[*_\"]*")
_BESIDE = re.compile(r"([^\W\d_][^\n:=\t|\"?]{0,58}?)[*_\"]*[ \t]*\??[*_]*(?:[:=|\t])[ \t]*[*_\"]*")
_ASKED = re.compile(r"([^\W\d_][^\n:=\t|\"?]{0,58}?)\?[*_]*[ \t]+[*_\"]*(?=\S)")
_ALONE = re.compile(r"([^\W\d_][^\n:=\t|\"\d]{0,58}?)[ \t*_:?]*$")
_MAY_BE = re.compile(r"^(?:[^\n]{0,60}$|[^\n:=\t|?]{0,79}[:=\t|?])", re.MULTILINE)
_KEY = re.compile(r"[{,]\s*\"([^\W\d_][^\"\n]{0,58})\"\s*:\s*\"?")
_MANY_KEYS = 3
_FEW_WORDS = 5


class Field(Struct, frozen=True):
    """A field: where its label begins and ends, where its value does, and what it holds (None: not known)."""

    start: int
    label_end: int
    value_start: int
    value_end: int
    holds: Holds | None


def read(text: str, known: Known, taught: Taught | None) -> list[Field]:
    """The fields of ``text`` in their order; of a text without any that is known an empty list."""
    found = list(_keys(text, known, taught) if len(_KEY.findall(text)) >= _MANY_KEYS else _lines(text, known, taught))
    if not any(one.holds for one in found):
        return []
    ends = [one.start for one in found[1:]] + [len(text)]
    return [
        Field(one.start, one.label_end, one.value_start, max(one.value_start, end), one.holds)
        for one, end in zip(found, ends, strict=True)
    ]


def held(label: str, known: Known, taught: Taught | None) -> Holds | None:
    """What the field of this label holds, by the form that was taught or by its words."""
    if taught is not None and (holds := taught.labels.get(labels.folded(label))) is not None:
        return holds
    return known.held(label)


def _keys(text: str, known: Known, taught: Taught | None) -> Iterator[Field]:
    for key in _KEY.finditer(text):
        yield Field(key.start(1), key.end(), key.end(), 0, held(key[1], known, taught))


def _lines(text: str, known: Known, taught: Taught | None) -> Iterator[Field]:
    for found in _MAY_BE.finditer(text):
        begin = found.start()
        end = text.find("\n", begin)
        if (field := _line(text, begin, len(text) if end < 0 else end, known, taught)) is not None:
            yield field


def _line(text: str, begin: int, end: int, known: Known, taught: Taught | None) -> Field | None:
    lead = _START.match(text, begin, end)
    at = lead.end() if lead else begin
    until = min(end, at + LONGEST_LABEL + 20)
    beside = _BESIDE.match(text, at, until) or _ASKED.match(text, at, until)
    if beside and not text.startswith("//", beside.end()):  # no address of a page
        holds = held(beside[1], known, taught)
        if holds is None and (len(beside[1].split()) > _FEW_WORDS or not beside[1][:1].isupper()):
            return None
        empty = not text[beside.end() : end].strip(" \t*_\"'")
        value = end if empty else beside.end()
        return Field(begin, end if empty else beside.end(), min(value + empty, len(text)), 0, holds)
    alone = _ALONE.match(text, at, end) if end - at <= LONGEST_LABEL else None
    if alone and len(alone[1].split()) <= _FEW_WORDS:
        holds = held(alone[1], known, taught)
        if holds is not None and (_asks(text, alone.end(1), end) or _is_nothing_but_a_label(alone[1], known, taught)):
            return Field(begin, end, min(end + 1, len(text)), 0, holds)
    return None


def _asks(text: str, begin: int, end: int) -> bool:
    """Whether a label that stands alone is a question, or ends with a colon."""
    return any(mark in text[begin:end] for mark in "?:")


def _is_nothing_but_a_label(label: str, known: Known, taught: Taught | None) -> bool:
    """Whether a line without a colon is one: "Straße und Hausnummer", but not "Gladbacher Straße"."""
    if taught is not None and labels.folded(label) in taught.labels:
        return True
    return label[:1].isupper() and known.is_whole(labels.folded(label))
