"""Rows of phone logs and the cases they belong to: edits, call-backs, what is new and urgent in an edit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.service.runtime import Runtime
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import EMERGENCY, LAMP, OIL, RUBBISH, Clock, Installation

OTHERS = (f"10.06.2026;08:00;Ostwall 1;{LAMP};", f"10.06.2026;08:30;Südwall 2;{RUBBISH};")


@pytest.fixture
def place(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Installation:
    return Installation(tmp_path, dovecot, smtp_sink)


@pytest.fixture
def work(place: Installation) -> Iterator[Runtime]:
    with place.opened(Clock("2026-06-10 09:00")) as opened:
        yield opened


def drop(place: Installation, *rows: str, header: str = "Datum;Uhrzeit;Ort;Anliegen;Richtung") -> None:
    (place.drop / "liste.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def test_an_urgent_row_that_is_edited_is_not_sent_again(place: Installation, work: Runtime) -> None:
    drop(place, *OTHERS, f"10.06.2026;08:45;Ring 3;{OIL};")
    journeys.work_once(work)
    drop(place, *OTHERS, f"10.06.2026;08:45;Ring 3;{OIL}, inzwischen zwanzig Meter lang;")
    journeys.work_once(work)

    assert 3 == place.count("cases") == place.count("concerns")
    assert [1, 1] == [len([one for one in place.letters(name) if "lspur" in one.subject]) for name in ("kbk", "kod")]
    assert ["edit"] == [row["kind"] for row in place.rows("SELECT kind FROM decisions ORDER BY id DESC LIMIT 1")]


def test_an_edit_before_the_first_words_were_decided_is_sent_once(place: Installation, work: Runtime) -> None:
    for words in ("", ", inzwischen zwanzig Meter lang"):
        drop(place, *OTHERS, f"10.06.2026;08:45;Ring 3;{OIL}{words};")
        journeys.receive_files(work)
    journeys.work_once(work)

    assert 1 == len([letter for letter in place.letters("kbk") if "lspur" in letter.subject])


def test_an_emergency_that_an_edit_brings_goes_out_at_once(place: Installation, work: Runtime) -> None:
    drop(place, *OTHERS)
    journeys.work_once(work)
    drop(place, f"10.06.2026;08:00;Ostwall 1;{LAMP}, und {EMERGENCY};", OTHERS[1])
    journeys.work_once(work)

    assert 2 == place.count("cases")
    assert 1 == len([letter for letter in place.letters("kod") if "Akute Gefahr" in letter.subject])


def test_an_edit_is_no_further_report_of_the_matter(place: Installation, work: Runtime) -> None:
    drop(place, *OTHERS)
    journeys.work_once(work)
    drop(place, OTHERS[0], f"10.06.2026;08:30;Südwall 2;{RUBBISH} und stinken;")
    journeys.work_once(work)
    assert isinstance(work.clock, Clock)
    work.clock.set("2026-06-10 13:30")
    journeys.work_once(work)

    (digest,) = place.letters("gsak")
    assert "Meldungen" not in digest.text


def test_a_call_back_joins_the_case_that_it_names_and_nothing_is_sent(place: Installation, work: Runtime) -> None:
    drop(place, *OTHERS)
    journeys.work_once(work)
    sent = len(place.letters())
    drop(
        place,
        "10.06.2026;08:50;;Rückruf NGN wg. KOD-2026-1, Laterne wird repariert;ausgehend",
        "10.06.2026;08:55;;Rückruf wg. KOD-2026-000099;ausgehend",
    )
    journeys.work_once(work)

    rows = place.rows(
        "SELECT number, decisions.state FROM messages JOIN decisions ON decisions.message_id = messages.id "
        "LEFT JOIN cases ON cases.id = case_id WHERE messages.kind = 'outgoing call' ORDER BY messages.id"
    )
    assert [("KOD-2026-000001", "kept"), (None, "kept")] == [(row["number"], row["state"]) for row in rows]
    assert sent == len(place.letters())
    assert 2 == place.count("cases")


def test_a_corrected_place_reaches_the_letter_that_waits_and_the_body_that_has_one(
    place: Installation, work: Runtime
) -> None:
    same = "10.06.2026;08:50;Ring 3;Ratten;"
    drop(place, *OTHERS, same)
    journeys.work_once(work)
    drop(place, f"10.06.2026;08:00;Ostwall 11;{LAMP};", f"10.06.2026;08:30;Südwall 22;{RUBBISH};", same)
    journeys.work_once(work)
    assert isinstance(work.clock, Clock)
    work.clock.set("2026-06-10 13:30")
    journeys.work_once(work)

    (digest,) = place.letters("gsak")
    assert "1. Südwall 22" in digest.text
    assert "Nachtrag" not in digest.text
    first, further = place.letters("ngn")
    assert "\r\nOrt: Ostwall 1\r\n" in first.text
    assert "Berichtigung: " in further.subject
    assert "\r\nOrt: Ostwall 11\r\n" in further.text
    assert "haben wir die Angaben berichtigt. Es gilt der Ort" in " ".join(further.text.split())


def test_words_in_a_column_that_is_no_concern_are_looked_through_for_emergencies(
    place: Installation, work: Runtime
) -> None:
    drop(
        place,
        f"10.06.2026;08:00;Ostwall 1;{LAMP};hat noch nichts gesehen",
        f"10.06.2026;08:30;Südwall 2;{RUBBISH};dort liegt jemand bewusstlos",
        header="Datum;Uhrzeit;Ort;Anliegen;Rückmeldung der Streife",
    )
    journeys.work_once(work)

    rows = place.rows(
        "SELECT messages.new_text AS said, concerns.urgency FROM messages "
        "JOIN concerns ON concerns.message_id = messages.id WHERE messages.kind = 'beside calls'"
    )
    assert [("hat noch nichts gesehen\ndort liegt jemand bewusstlos", True)] == [
        (row["said"], row["urgency"] in {"notfall", "pruefen"}) for row in rows
    ]
    assert 3 == place.count("cases")
