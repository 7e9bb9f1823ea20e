"""Home or scene, by the shipped rules, library and gazetteer: where each concern is, and what is only a home."""

import pytest

from intake.message import Message
from routing.model.decision import Decision, Place, State
from routing.planning import release
from routing.rules import classify, explain
from tests.routing.rules.test_shipped_rules import shipped


def decided(text: str) -> Decision:
    configuration, rule_set = shipped()
    message = Message(channel="E-Mail", identity=b"", new_text=text)
    return release.guarded(classify(message, rule_set), message, configuration)


def written(places: tuple[Place, ...]) -> list[str]:
    return [f"{place.street} {place.number}".strip() for place in places if place.street]


def by_body(decision: Decision) -> dict[str, list[str]]:
    return {one.recipients[0]: written(one.places) for one in decision.concerns}


@pytest.mark.parametrize(
    ("text", "scene", "home"),
    [
        ("Ich wohne auf der Tannenstraße 44. Auf der Lohstraße 12 ist die Laterne kaputt.", "Lohstraße 12", "44"),
        ("Ich wohne Tannenstraße 44, aber der Sperrmüll liegt auf dem Ostwall 3.", "Ostwall 3", "44"),
        ("Unser Büro liegt am Südwall 18. Auf der Hansastraße 3 liegt Sperrmüll.", "Hansastraße 3", "18"),
        ("Meine Mutter wohnt Roonstraße 7, das Schlagloch ist Luisenstraße 80.", "Luisenstraße 80", "7"),
        ("Frau Thelen, Blumenstraße 19, meldet Sperrmüll auf dem Ostwall 3.", "Ostwall 3", "19"),
        ("Guten Morgen, hier Krings, Scheiblerstraße 88. Am Bleichpfad liegt Sperrmüll.", "Bleichpfad", "88"),
        ("Rückfragen an: J. Otto, Maybachstraße 30. Am Karlsplatz liegt Sperrmüll.", "Karlsplatz", "30"),
        ("Ich betreibe einen Kiosk auf der Kölner Straße 220. Am Ostwall 3 liegt Sperrmüll.", "Ostwall 3", "220"),
        ("Absender: K. Tenhagen, Kempener Allee 9, 47803 Krefeld\nStandort: Girmesgath 12\nLaterne defekt",
         "Girmesgath 12", "9"),
        ("Name: Roth\nStraße/Nr.: Violstraße 8\nPLZ/Ort: 47800 Krefeld\nSchadensort: Vagedesstraße 15\nWas: Sperrmüll",
         "Vagedesstraße 15", "8"),
        ("Nachname\nKolk\nStraße und Hausnummer\nWestwall 101\nPLZ\n47798\nIhr Anliegen\nMüll, Roßstraße 200",
         "Roßstraße 200", "101"),
        ("name=Meier\nstrasse=Ottostraße 3\nnachricht=Im Kaiser-Friedrich-Hain liegt Sperrmüll",
         "Kaiser-Friedrich-Hain", "3"),
        ("Am Karlsplatz liegt Sperrmüll.\n\nGruß\nB. Hellwig\nCrousstraße 17, 47799 Krefeld", "Karlsplatz", "17"),
        ("Gemeldet bin ich in der Tannenstraße 44, der Sperrmüll liegt auf dem Ostwall 3.", "Ostwall 3", "44"),
        ("Weil ich in der Tannenstraße 44 wohne, sah ich am Karlsplatz Sperrmüll liegen.", "Karlsplatz", "44"),
        ("Wir sind in der Tannenstraße 44 zuhause, auf dem Ostwall 3 liegt Sperrmüll.", "Ostwall 3", "44"),
        ("Petra Heymann, Tannenstraße 44 — auf dem Ostwall 3 liegt Sperrmüll.", "Ostwall 3", "44"),
        ("Anr. Fr. Kessels, Tannenstr. 44, meldet Sperrmüll auf dem Ostwall 3", "Ostwall 3", "44"),
        ("Anruf Hr. Bongartz (Tannenstr. 44): Sperrmüll Ostwall 3", "Ostwall 3", "44"),
        ("Sperrmüll auf dem Ostwall 3. Gruß, Kim | Tannenstraße 44 | 47798 Krefeld", "Ostwall 3", "44"),
        ("Die Mieterin aus der Tannenstraße 44 stellt ihren Sperrmüll immer an den Karlsplatz.", "Karlsplatz", "44"),
        ("Von meinem Fenster (Tannenstraße 44) sehe ich den Sperrmüll auf dem Ostwall 3.", "Ostwall 3", "44"),
        ("Erreichbar bin ich Tannenstraße 44. Am Karlsplatz liegt Sperrmüll.", "Karlsplatz", "44"),
        ("| Name | Kim Roth |\n| Adresse | Tannenstraße 44 |\n| Ort des Schadens | Ostwall 3 |\n| Was | Sperrmüll |",
         "Ostwall 3", "44"),
        ('{"name": "Roth", "adresse": {"strasse": "Tannenstraße 44"}, "ort_der_meldung": "Ostwall 3", "was": "Müll"}',
         "Ostwall 3", "44"),
        ("kontakt.strasse: Tannenstraße 44\nvorgang.strasse: Ostwall 3\nvorgang.text: Sperrmüll", "Ostwall 3", "44"),
        ("1. Angaben zur Person\nAnschrift: Tannenstraße 44\n2. Angaben zum Vorfall\nStraße: Ostwall 3\nWas: Müll",
         "Ostwall 3", "44"),
        ("Straße: Luisenstraße 3\nPLZ: 47799\nOrt: Krefeld\nNachricht: Auf der Wiedstraße 7 liegt Sperrmüll",
         "Wiedstraße 7", "3"),
        ("hier ist müller von der gutenbergstr 19, am karlsplatz liegt sperrmüll", "Karlsplatz", "19"),
        ("Zugezogen in die Tiergartenstraße 8 wundere ich mich über den Sperrmüll am Karlsplatz.", "Karlsplatz", "8"),
        ("Rechnungsanschrift Hochstraße 7. Am Karlsplatz liegt Sperrmüll.", "Karlsplatz", "7"),
        ("Evim Ritterstraße 201'de. Am Karlsplatz liegt Sperrmüll.", "Karlsplatz", "201"),
        ("Da ich selber am Preußenring 71 lebe, sehe ich am Karlsplatz den Sperrmüll.", "Karlsplatz", "71"),
        ("Familie Brock\nFichtenstraße 7\n47809 Krefeld\n\nSehr geehrte Damen und Herren,\nMüll am Karlsplatz!",
         "Karlsplatz", "7"),
    ],
)  # fmt: skip
def test_a_home_is_told_from_the_scene(text: str, scene: str, home: str) -> None:
    decision = decided(text)

    assert {scene} == {written(concern.places)[0] for concern in decision.concerns}
    assert [home] == [place.number for place in decision.homes if place.number]
    assert home not in {place.number for place in decision.places}
    assert "nicht der Ort" in explain(decision, Message(channel="E-Mail", identity=b"", new_text=text))


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("Ich wohne Inrather Straße 95, genau davor liegt Sperrmüll.", "Inrather Straße 95"),
        ("Vor meinem Haus liegt Sperrmüll. Ich wohne Buschstraße 12.", "Buschstraße 12"),
        ("Vor meiner Haustür, Lohstraße 14, liegt Sperrmüll.", "Lohstraße 14"),
        ("Meine Mülltonne in der Idastraße 6 wurde nicht geleert.", "Idastraße 6"),
    ],
)
def test_the_home_is_the_scene_where_the_citizen_says_so(text: str, scene: str) -> None:
    assert {scene} == {written(concern.places)[0] for concern in decided(text).concerns}


