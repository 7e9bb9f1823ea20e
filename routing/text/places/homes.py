"""Homes: the places that somebody says to live at, is named with, or signs with.

How it is said decides, in any order of words within the clause: "ich wohne in der A", "weil ich in der A wohne",
"gemeldet bin ich in der A", "die Mieterin aus der A", "Ulla Heymann, A 101", "Anruf Hr. Bongartz (A 12)". The address
of a letterhead, of a signature or below a name is a home too. Words that may be about others (a neighbour, a parent,
the own window) make a home only where another place is named. Works on folded text, linear but for the places, which
are few.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from routing.text.clauses import Clauses
from routing.text.keywords import dictionary, sentences
from routing.text.keywords.folding import Folded, plain
from routing.text.places.match import SCENES, PlaceHit, Role
from routing.text.redaction import usual_names

Sign = tuple[str, int, int]
"""The name of its list, where it begins and ends."""

_AFTER = 70  # characters from a word of living to the place that it speaks of
_BEFORE = 40
_NEAR = 45  # characters from somebody's name to the address behind it
_TOGETHER = re.compile(r"[\s,;/()|-]{0,4}(?:d-)?(?:\d{5})?[\s,;/()|-]{0,3}(?:in\s|[a-z]{3,20}-)?[\s(]{0,2}")
_SAYS_MORE = re.compile(
    r"\b(?:aber|sondern|doch|jedoch|dass|weil|liegt|liegen|lag|steht|stehen|brennt|brennen|fehlt|fehlen|sehe|seh|sieht|kann|davor"
    r"|melde|moechte|fordere|ausserdem|geht|wird|werden|wurde|hat|haben|but|gegenueber|hoehe|nicht)\b"
)
_LIES = re.compile(r"\s(?:liegt|ist|sitzt|steht|befindet sich)\s(?=in\b|im\b|an\b|am\b|auf\b)")
_ENDS = re.compile(r"\s?(?:[,;:.!?()\n]|-\s|$|und\b|u\.\s|aber\b)")
_MOVED = re.compile(r"\w*gezogen\s(?:bin|sind|ist|war|waren)\b")
"""Ends what was said of living, comma or not: "seit wir in die A gezogen sind"."""
_BEING = re.compile(r"\b(?:bin|sind|ist|war|ich|wir|seit)\b")
_DOING = re.compile(r"\b(?:habe|haben|hab|hatte|hatten|hat|wurde|wurden|dass)\b")
_OF = re.compile(
    r"[\s,(:-]{0,3}(?:(?:des|der|vom|von|aus|in|im|am|an|auf|zu|zur|dem|unseres|meines|hauses?|nummer|nr\.?|drueben|hier|da"
    r"|wohnt|wohnend|wohnhaft|wh\.?|d\.)[\s,]{1,2}){0,4}"
)
_BESIDE_SOMEBODY = re.compile(r"\b(?:vor|vorm|gegenueber|neben|bei|hinter|unter)\s(?:\w+\s){0,2}$")
AT_PLACE = re.compile(
    r"\b(?:an|am|auf|aufm|in|im|vor|vorm|bei|beim|hinter|neben|gegenueber|ggue|hoehe|ecke|nahe|naehe|zwischen|entlang|richtung|ab)"
    r"\.?[\s:]{1,2}(?:\w{2,8}\.?\s){0,2}$"
)
"""What leads a place in as one where something is."""
_LETTERS = r"A-Za-zÀ-ž"
_NAME = rf"[A-ZÄÖÜÁÀÉÈÍÓÚÑÇĆČŁŞŠŻŽİĐ][{_LETTERS}'’-]+"
_TITLED = re.compile(
    rf"(?:\b(?i:herrn?|frau|familie|fam\.|eheleute|ehepaar|hr\.|hrn\.|fr\.)\s{{1,2}}(?:Dr\.\s|Prof\.\s)?(?:{_NAME}\s)?{_NAME}|"
    rf"(?:^|[,.!:\n]\s?)(?i:(?:hallo,? |guten (?:tag|morgen),? |moin,? )?hier(?:\sist|\sspricht)?)\s{_NAME}"
    rf"(?:\s{_NAME})?|"
    rf"\b{_NAME}\s(?i:hier|am apparat)|\b(?i:ich|wir),\s(?:{_NAME}\s)?{_NAME}|"
    r"\b(?i:anruf(?:er|erin)?|melder(?:in)?|bürger(?:in)?|anwohner(?:in)?|absender(?:in)?)[: ]\s?"
    rf"(?:{_NAME}\s)?{_NAME})"
    r"[ ,(;/|\t–—-]{1,3}"
    r"(?i:wohnhaft |wohnh\. |wohnt |wh\.? |aus der |in der |auf der |von der |aus |in |am |auf dem )?$"
)
_FULL = re.compile(
    rf"(?<![\w.-])(?P<first>{_NAME})\s(?:(?:von|van|de|zu|der|el)\s)?(?P<last>{_NAME})[ ]?[,(;|\t–—·-]{{1,2}}[ ]?$"
)
_POSTCODE = re.compile(r"[ \t,·|]*(?:\n[ \t]*)?(?:d-)?\d{5}[ \t]+[a-z]")
_NAME_LINE = re.compile(
    r"(?:^|\n)[ \t]*(?P<first>[A-ZÄÖÜ][\w.'-]+)[ \t]+(?:[A-ZÄÖÜ][\w.'-]+[ \t]+){0,2}"
    r"(?P<last>[A-ZÄÖÜ][\w'-]+)[ \t]*,?[ \t]*\n[ \t]*$"
)
_FORM_ADDRESS = re.compile(r"[ \t]*\n[ \t]*(?:plz|postleitzahl|postcode|zip)\b")
"""Behind a street of a form: it is an address for letters."""
_INTRODUCED = re.compile(
    r"\bhier (?:ist?|spricht|schreibt) (?:die |der |das )?(?:[\w'-]+ ){1,2}(?:von|aus) (?:de[rm] )?$"
)
_SALUTATION = re.compile(
    r"\n[ \t]*(?:sehr geehrt|liebe[rs]?\s|hallo|guten (?:tag|morgen|abend)|moin|betreff|betr\.|werte)"
)
_CLOSING = re.compile(
    r"\b(?:gruss|gruess\w+|mfg|lg|vg|hochachtungsvoll|gez|gezeichnet|(?:gemeldet|meldung|gesendet) von|danke?)\b"
    r"|\n[ \t]*(?:--|__)"
)
_GOES_ON = re.compile(r"[!?]|\bp\.?\s?s\b|\.\s+[a-z]{3}|\n[ \t]*\n[^\n]{60}")  # what follows is no signature any more
_SIGNATURE = 150  # characters from a closing to the address of the signature
_LAST_LINES = 6


def told(folded: Folded, hits: Sequence[PlaceHit], signs: Sequence[Sign], clauses: Clauses) -> list[PlaceHit]:
    """The hits with those that are homes as such."""
    text, result = folded.text, list(hits)
    doors = [(start, end) for name, start, end in signs if name == "dort"]
    for name, start, end in signs:
        if any(begin <= start and end <= until for begin, until in doors):
            continue
        if name == "wohnt":
            _lives(text, result, (start, end), clauses)
        elif name == "daheim":
            _is_at(text, result, (start, end), clauses)
        elif name == "jemand":
            _belongs(text, result, (start, end))
    last, head, closing = _last_lines(text), _SALUTATION.search(text), _closing(text)
    for index, hit in enumerate(result):
        is_said = (
            hit.role is Role.SCENE
            and hit.place.street
            and (
                _is_named(folded, hit)
                or (closing >= 0 and _is_signed(text, hit, closing))
                or _is_addressed(folded, hit, last)
                or (head and hit.place.number and hit.start < head.start())
            )
        )
        if is_said or (_is_for_letters(text, hit) and any(one.role is Role.SCENE for one in result if one is not hit)):
            _take(text, result, index)
    return result


def _is_for_letters(text: str, hit: PlaceHit) -> bool:
    """Whether it is somebody's if another place is named: "Straße: A 3, PLZ: 47799", "hier ist kim von der A"."""
    if (hit.role is Role.FIELD or hit.place.number) and _FORM_ADDRESS.match(text, max(hit.until, hit.end)):
        return True
    return hit.role is Role.SCENE and _INTRODUCED.search(text, max(0, hit.start - 60), hit.start) is not None


