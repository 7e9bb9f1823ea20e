"""Streets as people write them: with a house number behind, or known only by their ending ("Fliederweg")."""

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from routing.model.decision import Place
from routing.text.keywords import dictionary, folding
from routing.text.keywords.folding import Folded, word_list
from routing.text.places.match import SUFFIXES, PlaceHit, Role, numbered
from routing.text.places.spelling import abbreviated, abbreviated_parts, squeezed

if TYPE_CHECKING:
    from routing.text.places.names import Names

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
    erdwall schutzwall bahndamm flussufer rheinufer seeufer anrufer kaeufer verkaeufer laeufer pruefer eislaeufer
    """
)
_COMMON_ENDINGS = (
    *(
        "parkplatz",
        "spielplatz",
        "bolzplatz",
        "sportplatz",
        "stellplatz",
        "containerplatz",
        "gehweg",
        "radweg",
        "fussweg",
    ),
    *(
        "waldweg",
        "feldweg",
        "wanderweg",
        "fahrradweg",
        "schulweg",
        "parkweg",
        "schotterweg",
        "zufahrtsweg",
        "bahnuebergang",
    ),
    *("arbeitsplatz", "schulhof", "gehsteig", "nebenstrasse", "seitenstrasse", "querstrasse", "einbahnstrasse"),
    *("fahrradstrasse", "spielstrasse", "turnhalle", "sporthalle", "lagerhalle", "fuhrpark", "wagenpark"),
)
_COMMON_LANDMARKS = word_list(
    """
    freizeitpark wildpark tierpark fuhrpark skatepark skaterpark spielpark hundepark wohnpark gewerbepark industriepark
    technologiepark solarpark windpark maschinenpark kurpark volkspark trimmpark vergnuegungspark bahnhof busbahnhof
    gueterbahnhof hauptbahnhof kirche friedhof hundewiese liegewiese spielwiese blumenwiese festwiese streuobstwiese
    halle eishalle markthalle vorhalle schwimmhalle wartehalle eingangshalle tiefgarage springbrunnen trinkbrunnen
    zierbrunnen denkmal kriegerdenkmal ehrenmal dorfkirche pfarrkirche weiher museum heimatmuseum stadtmuseum hain
    parkhalle mehrzweckhalle werkhalle bahnhofshalle fabrikhalle reithalle tennishalle wiese kuhwiese pferdewiese
    """
)
_SHORTEST_LANDMARK = 8
_LED_IN = re.compile(
    r"\b(?:[Aa]m|[Ii]m|[Vv]om|[Bb]eim|[Zz]um|[Vv]orm|(?:[Aa]n|[Aa]uf|[Ii]n|[Hh]inter|[Vv]or|[Nn]eben) de[rm])\s$"
)
_SHORTEST_CUT = 3
_STOP_NAME = re.compile(
    r"[ \t]{1,2}[„\"]?"
    r"((?!Richtung|Linie|Nr)[A-ZÄÖÜ][\w./-]{3,30}(?:[ ](?!Richtung|Linie)[A-ZÄÖÜ][\w.-]{2,20})?)"
)
_PROPER_NAME = re.compile(
    r"[ \t]{1,2}[„\"]?((?:(?:Am|Im|An der|An den|Auf dem|Auf der|In der|Zum|Zur|Op de|Op der)[ ])?"
    r"[A-ZÄÖÜ][a-zäöüß]{3,25}(?:-[A-ZÄÖÜ][a-zäöüß]{2,20}){0,2})(?![\w-])(?![ ]?[:=])"
)
_TITLES = frozenset({"Am", "Im", "An", "Auf", "In", "Zum", "Zur", "Op"})
_FIRST_WORDS = frozenset(
    {"alte", "neue", "breite", "lange", "hohe", "kleine", "grosse", "obere", "untere", "am", "an", "der"}
)
_HOUSE = re.compile(
    r"(?:,?\s(?:Nr\.?|Hausnr\.?|Hausnummer|Haus|Nummer|Höhe|ggü\.?|gegenüber|vor|bei|an)){0,2}"
    r"\s\d{1,4}(?:\s?[a-h](?!\w))?(?!\s?(?:er\b|uhr|mal\b|m\b|km|euro|%|[.:,]\d|\d))\b"
)
_COUNTED = re.compile(r"\s?[A-ZÄÖÜ]")  # "die Krefelder 17 Vereine", but "Auf der Kölner 68 Sperrmüll"
_ADDRESSED = re.compile(r"(?:^|[\n,.:;!?(]\s?|[-•]\s|\b(?:der|auf|an|in|vor|Ecke|Höhe)\s)$")
_PARTS = re.compile(r"(?<![\w.-])(?:[a-z]+\.?-){1,3}(?:[a-z]+)\Z")  # "Prinz-Ferd.-Str."
_LONGEST_PARTS = 40
_THREE = re.compile(r"(?<![\w-])[A-ZÄÖÜ][\w.]+[ ][A-ZÄÖÜ]\w+[ ]\w+\Z")  # "Willi Brandt Platz"
_BESIDE = re.compile(r"(?:/|\b(?:Ecke|Kreuzung|ecke|kreuzung)(?: (?:der|von))?)\s{0,2}$")
_AND = re.compile(r"\s{0,2}(?:/|[Ee]cke\b)")
_ON_IT = re.compile(r"\b(?:[Aa]uf|[Aa]n|[Ii]n|[Ee]ntlang|[Nn]ähe|[Hh]öhe) de[rn]\s$")
_NO_NOUN = re.compile(r"(?!-)(?:[,.!?;:]|\s+[^A-ZÄÖÜ\s]|\s*$)")  # "auf der Kölner liegt", but "auf der Kölner Seite"


def over_label(folded: Folded, start: int, end: int) -> bool:
    """Whether words of two fields of a form only look like a street: "Name: Müller", and below it "Straße: …"."""
    written = folded.text[start:end]
    if ":" in written or "=" in written:
        return True
    return "\n" in written and folded.text[end : end + 2].lstrip(" ")[:1] in {":", "=", "/", ","}


def called_short(folded: Folded, start: int, end: int, street: str) -> PlaceHit | None:
    """A street called by its first word, where something shows it: "Ostwall/Dießemer", "Kölner 68"."""
    if folded.text.startswith((" str", "str", " landstr"), end):
        return None  # its whole name, found by that
    at, until = folded.span(start, end)
    original = folded.original
    before = original[max(0, at - 20) : at]
    if (house := _HOUSE.match(original, until)) and (
        not _COUNTED.match(original, house.end()) or _ADDRESSED.search(before)
    ):
        return numbered(folded, start, end, street)
    if not original[at].isupper() or not (
        _BESIDE.search(before)
        or _AND.match(original, until)
        or (_ON_IT.search(before) and _NO_NOUN.match(original, until))
    ):
        return None
    return numbered(folded, start, end, street)


def by_form(folded: Folded, start: int, end: int, names: "Names") -> PlaceHit | None:
    """A street by its ending, as the gazetteer spells it if it knows it; None for Gehweg, Spielplatz and such."""
    word = folded.text[start:end]
    if word in _COMMON or word.endswith(_COMMON_ENDINGS):
        return None
    bare = word in SUFFIXES
    if bare and folded.text[start - 1 : start] == " " and (official := _cut_short(folded, start, end, names)):
        return numbered(folded, folded.words.rfind(" ", 0, start - 1), end, official)
    parts = _PARTS.search(folded.text, max(0, start - _LONGEST_PARTS), end) if bare else None
    if parts and "." in parts[0] and (name := abbreviated_parts(parts[0].replace(".", "").split("-"), names.official)):
        return numbered(folded, parts.start(), end, name)
    if bare and (whole := _of_three(folded, start, end, names)):
        return whole
    start = _first_part(folded, start, bare=bare)
    at, until = folded.span(start, end)
    written = folded.original[at:until]
    if folded.text[start:end] in SUFFIXES or len(written) < 6:
        return None
    key = squeezed(written)
    official = names.official.get(key) or names.mender.mended(key)
    is_street = word.endswith(("strasse", "str")) and len(word) > 8
    if not official and not written[0].isupper() and not is_street and not _HOUSE.match(folded.original, until):
        return None
    if official and not written[0].isupper() and key not in names.official and not is_street:
        return None
    name = re.sub(r"(?i)str$", lambda ending: "Straße" if ending[0][0].isupper() else "straße", written)
    name = re.sub(r"(?i)strasse$", lambda ending: "Straße" if ending[0][0].isupper() else "straße", name)
    return numbered(folded, start, end, " ".join((official or name[0].upper() + name[1:]).split()))


def _cut_short(folded: Folded, start: int, end: int, names: "Names") -> str:
    """The street that "Uerd. Str." or "Grotenburg Str" means, or ""."""
    before = folded.words.rfind(" ", 0, start - 1)
    word = folded.text[before:start].strip()
    ending = "strasse" if folded.text[start:end] == "str" else folded.text[start:end]
    if word.endswith(".") and len(word) > _SHORTEST_CUT:
        return abbreviated(word[:-1], ending, names.official)
    return names.official.get(word + ending) or (names.mender.mended(word + ending) if word.isalpha() else "")


def _of_three(folded: Folded, start: int, end: int, names: "Names") -> PlaceHit | None:
    """A street of three words, written apart or a little wrong: "Willi Brandt Platz"."""
    at, until = folded.span(start, end)
    words = _THREE.search(folded.original, max(0, at - _LONGEST_PARTS), until)
    key = squeezed(words[0]) if words else ""
    official = names.official.get(key) or names.mender.mended(key) if key else ""
    return numbered(folded, end - len(folding.plain(words[0])), end, official) if words and official else None


def misspelt(folded: Folded, found: re.Match[str], names: "Names") -> PlaceHit | None:
    """A name before a house number, misspelt or without its ending: "Fichtenhein 50", "blumental 180"."""
    start, end = found.span(1)
    short = "" if dictionary.is_known(found[1]) else names.official.get(found[1] + "strasse", "")
    official = short or names.mender.mended(found[1])
    return numbered(folded, start, end, official) if official else None


def mended(folded: Folded, guess: PlaceHit, names: "Names") -> PlaceHit:
    """A guessed name, as the gazetteer spells it where it is only misspelt."""
    official = names.mender.mended(squeezed(folded.text[guess.start : guess.end]))
    return replace(guess, place=replace(guess.place, street=official), is_guess=False) if official else guess


NUMBERED = re.compile(
    r"(?:^|\n|[,.;:(]\s|\b(?:am|an|auf|der|im|in|vor|hoehe|ecke|dem)\s)(\w{6,24})\s\d{1,4}[a-h]?\b(?!\s?(?:uhr|\d))"
)
"""A word between a preposition or the beginning and a number, which may be a street that nothing else tells."""


def landmark(folded: Folded, start: int, end: int, *, needs_lead: bool) -> PlaceHit | None:
    """A park or a church by its ending; None for "Freizeitpark", "Hauptbahnhof" and other words for a kind.

    With ``needs_lead`` only what German does not know and "am" or "auf dem" leads in: "am Andreasmarkt".
    """
    word = folded.text[start:end]
    if len(word) < _SHORTEST_LANDMARK or word in _COMMON_LANDMARKS or word.endswith(_COMMON_ENDINGS):
        return None
    at, until = folded.span(start, end)
    written = folded.original[at:until]
    if not written[0].isupper() or (start and folded.text[start - 1] == "-"):
        return None
    before = folded.original[max(0, at - 12) : at]
    if needs_lead and (dictionary.is_known(word) or not _LED_IN.search(before)):
        return None
    return PlaceHit(Place(written, found=written), start, end, end, Role.BESIDE, is_guess=True)


def stop(folded: Folded, start: int, end: int) -> PlaceHit | None:
    """A stop, a playground or such with its name behind: "Haltestelle Lutherkirche", "Spielplatz Am Kirschkamp".

    A street that follows is found as such. Behind other words than a stop's only what German does not know is a name.
    """
    at, until = folded.span(start, end)
    word = folded.original[at:until]
    is_stop = folded.text[start:end].endswith(("haltestelle", "s-bahnhof"))
    name = (_STOP_NAME if is_stop else _PROPER_NAME).match(folded.original, until)
    if not name or not (is_stop or _is_proper(name[1])):
        return None
    length = len(folding.plain(name[0]))
    is_street = not is_stop and (" " in word or name[1].partition(" ")[0] in _TITLES)
    written = f"Haltestelle {name[1]}" if is_stop else name[1] if is_street else f"{word} {name[1]}"
    role = Role.SCENE if is_stop or is_street else Role.BESIDE
    place = Place(written, found=folded.original[at : name.end()])
    begins = start if is_stop else end + len(folding.plain(name[0])) - len(folding.plain(name[0]).lstrip())
    return PlaceHit(place, begins, end + length, end + length, role, is_guess=not is_stop)


def _is_proper(name: str) -> bool:
    """Whether it begins like a street ("Am …") or its last word is none that German knows."""
    first, _, rest = name.partition(" ")
    if first in _TITLES:
        return bool(rest)
    return not dictionary.is_known(folding.plain(name.rpartition(" ")[2]))


def _first_part(folded: Folded, start: int, *, bare: bool) -> int:
    """Where "Willy-Brandt-Platz" or "Alte Linner Straße" begins, given where its last word begins."""
    while start > 1 and folded.text[start - 1] == "-" and folded.text[start - 2].isalnum():
        start = folded.words.rfind(" ", 0, start)  # the space of ``words`` makes up for the hyphen
    while bare and start > 1 and folded.text[start - 1] == " ":
        before = folded.words.rfind(" ", 0, start)
        word = folded.text[before : start - 1]
        capital = folded.original[folded.span(before, before + 1)[0]].isupper() if word else False
        if not capital or not (word.endswith(("er", "sche", "schen")) or word in _FIRST_WORDS):
            break
        start = before
    return start
