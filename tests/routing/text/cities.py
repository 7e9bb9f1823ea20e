"""Words of two cities for redaction: the one that the shipped configuration is for, and another."""

from routing.text.places import city
from routing.text.redaction import city_words

KREFELD = city_words.of(
    "Krefeld",
    districts=(*city.DISTRICTS, "Elfrath"),
    towns=city.TOWNS[1:],
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
