"""A doubtful emergency (urgency pruefen) reaches the duty desk at once, alone, whatever else goes on (promise P12)."""

from pathlib import Path

import pytest

from routing import desk
from routing.model.decision import Urgency
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import EMERGENCY, LAMP, OIL, RUBBISH
from tests.support.office import Office

RULES = f"""{journeys.BODIES}{journeys.RULES}
[[rules]]
name = "Krokodil"
category = "Wildtier"
recipient = "kod"
urgency = "pruefen"
typos = true
keywords = ["krokodil"]
"""
CROCODILE = "am Kiosk, Uerdinger Straße 5, sitzt ein Krokodil"  # no sign of danger but the keyword
NIGHT, HOLIDAY = "2026-06-10 03:00", "2026-12-25 14:00"
LOOK = "Bitte sofort ansehen"


def looks(place: Office, to: str = "kod") -> list[journeys.Letter]:
    """The letters that ask somebody to look at once."""
    return [letter for letter in place.letters(to) if LOOK in letter.title]


@pytest.mark.parametrize("moment", [NIGHT, HOLIDAY])
def test_it_goes_to_the_desk_alone_at_any_hour_and_everything_else_waits(
    moment: str, tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    with office.opened(tmp_path, smtp_sink, moment, rules=RULES) as place:
        place.receive(f"{CROCODILE}. Außerdem: {RUBBISH}, und {LAMP}.")
        assert 1 == len(place.letters())
        assert 1 == len(looks(place))
        place.at("2026-12-30 18:00")  # every digest's slot has come
        assert [] == place.letters("gsak", "ngn")
        assert ["open", "review", "review"] == [row["state"] for row in place.rows("SELECT state FROM concerns")]


def test_the_letter_says_what_was_found_and_why_it_is_doubtful(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, NIGHT, rules=RULES) as place:
        place.receive(CROCODILE)
        [letter] = looks(place)
    lines = letter.text.splitlines()
    assert "[KOD-2026-000001] Bitte sofort ansehen: Wildtier - Uerdinger Strasse 5" == letter.title
    assert ["Bitte sofort ansehen: Wildtier", "Ort: Uerdinger Straße 5 (am Kiosk)"] == lines[:2]
    said = " ".join(letter.text.split())
    assert "Gefunden: „Krokodil“" in said
    assert "Zweifel: außer einem Schlüsselwort spricht nichts für eine Gefahr" in said
    assert "Wenn es einer ist: 112 (Feuerwehr, Rettungsdienst) oder 110 (Polizei)." in said
    assert CROCODILE in said
    assert "kod-intake assign KOD-2026-000001 STELLE" in said


def test_a_misspelt_word_may_make_somebody_look(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, NIGHT, rules=RULES) as place:
        place.receive("am Weiher liegt ein Krokodiil")
        assert 1 == len(looks(place))


def test_no_storm_holds_it_back(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    closed = "[brake]\nletters_per_hour = 1\nletters_per_sender = 1"
    with office.opened(tmp_path, smtp_sink, rules=RULES, more=closed) as place:
        for number in range(3):
            place.receive(f"{LAMP}, Ostwall {number + 1}")
        assert 1 == len(place.letters("ngn"))
        place.receive(CROCODILE)
        assert 1 == len(looks(place))


def test_it_leaves_before_everything_that_is_less_urgent(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, rules=RULES) as place:
        for text in (LAMP, OIL, CROCODILE, EMERGENCY):
            place.store(text, subject=text)
        place.run()
        order = [letter.title.partition("] ")[2].partition(":")[0] for letter in place.letters()]
    assert ["NOTFALL", LOOK, "SOFORT", "SOFORT", "Strassenbeleuchtung"] == order


def test_without_an_answer_it_is_repeated(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    hasty = RULES.replace('name = "KOD', 'acknowledge_minutes = 10\nname = "KOD')
    with office.opened(tmp_path, smtp_sink, NIGHT, rules=hasty) as place:
        place.receive(CROCODILE)
        place.at("2026-06-10 03:11")
        assert [False, True] == ["WIEDERHOLUNG" in letter.title for letter in looks(place)]


@pytest.mark.parametrize(("text", "subject"), [(OIL, LOOK), (CROCODILE, LOOK), (EMERGENCY, "NOTFALL")])
def test_what_a_machine_wrote_is_looked_at_and_waits(
    text: str, subject: str, tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    with office.opened(tmp_path, smtp_sink, NIGHT, rules=RULES) as place:
        place.receive(text, Auto_Submitted="auto-generated")
        [letter] = place.letters()
        assert (journeys.ADDRESSES["kod"],) == tuple(letter.to)
        assert subject in letter.title
        assert "review" == place.value("SELECT state FROM concerns")
        if subject == LOOK:
            assert "steht in automatischer Post" in letter.text


def test_another_citys_desk_gets_it(tmp_path: Path, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = '[recipients.wache]\nname = "Stadtwache"\naddress = "wache@musterstadt.invalid"\nschedule = "Mo 08:00"\n'
    monkeypatch.setattr(journeys, "CITY", journeys.CITY.replace('duty_desk = "kod"', 'duty_desk = "wache"'))
    with office.opened(tmp_path, smtp_sink, NIGHT, rules=RULES + watch) as place:
        place.receive(CROCODILE)
        assert 1 == len(place.letters())
        assert 1 == len(looks(place, "wache@musterstadt.invalid"))


def test_the_citizen_is_not_told_that_it_was_forwarded(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, rules=RULES, more="[acknowledgement]\nforwarded = true\n") as place:
        place.receive(CROCODILE)
        place.at("2026-06-10 12:00")
        assert [] == place.letters("anna@example.org")


def test_handed_to_a_body_it_is_an_urgent_letter(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, NIGHT, rules=RULES) as place:
        place.receive(CROCODILE)
        configuration = place.work.active.configuration
        desk.assign(place.work.engine, configuration, "KOD-2026-000001", ["kbk"], place.clock(), actor="anna")
        place.run()
        assert ["[KOD-2026-000001] SOFORT: Wildtier"] == [
            letter.title.partition(" - ")[0] for letter in place.letters("kbk")
        ]
        for urgency in (Urgency.PRUEFEN, Urgency.NOTFALL):
            for bodies in (["kbk"], ["kod", "kbk"]):
                with pytest.raises(Exception, match="nur an die Leitstelle"):
                    desk.assign(
                        place.work.engine,
                        configuration,
                        "KOD-2026-000001",
                        bodies,
                        place.clock(),
                        actor="anna",
                        urgency=urgency,
                    )


def test_where_somebody_may_be_in_trouble_is_listed_first(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    bag = '[[rules]]\nname = "F"\ncategory = "F"\nrecipient = "gsak"\nurgency = "heute"\nkeywords = ["rucksack"]\n'
    with office.opened(tmp_path, smtp_sink, rules=f"{journeys.BODIES}{journeys.RULES}{bag}") as place:
        place.receive("Bitte rufen Sie mich an.")
        place.receive("Hinter der Sporthalle liegt ein Rucksack, seit Freitag unverändert. Hab nicht reingeschaut.")
        listed = desk.listed(place.work.engine, ["review"], 10)
    assert ["KOD-2026-000002", "KOD-2026-000001"] == [one.number for one in listed]
    assert "zuerst ansehen" in listed[0].reason
