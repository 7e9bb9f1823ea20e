"""Numbers of a list in an answer to a digest: "2 erledigt", "1-3 erl., 4 und 5 beauftragt", "offen: 2, 3". Pure.

A number counts as one of the list only where it can be nothing else: at the beginning of a line or behind a comma,
with "Nr.", a bracket or a colon, or before a word that says what became of it; never a date, a time or a count
("2 Säcke").
"""

import re

from msgspec import Struct

from routing.replies.reading import patterns
from routing.replies.reading.bodies import Bodies

NOT_LISTED = "#"
"""Begins the number of a case that the list does not have: what is said of it is for a person."""

_MONTH = r"(?:jan|feb|mär|maer|apr|mai|jun|jul|aug|sep|okt|nov|dez)"
_COUNTED = (
    r"(?:x\b|mal\b|uhr\b|"
    r"stk|stück|st\.|säcke?|saecke|sack\b|tage?n?\b|wochen?\b|monat|std|stunden?|min|h\b|m\b|m²|cbm|qm|km\b|kg\b|t\b|"
    r"personen|kollegen|mann\b|leute|reifen|fotos?|bilder|%|€|euro|meldung|anlage|container|tonnen?|leuchten|masten|bäume)"
)
_NUMBER = rf"\d{{1,3}}(?![\d°]|\.\d|:\d|\.? ?{_MONTH}|\s?{_COUNTED})"
_JOINT = r"\s*(?:,|;|/|\+|&|\bund\b|\bu\.|\bsowie\b|\bbis\b|-|–)\s*"
_WORD = (
    r"(?:(?:zu|bei|für)\s+)?(?:(?:der|den|die|dem)\s+)?(?:(?:lfd\.?\s*)?nr\.?|nummern?|no\.?|punkte?n?|pos(?:ition(?:en)?)?\.?|"
    r"hinweise?n?|ziffern?|vorg(?:ang|änge|ängen)|zeilen?|#)"
)
_LIST = rf"(?<![\d.,:/-]){_NUMBER}(?:{_JOINT}(?:{_WORD}\s*)?{_NUMBER})*"
_STATES = (
    r"(?:erledigt|beauftragt|nicht|noch|ist|sind|war|waren|wird|werden|wurden?|termin|folgt|folgen|offen|ok|okay|"
    r"bereits|schon|"
    r"abgeholt|abgefahren|gereinigt|entsorgt|geräumt|repariert|geh(?:ö|oe)r\w*|falsch\w*|kein\w*|unklar|wo|welche\w*|doppel\w*|"
    r"eingeplant|geplant|fertig|gemacht|beseitigt|geleert|mitgenommen|veranlasst|weg|in auftrag|in arbeit|"
    r"fällt|faellt|macht|machen|"
    r"kommt|haben|hat|rückfrage|zuständig|bitte|siehe|privat\w*)\b|[✓✔☑✅✗✘❌👍?]"
)
_MARKED = re.compile(
    rf"(?:(?:zu|bei|für) )?(?P<word>(?:{_WORD})?)\s*(?P<list>{_LIST})"
    r"(?P<behind>\s*[):=→>]+\s*|\s+[-–]+>?\s+|\s*\t\s*|\.\s+|\s+)(?P<rest>.*)",
    re.IGNORECASE,
)
_ONLY = re.compile(rf"(?:{_WORD})?\s*({_LIST})\s*[.)]?", re.IGNORECASE)
_STATE = re.compile(_STATES, re.IGNORECASE)
_SAID_FIRST = re.compile(
    rf"(?P<rest>[^\d:=]{{2,50}}?)\s*(?P<sep>[:=]\s*|\s)(?P<word>(?:{_WORD})?)\s*(?P<list>{_LIST})\s*[.!]?",
    re.IGNORECASE,
)
_STATE_ALONE = re.compile(
    r"(?:alles |schon |bereits )?(?:erledigt|beauftragt|offen|nicht zuständig|fertig|weg)(?: sind| ist)?(?: die)?",
    re.IGNORECASE,
)
_BUT = re.compile(
    rf"\b(?:bis auf|außer|ausser|ohne|mit ausnahme (?:von|der))\s+(?:{_WORD}\s*)?(?P<list>{_LIST})", re.IGNORECASE
)
_REST = re.compile(
    r"(?:und )?(?:der |die |alle |das )*(?:rest|restliche\w*|übrige\w*|uebrige\w*|andere\w*)\b[:\s]*(?P<rest>.*)",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"(?:(?:noch|sind|ist|bleib\w*|ist noch|kommt|kommen)\s+)*(?:offen|folgt|folgen|später|spaeter|nach|"
    r"steht aus|stehen aus|ausstehend)"
    r"(?: noch)?(?: nach)?",
    re.IGNORECASE,
)
_BORDER = re.compile(
    r"(?:[,;]|\s/|(?<!nr)(?<!no)(?<!pos)\.(?=\s))\s*|\s+und\s+(?=\d|nr|rest)|\s+(?=(?:der )?rest\b)", re.IGNORECASE
)
_JOINT_AT_END = re.compile(r"\s+(?:und|sowie|u\.)\s*$", re.IGNORECASE)
_LEAD = re.compile(r"[\s*•·–-]*")


