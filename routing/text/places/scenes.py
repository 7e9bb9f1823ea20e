"""Home or scene: which of the places in a text are where it is, and which are where somebody lives.

Homes are said ("ich wohne", "mein Büro", a form's "Straße:", an address below a name), scenes are said
("Schadensort", "davor", "vor meinem Haus": then the home is the scene). What is neither is a scene, for people write
to say where it is.
The words stand in ``routing/library/signs/places.toml``. Nothing is guessed where both could be meant: a home without
a word that makes it the scene is no place at all. Works on folded text, linear but for the places, which are few.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from routing.text.keywords import sentences
from routing.text.keywords.folding import Folded
from routing.text.places import forms, numbers
from routing.text.places.match import SCENES, PlaceHit, Role

Sign = tuple[str, int, int]
"""The name of its list, where it begins and ends."""

_AFTER = 70  # characters from a word of living to the place that it speaks of
_BEFORE = 40
_TOGETHER = re.compile(r"[\s,;/()|-]{0,4}(?:d-)?(?:\d{5})?[\s,;/()|-]{0,3}(?:in\s|[a-z]{3,20}-)?[\s(]{0,2}")
_SAYS_MORE = re.compile(
    r"\b(?:aber|sondern|doch|jedoch|dass|weil|liegt|liegen|lag|steht|stehen|brennt|brennen|fehlt|fehlen|sehe|seh|sieht|kann|davor"
    r"|melde|moechte|fordere|ausserdem|geht|wird|werden|wurde|hat|haben|but|gegenueber|hoehe|nicht)\b"
)
_LIES = re.compile(r"\s(?:liegt|ist|sitzt|steht|befindet sich)\s(?=in\b|im\b|an\b|am\b|auf\b)")
_DENIED = re.compile(r"\b(?:nicht|nich|statt|anstatt)\s(?:\w+\s){0,3}$")
_OTHER_NUMBER = re.compile(r"[\s,:-]{0,3}(?:(?:es ist|die|der|vor|nr\.?|nummer|hausnummer)\s){0,3}(\d{1,4}[a-h]?)\b")
_INSTEAD = re.compile(r"\b(?:sondern|stattdessen)\b")
_BESIDE = re.compile(
    r"\b(?:hoehe|naehe|bis|nahe|seite|unweit|parallel|abzweig\w*|einmuendung"
    r"|zufahrt|kreuzung mit)\s(?:\w{2,4}\s){0,2}$"
)
_WAY = re.compile(r"\b(?:richtung|in richtung|auf dem weg\s\w+|kommend von|nach)\s(?:\w{3}\s)?$")
_FROM = re.compile(r"\b(?:von|vom|aus)\s(?:der\s|dem\s)?(?:richtung\s)?$")
_COMING = re.compile(r"[\s,]{0,3}(?:her\s)?(?:kommend|kommt|aus gesehen|her\b|aus\b(?!\sgesehen))")
_BETWEEN = re.compile(r"\b(?:zwischen|zw)\.?\s(?:de[rmn]\s|haus\s|nr\.?\s?)?$")
_AND = re.compile(r"\s?(?:und|u\.|&|\+|/|bis)\s?(?:zu[rm]\s|de[rmn]\s)?")
_CLOSING = re.compile(r"\b(?:gruss|gruesse\w*|gruessen|mfg|lg|vg|hochachtungsvoll|gez)\b")
_NAME = r"[A-ZÄÖÜ][\w'-]+"
_PERSON = re.compile(
    rf"(?:\b(?i:herrn?|frau|familie|fam\.?|eheleute)\s{{1,2}}(?:Dr\.\s|Prof\.\s)?{_NAME}|"
    rf"(?:^|[,.!:\n]\s?)(?i:(?:hallo,? |guten tag,? |moin,? )?hier(?:\sist|\sspricht)?)\s{_NAME}(?:\s{_NAME})?)"
    r"[ ,(;]{1,3}(?i:aus der |in der |auf der |wohnhaft |von der |aus )?$"
)
_POSTCODE = re.compile(r"[ \t,]*(?:\n[ \t]*)?(?:d-)?\d{5}[ \t]+[a-z]")
_NAME_LINE = re.compile(r"(?:^|\n)[ \t]*(?:[A-ZÄÖÜ][\w.'-]+[ \t]+){1,3}[A-ZÄÖÜ][\w'-]+[ \t]*,?[ \t]*\n[ \t]*$")
_SALUTATION = re.compile(
    r"\n[ \t]*(?:sehr geehrt|liebe[rs]?\s|hallo|guten (?:tag|morgen|abend)|moin|betreff|betr\.|werte)"
)
_OWN_DOOR = re.compile(r"\b(?:mein|unser)|davor")
"""In these words the citizen speaks of his own door even beside another scene."""
_BEFORE_NUMBER = re.compile(r"\b(?:vor|vorm|gegenueber|ggue|neben|hinter|hoehe|sondern|nebenan)\b[^.!?\d]{0,25}$")
_LAST_LINES = 6


def judged(
    folded: Folded, hits: Sequence[PlaceHit], signs: Sequence[Sign], labels: forms.Labels
) -> tuple[PlaceHit, ...]:
    """The hits with what each is to the matter, and with those of house numbers that stand alone."""
    if not hits:
        return ()
    found = numbers.with_loose(folded, hits)
    values = forms.values(folded.text, labels)
    found = [replace(hit, role=_in_form(hit, values) or hit.role) for hit in found]
    found = _corrected(folded.text, found, signs)
    found = _at_home(folded, found, signs)
    found = _with_their_street(folded.text, found)
    found = [replace(hit, role=_beside(folded.text, hit)) if hit.role is Role.SCENE else hit for hit in found]
    found = _between(folded.text, found)
    return tuple(_before_the_door(folded.text, found, signs))


def _in_form(hit: PlaceHit, values: Sequence[forms.Value]) -> Role | None:
    for value in values:
        if value.start <= hit.start < value.end:
            if value.holds is forms.Holds.HOME:
                return Role.HOME
            if value.holds is forms.Holds.SCENE and hit.role is Role.SCENE:
                return Role.FIELD
    return None


def _corrected(text: str, hits: Sequence[PlaceHit], signs: Sequence[Sign]) -> list[PlaceHit]:
    """Without what is taken back: "nicht in der A, sondern in der B", "Quatsch, ich meine die B"."""
    result: list[PlaceHit] = list(hits)
    for index, hit in enumerate(result):
        said = text[max(0, hit.start - 40) : hit.start]
        if hit.role is Role.SCENE and _DENIED.search(said) and _INSTEAD.search(text, hit.end, hit.end + 60):
            result[index] = replace(hit, role=Role.DENIED)
    for name, start, end in signs:
        if name != "doch_nicht":
            continue
        before = [
            n for n, hit in enumerate(result) if hit.end <= start and hit.role is Role.SCENE and hit.place.street
        ]
        after = [hit for hit in result if 0 <= hit.start - end <= 50 and hit.place.street]
        other = None if after else _OTHER_NUMBER.match(text, end)
        if before and other and result[before[-1]].place.number:
            result = _renumbered(result, before[-1], other[1])
        elif before and after and after[0].place != result[before[-1]].place:
            wrong = result[before[-1]].place
            result = [
                replace(hit, role=Role.DENIED) if hit.place == wrong and hit.end <= start else hit for hit in result
            ]
    return result


def _renumbered(hits: Sequence[PlaceHit], index: int, number: str) -> list[PlaceHit]:
    wrong = hits[index].place
    right = replace(wrong, number=number, found="")
    return [replace(hit, place=right) if hit.place == wrong else hit for hit in hits]


def _at_home(folded: Folded, hits: Sequence[PlaceHit], signs: Sequence[Sign]) -> list[PlaceHit]:
    """With the homes that somebody says to live at, signs with, or is named with."""
    text, result = folded.text, list(hits)
    doors = [(start, end) for name, start, end in signs if name == "dort"]
    for name, start, end in signs:
        if name == "wohnt" and not any(begin <= start and end <= until for begin, until in doors):
            _live(text, result, start, end)
    last, head = _last_lines(text), _SALUTATION.search(text)
    for index, hit in enumerate(result):
        if hit.role is Role.SCENE and (
            _is_named(folded, hit)
            or _is_signed(folded, hit, last)
            or (head and hit.place.number and hit.start < head.start())
        ):
            _take(text, result, index)
    return result


def _is_named(folded: Folded, hit: PlaceHit) -> bool:
    """Whether somebody's name stands right before a street: "Frau Kamps, Hubertusstraße 14"."""
    before = folded.text[max(0, hit.start - 45) : hit.start]
    if not hit.place.street or not any(word in before for word in ("herr", "frau", "fam", "hier", "eheleute")):
        return False
    return _PERSON.search(folded.original, 0, folded.span(hit.start, hit.end)[0]) is not None


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


