"""Web forms: what a mail says in fields, told apart into the citizen's own data, the scene and the concern.

``read`` gives for a mail that is a form the same text twice, letter for letter as long, so that positions stay: for
the rules (``judged``: without names, numbers and technical fields, each label as its plain sort) and for letters
(``told``: the concern and the scene alone). What cannot be told apart is said in ``unclear``, in German, and goes to a
person. A mail that is no form gives None. Pure, linear, never fails.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from intake.message import Message
from routing.text.form_fields import Holds
from routing.text.keywords import dictionary, folding
from routing.text.web_forms import fields
from routing.text.web_forms.fields import Field
from routing.text.web_forms.labels import NOTHING, Known, Taught, of

__all__ = ["NOTHING", "Known", "Reading", "is_plain", "of", "read", "unchecked"]

LONGEST = 20_000  # characters of a form that are looked at
_FEWEST = 3  # fields that are known
_REMEMBERED = 256  # a batch: the rules read a form, what may leave the city does, its letter does
_WRITTEN = frozenset({Holds.TEXT, Holds.SCENE})
_OWN = frozenset({Holds.NAME, Holds.HOME, Holds.ADDRESS})
_PLAIN = {Holds.SCENE: "lage", Holds.HOME: "von", Holds.TEXT: "text"}
"""What stands for a label in the judged text (see ``routing.text.places.forms``)."""
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_POSTCODE = re.compile(r"[ \t,]*(?:d-)?\d{5}\b")
_DIGIT = re.compile(r"\d")
_BOX = re.compile(r"\[[ \t]?\]|\(\s\)|[☐□❏]")
_ANY_BOX = re.compile(r"\[[ \txX✓✔]?\]|\([ xX]\)|[☐□❏☑☒✓✔✅]")
_VISIBLE = re.compile(r"[^\s]")
_NAME = re.compile(r"[^\W\d_][\w'’.-]+(?:[ \t][^\W\d_][\w'’.-]+){0,4}")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_SCENE = 80
_SHORTEST_NAME = 4
_NO_NAMES = frozenset({"herr", "frau", "divers", "keine", "ja", "nein", "familie", "firma", "dr", "prof", "anonym"})
AMBIGUOUS = "Das Formular sagt nicht, ob „{}“ der Ort ist oder die Anschrift des Menschen, der schreibt."
TWO_ADDRESSES = "Das Formular nennt zwei Anschriften und sagt nicht, welche der Ort ist."


class Reading(Struct, frozen=True):
    """What a form says; ``names`` are the names in it, ``unclear`` is German, or empty."""

    judged: str
    told: str
    names: tuple[str, ...] = ()
    unclear: str = ""
    written: tuple[tuple[int, int], ...] = ()  # where the concern and the scene stand
    scene: str = ""  # what the field for the scene says


def read(message: Message, forms: Known | None) -> Reading | None:
    """The form in a mail's new text; None where it is none, or no mail. Raises nothing."""
    text = message.new_text
    if not forms or not message.from_addr or len(text) > LONGEST:
        return None
    return _read(text, message.from_addr, forms)


@lru_cache(maxsize=_REMEMBERED)
def _read(text: str, sender: str, forms: Known) -> Reading | None:
    taught = next((one for one in forms.taught if one.is_from(sender)), None)
    if taught is None and text.count("\n") < _FEWEST - 1 and text.count('"') < 2 * _FEWEST:
        return None
    found = fields.read(text, forms, taught)
    if not _is_form(found, taught):
        return None
    names = tuple(_names(text, found))
    found, unclear = _settled(text, found)
    return _reading(text, found, forms, names, unclear)


def unchecked(text: str) -> str:
    """``text`` with the choices blanked that nobody ticked: "[ ] Laterne [x] Müll" asks about one thing."""
    if _BOX.search(text) is None:
        return text
    starts = [box.start() for box in _ANY_BOX.finditer(text)]
    pieces, at = [], 0
    for box in _BOX.finditer(text):
        following = bisect_left(starts, box.end())
        end = starts[following] if following < len(starts) else len(text)
        line = text.find("\n", box.end(), end)
        end = end if line < 0 else line
        begin = max(at, box.start())
        pieces += [text[at:begin], _VISIBLE.sub(" ", text[begin:end])]
        at = max(at, end)
    return "".join([*pieces, text[at:]])


def _is_form(found: Sequence[Field], taught: Taught | None) -> bool:
    """Whether so many labels are known, of the writer or a machine and of the matter, that a form wrote this."""
    holds = [one.holds for one in found if one.holds is not None]
    if taught is not None:
        return bool(holds)
    own = sum(one in _OWN or one is Holds.TECHNICAL for one in holds)
    about_it = not _WRITTEN.union({Holds.SPOT}).isdisjoint(holds)
    return len(holds) >= _FEWEST and own > 0 and (about_it or own >= _FEWEST)


