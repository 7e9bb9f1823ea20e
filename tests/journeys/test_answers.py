"""What comes back and what is put right: a body's answer, a case judged again, a letter that was refused."""

from pathlib import Path

import pytest

from routing import desk
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation, mail

WEDNESDAY = "2026-06-10 09:00"


@pytest.fixture
def place(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str) -> Installation:
    """Krefeld's own rules; one mail about rubbish has been sent to GSAK as KOD-2026-000001."""
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    place.shipped_rules()
    place.deliver(mail("Am Ostwall 12 liegen Müllsäcke.", subject="Müll"))
    assert 1 == place.once(Clock(WEDNESDAY)).sent
    return place


def _answer(
    number: str, sender: str = "leitstelle@gsak.invalid", text: str = "ERLEDIGT", *, subject: str = ""
) -> bytes:
    subject = f"Re: {subject or f'[{number}] Muellablagerung - Ostwall 12'}"
    head = f"From: {sender}\r\nTo: kod@krefeld.invalid\r\nSubject: {subject}\r\nMessage-ID: <answer@x>\r\n"
    return f"{head}\r\n{text}\r\n\r\n> Thema: Abfall / Müllablagerung\r\n".encode()


def test_a_bodys_answer_joins_its_case_and_is_never_sent_back(place: Installation) -> None:
    place.deliver(_answer("KOD-2026-000001", subject=place.letters("gsak")[0].subject))
    done = place.once(Clock(WEDNESDAY))
    assert (1, 0) == (done.kept, done.sent)
    assert (1, 1) == (place.count("cases"), place.count("letters"))
    assert 1 == place.count("concerns", "state = 'closed'")
    shown = place.run("show", "KOD-2026-000001").stdout
    assert "ERLEDIGT" in shown
    assert "GSAK antwortet: erledigt." in shown


def test_an_answer_about_an_unknown_case_waits_for_a_person(place: Installation) -> None:
    place.deliver(_answer("KOD-2026-000777"))
    done = place.once(Clock(WEDNESDAY))
    assert (1, 0) == (done.review, done.sent)


def test_a_citizen_with_the_number_in_the_subject_is_heard_by_his_words_alone(place: Installation) -> None:
    place.deliver(_answer("KOD-2026-000001", "petra@example.org", "Auf der Marktstraße ist ein Schlagloch."))
    place.once(Clock(WEDNESDAY))
    assert [] == [letter for letter in place.letters("gsak")[1:] if "Schlagloch" in letter.text]
    assert 1 == len(place.letters("kbk"))


def test_an_emergency_in_an_answer_is_no_mere_answer(place: Installation) -> None:
    place.deliver(_answer("KOD-2026-000001", text="Hier liegt ein Mann bewusstlos und reagiert nicht!"))
    place.once(Clock(WEDNESDAY))
    assert 1 == len(place.letters("kod"))


def test_a_case_judged_again_gives_no_second_letter(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    with place.opened(clock) as work:
        desk.requeue(work.engine, "KOD-2026-000001", clock(), actor="anna")
        done = journeys.work_once(work)
    assert (1, 0) == (done.routed, done.sent)
    assert (2, 1) == (place.count("decisions"), place.count("letters"))
    assert 1 == place.count("concerns")


def test_a_refused_letter_goes_to_the_corrected_address(place: Installation, smtp_sink: SmtpSink) -> None:
    smtp_sink.recipient_replies["leitstelle@gsak.invalid"] = "550 5.1.1 unknown user"
    place.deliver(mail("Müllkippe an der Roßstraße 3", subject="Dreck"))
    assert 4 == place.once(Clock(WEDNESDAY)).exit_code
    place.rules = place.rules.replace("leitstelle@gsak.invalid", "neu@gsak.invalid")
    place.write()
    assert 0 == place.run("requeue", "letters").returncode
    done = place.once(Clock("2030-01-02 09:00"))  # the command had the real time
    assert (1, 0) == (done.sent, done.exit_code)
    assert "neu@gsak.invalid" in smtp_sink.messages[-1].recipients


def test_closing_a_case_ends_its_refused_letter(place: Installation, smtp_sink: SmtpSink) -> None:
    smtp_sink.recipient_replies["leitstelle@gsak.invalid"] = "550 5.1.1 unknown user"
    place.deliver(mail("Müllkippe an der Roßstraße 3", subject="Dreck"))
    assert 4 == place.once(Clock(WEDNESDAY)).exit_code
    assert 0 == place.run("close", "KOD-2026-000002").returncode
    assert 0 == place.once(Clock(WEDNESDAY)).exit_code
    assert 0 == place.count("deliveries", "state = 'parked'")
