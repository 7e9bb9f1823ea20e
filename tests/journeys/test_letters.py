"""From the mailbox and the phone log to the letters, on real servers."""

import re
from pathlib import Path

import pytest

from tests import TESTS
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import EMERGENCY, LAMP, OIL, RUBBISH, UNKNOWN, Clock, Installation, mail
from tests.support.waiting import until

LOGS = TESTS / "logs"
SAMPLES = ("A_excel_cp1252.csv", "B_anlage_utf8bom.csv", "C_unicodetext_utf16.txt")
WEDNESDAY = "2026-06-10 10:00"


def test_a_mail_becomes_letters_and_is_filed_away(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    place.deliver(mail(f"Am Ostwall 12: {OIL}", "Achtung"))
    done = place.once(Clock(WEDNESDAY))
    assert (1, 1, 2, 0) == (done.new, done.routed, done.sent, done.exit_code)
    letters = place.letters()
    assert {journeys.ADDRESSES["kbk"], journeys.ADDRESSES["kod"]} == {letter.to[0] for letter in letters}
    assert 2 == len({letter.message_id for letter in letters})
    for letter in letters:
        assert "KOD-2026-000001" in letter.subject
        assert OIL in letter.text
        assert "Ostwall 12" in letter.text
        assert b"anna@example.org" not in letter.raw
        assert b"Beispiel" not in letter.raw
    assert [] == dovecot.messages(place.user)
    assert 1 == len(dovecot.messages(place.user, "kod-intake/Erledigt"))
    assert 0 == place.once(Clock("2026-06-10 10:30")).sent
    assert 2 == len(place.letters())


def test_a_mail_that_no_rule_knows_goes_to_nobody_and_waits_in_review(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.deliver(mail(UNKNOWN))
    done = place.once(Clock(WEDNESDAY))
    assert (1, 0, 0) == (done.review, done.sent, done.planned)
    assert [] == place.letters()
    listed = place.run("list")
    assert "KOD-2026-000001" in listed.stdout
    assert "Klärung" in listed.stdout


def test_the_three_sample_logs_become_letters_to_the_right_bodies(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url)
    place.shipped_rules()
    clock = Clock(WEDNESDAY)
    with place.opened(clock) as work:
        _drop(place, SAMPLES[0])
        done = journeys.work_once(work)
        assert (1, 8, 0) == (done.files, done.new, done.bad_rows)  # six calls, the title, what stands beside them
        assert 5 == place.count("cases")  # the second row supplements the first
        _drop(place, *SAMPLES[1:])
        done = journeys.work_once(work)
        assert (2, 9, 0) == (done.files, done.new, done.bad_rows)
        for later in ("2026-06-10 13:00", "2026-06-10 16:00", "2026-06-11 07:30", "2026-06-11 16:30"):
            clock.set(later)
            journeys.work_once(work)
    by_body = {name: place.letters(name) for name in journeys.ADDRESSES}
    for name in ("kbk", "gsak", "ngn"):  # rows 4 and 5: a noise at night, a brawl
        for letter in by_body[name]:
            assert "Petersstr" not in letter.text
            assert "Schlägerei" not in letter.text
    assert any("Schlägerei" in letter.text for letter in by_body["kod"])
    assert any("Laterne" in letter.text for letter in by_body["ngn"])
    rubbish = [letter for letter in by_body["gsak"] if "Muellablagerung - Ostwall 3-5" in letter.subject]
    assert 1 == len(rubbish)
    assert re.search(r"Meldungen:\s*2", rubbish[0].text)
    for letter in place.letters():  # callers' names and numbers stay here
        for secret in ("Laubach", "Hundt", "02151", "2151123456", "Krüger"):
            assert secret not in letter.text, letter.text
    assert 3 == len(list((place.drop / "erledigt").glob("*.protokoll.txt")))


def _drop(place: Installation, *names: str) -> None:
    for name in names:
        (place.drop / name).write_bytes((LOGS / name).read_bytes())


def test_mails_and_a_log_at_once_bring_every_concern_to_its_body_exactly_once(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    rules = journeys.WHOLE + journeys.RULES
    place = Installation(tmp_path, dovecot, smtp_sink, database_url, rules=rules)
    texts = (OIL, LAMP, RUBBISH, EMERGENCY, UNKNOWN)
    place.deliver(*(mail(f"Zeichen M{number:03d}Q: {texts[number % 5]}") for number in range(200)))
    rows = [
        f"{number};10.06.2026;09:{number:02d};Ostwall {number};Zeichen T{number:03d}Q: {LAMP}" for number in range(50)
    ]
    log = "\r\n".join(["Lfd. Nr.;Datum;Uhrzeit;Ort;Anliegen", *rows]) + "\r\n"
    (place.drop / "liste.csv").write_text(log, encoding="cp1252")
    clock = Clock(WEDNESDAY)
    with place.working(clock):
        until(lambda: place.count("decisions") == 250)
        smtp_sink.wait_for(80 + 40 + 40 + 50)  # oil to two bodies, lamps, emergencies, the log
        clock.set("2026-06-10 13:00")
        smtp_sink.wait_for(211)  # and the rubbish in one digest
    found = {
        name: sorted(re.findall(r"[MT]\d{3}Q", "".join(letter.text for letter in place.letters(name))))
        for name in journeys.ADDRESSES
    }
    numbers = {text: [f"M{number:03d}Q" for number in range(200) if texts[number % 5] == text] for text in texts}
    assert numbers[OIL] == found["kbk"]
    assert sorted(numbers[OIL] + numbers[EMERGENCY]) == found["kod"]
    assert numbers[LAMP] + [f"T{number:03d}Q" for number in range(50)] == found["ngn"]
    assert numbers[RUBBISH] == found["gsak"]
    assert 211 == len(place.letters())


def test_an_automatic_mail_with_an_urgent_word_alerts_the_desk_and_waits_for_a_person(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.deliver(mail(OIL, "Automatische Antwort", Auto_Submitted="auto-replied"))
    place.once(Clock("2026-06-10 03:00"))
    assert [journeys.ADDRESSES["kod"]] == [letter.to[0] for letter in place.letters()]
    assert [("review", "auto-reply")] == [
        (row["state"], row["kind"]) for row in place.rows("SELECT state, kind FROM decisions")
    ]
    assert 1 == place.count("concerns", "state = 'review'")


BOUNCE = b"""From: MAILER-DAEMON@krefeld.invalid
To: weiterleitung@krefeld.invalid
Subject: Undelivered Mail BouncedLetter to Sender
Message-ID: <bounce@krefeld.invalid>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.krefeld.invalid

Final-Recipient: rfc822; weg@example.org
Action: failed
Status: 5.1.1
--b--
""".replace(b"\n", b"\r\n")


def test_bounces_and_out_of_office_replies_go_to_nobody(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    answers = {"Auto_Submitted": "auto-replied", "In_Reply_To": "<ein.schreiben@krefeld.invalid>"}
    away = mail("Ich bin bis Montag nicht im Haus", "Abwesenheitsnotiz", **answers)
    place.deliver(BOUNCE, away)
    done = place.once(Clock(WEDNESDAY))
    assert (2, 1, 1, 0) == (done.new, done.kept, done.review, done.sent), "an answer to no letter of ours is looked at"
    assert "bounce" == place.rows("SELECT kind FROM decisions ORDER BY id")[0]["kind"]
    assert 2 == place.count("messages")


def test_our_own_letter_that_comes_back_is_kept(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.deliver(mail(OIL))
    place.once(Clock(WEDNESDAY))
    letter = place.letters("kbk")[0]
    place.deliver(letter.raw)
    done = place.once(Clock("2026-06-10 10:10"))
    assert (1, 0) == (done.new, done.sent)
    assert "own" == place.rows("SELECT kind FROM decisions ORDER BY id DESC")[0]["kind"]
    assert 2 == len(place.letters())


@pytest.mark.parametrize("text", [OIL, EMERGENCY])
def test_what_was_matched_and_why_is_shown(text: str, tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.deliver(mail(text))
    place.once(Clock(WEDNESDAY))
    shown = place.run("show", "KOD-2026-000001")
    assert 0 == shown.returncode
    assert text in shown.stdout
    assert "angenommen" in shown.stdout
    assert "Regel" in shown.stdout
