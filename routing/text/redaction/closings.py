"""How a hurried mail ends: a closing formula and a name within the last line, or an organisation and its author.

Only the end of a paragraph counts, and only where no place is meant ("lg vom Moritzplatz", "vor dem LG Krefeld").
"""

import re
from collections.abc import Iterable

from intake.base import umlauts
from routing.text.redaction import first_names, names, placeholders
from routing.text.redaction.city_words import CityWords

_END = r"(?P<end>[ \t.!;)]{0,8}(?=\n[ \t]{0,20}\n|(?:\n[ \t]{0,20}){0,8}\Z))"
_PARTICLE = r"(?:[ ](?i:von|van|zu|de)(?:[ ](?i:der|dem|den|la))?)?"
_NAME = rf"(?P<name>[^\W\d_][^\W\d_'’-]{{1,30}}{_PARTICLE}(?:[ ][^\W\d_][^\W\d_'’-]{{0,30}}){{0,2}})"
_CLOSED = placeholders.pattern(
    r"(?<![^\W_])(?P<formula>(?i:lg|vg|mfg|hg|gr(?:ü|u|ue)(?:ß|ss)en?|gez\.))[ \t]{0,2}[,.!;:-]{0,2}[ \t\n]{1,2}"
    rf"(?P<from>(?i:(?:von|ihre?|eure?|euer)(?: familie| fam\.)?|familie|fam\.|eheleute)[ ])?{_NAME}{_END}"
)
_THANKED = placeholders.pattern(
    r"(?<![^\W_])(?i:danke(?:schön)?|dank|voraus|bis dann|euer|eure|ihre?|ciao|tschüss|cheers)"
    rf"[ \t]{{0,2}}[,.!;:-]{{0,2}}[ \t\n]{{1,2}}{_NAME}{_END}"
)
_MOST_LINES = 12  # from the end, of which three with words are looked at
_COURT = re.compile(r"(?i:\b(?:dem|das|des|am|beim|vom|zum|im|ein|einem|der|die))[ ]$")
_ONWARD = frozenset("aus an vom und in nach für dass bei am im zum zur auf von ein eine dem den".split())  # noqa: SIM905  # readable
_ORGANISATION = re.compile(
    r"(?i)hausverwaltung|gmbh|\be\. ?k|\be\. ?v|praxis|kanzlei|immobilien|wohnbau|wohnstätte|genossenschaft|verband|"
    r"makler|agentur|pflegedienst|vorstand|sekretariat"
)


def remove_closed(text: str, city: CityWords) -> str:
    """``text`` without the name after a closing formula within the last line of a paragraph."""
    return placeholders.replace(_CLOSED, lambda found: _without_name(found, city), text)


def remove_thanked(text: str, city: CityWords) -> str:
    """``text`` without the first name after thanks at the end of a paragraph."""
    return placeholders.replace(_THANKED, lambda found: _without_first_name(found, city), text)


def remove_author(text: str, own_names: Iterable[str], city: CityWords) -> str:
    """Of the last lines "Organisation, Vorname Nachname" (or the other way round) the name goes.

    ``own_names`` are the sender's (an organisation's, too).
    """
    own: set[str] | None = None
    lines = text.rsplit("\n", _MOST_LINES)
    filled = [index for index in range(max(0, len(lines) - _MOST_LINES), len(lines)) if lines[index].strip()]
    for index in filled[-3:]:
        line = lines[index]
        if len(line) > 120 or line.count(",") != 1 or placeholders.NAME in line:
            continue
        parts = [part.strip(" \t.") for part in line.split(",")]
        for organisation, name in (parts, parts[::-1]):
            if not _is_person(name, city):
                continue
            if own is None:
                own = {umlauts.written_out(one.strip()) for one in own_names if one.strip()}
            if _ORGANISATION.search(organisation) or umlauts.written_out(organisation) in own:
                lines[index] = line.replace(name, placeholders.NAME)
                break
    return "\n".join(lines)


def _without_name(found: re.Match[str], city: CityWords) -> str:
    before = found.string[max(0, found.start() - 12) : found.start()]
    first, *others = found["name"].split()
    words = [first, *(word for word in others if word.casefold() not in first_names.PARTICLES)]
    if words[0].casefold() in _ONWARD or first_names.is_place(found["name"], city) or names.is_matter(found["name"]):
        return found[0]
    if found["name"].casefold() in city.towns:
        return found[0]
    if _COURT.search(before) or any(names.is_common(word, city) for word in words):
        return found[0]
    if len(words) > 2 and not names.is_name(found["name"], city):
        return found[0]
    return _marked(found)


def _without_first_name(found: re.Match[str], city: CityWords) -> str:
    first, *others = found["name"].split()
    is_name = first_names.is_first(first) and not any(names.is_common(word, city) for word in others)
    return (
        _marked(found) if is_name and len(others) < 2 and not first_names.is_place(found["name"], city) else found[0]
    )


def _marked(found: re.Match[str]) -> str:
    start, end = found.start("name") - found.start(), found.end("name") - found.start()
    return f"{found[0][:start]}{placeholders.NAME}{found[0][end:].removeprefix('.')}"


def _is_person(name: str, city: CityWords) -> bool:
    return (
        1 < len(name.split()) < 4
        and names.is_name(name, city)
        and not first_names.is_place(name, city)
        and not names.is_matter(name)
        and not _ORGANISATION.search(name)
    )
