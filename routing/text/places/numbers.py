"""House numbers that stand apart from their street: "vor der 12", "gegenüber Nr. 117 auf der Moerser Straße".

A number belongs to the street named before it in the text, or to the one that its own phrase goes on with. It is a
place of its own where that street has another number. Works on folded text, linear.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from routing.text.keywords.folding import Folded
from routing.text.places.match import PlaceHit, Role

_UNIT = (
    r"(?!\s?(?:uhr|m\b|mal\b|meter|km\b|cm\b|euro|eur\b|jahr|tag|woche|monat|stunde|min|h\b|x\b|prozent|%|grad|leute|personen"
    r"|mann\b|autos|stueck|[.:,]\d|-?\w*jaehrig|[/-]?\s?\d))\b"
)
_DIGITS = re.compile(r"\d\d*")  # ``re`` looks much faster for one character than for one or more
_NUMBER = re.compile(r"[1-9]\d{0,3}(?:\s?[a-h]\b)?" + _UNIT)
_LOOSE = re.compile(
    r"\b(?P<before>vor|vorm|gegenueber|ggue|neben|hinter|bei|hoehe|an|zu|ab|von|zwischen)\.?\s{1,2}(?:von\s)?"
    r"(?P<named>(?:dem\s|der\s|die\s|das\s)?(?:haus(?:nummer|nr)?|nummer|nr)\.?:?\s{0,2}(?:nr\.?\s{0,2}|nummer\s)?"
    r"|(?:der|die)\s)?\Z"
)
_NAMED = re.compile(r"\b(?:hausnummer|hausnr|haus|nummer|nr)\.?:?\s{0,2}(?:nr\.?\s{0,2})?\Z")
_LONGEST_LEAD = 60  # characters of the words before a loose number
_MEANT = re.compile(
    r"\bnicht\s(?:die\s|der\s|in der\s|vor der\s|vor\s|in\s)?(?:haus(?:nummer|nr)?\.?\s|nummer\s|nr\.?\s?)?"
    r"(?P<wrong>\d{1,4}\s?[a-h]?)\b,?\s?(?:\w+\s)?sondern\s(?:die\s|der\s|vor der\s|vor\s|in der\s|in\s)?"
    r"(?:haus(?:nummer|nr)?\.?\s|nummer\s|nr\.?\s?)?(?P<number>\d{1,4}(?:\s?[a-h]\b)?)\b"
)
_ONWARD = re.compile(r"(?:\s(?:und|bis)\s\d{1,4})?\s?,?\s?(?:(?:auf|in|an|am|von)(?:\s(?:der|dem))?|der|des)\s?$")
_UNTIL = re.compile(r"\s(?:und|bis)\s(?:nr\.?\s|nummer\s)?\d{1,4}\b(?!\s?(?:uhr|euro|jahr|meter|cm|prozent|%))")
_NEXT = re.compile(r"\s?[,:/(-]\s?")  # "Höhe Hausnummer 221, Moerser Landstraße"
_REACH = 400  # characters back to the street that a number belongs to


def with_loose(folded: Folded, hits: Sequence[PlaceHit]) -> list[PlaceHit]:
    """The hits with those of loose numbers among them, in order; streets get the number that belongs to them."""
    text = folded.text
    streets = [hit for hit in hits if hit.place.street]
    if not streets or not _DIGITS.search(text):
        return list(hits)
    result = list(hits)
    taken: list[tuple[int, int]] = [(hit.start, max(hit.until, hit.end)) for hit in hits]
    for meant in _MEANT.finditer(text) if "sondern" in text else ():
        _put(folded, result, meant.span("wrong"), taken, Role.DENIED)
        _put(folded, result, meant.span("number"), taken, Role.SCENE)
    leads = list(_leads(text))
    for form in (_LOOSE, _NAMED):
        for begin, start, end in leads:
            before = form.search(text, begin, start)
            if before and (form is _NAMED or before["named"] or _is_number(folded, before["before"], start, end)):
                _put(folded, result, (start, end), taken, Role.SCENE)
    return sorted(result, key=lambda hit: hit.start)


def _leads(text: str) -> Iterator[tuple[int, int, int]]:
    """What may be the number of a house: where words before it may begin, and where it begins and ends."""
    behind = 0
    for digits in _DIGITS.finditer(text):
        start = digits.start()
        if number := _NUMBER.match(text, start):
            yield max(behind, start - _LONGEST_LEAD), start, number.end()
        behind = digits.end()


def _is_number(folded: Folded, before: str, start: int, end: int) -> bool:
    """Whether a bare number is one of a house: no noun follows ("vor 2 Häusern"), and one of two digits at least."""
    if before in {"zwischen", "von"} and _UNTIL.match(folded.text, end):
        return True
    if before in {"an", "zu", "ab", "von", "bei", "zwischen"} or end - start < 2:
        return False
    behind = folded.original[folded.span(start, end)[1] :][:2].lstrip()
    return not behind[:1].isupper()


def _put(
    folded: Folded, hits: list[PlaceHit], span: tuple[int, int], taken: list[tuple[int, int]], role: Role
) -> None:
    start, end = span
    if any(begin <= start < until for begin, until in taken):
        if role is Role.DENIED:
            _deny(hits, span)
        return
    street = _street_of(folded, hits, start, end)
    if street is None:
        return
    written = folded.original[slice(*folded.span(start, end))]
    number = "".join(written.split()).lower()
    named = street.place.street if street.place.number else street.place.found  # never with another's number
    place = replace(street.place, number=number, found=f"{named} {written}" if role is Role.SCENE else "")
    taken.append(span)
    if role is Role.DENIED:
        return
    hits.append(PlaceHit(place, start, end, end, role))
    if not street.place.number and street.role is not Role.HOME:
        hits[hits.index(street)] = replace(street, place=replace(street.place, number=number))
    elif any(one.role is Role.DENIED for one in hits):
        return


def _deny(hits: list[PlaceHit], span: tuple[int, int]) -> None:
    for index, hit in enumerate(hits):
        if hit.start <= span[0] < max(hit.until, hit.end):
            hits[index] = replace(hit, role=Role.DENIED)


def _street_of(folded: Folded, hits: Sequence[PlaceHit], start: int, end: int) -> PlaceHit | None:
    streets = sorted((hit for hit in hits if hit.place.street), key=lambda hit: hit.start)
    behind = bisect_left([hit.start for hit in streets], end)
    if behind < len(streets) and _ONWARD.fullmatch(folded.text, end, streets[behind].start):
        return streets[behind]
    before = [hit for hit in streets[:behind] if start - hit.end <= _REACH]
    if not before and behind < len(streets) and _NEXT.fullmatch(folded.text, end, streets[behind].start):
        return streets[behind]
    return before[-1] if before else None
