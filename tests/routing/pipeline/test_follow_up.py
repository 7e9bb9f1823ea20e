"""Urgent letters without an answer, reminders, the storm brake, trial operation, answers to citizens."""

import functools
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from routing import desk
from routing.letters import reminders
from routing.service import health
from routing.store.outbox import baseline
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import EMERGENCY, LAMP, OIL, RUBBISH
from tests.support.office import Office
from tests.support.waiting import CEILING

CHASED = journeys.BODIES.replace('name = "Komm', 'acknowledge_minutes = 30\nname = "Komm').replace(
    'name = "KOD', 'acknowledge_minutes = 10\nname = "KOD'
) + journeys.RULES.replace('["kbk", "kod"]', '"kbk"')


@pytest.fixture
def place(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Office]:
    """An urgent letter has gone to KBK at 3 in the morning."""
    with office.opened(tmp_path, smtp_sink, "2026-06-10 03:00", rules=CHASED) as place:
        place.receive(OIL)
        yield place


def subjects(place: Office, body: str) -> list[str]:
    return [letter.subject for letter in place.letters(body)]


def test_an_urgent_letter_without_an_answer_is_repeated_twice_and_the_desk_is_called(place: Office) -> None:
    for moment in ("03:29", "03:30", "03:31", "03:59", "04:00", "04:01", "05:00", "23:00"):
        place.at(f"2026-06-10 {moment}")

    first, second, third = place.letters("kbk")
    assert "[KOD-2026-000001] SOFORT: Oelspur" == first.title
    assert ["[KOD-2026-000001] WIEDERHOLUNG: SOFORT: Oelspur"] * 2 == [second.title, third.title]
    assert 3 == len({one.message_id for one in (first, second, third)})
    assert first.text == second.text
    assert "Bitte bestätigen Sie innerhalb von 30 Minuten; BEAUFTRAGT genügt." in first.text
    calls = place.letters("kod")
    assert 2 == len(calls)
    assert "OHNE ANTWORT: Kommunalbetrieb Krefeld seit 30 Minuten" in calls[0].subject
    assert "kod-intake ack KOD-2026-000001" in calls[0].text
    assert ["unanswered"] == place.troubles()
    place.at("2026-06-11 09:00")
    assert [] == place.troubles()


@pytest.mark.parametrize("how", ["reply", "reply to the repeat", "ack", "assign", "close", "desk"])
def test_any_answer_or_command_ends_it(place: Office, how: str) -> None:
    place.at("2026-06-10 03:30")
    engine, configuration, now = place.work.engine, place.work.active.configuration, place.clock()
    number = "KOD-2026-000001"
    if how == "reply":
        place.reply(place.letters("kbk")[0], "Danke, wir schauen uns das an.")
    elif how == "reply to the repeat":
        place.reply(place.letters("kbk")[1], "beauftragt")
    elif how == "ack":
        desk.acknowledge(engine, number, now, actor="anna")
    elif how == "assign":
        desk.assign(engine, configuration, number, ["ngn"], now, actor="anna")
    elif how == "close":
        desk.close(engine, number, now, actor="anna")
    else:
        place.reply(place.letters("kod")[0], "Ich kümmere mich, habe angerufen.")
    before = len(place.letters("kbk"))
    place.at("2026-06-10 05:00")
    place.at("2026-06-10 09:00")

    assert before == len(place.letters("kbk"))
    assert [] == place.troubles()


def test_an_automatic_reply_acknowledges_nothing(place: Office) -> None:
    place.reply(place.letters("kbk")[0], "Ich bin bis Montag nicht im Büro.", Auto_Submitted="auto-replied")
    place.reply(place.letters("kbk")[0], "Ihre Meldung wurde registriert, Ticket #12")
    place.at("2026-06-10 03:30")

    assert 2 == len(place.letters("kbk"))


def test_an_emergency_is_repeated_to_the_desk_alone(place: Office) -> None:
    place.receive(EMERGENCY)
    place.at("2026-06-10 03:10")

    assert ["NOTFALL" in subject for subject in subjects(place, "kod")] == [True, True]
    assert "110" in place.letters("kod")[0].text.splitlines()[0] + place.letters("kod")[0].text.splitlines()[1]


REMINDED = journeys.BODIES.replace('name = "Netz', 'remind_days = 3\nname = "Netz').replace(
    'name = "GSAK"', 'remind_days = 3\nname = "GSAK"'
)


