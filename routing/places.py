"""Where it is: streets, squares and districts named in a text, in one spelling ("Roßstr. 12" → Roßstraße 12).

Names come from ``routing.krefeld``, from the installation's own gazetteer and from their form (-straße, -weg, -platz
…). Nothing is guessed: a street without a number has none, a district is given only when the text names it. Used for
subjects and sorting, and to keep street names from being taken for topics. Never fails.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from routing import krefeld
from routing.concern import Place
from routing.keywords import folding, matching
from routing.keywords.folding import Folded, word_list
from routing.keywords.patterns import Form, Keyword, Phrase, Slot

MOST_PLACES = 8
MOST_HITS = 2000  # of places in one text; what comes later is looked at as ordinary words
_SUFFIXES = ("strasse", "str", "weg", "platz", "allee", "wall", "gasse", "ring", "ufer", "pfad", "dyk", "damm", "gath")
_COMMON = word_list(
    """
    gehweg radweg fussweg buergersteigweg waldweg feldweg wanderweg reitweg parkweg spazierweg schulweg heimweg
    rueckweg hinweg umweg ausweg keinesweg durchweg fluchtweg rettungsweg verbindungsweg zuweg zugangsweg
    privatweg schleichweg trampelweg kiesweg sandweg treppenweg verkehrsweg fahrweg seitenweg nebenweg
    wirtschaftsweg uferweg friedhofsweg spielplatz kinderspielplatz parkplatz bolzplatz sportplatz fussballplatz
    aschenplatz tennisplatz schlafplatz stellplatz containerplatz arbeitsplatz rastplatz grillplatz abstellplatz
    sammelplatz standplatz muellplatz sitzplatz campingplatz zeltplatz marktplatz vorplatz bahnhofsvorplatz
    schulplatz festplatz wasserspielplatz lagerplatz behindertenparkplatz supermarktparkplatz wendeplatz
    rathausplatz ablageplatz liegeplatz skaterplatz basketballplatz nebenstrasse seitenstrasse querstrasse
    fahrradstrasse einbahnstrasse spielstrasse wohnstrasse landstrasse bundesstrasse durchgangsstrasse
    zufahrtsstrasse anliegerstrasse parallelstrasse einkaufsstrasse sackstrasse stichstrasse kreisstrasse
    ausfallstrasse geschaeftsstrasse schnellstrasse landesstrasse sackgasse seitengasse krawall abfall unfall
    ueberfall hering dering gering bring aring autobahnring schluesselring fahrring ohrring laermschutzwall
    erdwall schutzwall bahndamm flussufer rheinufer seeufer
    """
)
_FIRST_WORDS = frozenset(
    {"alte", "neue", "breite", "lange", "hohe", "kleine", "grosse", "obere", "untere", "am", "an", "der"}
)
_NUMBER = re.compile(
    r"\.?,?\s{0,2}(?:(?:Nr\.?|Hausnr\.?|Hausnummer|Haus|Höhe|ggü\.?|gegenüber(?: von)?|vor|bei)\s{1,2}){0,2}"
    r"(\d{1,4}(?:\s?[a-hA-H](?![\w]))?(?:\s?[-/–]\s?\d{1,4}[a-h]?)?)"
    r"(?!\s?(?:Uhr|[mM]\b|Meter|km|cm|€|Euro|Jahr|Tag|Woche|Monat|Stunden|Min|h\b|x\b|[.:]\d))\b"
)


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place with the characters of the folded text that name it (without the number)."""

    place: Place
    start: int
    end: int


def find(text: str, gazetteer: tuple[str, ...]) -> tuple[Place, ...]:
    """The places that the text names, each once, in their order."""
    names, index = _finder(gazetteer)
    folded = folding.fold(text)
    return distinct(read(folded, index.find(folded), names))


@lru_cache(maxsize=4)
def _finder(gazetteer: tuple[str, ...]) -> tuple["Names", matching.Index]:
    names = Names(gazetteer)
    return names, matching.Index(names.keywords)


class Names:
    """The gazetteer as keywords for an index: official names first, then districts, then street endings."""

    def __init__(self, gazetteer: Iterable[str]) -> None:
        """``gazetteer``: official names beside those of ``routing.krefeld``."""
        streets = tuple(dict.fromkeys((*krefeld.STREETS, *gazetteer)))
        self.labels = (*streets, *krefeld.DISTRICTS, *("" for _ in _SUFFIXES))
        self.first_district = len(streets)
        self.first_suffix = len(streets) + len(krefeld.DISTRICTS)
        self.keywords = (
            *(Keyword(name, ((_phrase(name),),)) for name in (*streets, *krefeld.DISTRICTS)),
            *(
                Keyword(f"*{suffix}", ((Phrase(((Form(suffix, frozenset({""}), open_start=True),),), ()),),))
                for suffix in _SUFFIXES
            ),
        )
        self.official = {_squeezed(name): name for name in streets}


