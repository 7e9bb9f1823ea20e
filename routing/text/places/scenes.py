"""Home or scene: which of the places in a text are where it is, and which are where somebody lives.

Homes are said (``homes``; a form's "Straße:" is one too), scenes are said
("Schadensort", "davor", "vor meinem Haus": then the home is the scene). What is neither is a scene, for people write
to say where it is.
The words stand in ``routing/library/signs/places.toml``. Nothing is guessed where both could be meant: a home without
a word that makes it the scene is no place at all. Works on folded text, linear but for the places, which are few.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from routing.text.clauses import Clauses
from routing.text.form_fields import Holds
from routing.text.keywords import sentences
from routing.text.keywords.folding import Folded
from routing.text.places import forms, homes, numbers
from routing.text.places.homes import Sign
from routing.text.places.match import SCENES, PlaceHit, Role

_DENIED = re.compile(r"\b(?:nicht|nich|statt|anstatt)\s(?:\w+\s){0,5}$")
_NOT_THERE = re.compile(
    r"\b(?:nicht|nich|statt|anstatt)\s(?:(?:etwa|mehr|in|auf|an|am|im|vor|bei|von|die|der|dem|den)\s){0,3}$"
)
_COMMA = re.compile(r"\s?[,-]\s?(?:(?:in|auf|an)\s)?(?:(?:der|dem|die|am)\s)?")
_OTHER_NUMBER = re.compile(r"[\s,:-]{0,3}(?:(?:es ist|die|der|vor|nr\.?|nummer|hausnummer)\s){0,3}(\d{1,4}[a-h]?)\b")
_INSTEAD = re.compile(r"\b(?:sondern|stattdessen)\b")
_FINE = re.compile(r"[^.!?]{0,12}\b(?:ok|okay|in ordnung|alles|gut|kein\w*|nicht|nichts|passt|funktioniert|klappt)\b")
"""Behind "bei mir": it is not there."""
_MAYBE = frozenset({"nein", "entschuldigung", "sorry", "moment", "nee"})
"""They take back only what stands right before them."""
_RIGHT_BEHIND = 9
_BESIDE = re.compile(
    r"\b(?:hoehe|naehe|bis|nahe|seite|unweit|parallel|abzweig\w*|einmuendung"
    r"|zufahrt|kreuzung mit)\s(?:\w{2,4}\s){0,2}$"
)
_WAY = re.compile(r"\b(?:richtung|in richtung|auf dem weg\s\w+|kommend von|nach)\s(?:\w{3}\s)?$")
_FROM = re.compile(r"\b(?:von|vom|aus)\s(?:der\s|dem\s)?(?:richtung\s)?$")
_COMING = re.compile(r"[\s,]{0,3}(?:her\s)?(?:kommend|kommt|aus gesehen|her\b|aus\b(?!\sgesehen))")
_BETWEEN = re.compile(r"\b(?:zwischen|zw)\.?\s(?:de[rmn]\s|haus\s|nr\.?\s?)?$")
_AND = re.compile(r"\s?(?:und|u\.|&|\+|/|bis)\s?(?:zu[rm]\s|de[rmn]\s)?")
_HALF = re.compile(r"\s(?:zwischen|zw\.?)\s(?:de[rm]\s)?[a-z]{3,20}-?\s?(?:und|u\.|&)\s(?:de[rm]\s)?")
_OWN_DOOR = re.compile(r"\b(?:mein|unser)|davor")
"""In these words the citizen speaks of his own door even beside another scene."""
_BEFORE_NUMBER = re.compile(
    r"\b(?:vor|vorm|gegenueber|ggue|neben|hinter|hoehe|sondern|nebenan)\b[^.!?\d]{0,25}(?:nr\.\s?)?$"
)


def judged(
    folded: Folded, hits: Sequence[PlaceHit], signs: Sequence[Sign], labels: forms.Labels, clauses: Clauses
) -> tuple[PlaceHit, ...]:
    """The hits with what each is to the matter, and with those of house numbers that stand alone."""
    if not hits:
        return ()
    found = numbers.with_loose(folded, hits)
    values = forms.values(folded.text, labels)
    found = [replace(hit, role=_in_form(hit, values) or hit.role) for hit in found]
    found = _corrected(folded.text, found, signs)
    found = homes.told(folded, found, signs, clauses)
    found = _with_their_street(folded.text, found)
    found = [replace(hit, role=_beside(folded.text, hit)) if hit.role is Role.SCENE else hit for hit in found]
    found = _between(folded.text, found)
    return tuple(_before_the_door(folded.text, found, signs))


def _in_form(hit: PlaceHit, values: Sequence[forms.Value]) -> Role | None:
    for value in values:
        if value.start <= hit.start < value.end:
            if value.holds is Holds.HOME:
                return Role.HOME
            if value.holds is Holds.SCENE and hit.role in {Role.SCENE, Role.BESIDE}:
                return Role.FIELD
    return None


def _corrected(text: str, hits: Sequence[PlaceHit], signs: Sequence[Sign]) -> list[PlaceHit]:
    """Without what is taken back: "nicht in der A, sondern in der B", "Quatsch, ich meine die B"."""
    result: list[PlaceHit] = list(hits)
    for index, hit in enumerate(result):
        said = text[max(0, hit.start - 40) : hit.start]
        denied = _DENIED.search(said) and _INSTEAD.search(text, hit.end, hit.end + 60)
        not_there = _NOT_THERE.search(said) and (
            _is_said_before(text, result, hit) or _is_said_behind(text, result[index:])
        )
        if hit.role is Role.SCENE and (denied or not_there):
            result[index] = replace(hit, role=Role.DENIED)
    for name, start, end in signs:
        if name != "doch_nicht":
            continue
        before = [
            n for n, hit in enumerate(result) if hit.end <= start and hit.role is Role.SCENE and hit.place.street
        ]
        after = [hit for hit in result if 0 <= hit.start - end <= 50 and hit.place.street]
        if text[start:end] in _MAYBE and not (
            before and start - max(result[before[-1]].until, result[before[-1]].end) < 9
        ):
            continue
        other = None if after else _OTHER_NUMBER.match(text, end)
        if before and other and result[before[-1]].place.number:
            result = _renumbered(result, before[-1], other[1])
        elif before and after and after[0].place != result[before[-1]].place:
            wrong = result[before[-1]].place
            result = [
                replace(hit, role=Role.DENIED) if hit.place == wrong and hit.end <= start else hit for hit in result
            ]
    return result


def _is_said_before(text: str, hits: Sequence[PlaceHit], hit: PlaceHit) -> bool:
    """Whether another street is named before it in its sentence: "in der A, nicht in der B"."""
    before = [one for one in hits if one.start < hit.start and one.place.street and one.role is Role.SCENE]
    return bool(before) and not sentences.ends_within(text, _behind(before[-1]), hit.start)


def _is_said_behind(text: str, hits: Sequence[PlaceHit]) -> bool:
    """Whether another street follows the first at once: "nicht A, B"."""
    return len(hits) > 1 and _COMMA.fullmatch(text, _behind(hits[0]), hits[1].start) is not None


def _behind(hit: PlaceHit) -> int:
    return max(hit.until, hit.end)


def _renumbered(hits: Sequence[PlaceHit], index: int, number: str) -> list[PlaceHit]:
    wrong = hits[index].place
    right = replace(wrong, number=number, found="")
    return [replace(hit, place=right) if hit.place == wrong else hit for hit in hits]


def _with_their_street(text: str, hits: Sequence[PlaceHit]) -> list[PlaceHit]:
    """With a number of a home as a home: "Ostwall, Hausnummer 12", but not "vor Nummer 14"."""
    result: list[PlaceHit] = []
    homes: set[str] = set()
    for hit in hits:
        if hit.role is Role.HOME:
            homes.add(hit.place.street)
        loose = hit.role is Role.SCENE and text[hit.start].isdigit() and hit.place.street in homes
        stays = not loose or _BEFORE_NUMBER.search(text, max(0, hit.start - 40), hit.start)
        result.append(hit if stays else replace(hit, role=Role.HOME))
    return result


def _beside(text: str, hit: PlaceHit) -> Role:
    before = text[max(0, hit.start - 30) : hit.start]
    if _WAY.search(before) and not hit.place.number:
        return Role.WAY
    if _FROM.search(before) and _COMING.match(text, max(hit.until, hit.end)):
        return Role.WAY
    return Role.BESIDE if _BESIDE.search(before) and not hit.place.number else Role.SCENE


def _between(text: str, hits: list[PlaceHit]) -> list[PlaceHit]:
    for index, (one, other) in enumerate(pairwise(hits)):
        if other.role is Role.SCENE and one.role is Role.SCENE and _HALF.fullmatch(text, _behind(one), other.start):
            hits[index + 1] = replace(other, role=Role.BESIDE)  # "A zwischen B- und C-Straße"
        if (
            _BETWEEN.search(text, max(0, one.start - 20), one.start)
            and _AND.fullmatch(text, max(one.until, one.end), other.start)
            and one.role is other.role is Role.SCENE
            and one.place.street != other.place.street
        ):
            hits[index], hits[index + 1] = replace(one, role=Role.BESIDE), replace(other, role=Role.BESIDE)
    return hits


def _before_the_door(text: str, hits: list[PlaceHit], signs: Sequence[Sign]) -> list[PlaceHit]:
    """With the home as the scene, where it is said to be before its door and no scene stands in that sentence."""
    lived_at = [n for n, hit in enumerate(hits) if hit.role is Role.HOME and hit.place.street]
    if not lived_at:
        return hits
    others = any(hit.role in SCENES and hit.place.street for hit in hits)
    for name, start, end in signs:
        if name == "strasse" and not others and len(lived_at) == 1:
            place = hits[lived_at[0]].place
            place = replace(place, number="", found=place.street, is_home=True)
            hits[lived_at[0]] = replace(hits[lived_at[0]], role=Role.SCENE, place=place)
            break
        if name == "dort" and _FINE.match(text, end):
            continue
        if name != "dort" or text[max(0, start - 7) : start].endswith(("nicht ", "nich ")):
            continue
        if others and not _OWN_DOOR.search(text, start, end):
            continue
        begins = max((stop.end() for stop in sentences.STOP.finditer(text, max(0, start - 300), start)), default=0)
        stop = homes.sentence_end(text, end)
        if any(hit.role in SCENES and hit.place.street and begins <= hit.start < stop for hit in hits):
            continue
        if text[start:end] in {"dort", "daneben", "dahinter", "davor"} and _other_before(hits, start):
            continue
        nearest = min(lived_at, key=lambda n: abs(hits[n].start - start))
        home = hits[nearest]
        hits[nearest] = replace(home, role=Role.SCENE, place=replace(home.place, is_home=True))
        break
    return hits


def _other_before(hits: Sequence[PlaceHit], start: int) -> bool:
    """Whether the place named last before it is a scene: "davor" is there, then."""
    before = [hit for hit in hits if hit.start < start and hit.place.street]
    return not before or before[-1].role is not Role.HOME
