import pytest

from routing import places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Roßstr. 12", [("Roßstraße", "12", "")]),
        ("vor der Rossstrasse 12a liegt", [("Roßstraße", "12a", "")]),
        ("Müll Ecke Ostwall/Rheinstraße", [("Ostwall", "", ""), ("Rheinstraße", "", "")]),
        ("Petersstr. ggü. 117", [("Petersstraße", "117", "")]),
        ("am Willy Brandt Platz", [("Willy-Brandt-Platz", "", "")]),
        ("Gladbacher Str. 3-5", [("Gladbacher Straße", "3-5", "")]),
        ("Fliederweg 7 in Fischeln", [("Fliederweg", "7", "Fischeln")]),
        ("Ostwall um 12 Uhr", [("Ostwall", "", "")]),
        ("Ostwall 14 Tage lang", [("Ostwall", "", "")]),
        ("auf dem Gehweg vor dem Spielplatz", []),
        ("in Hüls", [("", "", "Hüls")]),
        ("Mann liegt am Südausgang", [("Südausgang", "", "")]),
        ("hinter dem hbf südausgang", [("Hbf Südausgang", "", "")]),
        ("Auf der Stadtwaldwiese und am UdU", [("Stadtwaldwiese", "", ""), ("UdU", "", "")]),
        ("im Samtweberviertel", [("", "", "Samtweberviertel")]),
        ("irgendwo", []),
        ("Neuer-Erfundener-Platz", [("Neuer-Erfundener-Platz", "", "")]),
    ],
)
def test_places_are_found_and_normalised(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert expected == [(place.street, place.number, place.district) for place in places.find(text, ())]


def test_the_installation_can_add_names() -> None:
    assert "Am Alten Kohlenhafen" == places.find("am alten Kohlenhafen 3", ("Am Alten Kohlenhafen",))[0].street


def test_what_was_found_is_kept_as_written() -> None:
    assert "Roßstr. 12" == places.find("vor Roßstr. 12 liegt", ())[0].found
