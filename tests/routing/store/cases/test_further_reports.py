"""Further reports about what a body has a letter on: told sparingly, in the same thread, never after its answer."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from intake.message import Arrival, Message
from routing import desk
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import OIL
from tests.support.office import Office

LAMP = "am Ostwall 12 ist die Laterne aus"
AGAIN = "vor dem Haus Ostwall 12 flackert die Laterne neben dem Kiosk"
HEAP = "am Ostwall 12 liegen Müllsäcke"


@pytest.fixture
def place(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Office]:
    """On Wednesday morning somebody reported a lamp, and NGN has the letter."""
    with office.opened(tmp_path, smtp_sink, "2026-06-10 09:00") as place:
        place.receive(LAMP)
        yield place


def report(place: Office, text: str = AGAIN, count: int = 1, first: int = 1) -> None:
    for number in range(first, first + count):
        place.receive(text, sender=f"person{number}@example.org")


def test_the_third_report_is_told_a_day_later_in_the_same_thread(place: Office) -> None:
    report(place, count=2)
    place.at("2026-06-11 08:59")
    [first] = place.letters("ngn")
    assert 1 == place.at("2026-06-11 09:00")
    [_, further] = place.letters("ngn")
    assert "[KOD-2026-000001] weitere Meldung (3.): Strassenbeleuchtung - Ostwall 12" == further.title
    assert f"In-Reply-To: {first.message_id}\r\n".encode() in further.raw
    assert f"References: {first.message_id}\r\n".encode() in further.raw
    said = " ".join(further.text.split())
    assert "Hinweis, den wir Ihnen am Mittwoch, 10. Juni 2026 geschickt haben, ist eine weitere Meldung" in said
    assert "3 zu diesem Ort seit 10.06.2026" in said
    assert "vor dem Haus Ostwall 12 flackert die Laterne neben dem Kiosk“" in said
    assert "(neben dem Kiosk)" in said


def test_a_storm_about_one_place_makes_one_letter_a_day(place: Office) -> None:
    for day in range(10, 14):
        place.clock.set(f"2026-06-{day} 15:00")
        report(place, count=25, first=100 * day)
    place.at("2026-06-15 17:00")
    assert ["", "27.", "52.", "101."] == [
        one.subject.partition("(")[2].partition(")")[0] for one in place.letters("ngn")
    ]


def test_without_a_further_report_nothing_is_told(place: Office) -> None:
    for moment in ("06-11 09:00", "06-20 09:00"):
        place.at(f"2026-{moment}")
    assert 1 == len(place.letters("ngn"))


def test_it_may_be_switched_off(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more="[linking]\nfurther_hours = 0\n") as place:
        place.receive(LAMP)
        report(place)
        place.at("2026-06-12 12:00")
        assert 1 == len(place.letters("ngn"))


def test_a_digest_tells_it_in_the_next_one_that_is_late_enough(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 07:00") as place:
        place.receive(HEAP)
        place.at("2026-06-10 07:30")
        report(place, HEAP)
        place.at("2026-06-10 13:00")  # six hours after the first
        assert 1 == len(place.letters("gsak"))
        place.at("2026-06-11 13:00")
        [_, further] = place.letters("gsak")
    assert "Sammelliste 1 Hinweis" in further.subject
    assert "weitere Meldung (2.); unser Schreiben vom Mittwoch, 10. Juni 2026 gilt weiter" in " ".join(
        further.text.split()
    )
    assert "Antwort bis" not in further.text


@pytest.mark.parametrize("answer", ["erledigt", "nicht zuständig", "Wo genau?"])
def test_after_its_answer_a_body_hears_no_more(place: Office, answer: str) -> None:
    report(place)
    place.clock.set("2026-06-10 16:00")
    place.reply(place.letters("ngn")[0], answer)
    place.at("2026-06-12 12:00")
    assert 1 == len(place.letters("ngn"))


def test_what_is_commissioned_gets_no_second_letter_but_the_body_hears_that_people_still_complain(
    place: Office,
) -> None:
    place.reply(place.letters("ngn")[0], "beauftragt")
    report(place)
    place.at("2026-06-11 09:00")
    assert ["Strassenbeleuchtung", "weitere Meldung (2.)"] == [
        one.subject.partition("] ")[2].partition(" - ")[0].partition(":")[0] for one in place.letters("ngn")
    ]
    assert 1 == place.value("SELECT count(*) FROM cases")


@pytest.mark.parametrize(
    ("answer", "state"), [("erledigt", "closed"), ("beauftragt", "answered"), ("nicht zuständig", "review")]
)
def test_an_answer_to_the_further_letter_answers_the_first(place: Office, answer: str, state: str) -> None:
    report(place)
    place.at("2026-06-11 09:00")
    place.reply(place.letters("ngn")[1], answer, Subject="AW: Laterne")
    assert state == place.value("SELECT state FROM concerns")
    assert 1 == place.value("SELECT count(*) FROM forwards WHERE answer != '' AND report_id IS NULL")


def test_a_closed_case_tells_nobody_anything(place: Office) -> None:
    report(place)
    desk.close(place.work.engine, "KOD-2026-000001", place.clock(), actor="anna")
    place.at("2026-06-12 12:00")
    assert 1 == len(place.letters("ngn"))


def test_the_citizens_own_follow_up_is_told_as_such_and_not_counted(place: Office) -> None:
    place.receive("die Laterne ist immer noch aus", subject="AW: [KOD-2026-000001]")
    place.at("2026-06-11 09:00")
    [_, further] = place.letters("ngn")
    assert "[KOD-2026-000001] Ergaenzung: Strassenbeleuchtung - Ostwall 12" == further.title
    assert "gibt es eine Ergänzung von derselben Person" in " ".join(further.text.split())
    assert "zu diesem Ort" not in further.text


def test_words_that_may_name_somebody_stay_here(place: Office) -> None:
    first = next(iter(place.rows("SELECT identity FROM messages")))["identity"]
    text = "zweite Anruferin: die Laterne ist aus, mein Nachbar Quintus war das"
    message = Message(channel="Telefon", identity=b"2" * 32, text=text, new_text=text, follows=first)
    with storage.writing(place.work.engine) as connection:
        storage.add(
            connection,
            [Arrival(source="telefon", key="1", received_at=place.clock(), raw=b"", message=message)],
            place.clock(),
        )
    place.run()
    place.at("2026-06-11 09:00")
    [_, further] = place.letters("ngn")
    assert "weitere Meldung (2.)" in further.subject
    assert "die Laterne ist aus" in further.text
    assert not {"Nachbar", "Quintus"} & set(re.findall(r"\w+", further.text))


def test_what_has_become_more_urgent_goes_out_at_once(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    rules = journeys.BODIES + journeys.RULES + HURRIED
    with office.opened(tmp_path, smtp_sink, rules=rules) as place:
        place.receive("am Ostwall 12 ist ein Schlagloch", sender="bert@example.org")
        place.receive("am Ostwall 12 ist ein Schlagloch und ein Krater", sender="carla@example.org")
        place.receive("am Ostwall 12 ist ein Schlagloch und ein Krater!", sender="dora@example.org")
        assert ["[KOD-2026-000002] Schlagloch - Ostwall 12"] == [one.title for one in place.letters("kbk")]
        place.receive(f"am Ostwall 12 {OIL}", sender="emil@example.org")
        assert 2 == len(place.letters("kbk"))


HURRIED = """
[[rules]]
name = "Loch"
category = "Schlagloch"
recipient = "kbk"
urgency = "sammel"
keywords = ["schlagloch"]
unless = ["krater"]
[[rules]]
name = "Krater"
category = "Schlagloch"
recipient = "kbk"
urgency = "heute"
keywords = ["krater"]
"""


def test_nobody_is_reminded_of_a_further_letter(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    rules = journeys.BODIES.replace('name = "Netz', 'remind_days = 3\nname = "Netz') + journeys.RULES
    with office.opened(tmp_path, smtp_sink, rules=rules) as place:
        place.receive(LAMP)
        report(place)
        for day in range(11, 31):
            place.at(f"2026-06-{day} 12:00")
        reminders = [one for one in place.letters("ngn") if "Erinnerung" in one.subject]
    assert 1 == len(reminders)
    assert 1 == reminders[0].text.count("KOD-2026-000001, geschickt")


def test_a_further_letter_says_whether_the_first_has_arrived(place: Office) -> None:
    with storage.writing(place.work.engine) as connection:  # as the brake leaves it
        connection.execute(sa.text("UPDATE deliveries SET state = 'held', finished_at = NULL"))
    report(place)
    place.at("2026-06-11 09:00")
    said = " ".join(place.letters("ngn")[-1].text.split())
    assert "geschickt haben" not in said
    assert "Unser erstes Schreiben dazu war noch nicht bei Ihnen, als dieses entstand." in said
    assert "weitere Meldung (2.)" in place.letters("ngn")[-1].subject


def test_where_the_first_letter_was_cancelled_the_further_report_is_the_first(place: Office) -> None:
    with storage.writing(place.work.engine) as connection:  # as the brake leaves it
        connection.execute(sa.text("UPDATE deliveries SET state = 'held', finished_at = NULL"))
    desk.letters.cancel(place.work.engine, 1, place.clock(), actor="anna")
    report(place)
    place.at("2026-06-11 09:00")
    letter = place.letters("ngn")[-1]
    assert "[KOD-2026-000001] Strassenbeleuchtung - Ostwall 12" == letter.title
    assert b"In-Reply-To" not in letter.raw
    assert "2 zu diesem Ort seit" in letter.text
    assert "Rückmeldung erbeten bis" in letter.text


def test_the_reports_of_a_case_with_several_matters_are_not_numbered(place: Office) -> None:
    place.clock.set("2026-06-10 10:00")
    place.receive("am Nordwall 3 ist die Laterne aus, und dort liegen Müllsäcke", sender="eins@example.org")
    place.receive("am Nordwall 3 flackert die Laterne", sender="zwei@example.org")
    place.at("2026-06-11 10:00")
    further = place.letters("ngn")[-1]
    assert "weitere Meldung: Strassenbeleuchtung - Nordwall 3" in further.subject
    assert "2 zum Vorgang (alle Themen) seit" in further.text