def _lives(text: str, hits: list[PlaceHit], sign: tuple[int, int], clauses: Clauses) -> None:
    """The place that a word of living speaks of: before it where it ends its clause, else behind it."""
    start, end = sign
    ends = _ENDS.match(text, end) or _MOVED.match(text, start)
    if ends and (index := _in_clause(hits, start, clauses)) is not None:
        if hits[index].role is Role.SCENE:
            _take(text, hits, index)
        return
    stop = sentence_end(text, end)
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


def _in_clause(hits: Sequence[PlaceHit], start: int, clauses: Clauses) -> int | None:
    """The street named last before ``start`` in its clause."""
    clause = clauses.at(max(0, start - 1))
    for index in reversed(range(len(hits))):
        hit = hits[index]
        if hit.end <= start:
            return index if clauses.at(hit.start) == clause and hit.place.street else None
    return None


def _is_at(text: str, hits: list[PlaceHit], sign: tuple[int, int], clauses: Clauses) -> None:
    """The street of a clause like "gemeldet bin ich in der A" or "wir sind in der A zuhause"."""
    clause = clauses.at(sign[0])
    inside = [n for n, hit in enumerate(hits) if clauses.at(hit.start) == clause and hit.place.street]
    if not inside:
        return
    nearest = min(inside, key=lambda n: min(abs(hits[n].start - sign[1]), abs(sign[0] - hits[n].end)))
    start, end = clauses.clause_span(clause)
    if hits[nearest].role is Role.SCENE and _BEING.search(text, start, end) and not _DOING.search(text, start, end):
        _take(text, hits, nearest)