def _phrase(name: str) -> Phrase:
    words = folding.fold(name).words.split()
    slots = tuple(_name_slot(word) for word in words)
    return Phrase(slots, (0,) * (len(slots) - 1))


def _name_slot(word: str) -> Slot:
    if word.endswith("strasse"):
        return (Form(word.removesuffix("strasse") + "str", frozenset({"", "asse"})),)
    return (Form(word, frozenset({"", "s"}) if len(word) > 3 else frozenset({""})),)


def _squeezed(name: str) -> str:
    joined = "".join(folding.fold(name).words.split())
    return joined + "asse" if joined.endswith("str") else joined


def read(folded: Folded, hits: Iterable[tuple[int, int, int]], names: Names) -> tuple[PlaceHit, ...]:
    """Places from the hits (number in ``names.keywords``, start, end) of an index; the longer name wins."""
    found: list[PlaceHit] = []
    by_form: list[tuple[int, int]] = []
    for number, start, end in hits:
        if number < names.first_district:
            found.append(_numbered(folded, start, end, names.labels[number]))
        elif number < names.first_suffix:
            written = folded.original[slice(*folded.span(start, end))]
            if written[:1].isupper():
                found.append(PlaceHit(Place("", district=names.labels[number], found=written), start, end))
        else:
            by_form.append((start, end))
        if len(found) + len(by_form) > MOST_HITS:
            break
    if not found and not by_form:
        return ()
    known = {hit.end for hit in found}
    for start, end in by_form:
        if end not in known and (hit := _by_form(folded, start, end, names)):
            found.append(hit)
    found.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[PlaceHit] = []
    for hit in found:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return tuple(kept)


def distinct(hits: Iterable[PlaceHit]) -> tuple[Place, ...]:
    """Each place once; a street known with a number is not listed without; one district belongs to one street."""
    places: dict[tuple[str, str, str], Place] = {}
    for hit in hits:
        places.setdefault((hit.place.street, hit.place.number, hit.place.district), hit.place)
    numbered = {place.street for place in places.values() if place.number}
    streets = [place for place in places.values() if place.street and (place.number or place.street not in numbered)]
    districts = [place for place in places.values() if place.district]
    if len(streets) == 1 and len(districts) == 1:
        return (replace(streets[0], district=districts[0].district),)
    return (*streets, *districts)[:MOST_PLACES]


def _numbered(folded: Folded, start: int, end: int, street: str) -> PlaceHit:
    at, until = folded.span(start, end)
    number = _NUMBER.match(folded.original, until)
    last = number.end(1) if number else until
    house = "".join(number[1].split()).lower() if number else ""
    return PlaceHit(Place(street, house, found=folded.original[at:last]), start, end)


def _by_form(folded: Folded, start: int, end: int, names: Names) -> PlaceHit | None:
    """A street that the gazetteer does not know, by its ending; None for words such as Gehweg or Spielplatz."""
    word = folded.text[start:end]
    if word in _COMMON:
        return None
    start = _first_part(folded, start, bare=word in _SUFFIXES)
    at, until = folded.span(start, end)
    written = folded.original[at:until]
    if folded.text[start:end] in _SUFFIXES or len(written) < 6:
        return None
    if not written[0].isupper() and not (word.endswith(("strasse", "str")) and len(word) > 8):
        return None
    name = re.sub(r"(?i)str$", lambda ending: "Straße" if ending[0][0].isupper() else "straße", written)
    name = re.sub(r"(?i)strasse$", lambda ending: "Straße" if ending[0][0].isupper() else "straße", name)
    official = names.official.get(_squeezed(name), name[0].upper() + name[1:])
    return _numbered(folded, start, end, " ".join(official.split()))


def _first_part(folded: Folded, start: int, *, bare: bool) -> int:
    """Where "Willy-Brandt-Platz" or "Alte Linner Straße" begins, given where its last word begins."""
    while start > 1 and folded.text[start - 1] == "-" and folded.text[start - 2].isalnum():
        start = folded.words.rfind(" ", 0, start)  # the space of ``words`` makes up for the hyphen
    while bare and start > 1 and folded.text[start - 1] == " ":
        before = folded.words.rfind(" ", 0, start)
        word = folded.text[before : start - 1]
        capital = folded.original[folded.span(before, before + 1)[0]].isupper() if word else False
        if not capital or not (word.endswith("er") or word in _FIRST_WORDS):
            break
        start = before
    return start