def test_a_body_is_reminded_once_of_all_that_it_has_not_answered(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 10:00", rules=REMINDED + journeys.RULES) as place:
        for number in range(3):
            place.receive(LAMP, sender=f"person{number}@example.org")  # a Wednesday
        place.reply(place.letters("ngn")[1], "wird erledigt")
        for moment in ("06-13 10:00", "06-15 07:59", "06-15 08:00", "06-16 08:00", "06-30 08:00"):
            place.at(f"2026-{moment}")
        reminders = [one for one in place.letters("ngn") if "Erinnerung" in one.subject]
        assert ["[KOD-Erinnerung] Rueckmeldung zu 2 Hinweisen"] == [one.title for one in reminders]
        assert "KOD-2026-000001" in reminders[0].text
        assert "KOD-2026-000002" not in reminders[0].text
        place.reply(reminders[0], "KOD-2026-000001 erledigt\nKOD-2026-000003 nicht zuständig")
        assert ["closed", "answered", "review"] == [
            row["state"] for row in place.rows("SELECT state FROM concerns ORDER BY id LIMIT 3")
        ]


# the storm brake


def test_more_letters_than_an_hour_allows_are_held_until_one_command(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more="[brake]\nletters_per_hour = 4") as place:
        for number in range(7):
            place.receive(LAMP, sender=f"person{number}@example.org")
        assert 4 == len(place.letters("ngn"))
        assert ["brake"] == place.troubles()
        place.receive(EMERGENCY, sender="neu@example.org")  # never held
        assert 1 == len([one for one in place.letters("kod") if "NOTFALL" in one.subject])
        place.receive(OIL, sender="anders@example.org")  # urgent, in ordinary numbers
        assert 1 == len(place.letters("kbk"))
        lines = desk.letters.listed(place.work.engine, ["held"], 10)
        assert ["brake"] * 3 == [one.held for one in lines]
        said = desk.letters.release(place.work.engine, None, place.clock(), actor="anna")
        place.run()
        assert "3 Schreiben sind freigegeben." == said
        assert 7 == len(place.letters("ngn"))
        assert [] == place.troubles()


def test_urgent_letters_of_strangers_are_held_when_they_come_in_masses_of_known_people_not(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    limits = "[brake]\nletters_per_hour = 4\nletters_per_sender = 0"
    with office.opened(tmp_path, smtp_sink, "2026-06-08 09:00", more=limits, rules=CHASED) as place:
        place.receive("Danke schön", sender="anna@example.org")
        place.clock.set("2026-06-10 09:00")
        for number in range(8):
            place.receive(OIL, sender=f"fremd{number}@example.org")
        assert 4 == len(place.letters("kbk"))
        place.receive(OIL, sender="anna@example.org")
        assert 5 == len(place.letters("kbk"))


def test_an_hour_later_letters_go_out_again(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more="[brake]\nletters_per_hour = 2") as place:
        for number in range(3):
            place.receive(LAMP, sender=f"person{number}@example.org")
        place.clock.advance(minutes=61)
        place.receive(LAMP, sender="person9@example.org")
        assert 3 == len(place.letters("ngn"))


# trial operation


def test_without_sending_nothing_leaves_and_everything_waits_for_its_release(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    with office.opened(tmp_path, smtp_sink, smtp_more="send = false", rules=CHASED) as place:
        place.receive(OIL)
        place.receive(EMERGENCY)
        place.work.alerts.once("Probe", "nichts", place.clock())
        place.at("2026-06-10 18:00")
        assert [] == smtp_sink.messages
        assert {"held"} == {row["state"] for row in place.rows("SELECT state FROM deliveries")}
    with office.opened(tmp_path, smtp_sink, "2026-06-11 09:00", rules=CHASED) as place:
        assert 0 == place.run()
        desk.letters.release(place.work.engine, 1, place.clock(), actor="anna")
        assert 1 == place.run()


def test_redirected_everything_goes_to_one_address(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, smtp_more='redirect_to = "probe@krefeld.invalid"') as place:
        place.receive(OIL)
        place.work.alerts.once("Probe", "nichts", place.clock())
    assert 3 == len(smtp_sink.messages)
    assert {("probe@krefeld.invalid",)} == {one.recipients for one in smtp_sink.messages}
    assert b"X-KOD-Intake-Redirected-From: hinweise@kbk.invalid\r\n" in smtp_sink.messages[0].content


# the outbox by hand


def test_a_letter_is_held_redirected_cancelled_and_tried_again(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    ngn = journeys.ADDRESSES["ngn"]
    smtp_sink.recipient_replies[ngn] = "451 4.2.0 busy"
    with office.opened(tmp_path, smtp_sink) as place:
        for number in range(4):
            place.receive(LAMP, sender=f"person{number}@example.org")
        engine, configuration, now = place.work.engine, place.work.active.configuration, place.clock()
        [failing] = desk.letters.failing(engine)
        assert ("ngn", 4, "451 4.2.0 busy") == (failing.recipient, failing.count, failing.reply)
        assert "1 Schreiben ist angehalten." == desk.letters.hold(engine, 1, now, actor="anna")
        assert "1 Schreiben wird nicht mehr verschickt." == desk.letters.cancel(engine, 2, now, actor="anna")
        said = desk.letters.redirect(engine, configuration, 3, "neu@ngn.invalid", now, actor="anna")
        assert "Schreiben 3 geht an neu@ngn.invalid." == said
        with pytest.raises(Exception, match="holen wir selbst ab"):
            desk.letters.redirect(engine, configuration, 4, office.OWN, now, actor="anna")
        smtp_sink.recipient_replies.clear()
        assert 1 == place.run()
        assert 1 == len(place.letters("neu@ngn.invalid"))
        desk.letters.retry(engine, None, now, actor="anna")
        assert 1 == place.run()
        desk.letters.release(engine, 1, now, actor="anna")
        assert 1 == place.run()
        told = [entry.what for entry in desk.show(engine, "KOD-2026-000001").timeline]
        assert "Schreiben 1 angehalten." in told
        assert "Schreiben 1 freigegeben." in told


def test_the_outbox_is_told_to_machines_a_line_a_letter_and_address(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    smtp_sink.recipient_replies[journeys.ADDRESSES["ngn"]] = "550 5.1.1 unknown user"
    with office.opened(tmp_path, smtp_sink) as place:
        place.receive(LAMP)
        command = [
            sys.executable,
            "-c",
            "from routing.cli import main; main()",
            "--config",
            str(tmp_path / "config.toml"),
            "outbox",
        ]
        ask = functools.partial(subprocess.run, capture_output=True, text=True, check=True, timeout=CEILING)
        [line] = ask([*command, "--json"]).stdout.splitlines()
        assert "" == ask([*command, "--json", "--state", "wartend"]).stdout
        shown = json.loads(ask([*command, "show", "1", "--json"]).stdout)
    told = json.loads(line)
    assert (1, "ngn", "parked", "550 5.1.1 unknown user", 1) == tuple(
        told[name] for name in ("letter", "recipient", "state", "reply", "attempts")
    )
    assert place.clock() == datetime.fromisoformat(told["since"])
    assert [told] == shown["deliveries"]
    assert ["KOD-2026-000001"] == [one["number"] for one in shown["concerns"]]


def test_the_operator_gets_an_overview_when_there_is_something_in_it(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    ngn = journeys.ADDRESSES["ngn"]
    with office.opened(tmp_path, smtp_sink, summary='["täglich 08:00"]') as place:
        place.at("2026-06-11 08:00")
        smtp_sink.recipient_replies[ngn] = "550 5.1.1 unknown user"
        for number in range(2):
            place.receive(LAMP, sender=f"person{number}@example.org")
        for moment in ("06-11 18:00", "06-12 07:59", "06-12 08:00", "06-12 08:01", "06-15 12:00", "06-15 12:01"):
            place.at(f"2026-{moment}")
        desk.letters.cancel(place.work.engine, 1, place.clock(), actor="anna")
        desk.letters.cancel(place.work.engine, 2, place.clock(), actor="anna")
        place.at("2026-06-16 08:00")
    overviews = [one for one in place.letters(journeys.OPERATOR) if "KOD-Versand" in one.subject]
    assert 2 == len(overviews)  # Friday's, and once what the weekend and Monday brought
    assert "Netzgesellschaft Niederrhein: 2 Schreiben, ältestes vom 11.06.2026" in " ".join(overviews[0].text.split())
    assert "550 5.1.1 unknown user" in overviews[0].text


# answers to citizens

ACKNOWLEDGED = "[acknowledgement]\nsend = true\nforwarded = true\n"


def test_a_citizen_gets_one_acknowledgement_a_day_and_hears_where_it_went(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more=ACKNOWLEDGED) as place:
        place.receive(RUBBISH)
        place.receive("auf der Roßstraße 5 sind Ratten")
        place.run()
        [received] = place.letters("anna@example.org")
        assert "[KOD-2026-000001] Ihr Hinweis ist eingegangen" == received.title
        assert "110 oder 112" in received.text
        assert b"Auto-Submitted: auto-replied\r\n" in received.raw
        assert b"In-Reply-To: <" in received.raw
        place.at("2026-06-10 13:00")  # GSAK's digest
        place.run()
        forwarded = place.letters("anna@example.org")[1:]
        assert ["[KOD-2026-000001] Ihr Hinweis wurde weitergeleitet"] == [one.title for one in forwarded]
        assert "GSAK" in forwarded[0].text
        place.clock.set("2026-06-11 00:01")
        place.receive("auf der Marktstraße 5 sind Ratten")
        place.run()
        assert 3 == len(place.letters("anna@example.org"))
    senders = {one.sender for one in smtp_sink.messages if "anna@example.org" in one.recipients}
    assert {"<>"} == senders


def test_nobody_hears_that_it_was_forwarded_before_a_server_took_the_letter(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    smtp_sink.recipient_replies[journeys.ADDRESSES["ngn"]] = "550 5.1.1 unknown"
    with office.opened(tmp_path, smtp_sink, more="[acknowledgement]\nforwarded = true\n") as place:
        place.receive(LAMP)
        place.run()
        assert [] == place.letters("anna@example.org")
        smtp_sink.recipient_replies.clear()
        desk.letters.retry(place.work.engine, None, place.clock(), actor="anna")
        place.run()
        place.run()
        assert 1 == len(place.letters("anna@example.org"))


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("noreply@example.org", {}),
        ("mailer-daemon@example.org", {}),
        ("liste-request@example.org", {}),
        ("anna@example.org", {"Auto_Submitted": "auto-replied"}),
        ("anna@example.org", {"Precedence": "bulk"}),
        ("anna@example.org", {"List_Id": "<bahn.example.org>"}),
        ("leitstelle@gsak.invalid", {}),
        (office.OWN, {}),
        ("weiterleitung@krefeld.invalid", {}),
        (journeys.OPERATOR, {}),
    ],
)
def test_machines_bodies_and_we_ourselves_get_no_acknowledgement(
    tmp_path: Path, smtp_sink: SmtpSink, sender: str, headers: dict[str, str]
) -> None:
    with office.opened(tmp_path, smtp_sink, more=ACKNOWLEDGED) as place:
        place.receive(RUBBISH, sender=sender, **headers)
        place.run()
    assert [] == [one for one in smtp_sink.messages if sender in one.recipients]


def test_an_acknowledgement_that_a_server_dislikes_holds_nothing_up(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    smtp_sink.recipient_replies["anna@example.org"] = "550 5.1.1 unknown"
    with office.opened(tmp_path, smtp_sink, more=ACKNOWLEDGED) as place:
        place.receive(LAMP)
        place.receive(LAMP, sender="otto@example.org")
        assert 2 == len(place.letters("ngn"))
        assert [] == place.troubles()  # nobody can mend a citizen's address


def test_the_notes_are_filled_by_the_shipped_templates() -> None:
    for name in reminders.NAMES:
        assert reminders.sample(name)


# the brake that learns


def history(place: Office, days: int, letters: int, *, storm: int = 0) -> None:
    """Letters of the last ``days``, so many each morning at ten; once, a week ago, a storm."""
    row = (
        "INSERT INTO letters (id, mail_id, recipient, urgency, sender, subject, raw, composed_at) "
        "VALUES (:id, :mail, 'ngn', 'heute', '', '', :raw, :at)"
    )
    numbers = itertools.count(10_000)
    values = [
        {"id": number, "mail": f"{number}@old", "raw": b"", "at": place.clock() - timedelta(days=day, minutes=minute)}
        for day in range(1, days + 1)
        for minute in range(storm if day == 7 else letters)
        for number in [next(numbers)]
    ]
    with storage.writing(place.work.engine) as connection:
        connection.execute(sa.text(row).bindparams(sa.bindparam("at", type_=storage.UtcDateTime)), values)


@pytest.mark.parametrize(("days", "held"), [(20, 0), (40, 5)])
def test_the_brake_learns_what_is_usual_and_says_so(tmp_path: Path, smtp_sink: SmtpSink, days: int, held: int) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 10:00", rules=CHASED) as place:
        history(place, days, 4, storm=60)
        for number in range(35):
            place.store(LAMP, sender=f"person{number}@example.org")
        place.run()
        assert 35 - held == len(place.letters("ngn"))
        assert held == place.value("SELECT count(*) FROM deliveries WHERE held = 'learned'")
        place.receive(OIL, sender="person3@example.org")  # urgent, in ordinary numbers
        assert 1 == len(place.letters("kbk"))
        place.receive(EMERGENCY)
        assert 1 == len(place.letters("kod"))
        said = health.learned(place.work.engine, place.work.settings, place.clock())
        learned = "höchstens 30 Schreiben in dieser Stunde; üblich sind zu dieser Zeit bis zu 4"
        assert (learned if held else "") == said
        desk.letters.release(place.work.engine, None, place.clock(), actor="anna")
        place.run()
        assert 35 == len(place.letters("ngn"))


def test_three_times_the_usual_is_no_storm(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 10:00") as place:
        history(place, 50, 20)
        with storage.reading(place.work.engine) as connection:
            found = baseline.learned(connection, place.clock())
            weekend = baseline.learned(connection, place.clock() + timedelta(days=3, hours=8))
    assert (20, 60) == (found.most, found.limit) if found else False
    assert (0, baseline.FLOOR) == (weekend.most, weekend.limit) if weekend else False
