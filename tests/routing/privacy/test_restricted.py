"""Restriction (Art. 18 GDPR): nobody decides about such a message, no list shows it, and nothing of it goes out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake import storage
from routing import desk
from routing.desk import actions, case_views, changing, letters, replies, reshaping, searching
from routing.model.decision import Urgency
from routing.privacy import holds
from routing.store.held import Kind
from tests.routing.pipeline.desk_mail import answering
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.office import Office

WORDS = "ich wollte nur einmal nach dem Fahrrad fragen"


@pytest.fixture
def place(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Office]:
    with office.opened(tmp_path, smtp_sink) as opened:
        yield opened


def restrict(place: Office, *messages: int) -> None:
    with storage.writing(place.work.engine) as connection:
        holds.begin(connection, Kind.RESTRICTED, messages, "Verlangen", place.clock(), actor="berta")


def end(place: Office, *messages: int) -> None:
    with storage.writing(place.work.engine) as connection:
        holds.end(connection, messages, place.clock(), actor="berta")


def numbers(place: Office) -> list[str]:
    return [str(row["number"]) for row in place.rows("SELECT number FROM cases ORDER BY id")]


def test_every_way_to_decide_is_refused_until_it_ends(place: Office) -> None:
    for words in (journeys.RUBBISH, journeys.UNKNOWN):
        place.receive(words)
    place.at("2026-06-10 13:30")
    restrict(place, 1)
    (one, other), engine, now = numbers(place), place.work.engine, place.clock()
    configuration = place.work.active.configuration
    acts: list[Callable[[], object]] = [
        lambda: actions.assign(engine, configuration, one, ["kbk"], now, actor="anna"),
        lambda: actions.assign(engine, configuration, f"{one}-1", ["kod"], now, actor="anna", urgency=Urgency.NOTFALL),
        lambda: actions.close(engine, one, now, actor="anna"),
        lambda: actions.requeue(engine, one, now, actor="anna"),
        lambda: replies.answer(engine, configuration.settings, one, "offen", now, actor="anna"),
        lambda: reshaping.merge(engine, configuration, one, other, now, actor="anna"),
        lambda: reshaping.merge(engine, configuration, other, one, now, actor="anna"),
        lambda: reshaping.split(engine, one, now, actor="anna"),
        lambda: reshaping.reopen(engine, one, now, actor="anna"),
        lambda: reshaping.correct_place(engine, configuration, one, "Ostwall 5", now, actor="anna"),
        lambda: reshaping.release_photos(engine, one, now, actor="anna"),
    ]
    before = place.rows("SELECT state, waits_for, place FROM concerns") + place.rows("SELECT id, state FROM forwards")

    for act in acts:
        with pytest.raises(desk.RestrictedError, match="eingeschränkt"):
            act()
    after = place.rows("SELECT state, waits_for, place FROM concerns") + place.rows("SELECT id, state FROM forwards")
    assert before == after
    assert "zugewiesen" in actions.assign(engine, configuration, other, ["kbk"], now, actor="anna")
    end(place, 1)
    assert "zugewiesen" in actions.assign(engine, configuration, one, ["kbk"], now, actor="anna")


def test_the_desk_s_mail_neither_decides_about_it_nor_shows_its_text(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place, 3, WORDS)
        with storage.reading(place.work.engine) as connection:
            look = case_views.read(connection, 1).concerns[0]
        restrict(place, 1)
        with storage.writing(place.work.engine) as connection:  # as the list showed it: so that only this refuses
            connection.exec_driver_sql("UPDATE concerns SET waits_for = ? WHERE id = ?", (look.waits_for, look.id))
        reply = answering.send(place, letter, "1 gsak\n1 text\n2 wie 1\n3 gsak\n")

        assert reply is not None
        assert {1: "review", 2: "review", 3: "gsak heute"} == answering.states(place, letter)
        assert "eingeschränkt" in reply.text
        assert WORDS not in reply.text


def test_no_list_says_what_it_is_about(place: Office) -> None:
    place.receive(f"{WORDS}, am Westwall 3")
    place.receive("Danke für die schnelle Hilfe", Auto_Submitted="auto-replied")
    engine = place.work.engine
    restrict(place, 1, 2)
    found = [
        *case_views.listed(engine, ["review"], 10),
        *searching.search(engine, searching.Wanted(words="Fahrrad"), 10).concerns,
        *desk.kept.listed(engine, 10),
    ]

    assert 3 == len(found)
    assert {case_views.HIDDEN} == {item.about for item in found}
    assert {""} == {item.place for item in found}
    assert [1] == sorted(case_views.show(engine, numbers(place)[0]).restricted)


def test_a_frozen_list_that_tells_of_others_too_is_held_until_it_ends(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, smtp_more="send = false") as place:
        place.receive(f"{journeys.RUBBISH} am Westwall 3")
        place.receive(f"{journeys.RUBBISH} am Ostwall 5", sender="berta@example.org")
        place.receive(f"{journeys.LAMP} am Südwall 7")
        place.at("2026-06-10 13:30")
        restrict(place, 1, 3)
        engine, now = place.work.engine, place.clock()
        states = "SELECT recipient, state, held FROM deliveries JOIN letters ON letters.id = letter_id ORDER BY 1"
        found = [tuple(row.values()) for row in place.rows(states)]

        assert [("gsak", "held", "person"), ("ngn", "cancelled", "")] == found
        letters.release(engine, None, now, actor="anna")
        number = place.value("SELECT id FROM letters WHERE recipient = 'gsak'")
        with pytest.raises(changing.RestrictedError):
            letters.release(engine, number, now, actor="anna")
        with pytest.raises(changing.RestrictedError):
            letters.redirect(engine, place.work.active.configuration, number, "x@gsak.invalid", now, actor="anna")
        assert "held" == place.value("SELECT state FROM deliveries WHERE state != 'cancelled'")
        with storage.writing(engine) as connection:  # as one that was being sent, and was refused
            connection.exec_driver_sql("UPDATE deliveries SET state = 'parked' WHERE state = 'held'")
        assert "Kein Schreiben" in letters.retry(engine, None, now, actor="anna")
        assert "kein abgelehntes" in actions.requeue(engine, "letters", now, actor="anna")
        with pytest.raises(changing.RestrictedError):
            letters.retry(engine, number, now, actor="anna")
        with storage.writing(engine) as connection:
            connection.exec_driver_sql("UPDATE deliveries SET state = 'held' WHERE state = 'parked'")
        end(place, 1)
        assert "freigegeben" in letters.release(engine, number, now, actor="anna")


def test_what_is_restricted_before_it_is_judged_waits_and_an_emergency_does_not(place: Office) -> None:
    for words in (journeys.RUBBISH, journeys.EMERGENCY):
        place.store(f"{words}, Westwall 3")
    restrict(place, 1, 2)
    place.at("2026-06-10 13:30")

    assert ["kod"] == [row["recipient"] for row in place.rows("SELECT recipient FROM forwards")]
    assert "review" == place.value("SELECT state FROM concerns WHERE message_id = 1")


def test_a_further_report_that_is_restricted_reaches_nobody(place: Office) -> None:
    place.receive(f"{journeys.RUBBISH} am Westwall 3")
    place.at("2026-06-10 13:30")
    place.receive(f"{journeys.RUBBISH} am Westwall 3", sender="berta@example.org")
    assert "planned" == place.value("SELECT state FROM forwards WHERE report_id = 2")
    restrict(place, 2)
    place.at("2026-06-13 13:30")

    assert "cancelled" == place.value("SELECT state FROM forwards WHERE report_id = 2")
    assert 1 == len(place.letters("gsak"))


def test_a_body_is_not_reminded_of_it(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    rules = journeys.BODIES.replace('name = "GSAK"', 'name = "GSAK"\nremind_days = 2') + journeys.RULES
    for folder, is_restricted in (("one", False), ("other", True)):
        with office.opened(tmp_path / folder, smtp_sink, rules=rules) as place:
            place.receive(f"{journeys.RUBBISH} am Westwall 3")
            place.at("2026-06-10 13:30")
            if is_restricted:
                restrict(place, 1)
            before = len(place.letters("gsak"))
            place.at("2026-06-16 13:30")

            assert (0 if is_restricted else 1) == len(place.letters("gsak")) - before
