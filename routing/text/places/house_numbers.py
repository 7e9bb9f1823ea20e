"""Streets that neither the gazetteer nor their ending tells, by the house number behind: "Glockenspitz 17".

Every German noun has a capital, so a capital and a number are not enough ("Tonne 17", "Linie 044", "Mast 23",
"Herr Müller 12"). Such a name counts only where the words around say that a place is named: behind a preposition of
place or a label ("Ort:"), before a postal code, the city's name or a verb of standing and lying, or, where German does
not know the word, alone on its line ("Newsletter 11" is no place).
Words for things that bear numbers never count, nor does anything that a rule looks for (``routing.rules.engine.match``
drops those), so that a wrong guess takes no word from a rule.
"""

import re
from collections.abc import Iterator

from routing.model.decision import Place
from routing.text import lexicon
from routing.text.keywords import dictionary
from routing.text.keywords.folding import Folded, plain, word_list
from routing.text.places.match import SUFFIXES, PlaceHit, numbered
from routing.text.redaction import usual_names

_THINGS = word_list(
    """
    tonne container linie bus bahn tram zug mast laterne leuchte lampe nummer hausnummer wohnung zimmer raum etage
    stock stockwerk gleis bahnsteig halle platz parzelle reihe seite blatt absatz paragraph artikel punkt kapitel
    teil klasse gruppe stufe zone bezirk wahlkreis jahr jahre monat monate woche wochen tag tage stunde stunden
    minute minuten uhr montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar februar maerz
    april mai juni juli august september oktober november dezember anfang mitte ende euro cent prozent grad meter
    kilo liter stueck anzahl fall vorgang zeichen ticket meldung meldungen hinweis hinweise formular bild foto
    fotos anlage anhang version windows auto autos pkw lkw wagen fahrzeug fahrzeuge roller scooter rad raeder
    fahrrad schild ampel poller bank baum baeume automat kasten schacht deckel gully hydrant trafo station
    haltestelle ausfahrt abfahrt autobahn block gebaeude aufgang eingang ausgang tuer schule kita haus kanal
    telefon handy durchwahl fax postfach herr frau familie kind kinder person personen leute mann maenner frauen
    jugendliche spritze spritzen saecke sack flasche flaschen matratze reifen ratte ratten taube tauben hund hunde
    katze abteilung fachbereich dezernat buero team schicht bueros sorte groesse
    """
)
_ENDINGS = (*SUFFIXES, "straße", *sorted(_THINGS))  # what ends like a street is found by that
_NO_ADJECTIVES = word_list("hinter unter ueber immer leider wieder unser dieser jeder aller keiner einer herr")
_HOUSE = re.compile(r"(?<=[a-z] )[0-9]{1,3}(?![0-9])")
_PLACED = re.compile(
    r"(?:\b(?i:am|an|in|vor|vorm|hinter|neben|bei|gegenüber|höhe|ecke|nahe|nähe|zwischen|und|auf|ort|adresse|anschrift|"
    r"straße|strasse|einsatzort)[:,]?\s{1,2}(?:(?:von|de[rmn])\s{1,2})?)$"
)
_BEGINS = re.compile(r"(?:^|\n\s*|[.!?;:,(]\s{1,2})$")
_LYING = re.compile(r"\s?(?:,\s?[0-9]{5}\b|\s(?:liegt|liegen|steht|stehen|hängt|brennt|fehlt)\b)")
_PARTED = re.compile(r"\s?(?:[,:;]|[-–—]\s)|[.]?$")  # "Fungendonk 20 - Autowrack"
_SHORTEST = 5
_TITLE = re.compile(
    r"(?:^|(?<=[\s(]))(?:Am|Im|An der|An den|Auf dem|Auf der|Auf den|In der|In den|Zum|Zur|Unter den|Hinter der)\s$"
)


def found(folded: Folded, home: str) -> Iterator[PlaceHit]:
    """The names before house numbers that must be streets; ``home`` is the city's name."""
    if not _has_candidates(folded.original):
        return
    for number in _HOUSE.finditer(folded.text):
        end = number.start() - 1
        start = folded.words.rfind(" ", 0, end)
        while start > 1 and folded.text[start - 1] == "-" and folded.text[start - 2].isalpha():
            start = folded.words.rfind(" ", 0, start)
        if end - start < 4 or folded.text.endswith(_ENDINGS, start, end) or folded.text[start:end] == "hoehe":
            continue
        start = _with_adjective(folded, start)
        at, until = folded.span(start, end)
        written = folded.original[at:until]
        if not all(part[:1].isupper() and part[1:].islower() for part in re.split("[- ]", written)):
            continue
        hit = numbered(folded, start, end, written)
        if hit.place.number and (title := _is_named(folded.original, at, hit.place, home)) is not None:
            name = title + written
            yield PlaceHit(Place(name, hit.place.number, found=title + hit.place.found), start, end, is_guess=True)


def _has_candidates(text: str) -> bool:
    """Whether a number stands behind a word with a capital that is no thing with a number."""
    for digit in "123456789":
        at = text.find(digit)
        while at >= 0:
            if at > 4 and text[at - 1] == " " and text[at - 2].isalpha():
                word = text[max(text.rfind(" ", 0, at - 1), text.rfind("\n", 0, at - 1)) + 1 : at - 1]
                if word[:1].isupper() and not word.lower().endswith(_ENDINGS):
                    return True
            at = text.find(digit, at + 1)
    return False


def _with_adjective(folded: Folded, start: int) -> int:
    """Where "Dießemer Bruch" begins, given where its last word does."""
    if start < 6 or folded.text[start - 1] != " ":
        return start
    before = folded.words.rfind(" ", 0, start)
    word = folded.text[before : start - 1]
    if len(word) < 5 or not word.endswith("er") or word in _NO_ADJECTIVES:
        return start
    return before if folded.original[folded.span(before, before + 1)[0]].isupper() else start


def _is_named(text: str, at: int, place: Place, home: str) -> str | None:
    """The first words of the street's name ("Am ", "" …) where the text says that it is one; else None."""
    before = text[max(0, at - 30) : at]
    if title := _TITLE.search(before):
        return title[0]
    if _PLACED.search(before):
        return ""
    after = text[at + len(place.found) : at + len(place.found) + 40]
    if not _BEGINS.search(before):
        return None
    line = after.partition("\n")[0].strip(" .,")
    alone = not line and before.rpartition("\n")[2].strip() in {"", "-", "•"}
    alone = alone and not lexicon.is_noun(plain(place.street))  # "Newsletter 11", "Rechnung 11"
    in_city = bool(home) and line.startswith((home, f"in {home}"))
    named = _PARTED.match(after) and _is_unusual(place.street)
    return "" if alone or in_city or named or _LYING.match(after) else None


def _is_unusual(name: str) -> bool:
    """Whether it is no word that German knows, and nobody's first name ("Lena 8, Tom 10")."""
    word = plain(name)
    known = dictionary.is_known(word) or lexicon.is_noun(word)
    return len(name) > _SHORTEST and name.lower() not in usual_names.FIRST and not known
