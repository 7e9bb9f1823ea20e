"""The gazetteer as keywords for an index: official names, districts, towns, and the endings of street names."""

import re

from routing.model.gazetteer import Gazetteer
from routing.text.keywords import folding
from routing.text.keywords.values import Form, Keyword, Phrase, Slot
from routing.text.places.match import SUFFIXES
from routing.text.places.mending import Mender
from routing.text.places.spelling import squeezed

NAMED_ENDINGS = (
    *("markt", "hof", "bruecke", "schule", "gymnasium", "burg", "stadion", "arena", "heide", "busch", "teich", "see"),
    *("zentrum", "centrum", "siedlung", "promenade", "garten", "turm", "kamp", "donk", "bend", "anger", "hoehe"),
)
"""Those that most words with them are no names of: they count only behind "am", "im", "auf dem" …"""
LANDMARKS = (
    "park",
    "hain",
    "kirche",
    "bahnhof",
    "friedhof",
    "halle",
    "brunnen",
    "denkmal",
    "wiese",
    "weiher",
    "museum",
    *NAMED_ENDINGS,
)
"""Endings of what has a name and is no street: "Schönwasserpark"."""
STOPS = (
    *("spielplatz", "kinderspielplatz", "bolzplatz", "sportplatz", "sportanlage", "friedhof", "rathaus", "siedlung"),
    *("kita", "kindergarten", "grundschule", "realschule", "gesamtschule", "gymnasium", "der strasse", "parkplatz"),
    "haltestelle",
    "bushaltestelle",
    "strassenbahnhaltestelle",
    "bahnhaltestelle",
    "h-bahn-haltestelle",
    "s-bahnhof",
)
"""Words before a name: "Haltestelle Lutherkirche", "in der Straße Op de Hüpp"."""
_CALLED_SHORT = re.compile(r"(?:(?:Sankt|St\.)[ -])?[A-ZÄÖÜ]\w{3,}er[ -]Straße")  # "Ecke Seidenstr./Dießemer"
_SHORT = 5
_DECLINED = re.compile(r"\w{3,}er")


class Names:
    """Official names first, then districts, towns, streets called by their first word, and the endings of streets."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.home = gazetteer.city
        self.district_of = dict(gazetteer.district_of)
        self.landmarks = frozenset(gazetteer.landmarks)
        streets, districts = _with_words(gazetteer.ways), _with_words(gazetteer.districts)
        towns = _with_words((gazetteer.city, *gazetteer.towns))
        written = (*streets, *(f"St. {name.removeprefix('Sankt')}" for name in streets if name.startswith("Sankt")))
        called_short = [name for name in streets if _CALLED_SHORT.fullmatch(name)]
        short = (*called_short, *(name for name in called_short if name.startswith("Sankt")))
        labels = (*streets, *(name for name in streets if name.startswith("Sankt")))
        self.labels = (*labels, *districts, *towns, *short)
        self.first_district = len(labels)
        self.first_town = self.first_district + len(districts)
        self.first_short = self.first_town + len(towns)
        self.first_suffix = len(self.labels)
        shortened = [re.sub(r"[ -]Straße$", "", name) for name in called_short]
        saint = [f"St. {name.removeprefix('Sankt')}" for name in shortened if name.startswith("Sankt")]
        spelled = (*written, *districts, *towns, *shortened, *saint)
        self.keywords = (
            *(Keyword(name, ((_phrase(name),),)) for name in spelled),
            *(
                Keyword(f"*{suffix}", ((Phrase(((Form(suffix, frozenset({""}), open_start=True),),), ()),),))
                for suffix in (*SUFFIXES, *LANDMARKS)
            ),
            *(Keyword(stop, ((_phrase(stop),),)) for stop in STOPS),
        )
        self.first_landmark = self.first_suffix + len(SUFFIXES)
        self.first_stop = self.first_landmark + len(LANDMARKS)
        self.first_led_in = self.first_stop - len(NAMED_ENDINGS)
        self.official = {squeezed(name): name for name in streets}
        self.mender = Mender((key, name) for key, name in self.official.items())


def _with_words(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those in which a letter or a digit is left to be found."""
    return tuple(name for name in names if folding.fold(name).words.strip())


def _phrase(name: str) -> Phrase:
    words = folding.fold(name).words.split()
    slots = tuple(
        _name_slot(word, leads=number < len(words) - 1, first=not number) for number, word in enumerate(words)
    )
    return Phrase(slots, (0,) * (len(slots) - 1))


def _name_slot(word: str, *, leads: bool, first: bool) -> Slot:
    if leads and _DECLINED.fullmatch(word):
        return (Form(word, frozenset({""})), Form(word[:-1] + "n", frozenset({""})))  # "im Botanischen Garten"
    if word.endswith("strasse"):
        return (Form(word.removesuffix("strasse") + "str", frozenset({"", "asse"})),)
    endings = {"", "s", "n"} if word.endswith("e") else {"", "s"}  # "auf der Breiten Straße"
    if word.endswith(("z", "s", "rk")) and len(word) > _SHORT:
        endings.add("es")  # "an der Ostseite des Karlsplatzes"
    return (Form(word, frozenset(endings) if len(word) > (3 if first else 2) else frozenset({""})),)
