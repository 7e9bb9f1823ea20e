"""Members of the desk answer its mail: each line is done, refused or asked back; nothing is done that nobody said."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from routing import desk
from routing.desk import orders
from routing.store import desk_mail
from tests.routing.pipeline.desk_mail import answering
from tests.routing.pipeline.desk_mail.answering import ANNA, BERND
from tests.servers.smtp import SmtpSink
from tests.support import journeys


@pytest.mark.parametrize("corpus", ["desk-answers-1.toml", "desk-answers-2.toml"])
def test_every_answer_of_a_member_is_understood_or_asked_back(
    tmp_path: Path, smtp_sink: SmtpSink, corpus: str
) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place)
    answers = answering.corpus(corpus)
    wrong = [said for answer in answers if (said := answering.judged(answer, letter))]

    assert [] == wrong, f"{len(wrong)} of {len(answers)}:\n" + "\n".join(wrong)


def test_each_line_is_done_with_the_members_name_and_one_mail_says_so(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place)
        reply = answering.send(
            place, letter, "1 gsak\n2 kbk, ngn sofort\n3 zu: schon erledigt\n4 wie 7\n5 text\n6 gask\n17 kbk\n"
        )

        assert reply is not None
        assert {
            1: "gsak heute",
            2: "kbk,ngn sofort",
            3: "closed",
            4: "closed",
            5: "review",
            6: "review",
            7: "review",
            8: "review",
        } == answering.states(place, letter)
        assert "5 erledigt, 2 Rückfragen" in answering.decoded(reply.title)
        assert "„6 gask“" in reply.text
        assert "Meinten Sie „gsak“?" in reply.text
        assert "| Guten Tag, ich wollte nur einmal fragen" in reply.text
        assert {"assigned", "closed", "joined"} == {
            row["action"] for row in place.rows("SELECT action FROM events WHERE actor = 'Anna Beispiel'")
        }
        assert "Anna Beispiel" == place.value("SELECT actor FROM looks")
        assert 2 == len(place.letters("kbk", "ngn"))  # the urgent one is out; gsak's within its hours as well


def test_an_answer_to_an_old_list_means_what_that_list_said(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        old = answering.mailed(place, 2)
        new = answering.mailed(place, 2)
        answering.send(place, old, "2 gsak")

        assert {1: "review", 2: "gsak heute"} == answering.states(place, old)
        assert {1: "review", 2: "review"} == answering.states(place, new)


def test_of_two_members_the_second_hears_who_was_first(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place, 2)
        answering.send(place, letter, "1 gsak")
        second = answering.send(place, letter, "1 kbk\n2 zu", BERND)

        assert second is not None
        assert (BERND,) == second.to
        assert "Nicht möglich" in second.text
        assert "Anna Beispiel" in second.text
        assert {1: "gsak heute", 2: "closed"} == answering.states(place, letter)


def test_back_undoes_what_nobody_has_got(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place, 4)
        done = answering.send(place, letter, "1 gsak sammel\n2 zu\n3 wie 4\n4 kbk sofort")
        assert done is not None
        back = answering.send(place, done, "Zurück")

        assert back is not None
        assert "ist schon hinaus" in " ".join(back.text.split())
        assert {1: "review", 2: "review", 3: "review", 4: "kbk sofort"} == answering.states(place, letter)
        assert 3 == place.value("SELECT count(*) FROM events WHERE action = 'taken back'")
        again = answering.send(place, back, "1 ngn")  # its numbers are the list's
        assert again is not None
        assert "ngn heute" == answering.states(place, letter)[1]


@pytest.mark.parametrize("order", ["1 zu", "1 gsak sammel", "1 wie 2"])
def test_back_asks_the_bodies_again_and_plans_what_was_planned(
    tmp_path: Path, smtp_sink: SmtpSink, order: str
) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        place.receive(journeys.LAMP)
        place.receive(journeys.UNKNOWN, sender="berta@example.org")
        number = place.value("SELECT number FROM cases WHERE id = 1")
        desk.assign(
            place.work.engine, place.work.active.configuration, number, ["ngn", "kbk"], place.clock(), actor="anna"
        )
        place.run()
        with storage.writing(place.work.engine) as connection:
            for change in (
                "UPDATE concerns SET state = 'review', told = NULL",
                "UPDATE forwards SET state = 'planned', letter_id = NULL, due_at = '2026-07-01' WHERE id = 3",
                "UPDATE forwards SET chase_at = '2026-07-01 00:00:00.000000+00:00' WHERE id = 2",
            ):
                connection.exec_driver_sql(change)
        question = "SELECT recipient, state, answered_at, chase_at FROM forwards WHERE id IN (2, 3) ORDER BY id"
        before = place.rows(question)
        place.clock.advance(minutes=2)
        place.run()
        letter = journeys.read_letter(list(place.sink.messages)[-1])
        assert 2 == len(answering.listed(letter))
        done = answering.send(place, letter, order)
        assert done is not None
        assert before != place.rows(question)
        answering.send(place, done, "Zurück")

        assert before == place.rows(question)


@pytest.mark.parametrize(
    ("sender", "fields"),
    [
        (ANNA, {"Authentication-Results": f"{answering.SERVER}; dmarc=fail header.from=krefeld.invalid"}),
        (ANNA, {"Authentication-Results": ""}),
        (ANNA, {"Authentication-Results": f"{answering.SERVER}; dkim=pass header.d=example.org"}),
        (f"{ANNA}, {BERND}", {}),
        ("kod-leitstelle@krefeld.invalid", {}),
        ("anna.beispiel@example.org", {}),
        (ANNA, {"References": "", "In-Reply-To": "", "Subject": "AW: [KOD-Klaerung #aaaaaa] 2 neue Hinweise"}),
    ],
    ids=["refuted", "unproved", "another's domain", "two authors", "no member", "another address", "guessed token"],
)
def test_a_forged_answer_changes_nothing_and_gets_none(
    tmp_path: Path, smtp_sink: SmtpSink, sender: str, fields: dict[str, str]
) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place, 2)
        reply = answering.send(place, letter, "alle zu", sender, **fields)

        assert reply is None
        assert {1: "review", 2: "review"} == answering.states(place, letter)
        assert "review" == place.value("SELECT state FROM decisions ORDER BY id DESC LIMIT 1")  # a person sees it


def test_the_token_alone_ties_an_answer(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place, 1)
        answering.send(place, letter, "1 gsak", References="", In_Reply_To="")

        assert {1: "gsak heute"} == answering.states(place, letter)


def test_no_loop_with_automatic_mail(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place, 1)

        assert answering.send(place, letter, "Ich bin bis 1.7. nicht da.", Auto_Submitted="auto-replied") is None
        asked = answering.send(place, letter, "Ihre Mail ist eingegangen.")  # a machine that does not say so
        assert asked is not None
        assert answering.send(place, asked, "Ihre Mail ist eingegangen.") is None
        assert answering.send(place, asked, "Danke!") is None
        assert {1: "review"} == answering.states(place, letter)


def test_the_names_in_a_list_are_one_question(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with answering.opened(tmp_path, smtp_sink) as place:
        letter = answering.mailed(place, 5)
        items = [desk_mail.Numbered(number, "") for number in (*range(1, 6), 99)]
        with storage.reading(place.work.engine) as connection:
            asked: list[object] = []
            sa.event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
            found = orders.numbers(connection, items)

        assert {name: at for at, name in enumerate(answering.listed(letter), 1)}.items() <= found.items()
        assert 1 == len(asked)
