"""What a citizen says of his own case: another place, and that it is still so although the case is closed."""

import email
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing import desk
from tests.servers.smtp import SmtpSink
from tests.support import office
from tests.support.office import Office

REPORT = "Vor der Steinstraße 60 ist die Laterne aus."
CASE = "KOD-2026-000001"


@pytest.fixture
def place(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Office]:
    """Before the office opens: what is due today waits until eight."""
    with office.opened(tmp_path, smtp_sink, "2026-06-10 06:00") as place:
        yield place


def where(place: Office) -> list[str]:
    return [row["place"] for row in place.rows("SELECT place FROM concerns ORDER BY id")]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Die Hausnummer war 62 statt 60.", "Steinstraße 62 (nicht 60)"),
        ("Entschuldigung, nicht 60, sondern 62!", "Steinstraße 62 (nicht 60)"),
        ("Korrektur: Vor der Steinstraße 62 ist die Laterne aus.", "Steinstraße 62 (nicht 60)"),
        ("Ich meinte die Lindenstraße 9, nicht die Steinstraße.", "Lindenstraße 9 (nicht Steinstraße 60)"),
        ("Zahlendreher: 26 statt 60", "Steinstraße 26 (nicht 60)"),
    ],
)
def test_a_correction_within_the_hour_reaches_the_waiting_letter(place: Office, text: str, right: str) -> None:
    place.receive(REPORT)
    place.clock.set("2026-06-10 06:20")
    place.receive(text, subject="Nachtrag")
    place.at("2026-06-10 08:05")

    assert [right] == where(place)
    [letter] = place.letters("ngn")
    assert right in letter.text
    assert CASE == place.value("SELECT number FROM cases")


def test_a_correction_of_a_letter_that_has_left_is_a_letter_of_its_own(place: Office) -> None:
    place.receive(REPORT)
    place.at("2026-06-10 08:05")
    place.receive("Die Hausnummer war 62 statt 60.", subject=f"Re: [{CASE}]")
    place.at("2026-06-10 08:10")

    first, second = place.letters("ngn")
    assert "BERICHTIGUNG" in second.subject.upper()
    assert "Steinstraße 62 (nicht 60)" in second.text
    sent = email.message_from_bytes(second.raw)
    assert first.message_id in sent["In-Reply-To"]


@pytest.mark.parametrize(
    ("text", "sender", "later"),
    [
        ("Die Hausnummer war 62 statt 60.", "fremd@example.org", "06:20"),
        ("Die Hausnummer war 62 statt 60.", "anna@example.org", "07:30"),
        ("Sorry, da war etwas falsch.", "anna@example.org", "06:20"),
        ("Korrektur: es sind 3 Laternen, 4 sind an, Nr. 5 auch.", "anna@example.org", "06:20"),
    ],
    ids=["somebody else", "too late without a number", "no new place", "numbers of something else"],
)
def test_what_is_no_clear_correction_changes_nothing_and_is_read_by_a_person(
    place: Office, text: str, sender: str, later: str
) -> None:
    place.receive(REPORT)
    place.clock.set(f"2026-06-10 {later}")
    newest = place.receive(text, sender=sender, subject="Nachtrag")

    assert "Steinstraße 60" == where(place)[0]
    assert "kept" != place.value(f"SELECT state FROM decisions WHERE message_id = {newest}")


def test_a_follow_up_to_a_closed_case_brings_its_place_and_history(place: Office) -> None:
    place.receive(REPORT)
    place.at("2026-06-10 08:05")
    desk.close(place.work.engine, CASE, place.clock(), actor="anna")
    place.clock.set("2026-06-12 09:00")
    newest = place.receive("Das ist leider unverändert.", subject=f"AW: [{CASE}]")

    [old, new] = place.rows("SELECT state, place, category FROM concerns ORDER BY id")
    assert ("closed", "review") == (old["state"], new["state"])
    assert (old["place"], old["category"]) == (new["place"], new["category"])
    reason = place.value(f"SELECT reason FROM decisions WHERE message_id = {newest}")
    assert "geschlossen" in reason
    assert "an ngn am Mittwoch, 10. Juni 2026" in reason


def test_a_report_to_a_closed_case_that_names_no_place_has_that_of_the_case(place: Office) -> None:
    place.receive(REPORT)
    place.at("2026-06-10 08:05")
    desk.close(place.work.engine, CASE, place.clock(), actor="anna")
    place.clock.set("2026-06-12 09:00")
    place.receive("Die Laterne ist immer noch aus.", subject=f"AW: [{CASE}]")

    assert ["Steinstraße 60", "Steinstraße 60"] == where(place)
    assert 2 == len(place.letters("ngn"))
    assert "Steinstraße 60" in place.letters("ngn")[1].text