def _belongs(text: str, hits: list[PlaceHit], sign: tuple[int, int]) -> None:
    """What is somebody's ("die Mieterin aus der A", "von meinem Fenster (A 57)"), where another place is named."""
    start, end = sign
    for index, hit in enumerate(hits):
        if hit.start < end:
            continue
        others = any(one.role in SCENES and one.place.street not in {"", hit.place.street} for one in hits)
        if (
            hit.role is Role.SCENE
            and (others or any(one.role in SCENES and one.place.number != hit.place.number for one in hits))
            and _OF.fullmatch(text, end, hit.start)
            and not _BESIDE_SOMEBODY.search(text, max(0, start - 30), start)
        ):
            _take(text, hits, index)
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


def _is_named(folded: Folded, hit: PlaceHit) -> bool:
    """Whether somebody's name stands right before a street: "Frau Kamps, Hubertusstraße 14", "Ulla Heymann, A 101"."""
    at = folded.span(hit.start, hit.end)[0]
    before = folded.original[max(0, at - _NEAR) : at]
    if not any(map(str.isupper, before)):
        return False
    if _TITLED.search(before):
        return True
    full = _FULL.search(before) if hit.place.number else None
    return full is not None and _is_first_name(full["first"]) and _is_surname(full["last"])


def _is_first_name(word: str) -> bool:
    return word.lower() in usual_names.FIRST or not dictionary.is_known(plain(word))


def _is_surname(word: str) -> bool:
    return word[1:].islower() or "-" in word


def _closing(text: str) -> int:
    """Where the last words of a letter end ("Mit freundlichen Grüßen"), or -1."""
    end = -1
    for found in _CLOSING.finditer(text, len(text) * 2 // 3 if len(text) > 600 else 0):
        end = found.end()
    return end


def _is_signed(text: str, hit: PlaceHit, closing: int) -> bool:
    """Whether an address stands in the signature behind the closing words."""
    between = hit.start - closing
    return (
        0 <= between <= _SIGNATURE
        and bool(hit.place.number)
        and not AT_PLACE.search(text, max(closing, hit.start - 30), hit.start)
        and not _GOES_ON.search(text, closing + 1, hit.start)
    )


def _last_lines(text: str) -> int:
    at = len(text.rstrip())
    for _ in range(_LAST_LINES):
        at = text.rfind("\n", 0, at)
        if at < 0:
            return 0
    return at


def _is_addressed(folded: Folded, hit: PlaceHit, last: int) -> bool:
    """Whether an address stands alone on a line at the end of a letter, with a name above or a town below it."""
    text = folded.text
    line_start = text.rfind("\n", 0, hit.start) + 1
    line_end = text.find("\n", hit.end)
    line_end = len(text) if line_end < 0 else line_end
    if not hit.place.number or line_start == 0 or text[line_start : hit.start].strip(" \t>-*|"):
        return False
    rest = text[max(hit.until, hit.end) : line_end].strip(" \t.,")
    if rest and not re.fullmatch(r"(?:(?:d-)?\d{5}[ \t]+)?[a-z .-]{3,30}", rest):
        return False
    at = folded.span(hit.start, hit.end)[0]
    named = _NAME_LINE.search(folded.original[max(0, at - 80) : at])
    if hit.start < last:  # at the top or in the middle, only below a first name and a surname
        return named is not None and _is_first_name(named["first"]) and not dictionary.is_known(plain(named["last"]))
    return _POSTCODE.match(text, max(hit.until, hit.end)) is not None or (not rest and named is not None)


def sentence_end(text: str, start: int) -> int:
    """Where the sentence around ``start`` ends, at most 140 characters behind it."""
    stop = sentences.STOP.search(text, start, start + 2 * _AFTER)
    return stop.start() if stop else min(len(text), start + 2 * _AFTER)
