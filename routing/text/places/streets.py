"""Streets as people write them: with a house number behind, or known only by their ending ("Fliederweg")."""

import re

from routing.text.keywords.folding import Folded, word_list
from routing.text.places.match import SUFFIXES, PlaceHit, numbered
from routing.text.places.names import Names, squeezed

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
_BESIDE = re.compile(r"(?:/|\b(?:Ecke|Kreuzung|ecke|kreuzung)(?: (?:der|von))?)\s{0,2}$")
_AND = re.compile(r"\s{0,2}(?:/|[Ee]cke\b)")


def called_short(folded: Folded, start: int, end: int, street: str) -> PlaceHit | None:
    """A street called by its first word beside another one: "Ecke Ostwall/Dießemer"."""
    if folded.text.startswith((" str", "str"), end):
        return None  # its whole name, found by that
    at, until = folded.span(start, end)
    original = folded.original
    if not original[at].isupper() or not (
        _BESIDE.search(original[max(0, at - 20) : at]) or _AND.match(original, until)
    ):
        return None
    return numbered(folded, start, end, street)


def by_form(folded: Folded, start: int, end: int, names: Names) -> PlaceHit | None:
    """A street that the gazetteer does not know, by its ending; None for words such as Gehweg or Spielplatz."""
    word = folded.text[start:end]
    if word in _COMMON:
        return None
    start = _first_part(folded, start, bare=word in SUFFIXES)
    at, until = folded.span(start, end)
    written = folded.original[at:until]
    if folded.text[start:end] in SUFFIXES or len(written) < 6:
        return None
    if not written[0].isupper() and not (word.endswith(("strasse", "str")) and len(word) > 8):
        return None
    name = re.sub(r"(?i)str$", lambda ending: "Straße" if ending[0][0].isupper() else "straße", written)
    name = re.sub(r"(?i)strasse$", lambda ending: "Straße" if ending[0][0].isupper() else "straße", name)
    official = names.official.get(squeezed(name), name[0].upper() + name[1:])
    return numbered(folded, start, end, " ".join(official.split()))


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
