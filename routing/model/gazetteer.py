"""What the city's places are called: gazetteer.toml as its authors write it, and as the program uses it.

The German descriptions are written for staff, as in ``routing.model.settings``. Nothing here does I/O.
"""

from typing import Annotated

from pydantic import Field

from intake.settings import Table

UNKNOWN = "unbekannt"
"""The key of [streets] below which streets stand whose district is not recorded."""

Names = tuple[str, ...]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Box(Table):
    """[box]: das Rechteck um die Stadt, in Grad (WGS 84); der Ort eines Fotos zählt nur darin."""

    south: Latitude
    """Südliche Breite."""
    north: Latitude
    """Nördliche Breite."""
    west: Longitude
    """Westliche Länge."""
    east: Longitude
    """Östliche Länge."""

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a spot (degrees, WGS 84) is in it."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


class GazetteerFile(Table):
    """The whole of gazetteer.toml."""

    districts: Names = ()
    """Stadtteile, mit ihren amtlichen Namen."""
    quarters: Names = ()
    """Namen, die man für Teile der Stadt benutzt: "City", "Südbezirk"."""
    boroughs: dict[str, Names] = Field(default_factory=dict)
    """Stadtbezirke und die Stadtteile darin; "Bezirk Nord" ist dann auch ein Name für einen Teil der Stadt."""
    streets: dict[str, Names] = Field(default_factory=dict)
    """Straßen nach Stadtteilen (in Schreiben genannt); unter "unbekannt" die ohne festgehaltenen Stadtteil."""
    squares: Names = ()
    """Plätze und Märkte."""
    parks: Names = ()
    """Parks, Gärten, Wälder und Seen."""
    stops: Names = ()
    """Bahnhöfe und Haltestellen."""
    landmarks: Names = ()
    """Bekannte Gebäude und Orte."""
    shops: Names = ()
    """Läden und Einkaufszentren."""
    towns: Names = ()
    """Nachbarorte und ihre Teile, die man ohne die Stadt nennt."""
    box: Box | None = None
    """Das Rechteck um die Stadt."""


class Gazetteer(Table):
    """The places of one city, ready for use: hashable, each name once.

    ``city`` is its own name ([city] name); ``ways`` are streets, squares, parks, stops, landmarks and shops;
    ``landmarks`` are those that stand beside a street (stops, buildings, shops); ``district_of`` holds pairs (street,
    district) for streets that lie in exactly one; ``towns`` are others.
    """

    city: str = ""
    ways: Names = ()
    landmarks: Names = ()
    districts: Names = ()
    towns: Names = ()
    district_of: tuple[tuple[str, str], ...] = ()
    box: Box | None = None

    @property
    def places(self) -> Names:
        """Everything in the city that has a name, in order of the file, each once."""
        return tuple(dict.fromkeys((*self.ways, *self.districts)))


def of(file: GazetteerFile, city: str) -> Gazetteer:
    """What a file says, for the city of this name, which is no other town of itself."""
    streets = [street for group in file.streets.values() for street in group]
    landmarks = (*file.stops, *file.landmarks, *file.shops)
    ways = (*streets, *file.squares, *file.parks, *landmarks)
    known = [(street, district) for district, group in file.streets.items() if district != UNKNOWN for street in group]
    boroughs = [f"{kind} {name}" for name in file.boroughs for kind in ("Stadtbezirk", "Bezirk")]
    return Gazetteer(
        city=city,
        ways=tuple(dict.fromkeys(ways)),
        landmarks=tuple(dict.fromkeys(landmarks)),
        districts=tuple(dict.fromkeys((*file.districts, *file.quarters, *boroughs))),
        towns=tuple(town for town in dict.fromkeys(file.towns) if town != city),
        district_of=tuple(pair for pair in known if streets.count(pair[0]) == 1),
        box=file.box,
    )