def test_a_home_without_a_scene_is_no_place_and_waits_for_the_desk() -> None:
    decision = decided("Ich wohne Ostwall 12. Es liegt Sperrmüll auf dem Gehweg.")

    assert (State.REVIEW, ()) == (decision.state, decision.places)
    assert release.HOME_ALONE in decision.reason


@pytest.mark.parametrize(
    "text",
    [
        "Bernd Hoffzimmer, Ostwall 12 — bei mir ist es gut, aber auf dem Gehweg liegt Sperrmüll.",
        "Ich bin der Hausmeister vom Ostwall 12. Es liegt Sperrmüll auf dem Gehweg.",
    ],
)
def test_what_may_be_a_home_does_not_leave_as_the_place(text: str) -> None:
    decision = decided(text)

    assert (State.REVIEW, ()) == (decision.state, decision.places)


def test_the_street_of_the_signature_is_the_scene_without_its_number() -> None:
    decision = decided("In unserer Straße liegt Sperrmüll.\nGruß\nHeinz Pauen\nTannenstraße 44\n47798 Krefeld")

    assert ["Tannenstraße"] == written(decision.places)


def test_a_concern_does_not_take_the_place_of_another_s_clause() -> None:
    found = by_body(decided("Am Stadtwaldhaus hängt ein Ast, in der Hüttenallee 100 ist die Straßenlaterne defekt."))

    assert ("Stadtwaldhaus", "Hüttenallee 100") == (found["kbk"][0], found["ngn"][0])


