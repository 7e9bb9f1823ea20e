import pytest

from routing.model.gazetteer import Gazetteer
from routing.text import places
from routing.text.places import landmarks
from tests.support.rule_examples import KREFELD, built, decided, rule


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
        ("Ecke Seidenstr./Dießemer", [("Seidenstraße", "", ""), ("Dießemer Straße", "", "")]),
        ("Ecke Hülser / Inrather Straße", [("Hülser Straße", "", ""), ("Inrather Straße", "", "")]),
        ("Hülser Straße Ecke Inrather", [("Hülser Straße", "", ""), ("Inrather Straße", "", "")]),
        ("der Uerdinger Bürgerverein, die Kölner", []),
        ("zw. Rheinstr. und Ostwall", [("Rheinstraße", "", ""), ("Ostwall", "", "")]),
        ("St.-Anton-Str. 5", [("Sankt-Anton-Straße", "5", "")]),
        ("Kölnerstr. 15", [("Kölner Straße", "15", "")]),
        ("Seidenstr. 12 bis 16", [("Seidenstraße", "12-16", "")]),
        ("ROSSSTRASSE 12/14", [("Roßstraße", "12/14", "")]),
        ("Laterne 4711 am Ostwall", [("Ostwall", "", "")]),
        ("im Botanischen Garten", [("Botanischer Garten", "", "")]),
        ("am Deutschen Ring 3", [("Deutscher Ring", "3", "")]),
        ("Auf der Hülser bei Nr 400 liegt", [("Hülser Straße", "400", "")]),
        ("auf der Moerser Höhe 100", [("Moerser Straße", "100", "")]),
        ("St. Töniser 112 Platten lose", [("Sankt-Töniser-Straße", "112", "")]),
        ("auf der Gladbacher liegt", [("Gladbacher Straße", "", "")]),
        ("auf der Kölner Seite", []),
        ("Haltestelle Grotenburg", [("Haltestelle Grotenburg", "", "")]),
        ("Haltestelle Ostwall", [("Ostwall", "", "")]),
        ("im Bezirk Nord", [("", "", "Bezirk Nord")]),
        ("Neuer-Erfundener-Platz", [("Neuer-Erfundener-Platz", "", "")]),
    ],
)
def test_places_are_found_and_normalised(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert expected == [(place.street, place.number, place.district) for place in places.find(text, KREFELD)]


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("Vor Glockenspitz 17 liegt Müll", "Glockenspitz"),
        ("Glockenspitz 17, 47809 Krefeld", "Glockenspitz"),
        ("Glockenspitz 17 liegt seit Tagen Müll", "Glockenspitz"),
        ("Wilder Müll, Glockenspitz 17, Krefeld", "Glockenspitz"),
        ("Ort: Glockenspitz 17", "Glockenspitz"),
        ("Glockenspitz 17", "Glockenspitz"),
        ("am Dießemer Bruch 17", "Dießemer Bruch"),
        ("Am Flohbusch 17 liegt Müll", "Am Flohbusch"),
        ("Müll An der Pauluskirche 17", "An der Pauluskirche"),
        ("Fliederbruchstr. 17", "Fliederbruchstraße"),
    ],
)
def test_a_house_number_makes_an_unknown_name_a_street(text: str, street: str) -> None:
    unknown = Gazetteer(city="Krefeld")
    assert (street, "17") == next((place.street, place.number) for place in places.find(text, unknown))


@pytest.mark.parametrize(
    "text",
    [
        "Tonne 17 ist voll",
        "in Tonne 17",
        "in Mülltonne 17 liegt etwas",
        "Linie 044 fährt nicht",
        "in der Linie 044",
        "Mast 23",
        "am Mast 23 flackert es",
        "Laternenmast 23",
        "Straßenlaterne 17 steht schief",
        "Bus 57 kam nicht",
        "im Bus 57",
        "Herr Müller 12",
        "Petra Müller 12",
        "bei Frau Schmitz 12",
        "Lena 8, Tom 10",
        "am Montag 23",
        "Am Dienstag 14 Uhr",
        "Ende Juni 12 Uhr",
        "im Zimmer 120",
        "auf Gleis 4",
        "Müllsäcke 17",
        "vor Haus 12",
        "Container 3 steht offen",
        "Am Container 5 liegt Müll",
        "auf Seite 12",
        "Anna ist 17",
        "Laut Satzung 12",
        "Newsletter 11",
        "Newsletter 11: Neues aus der Stadt",
        "Rechnung 11",
        "Windows 11 läuft nicht",
        "Es waren Leute 17 an der Zahl",
        "am Glockenspitz 4711\n    ",
    ],
)
def test_a_number_behind_another_word_makes_no_street(text: str) -> None:
    assert () == places.find(text, Gazetteer(city="Krefeld"))


def test_a_guessed_street_takes_no_word_from_a_rule() -> None:
    rule_set = built(rule("Wanne", "wanne"))
    assert "Wanne" in decided(rule_set, "In der Wanne 17 liegt etwas").concerns[0].category


