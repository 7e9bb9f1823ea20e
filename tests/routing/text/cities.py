"""Words of two cities for redaction: the one that the shipped configuration is for, and another."""

from routing.text.redaction import city_words
from tests.support.rule_examples import KREFELD as KREFELD_PLACES

KREFELD = city_words.of(
    "Krefeld",
    districts=(*KREFELD_PLACES.districts, "Elfrath"),
    towns=KREFELD_PLACES.towns[1:],
    bodies=[("kod", "KOD-Leitstelle"), ("gsak", "GSAK"), ("kbk", "Kommunalbetrieb"), ("ngn", "NGN"), ("swk", "SWK")],
    plates=("KR", "MG", "VIE", "KLE", "WES"),
)
MUSTERSTADT = city_words.of(
    "Musterstadt",
    districts=("Altenfeld", "Am Anger", "Neudorf-Ost"),
    towns=("Nachbarhausen",),
    bodies=[
        ("leitstelle", "Leitstelle"),
        ("bauhof", "BHM Bauhof Müller"),
        ("schmitz", "Entsorgung Schmitz"),
    ],
    plates=("MUS", "M"),
)
