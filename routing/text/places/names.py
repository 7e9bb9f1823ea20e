"""The gazetteer as keywords for an index: official names, districts, towns, and the endings of street names."""

import re
from collections.abc import Iterable

from routing.text.keywords import folding
from routing.text.keywords.values import Form, Keyword, Phrase, Slot
from routing.text.places import city

SUFFIXES = ("strasse", "str", "weg", "platz", "allee", "wall", "gasse", "ring", "ufer", "pfad", "dyk", "damm", "gath")
_CALLED_SHORT = re.compile(r"[A-ZÄÖÜ]\w{3,}er Straße")  # "Ecke Seidenstr./Dießemer"


class Names:
    """Official names first, then districts, towns, streets called by their first word, and the endings of streets."""

    def __init__(self, gazetteer: Iterable[str]) -> None:
        """``gazetteer``: official names beside those of ``routing.text.places.city``."""
        streets = tuple(dict.fromkeys((*city.STREETS, *gazetteer)))
        written = (*streets, *(f"St. {name.removeprefix('Sankt')}" for name in streets if name.startswith("Sankt")))
        short = tuple(name for name in streets if _CALLED_SHORT.fullmatch(name))
        labels = (*streets, *(name for name in streets if name.startswith("Sankt")))
        self.labels = (*labels, *city.DISTRICTS, *city.TOWNS, *short)
        self.first_district = len(labels)
        self.first_town = self.first_district + len(city.DISTRICTS)
        self.first_short = self.first_town + len(city.TOWNS)
        self.first_suffix = len(self.labels)
        spelled = (*written, *city.DISTRICTS, *city.TOWNS, *(name.removesuffix(" Straße") for name in short))
        self.keywords = (
            *(Keyword(name, ((_phrase(name),),)) for name in spelled),
            *(
                Keyword(f"*{suffix}", ((Phrase(((Form(suffix, frozenset({""}), open_start=True),),), ()),),))
                for suffix in SUFFIXES
            ),
        )
        self.official = {squeezed(name): name for name in streets}


def _phrase(name: str) -> Phrase:
    words = folding.fold(name).words.split()
    slots = tuple(_name_slot(word) for word in words)
    return Phrase(slots, (0,) * (len(slots) - 1))


def _name_slot(word: str) -> Slot:
    if word.endswith("strasse"):
        return (Form(word.removesuffix("strasse") + "str", frozenset({"", "asse"})),)
    return (Form(word, frozenset({"", "s"}) if len(word) > 3 else frozenset({""})),)


def squeezed(name: str) -> str:
    """A name without blanks and hyphens, to find the official one by."""
    joined = "".join(folding.fold(name).words.split())
    return joined + "asse" if joined.endswith("str") else joined
