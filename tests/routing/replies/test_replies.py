"""What comes back on letters: answers by Message-ID and by number, digests, hand-backs, bounces, loops."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from routing import desk
from routing.replies import sender_authentication
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import LAMP, OIL, RUBBISH
from tests.support.office import Office

STATE = "SELECT state FROM concerns ORDER BY id DESC LIMIT 1"
REASON = "SELECT reason FROM decisions ORDER BY id DESC LIMIT 1"
WHY = "SELECT waits_for FROM concerns ORDER BY id DESC LIMIT 1"


@pytest.fixture
def place(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Office]:
    """A mail about a lamp has gone to NGN as KOD-2026-000001."""
    with office.opened(tmp_path, smtp_sink) as place:
        place.receive(LAMP)
        yield place


@pytest.mark.parametrize(
    ("text", "state", "answer"),
    [
        ("ERLEDIGT", "closed", "done"),
        ("Haben wir gestern repariert. MfG", "closed", "done"),
        ("BEAUFTRAGT", "answered", "commissioned"),
        ("Wird morgen repariert", "answered", "commissioned"),
        ("Das ist nicht unsere Lampe, bitte an KBK", "review", "refused"),
        ("RÜCKFRAGE: Welche Hausnummer?", "review", "question"),
        ("konnten wir nicht reparieren", "review", "unclear"),
        ("Danke für den Hinweis, wir prüfen das.", "open", ""),
        ("Automatische Antwort: Ich bin bis zum 30.11. nicht im Büro", "open", ""),
    ],
)
def test_an_answer_changes_its_concern_and_goes_nowhere(place: Office, text: str, state: str, answer: str) -> None:
    place.reply(place.letters("ngn")[0], text)

    assert state == place.value(STATE)
    assert answer == place.value("SELECT answer FROM forwards")
    assert 1 == len(place.letters())
    assert 1 == len(place.rows("SELECT * FROM cases"))


def test_a_letter_is_known_by_its_message_id_alone(place: Office) -> None:
    place.reply(place.letters("ngn")[0], "erledigt", Subject="Re: Ihre Meldung [Ticket 4711]")

    assert "closed" == place.value(STATE)


def test_a_hand_back_says_who_is_named_instead_and_waits_for_a_person(place: Office) -> None:
    place.reply(place.letters("ngn")[0], "NICHT ZUSTÄNDIG, bitte an KBK")

    why = place.value(WHY)
    assert "Netzgesellschaft Niederrhein gibt den Hinweis zurück" in why
    assert "Genannt wird: Kommunalbetrieb Krefeld (kbk)." in why
    assert "kod-intake handback KOD-2026-000001" in why
    assert [] == place.letters("kbk")


def test_the_second_hand_back_is_counted_and_the_first_body_does_not_block_the_next(place: Office) -> None:
    place.reply(place.letters("ngn")[0], "nicht zuständig")
    desk.assign(
        place.work.engine, place.work.active.configuration, "KOD-2026-000001", ["kbk"], place.clock(), actor="anna"
    )
    place.run()
    assert "open" == place.value(STATE)
    place.reply(place.letters("kbk")[0], "nicht zuständig")

    assert "Das ist die 2. Rückgabe." in place.value(WHY)


def test_what_a_former_body_says_later_is_for_a_person(place: Office) -> None:
    place.clock.advance(minutes=1)
    desk.assign(
        place.work.engine, place.work.active.configuration, "KOD-2026-000001", ["kbk"], place.clock(), actor="anna"
    )
    place.run()
    place.reply(place.letters("ngn")[0], "erledigt")

    assert "review" == place.value(STATE)
    assert "hat den Hinweis nicht mehr und antwortet: erledigt" in place.value(WHY)
    assert "kod-intake close KOD-2026-000001" in place.value(WHY)


def test_not_done_after_all_reaches_a_person_though_the_concern_was_closed(place: Office) -> None:
    place.reply(place.letters("ngn")[0], "erledigt")
    place.reply(place.letters("ngn")[0], "Das war ein Irrtum, ist doch nicht erledigt.")

    assert "review" == place.value(STATE)


def test_a_stranger_with_the_number_and_the_message_id_decides_nothing(place: Office) -> None:
    place.reply(place.letters("ngn")[0], "ERLEDIGT", sender="boese@example.org")
    place.reply(place.letters("ngn")[0], "ERLEDIGT", sender="boese@nicht-ngn.invalid")

    assert {"open"} == {row["state"] for row in place.rows("SELECT state FROM concerns WHERE case_id = 1")}


def test_a_body_cannot_close_what_another_one_was_asked(place: Office) -> None:
    place.reply(place.letters("ngn")[0], "ERLEDIGT", sender=journeys.ADDRESSES["gsak"])

    assert "open" == place.value("SELECT state FROM concerns WHERE case_id = 1")
    assert "Die Adresse gehört nicht zu dieser Stelle." in place.value(REASON)


def test_two_bodies_must_both_be_done_but_the_desk_is_not_waited_for(place: Office) -> None:
    place.receive(OIL)  # to kbk and to the desk
    place.reply(place.letters("kbk")[0], "erledigt")

    assert "closed" == place.value(STATE)


def test_the_whole_domain_that_config_toml_names_may_answer(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    bodies = journeys.BODIES.replace('name = "Netz', 'domains = ["swk.invalid"]\nname = "Netz')
    with office.opened(tmp_path, smtp_sink, rules=bodies + journeys.RULES) as place:
        place.receive(LAMP)
        place.reply(place.letters("ngn")[0], "erledigt", sender="anna@ngn.invalid")
        assert "open" == place.value("SELECT state FROM concerns WHERE case_id = 1")
        place.reply(place.letters("ngn")[0], "erledigt", sender="Anna@SWK.invalid")
        assert "closed" == place.value("SELECT state FROM concerns WHERE case_id = 1")


def test_answers_bounces_and_acknowledgements_work_on_either_engine(
    tmp_path: Path, smtp_sink: SmtpSink, database_url: str
) -> None:
    more = "[acknowledgement]\nsend = true\nforwarded = true"
    bodies = journeys.BODIES.replace('name = "Komm', 'acknowledge_minutes = 30\nname = "Komm')
    with office.opened(tmp_path, smtp_sink, rules=bodies + journeys.RULES, more=more, database=database_url) as place:
        place.receive(LAMP)
        place.reply(place.letters("ngn")[0], "nicht unsere Lampe")
        assert "review" == place.value(STATE)
        place.receive(OIL, sender="otto@example.org")
        place.clock.advance(minutes=31)
        place.run()
        assert 2 == len(place.letters("kbk"))
        address = journeys.ADDRESSES["kbk"]
        bounce(place, [one.to[0] for one in place.letters()].index(address), address)
        assert ["bounced"] == [name for name in place.troubles() if name == "bounced"]
        assert 2 == len(place.letters("otto@example.org"))
        engine, configuration = place.work.engine, place.work.active.configuration
        desk.letters.resume(engine, configuration, address, "", place.clock(), actor="anna")
        desk.acknowledge(engine, "KOD-2026-000002", place.clock(), actor="anna")
        assert 1 == place.run()
        assert [] == place.troubles()


@pytest.fixture
def digest(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Office]:
    """Three concerns have gone to GSAK in one digest."""
    with office.opened(tmp_path, smtp_sink) as place:
        for letter in "ABC":
            place.receive(f"Stelle {letter}: {RUBBISH}", sender=f"{letter}@example.org")
        place.at("2026-06-10 13:00")
        yield place


def states(place: Office) -> str:
    return " ".join(row["state"] for row in place.rows("SELECT state FROM concerns ORDER BY id"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KOD-2026-000001 erledigt, -000002 nicht unsere Straße", "closed review open"),
        ("KOD-2026-000001 und -000003 sind erledigt\nKOD-2026-000002: wird morgen abgeholt", "closed answered closed"),
        ("Alles erledigt", "closed closed closed"),
        ("ERLEDIGT", "open open open review"),
        ("Was soll das?", "open open open review"),
    ],
)
def test_a_reply_to_a_digest_settles_each_concern_that_it_names(digest: Office, text: str, expected: str) -> None:
    digest.reply(digest.letters("gsak")[0], text)

    assert expected == states(digest)


def test_a_digest_is_known_by_the_number_in_its_subject(digest: Office) -> None:
    digest.receive("alles erledigt", sender="anna@gsak.invalid", subject=f"Re: {digest.letters('gsak')[0].subject}")

    assert "closed closed closed" == states(digest)


# bounces


def bounce(place: Office, index: int, address: str, status: str = "5.1.1", action: str = "failed") -> None:
    """The mail server sends a letter back."""
    letter = place.letters()[index]
    report = (
        f"Reporting-MTA: dns; mx.invalid\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; 550 {status} unknown user\r\n"
    )
    head = letter.raw.partition(b"\r\n\r\n")[0].decode()
    place.put(
        f"From: MAILER-DAEMON@mx.invalid\r\nTo: {office.OWN}\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <b{index}{status}@mx.invalid>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        f"--x\r\nContent-Type: message/delivery-status\r\n\r\n{report}\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n\r\n--x--\r\n".encode()
    )
    place.run()


def test_a_hard_bounce_stops_the_address_shows_the_concerns_and_one_command_sends_again(place: Office) -> None:
    address = journeys.ADDRESSES["ngn"]
    bounce(place, 0, address)
    assert "bounced" == place.value("SELECT state FROM deliveries")
    assert ["bounced"] == place.troubles()
    place.receive(LAMP, sender="otto@example.org")  # the next one waits instead of vanishing as well
    assert 1 == len(place.letters())
    engine, configuration = place.work.engine, place.work.active.configuration
    [stopped] = desk.letters.stopped(engine)
    assert (address, 2) == (stopped.address, stopped.letters)
    assert ["KOD-2026-000001"] == [row.number for row in desk.letters.inside(engine, 1)]

    said = desk.letters.resume(engine, configuration, address, "neu@ngn.invalid", place.clock(), actor="anna")
    place.run()

    assert "2 Schreiben werden noch einmal geschickt. Das Ziel ist neu@ngn.invalid." == said
    again = place.letters("neu@ngn.invalid")
    assert {"KOD-2026-000001", "KOD-2026-000002"} == {letter.subject[1:16] for letter in again}
    assert 3 == len({letter.message_id for letter in place.letters()})
    assert [] == place.troubles()
    place.reply(next(letter for letter in again if "000001" in letter.subject), "erledigt", sender=address)
    assert "closed" == place.value("SELECT state FROM concerns WHERE case_id = 1")


def test_a_delay_and_a_full_mailbox_stop_nothing(place: Office) -> None:
    bounce(place, 0, journeys.ADDRESSES["ngn"], "4.4.1", "delayed")
    assert "sent" == place.value("SELECT state FROM deliveries")
    bounce(place, 0, journeys.ADDRESSES["ngn"], "5.2.2")
    assert "bounced" == place.value("SELECT state FROM deliveries")
    assert [] == desk.letters.stopped(place.work.engine)


def test_a_forged_bounce_stops_no_address_that_the_letter_did_not_go_to(place: Office) -> None:
    place.receive(RUBBISH)
    place.at("2026-06-10 13:00")
    place.receive(OIL)  # two addresses: kbk and the desk get one letter each
    bounce(place, 0, journeys.ADDRESSES["kbk"])

    assert [journeys.ADDRESSES["ngn"]] == [row.address for row in desk.letters.stopped(place.work.engine)]


# loops


def test_a_ticket_system_that_answers_everything_makes_no_letter(place: Office) -> None:
    body = "Ihre Anfrage wurde registriert. Ticket #4711. Sie schrieben: Die Laterne ist aus."
    for subject in ("[Ticket#4711] Laterne", "Re: [KOD-2026-000001] Strassenbeleuchtung", "Eingang"):
        place.receive(body, sender="ticket@ngn.invalid", subject=subject)

    assert 1 == len(place.letters())
    assert "open" == place.value("SELECT state FROM concerns WHERE case_id = 1")


def test_nobody_makes_us_send_more_letters_in_a_day_than_configured(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more="[brake]\nletters_per_sender = 3") as place:
        for street in ("Roßstraße", "Marktstraße", "Ostwall", "Westwall", "Südwall", "Nordwall"):
            place.receive(f"{street} 12: {LAMP}", sender="schleife@example.net")
        assert 3 == len(place.letters())
        assert ["brake"] == place.troubles()
        place.receive(LAMP, sender="anna@example.org")
        assert 4 == len(place.letters())
        desk.letters.release(place.work.engine, None, place.clock(), actor="anna")
        place.run()
        assert 7 == len(place.letters())


# senders that the own mail server does not believe

TRUSTED = f"""[mailboxes.kod]
host = "127.0.0.1"
security = "none"
user = "{office.OWN}"
trusted_authserv_id = "mx.krefeld.invalid"
"""


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ("mx.krefeld.invalid; dmarc=fail header.from=ngn.invalid; spf=pass", "open"),
        ("MX.krefeld.invalid 1; spf=softfail (not (really) allowed); dkim=none", "open"),
        ("mx.krefeld.invalid; dmarc=pass; spf=fail; dkim=pass", "closed"),
        ("mx.krefeld.invalid; spf=fail; dkim=pass header.d=ngn.invalid", "closed"),
        ("mx.krefeld.invalid; spf=fail; dkim=pass", "open"),
        ("mx.krefeld.invalid; none", "open"),
        ("mx.elsewhere.invalid; dmarc=pass", "open"),
        ("mx.krefeld.invalid.evil; dmarc=pass", "open"),
        ("", "open"),
    ],
)
def test_a_forged_answer_closes_nothing(tmp_path: Path, smtp_sink: SmtpSink, results: str, state: str) -> None:
    with office.opened(tmp_path, smtp_sink, more=TRUSTED) as place:
        place.receive(LAMP)
        headers = {"Authentication_Results": results} if results else {}
        place.reply(place.letters("ngn")[0], "erledigt", **headers)
        assert state == place.value("SELECT state FROM concerns WHERE case_id = 1")
        if state == "open":
            assert "Angebliche Antwort von Netzgesellschaft" in place.value(REASON)
            assert place.value("SELECT answered_at FROM forwards") is None


@pytest.mark.parametrize(("results", "state"), [("", "closed"), ("mx.krefeld.invalid; dmarc=fail", "open")])
def test_without_the_servers_name_any_failure_speaks_against_the_sender(
    place: Office, results: str, state: str
) -> None:
    headers = {"Authentication_Results": results} if results else {}
    place.reply(place.letters("ngn")[0], "erledigt", **headers)

    assert state == place.value("SELECT state FROM concerns WHERE case_id = 1")


def judged(raw: bytes, server: str = "mx.a") -> str:
    return sender_authentication.proof(raw, server, "leitstelle@gsak.invalid").value


def test_only_the_topmost_results_of_the_own_server_count() -> None:
    refused, passed = (
        b"Authentication-Results: mx.a;\r\n dmarc=fail\r\n",
        b"Authentication-Results: mx.a; dmarc=pass\r\n",
    )
    hop = b"Received: from b by mx.a\r\n"
    assert judged(hop + refused + hop + passed + b"\r\nText") == "refuted"
    assert judged(refused + passed + b"\r\nText") == "refuted"
    assert judged(passed + hop + refused + b"\r\nText") == "proved"
    assert judged(b"Subject: x\r\n\r\n" + passed) == "unknown"
    assert judged(passed, "") == "unknown"


def test_a_nameless_result_counts_only_against_the_sender_and_only_on_top() -> None:
    """Exchange Online leaves the name of the server out."""
    refused = (
        b"Authentication-Results: spf=fail (sender IP is 192.0.2.1)\r\n smtp.mailfrom=gsak.invalid; dkim=none;\r\n"
    )
    refused += b" dmarc=fail action=none header.from=gsak.invalid;compauth=fail reason=001\r\n"
    passed = b"Authentication-Results: spf=pass smtp.mailfrom=gsak.invalid; dmarc=pass header.from=gsak.invalid\r\n"
    own = b"Authentication-Results: mx.a; dmarc=fail\r\n"
    assert judged(b"Received: x\r\n" + refused) == "refuted"
    assert judged(passed) == "unknown"
    assert judged(passed + own) == "refuted"
    assert judged(passed + refused) == "unknown"
    assert judged(refused, "") == "refuted"