def _live(text: str, hits: list[PlaceHit], start: int, end: int) -> None:
    stop = _sentence_end(text, end)
    lies = _LIES.match(text, end)
    more = _SAYS_MORE.search(text, lies.end() if lies else end, stop)
    until = min(stop, end + _AFTER, more.start() if more else stop)
    for index, hit in enumerate(hits):
        if end <= hit.start < until:
            if hit.role in {Role.FIELD, Role.SCENE, Role.BESIDE}:
                _take(text, hits, index)
            return
    others = [hit for hit in hits if hit.role in SCENES]
    for index in reversed(range(len(hits))):
        hit = hits[index]
        until = max(hit.until, hit.end)
        if until <= start:
            near = start - until <= _BEFORE and not sentences.ends_within(text, until, start)
            said = near and not _SAYS_MORE.search(text, until, start)
            if said and hit.role is Role.SCENE and any(one.place.street != hit.place.street for one in others):
                hits[index] = replace(hit, role=Role.HOME)
            return


def _take(text: str, hits: list[PlaceHit], index: int) -> None:
    """Make a home of a hit and of what belongs to the same address: "Roßstraße 12, 47798 Krefeld (Hüls)"."""
    hits[index] = replace(hits[index], role=Role.HOME)
    has_street = bool(hits[index].place.street)
    for one, (last, following) in enumerate(pairwise(hits[index:]), index + 1):
        between = text[max(last.until, last.end) : following.start]
        if (has_street and following.place.street) or not _TOGETHER.fullmatch(between):
            return
        has_street = has_street or bool(following.place.street)
        hits[one] = replace(following, role=Role.HOME)