class Said(Struct):
    """Places in the list, from 1, with the words about them; ``rest`` for what is said of all the others."""

    places: list[int]
    text: str
    rest: bool = False


def parts(text: str, bodies: Bodies, count: int) -> list[Said]:
    """What an answer says of the ``count`` concerns of a list by their numbers, in order; empty for none."""
    found: list[Said] = []
    is_open: set[int] = set()
    before: list[str] = []
    goes_on, heading = False, ""
    lines = text.replace("\r", "").split("\n")
    numbered = sum(re.match(r"\s*\d{1,3}\.\s", line) is not None for line in lines) > 1
    for line in lines:
        plain = line.strip()
        if plain.startswith(">"):
            continue
        if found and bodies.closing.fullmatch(patterns.fold(plain)):
            break
        only = _ONLY.fullmatch(plain)
        said = [Said(_places(only[1]), heading)] if only and heading else _of_line(plain, count, numbered=numbered)
        if said:
            found += said
            goes_on = not only
        elif not plain:
            goes_on = False
        elif plain.endswith(":") and _says(plain):
            heading, goes_on = plain.rstrip(": "), False
        elif goes_on and found:
            found[-1].text += f"\n{plain}"
        else:
            before.append(plain)
    if found and any(_says(line) for line in before):
        found.append(Said([0], " ".join(before)))  # of no number: for a person
    kept = []
    for one in found:
        if _OPEN.fullmatch(one.text.strip(" .,:;!")):
            is_open.update(one.places)
        else:
            kept.append(one)
    named = {place for one in found for place in one.places}
    for one in kept:
        if one.rest:
            one.places = [place for place in range(1, count + 1) if place not in named]
    return [one for one in kept if one.places] or ([Said([], "")] if found else [])


def _of_line(line: str, count: int, *, numbered: bool) -> list[Said]:
    but = _BUT.search(line)
    if but and patterns.EVERYTHING.search(patterns.fold(line[: but.start()])):
        kept_out = _places(but["list"])
        return [
            Said([place for place in range(1, count + 1) if place not in kept_out], line[: but.start()]),
            Said(kept_out, "offen"),
        ]
    pieces = [_said_first(piece) for piece in re.split(r"\s*[;|]\s*|(?<!nr)(?<!Nr)\.\s+", line.rstrip(" .")) if piece]
    if pieces and all(pieces):
        return [piece for piece in pieces if piece]
    found: list[Said] = []
    waiting: list[int] = []
    for piece in _pieces(line):
        marked = _mark(piece, numbered=numbered)
        rest = _REST.fullmatch(piece)
        only = _ONLY.fullmatch(piece)
        if marked:
            found.append(Said([*waiting, *_places(marked["list"])], marked["rest"]))
            waiting = []
        elif only and (found or _opens(line, numbered=numbered)):
            waiting += _places(only[1])
        elif rest and found:
            found.append(Said([], rest["rest"], rest=True))
        elif found:
            found[-1].text += f", {piece}"
        else:
            return []
    return found


def _said_first(text: str) -> Said | None:
    """What became of them, then the numbers: "erledigt: 1, 4"."""
    first = _SAID_FIRST.fullmatch(text)
    if first is None or not _says(first["rest"]):
        return None
    sure = first["sep"].strip() or first["word"] or _STATE_ALONE.fullmatch(first["rest"].strip())
    return Said(_places(first["list"]), first["rest"]) if sure else None


def _opens(line: str, *, numbered: bool) -> bool:
    """Whether the line begins with numbers of the list."""
    return _mark(line, numbered=numbered) is not None


def _pieces(line: str) -> list[str]:
    """The line, cut wherever another number of the list, or what is said of the rest, begins."""
    cuts = [0]
    for border in _BORDER.finditer(line):
        behind = line[border.end() :]
        begins = _mark(behind, numbered=False) or _REST.fullmatch(behind)
        if begins:
            cuts.append(border.end())
    ends = [*cuts[1:], len(line)]
    return [_JOINT_AT_END.sub("", line[start:end]).strip(" ,;/") for start, end in zip(cuts, ends, strict=True)]


def _mark(text: str, *, numbered: bool) -> re.Match[str] | None:
    begin = _LEAD.match(text)
    found = _MARKED.match(text, begin.end() if begin else 0)
    if found is None:
        return None
    behind = found["behind"].strip()
    sure = bool(found["word"]) or behind not in {"", "."} or "\t" in found["behind"] or (behind == "." and numbered)
    return found if sure or _STATE.match(found["rest"]) else None


def _says(text: str) -> bool:
    return _STATE.search(text) is not None


def _places(text: str) -> list[int]:
    """1, 2, 3, 5, 7 of "1-3, 5 und 7"."""
    found: list[int] = []
    joints = re.findall(r"(\d{1,3})|(bis|[-–])", text, re.IGNORECASE)
    through = False
    for number, joint in joints:
        if joint:
            through = True
        elif through and found and found[-1] < int(number) < found[-1] + 100:
            found += range(found[-1] + 1, int(number) + 1)
            through = False
        else:
            found.append(int(number))
            through = False
    return list(dict.fromkeys(found))