def test_the_installation_can_add_names() -> None:
    assert (
        "Am Alten Kohlenhafen"
        == places.find("am alten Kohlenhafen 3", Gazetteer(ways=("Am Alten Kohlenhafen",)))[0].street
    )


def test_what_was_found_is_kept_as_written() -> None:
    assert "Roßstr. 12" == places.find("vor Roßstr. 12 liegt", KREFELD)[0].found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In Duisburg brennt keine Lampe", [("", "Duisburg")]),
        ("Müll in 47877 Willich", [("", "Willich")]),
        ("Müll an der Kölner Straße 10, Willich", [("Kölner Straße", "Willich")]),
        ("Müll in der Hauptstraße in Tönisvorst", [("Hauptstraße", "Tönisvorst")]),
        ("am Wall in St. Tönis", [("", "St. Tönis")]),
        ("Ein Auto aus Duisburg parkt hier", []),
        ("Richtung Moers, A 57", []),
        ("Ich wohne in Kempen", []),
        ("Ich komme jeden Tag aus Moers und arbeite in Krefeld", []),
        ("die Düsseldorfer Straße", [("Düsseldorfer Straße", "")]),
        ("47799 Krefeld, Ostwall 3", [("Ostwall", ""), ("", "Krefeld")]),
    ],
)
def test_other_towns_are_noticed_where_something_is_there(text: str, expected: list[tuple[str, str]]) -> None:
    assert expected == [(place.street, place.town) for place in places.find(text, KREFELD)]


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("Müll in Duisburg", "Duisburg"),
        ("Müll an der Kölner Straße 10, Willich", "Willich"),
        ("Müll am Ostwall, ich wohne in Willich", ""),
        ("Müll in Duisburg und am Ostwall", ""),
        ("Müll in Krefeld an der Grenze zu Willich", ""),
        ("Müll", ""),
    ],
)
def test_a_concern_is_elsewhere_when_every_place_is(text: str, town: str) -> None:
    assert town == places.elsewhere(places.find(text, KREFELD), "Krefeld")


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("Vor Haus 12 liegen Müllsäcke neben den Containern.", "Roßstraße 12", "neben den Containern"),
        ("neben den alten Glascontainern, seit Tagen", "", "neben den alten Glascontainern"),
        ("Petersstr. ggü. 117 liegt Müll", "Petersstraße 117", "gegenüber"),
        ("gegenüber der Roßstraße 112 liegt Müll", "Roßstraße 112", "gegenüber"),
        ("gegenüber der Lohstraße 3 liegt Müll", "Roßstraße", "gegenüber der Lohstraße 3"),
        ("Papierkorb an der Ecke Rheinstraße / Ostwall", "Rheinstraße", "Ecke Ostwall"),
        ("Müll am Laternenmast Ecke Roßstraße", "Roßstraße", "am Laternenmast"),
        ("Ecke Seidenstr./Dießemer ist alles dunkel", "Seidenstraße", "Ecke Dießemer"),
        ("Die Laterne 4711 vor dem Kiosk flackert", "Ostwall", "Laterne 4711"),
        ("Mast-Nr. 12 am Ostwall", "Ostwall", "Mast-Nr. 12"),
        ("zw. Rheinstraße und Ostwall ist der Weg kaputt", "Rheinstraße", "zw. Rheinstraße und Ostwall"),
        ("Höhe Germaniastraße liegt ein Reifen", "Inrather Straße", "Höhe Germaniastraße"),
        ("in der Nähe der Grundschule liegt Glas", "", "Nähe der Grundschule"),
        ("Ich war beim Bäcker am Kiosk. Am Ostwall 4 hinter der Bank liegt Glas.", "Ostwall 4", "hinter der Bank"),
        ("Auf dem Spielplatz Moritzplatz liegen Spritzen", "Moritzplatz", "auf dem Spielplatz"),
        ("Auf dem Spielplatz Moritzplatz liegen Spritzen", "Spielplatz Moritzplatz", ""),
        ("Der Baum vor dem Haus meiner Mutter ist krank", "Ostwall 3", ""),
        ("vor Petra Sommer lag Müll, bei Familie Kiosk auch", "Ostwall 3", ""),
        ("neben [Name entfernt] am [Anschrift entfernt]", "", ""),
        ("Laterne 12.11.2026 repariert, gegenüber 14.30 Uhr", "", ""),
        ("Die Hecke ragt in den Gehweg.", "Ostwall 100", ""),
        ("", "", ""),
    ],
)
def test_what_stands_beside_it_is_taken_from_the_citizens_words(text: str, place: str, expected: str) -> None:
    assert expected == landmarks.named(text, place)


def test_the_matter_itself_is_no_landmark() -> None:
    assert "" == landmarks.named("An der Bank fehlt ein Brett.", "Dionysiusplatz", "Stadtmöbel / Bank")