def test_each_concern_has_the_place_of_its_sentence() -> None:
    text = "1. Vor der Steinstraße 14 liegt ein alter Kühlschrank.\n2. Am Westwall 60 ist eine Straßenlaterne defekt."
    found = by_body(decided(text))

    assert {"gsak": ["Steinstraße 14"], "ngn": ["Westwall 60"]} == found


def test_a_number_further_on_belongs_to_the_street_before() -> None:
    text = "Zwischen Kölner Straße 517 und 523 liegt Sperrmüll. Außerdem ist die Straßenlaterne vor 519 defekt."
    found = by_body(decided(text))

    assert ("Kölner Straße 517", "Kölner Straße 519") == (found["gsak"][0], found["ngn"][0])


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("Sperrmüll Ecke Ritterstr./Seyffardtstr.", "Ritterstraße"),
        ("Moerser Straße, gegenüber Nummer 117, liegt Sperrmüll", "Moerser Straße 117"),
        ("Gegenüber Hausnr. 117 auf der Moerser Straße liegt Sperrmüll.", "Moerser Straße 117"),
        ("Sperrmüll auf der Lewerentzstr., nicht 12 sondern 21.", "Lewerentzstraße 21"),
        ("Sperrmüll auf der Marktstraße 5, Quatsch, ich meine die Mariannenstraße 5.", "Mariannenstraße 5"),
        ("Sperrmüll nicht in der Gutenbergstraße, sondern in der Lessingstraße 12.", "Lessingstraße 12"),
        ("Vom Ostwall kommend rechts in die Rheinstraße, da liegt Sperrmüll.", "Rheinstraße"),
        ("Zwischen Nordwall und Marktstraße liegt auf dem Ostwall Sperrmüll.", "Ostwall"),
        ("Uerd. Str. 212 Sperrmüll", "Uerdinger Straße 212"),
        ("Kölner 68 Sperrmüll", "Kölner Straße 68"),
        ("Grotenburg Str 55 Sperrmüll", "Grotenburgstraße 55"),
        ("Philadelfiastrasse 40, Sperrmüll", "Philadelphiastraße 40"),
        ("Auf der Breiten Straße 70 liegt Sperrmüll", "Breite Straße 70"),
        ("An der Haltestelle Grotenburg liegt Sperrmüll", "Haltestelle Grotenburg"),
        ("Sperrmüll auf der Roonstraße 20, nein, Entschuldigung, Ostwall 20", "Ostwall 20"),
        ("Sperrmüll auf der Roonstraße 5, nicht in der Weststraße 5", "Roonstraße 5"),
        ("In Höhe der Hausnummer 221, Moerser Landstraße, liegt Sperrmüll", "Moerser Landstraße 221"),
        ("Prinz-Ferd.-Str. 9, Sperrmüll", "Prinz-Ferdinand-Straße 9"),
        ("blumental 180 sperrmüll", "Blumentalstraße 180"),
        ("Auf dem Spielplatz Kütterheide liegt Sperrmüll", "Spielplatz Kütterheide"),
        ("Sperrmüll in der Straße Op de Hüpp", "Op de Hüpp"),
        ("Am Elfrather See liegt Sperrmüll", "Elfrather See"),
        ("Am Ufer des Elfrather Sees liegt Sperrmüll", "Elfrather See"),
        ("Am Quakerhof liegt Sperrmüll", "Quakerhof"),
        ("Im Schönwasserpark liegt Sperrmüll", "Schönwasserpark"),
        ("Name: Müller\nStraße: Ottostraße 3\nAnliegen: Sperrmüll auf dem Ostwall 5", "Ostwall 5"),
    ],
)
def test_places_as_people_write_them(text: str, scene: str) -> None:
    assert {scene} == {written(concern.places)[0] for concern in decided(text).concerns}


def test_a_street_of_one_district_brings_it() -> None:
    concern = decided("Auf der Konventstraße 13 liegt Sperrmüll, auch auf der Königstraße.").concerns[0]

    assert ["Hüls", ""] == [place.district for place in concern.places]


def test_a_district_that_the_text_names_stays() -> None:
    concern = decided("Auf der Konventstraße 13 in Linn liegt Sperrmüll.").concerns[0]

    assert ["Linn"] == [place.district for place in concern.places]


def test_a_building_only_tells_where_the_square_is() -> None:
    concern = decided("Hinter der Friedenskirche, auf dem Luisenplatz, liegt Sperrmüll.").concerns[0]

    assert ["Luisenplatz", "Friedenskirche"] == written(concern.places)


def test_a_town_named_before_the_street_is_the_street_s() -> None:
    decision = decided("In Moers auf der Bahnhofstraße 3 liegt Sperrmüll.")

    assert [("Bahnhofstraße", "Moers")] == [(place.street, place.town) for place in decision.places]
    assert State.REVIEW is decision.state