def _settled(text: str, found: Sequence[Field]) -> tuple[list[Field], str]:
    """The fields, each address as the writer's or the scene's; and what cannot be told apart."""
    personal = any(one.holds in {Holds.NAME, Holds.HOME} for one in found)
    has_scene = any(one.holds is Holds.SCENE and _value(text, one) for one in found)
    result: list[Field] = []
    section: Holds | None = None
    unclear, streets = "", set()
    for one in found:
        holds, value = one.holds, _value(text, one)
        if holds in {Holds.SCENE, Holds.HOME} and not value:
            section = holds
        elif holds is Holds.TEXT and not value and section is Holds.HOME:
            section = Holds.SCENE  # "Angaben zur Meldung" behind those of the person
        if holds is Holds.ADDRESS:
            holds = section or (Holds.HOME if personal or has_scene else None)
            if holds is None:
                holds = Holds.SCENE
                unclear = unclear or (AMBIGUOUS.format(value.split("\n")[0][:80]) if value else "")
            if holds is Holds.HOME and section is None and _DIGIT.search(value) and not _POSTCODE.match(value):
                streets.add(folding.plain(value))
        elif holds is Holds.SPOT:
            holds = section or _of_spot(value, result)
        result.append(replace(one, holds=holds))
    if len(streets) > 1 and not has_scene:
        unclear = unclear or TWO_ADDRESSES
    return result, unclear


def _of_spot(value: str, before: Sequence[Field]) -> Holds:
    """What "Ort" holds: the rest of an address, or the scene where a street or a spot is named."""
    behind_address = bool(before) and before[-1].holds is Holds.HOME
    return Holds.HOME if behind_address or _POSTCODE.match(value) else Holds.SCENE


def _value(text: str, one: Field) -> str:
    """The value; of a field about somebody only until a blank line."""
    return text[one.value_start : _end(text, one)].strip(" \t\n\"',}*_")


def _end(text: str, one: Field) -> int:
    if one.holds is Holds.TEXT:
        return one.value_end
    at = one.value_start
    while at < one.value_end and text[at] in " \t\n":
        at += 1
    blank = _PARAGRAPH.search(text, at, one.value_end)
    return blank.start() if blank else one.value_end


def _reading(text: str, found: Sequence[Field], forms: Known, names: tuple[str, ...], unclear: str) -> Reading:
    has_text = any(one.holds is Holds.TEXT and _value(text, one) for one in found)
    judged, told = text, text
    written: list[tuple[int, int]] = []
    if has_text:
        told = _blanked(told, 0, found[0].start)  # "Neue Nachricht von …"
    else:
        written.append((0, found[0].start))  # a letter with its writer's data below
    for one in found:
        end = _end(text, one)
        judged = _relabelled(judged, one, end)
        told = _blanked(told, one.start, one.value_start if one.holds in _WRITTEN else end)
        if one.holds in _WRITTEN:
            written.append((one.value_start, end))
        written.append((end, one.value_end))  # a paragraph behind a value that is no field
    for start, end in _notices(text, found, forms.notices):
        judged, told = _blanked(judged, start, end), _blanked(told, start, end)
    return Reading(unchecked(judged), unchecked(told), names, unclear, tuple(written), _scene(text, found))


def _scene(text: str, found: Sequence[Field]) -> str:
    """The first line of what a field for the scene says, where it is short."""
    said = next((value for one in found if one.holds is Holds.SCENE and (value := _value(text, one))), "")
    first = said.split("\n")[0].strip()
    return first if len(first) <= _LONGEST_SCENE else ""


def is_plain(words: str, known: str = "") -> bool:
    """Whether all of ``words`` stand in the dictionary, or in ``known``: nobody is named."""
    besides = set(_LETTERS.findall(folding.plain(known)))
    said = [folding.plain(word) for word in _LETTERS.findall(words)]
    return bool(said) and all(
        len(word) < _SHORTEST_NAME or word in besides or dictionary.is_known(word) for word in said
    )


def _relabelled(text: str, one: Field, end: int) -> str:
    """The text with the field as the rules get it: its plain label, or nothing of it."""
    if one.holds in {Holds.NAME, Holds.TECHNICAL}:
        return _blanked(text, one.start, end)
    plain = _PLAIN.get(one.holds) if one.holds is not None else None
    if plain is None:
        return text
    room = one.label_end - one.start
    label = f"{plain}:" if room > len(plain) else ""
    return f"{text[: one.start]}{label.ljust(room)}{text[one.label_end :]}" if label else text


def _notices(text: str, found: Sequence[Field], notices: tuple[str, ...]) -> Iterable[tuple[int, int]]:
    """The paragraphs that the form itself writes: any but the first of the concern, with one of the ``notices``."""
    values = [one for one in found if one.holds is Holds.TEXT]
    firsts = {(one.value_start, _first_end(text, one)) for one in values[:1]}
    start = 0
    for stop in [*(blank.start() for blank in _PARAGRAPH.finditer(text)), len(text)]:
        folded = folding.plain(text[start:stop])
        if not any(start <= begin < stop or begin <= start < end for begin, end in firsts) and any(
            one in folded for one in notices
        ):
            yield start, stop
        start = stop


def _first_end(text: str, one: Field) -> int:
    blank = _PARAGRAPH.search(text, min(one.value_start + 1, len(text)), one.value_end)
    return blank.start() if blank else one.value_end


def _names(text: str, found: Sequence[Field]) -> Iterable[str]:
    """What stands in fields for somebody's name, as redaction looks for it in the concern."""
    given = [
        name[0]
        for one in found
        if one.holds in {Holds.NAME, Holds.HOME} and "@" not in _value(text, one)
        if (name := _NAME.match(_value(text, one))) and folding.plain(name[0]) not in _NO_NAMES
    ]
    yield from given
    if len(given) > 1:
        yield " ".join(given[:2])


def _blanked(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{_VISIBLE.sub(' ', text[start:end])}{text[end:]}" if start < end else text