def _sentence_end(text: str, start: int) -> int:
    stop = sentences.STOP.search(text, start, start + 2 * _AFTER)
    return stop.start() if stop else min(len(text), start + 2 * _AFTER)


_SIGNED = re.compile(
    r"\b(?:danke?|gruss|gruesse\w*|mfg|lg|vg|gez|gezeichnet|gemeldet von|meldung von|gesendet von|hochachtungsvoll)\b"
    r"[^.!?\d]{0,50}$"
)


def _last_lines(text: str) -> int:
    at = len(text.rstrip())
    for _ in range(_LAST_LINES):
        at = text.rfind("\n", 0, at)
        if at < 0:
            return 0
    return at


def _is_signed(folded: Folded, hit: PlaceHit, last: int) -> bool:
    """Whether an address stands alone on a line at the end of a letter, with a name above or a town below it."""
    text = folded.text
    ends = not text[max(hit.until, hit.end) :].strip(" .!)\n\t") or _POSTCODE.match(text, max(hit.until, hit.end))
    if hit.place.number and ends and _SIGNED.search(text, max(0, hit.start - 80), hit.start):
        return True
    line_start = text.rfind("\n", 0, hit.start) + 1
    line_end = text.find("\n", hit.end)
    line_end = len(text) if line_end < 0 else line_end
    if not hit.place.number or line_start == 0 or hit.start < last or text[line_start : hit.start].strip(" \t>-*|"):
        return False
    rest = text[max(hit.until, hit.end) : line_end].strip(" \t.,")
    if rest and not re.fullmatch(r"(?:(?:d-)?\d{5}[ \t]+)?[a-z .-]{3,30}", rest):
        return False
    if _CLOSING.search(text, max(0, line_start - 120), line_start):
        return True
    if _POSTCODE.match(text, max(hit.until, hit.end)):
        return True
    before = folded.original[: folded.span(hit.start, hit.end)[0]]
    return not rest and _NAME_LINE.search(before[-80:]) is not None


def _beside(text: str, hit: PlaceHit) -> Role:
    before = text[max(0, hit.start - 30) : hit.start]
    if _WAY.search(before) and not hit.place.number:
        return Role.WAY
    if _FROM.search(before) and _COMING.match(text, max(hit.until, hit.end)):
        return Role.WAY
    return Role.BESIDE if _BESIDE.search(before) and not hit.place.number else Role.SCENE


def _between(text: str, hits: list[PlaceHit]) -> list[PlaceHit]:
    for index, (one, other) in enumerate(pairwise(hits)):
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
    homes = [n for n, hit in enumerate(hits) if hit.role is Role.HOME and hit.place.street]
    if not homes:
        return hits
    others = any(hit.role in SCENES and hit.place.street for hit in hits)
    for name, start, end in signs:
        if name != "dort" or text[max(0, start - 7) : start].endswith(("nicht ", "nich ")):
            continue
        if others and not _OWN_DOOR.search(text, start, end):
            continue
        begins = max((stop.end() for stop in sentences.STOP.finditer(text, max(0, start - 300), start)), default=0)
        stop = _sentence_end(text, end)
        if any(hit.role in SCENES and hit.place.street and begins <= hit.start < stop for hit in hits):
            continue
        if text[start:end] in {"dort", "daneben", "dahinter", "davor"} and _other_before(hits, start):
            continue
        nearest = min(homes, key=lambda n: abs(hits[n].start - start))
        home = hits[nearest]
        hits[nearest] = replace(home, role=Role.SCENE, place=replace(home.place, is_home=True))
        break
    return hits


def _other_before(hits: Sequence[PlaceHit], start: int) -> bool:
    """Whether the place named last before it is a scene: "davor" is there, then."""
    before = [hit for hit in hits if hit.start < start and hit.place.street]
    return not before or before[-1].role is not Role.HOME
