"""What comes into review reaches the desk within minutes in its hours, the gravest first; what is urgent at once."""

from pathlib import Path

from tests.routing.pipeline.desk_mail import answering
from tests.servers.smtp import SmtpSink
from tests.support import office

MEMBERS = answering.DESK.replace("review_minutes = 1\n", "")  # as a city gets it: 15


def test_the_first_comes_at_once_and_the_others_together_after_the_pause(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more=MEMBERS) as place:
        place.receive("Ich hätte eine Frage.")
        assert ["1 neuer Hinweis"] == _titles(place)
        place.receive("Ich hätte noch eine Frage.")
        place.receive("Und noch eine andere Frage dazu.")
        assert 1 == len(_titles(place))
        place.clock.advance(minutes=15)
        place.run()
        place.run()

        assert ["1 neuer Hinweis", "2 neue Hinweise"] == _titles(place)
        assert "Ich hätte" not in place.letters("kod")[-1].text


def test_at_night_it_waits_for_the_desks_hours(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 03:00", more=MEMBERS) as place:
        place.receive("Ich hätte eine Frage.")
        assert [] == _titles(place)
        place.at("2026-06-10 08:00")

        assert ["1 neuer Hinweis"] == _titles(place)


def test_what_waits_again_for_another_reason_is_told_again(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, more=MEMBERS) as place:
        place.receive("Die Laterne ist aus.")
        [letter] = place.letters("ngn")
        assert [] == _titles(place)
        place.reply(
            letter,
            "nicht zuständig",
            **{"Authentication-Results": f"{answering.SERVER}; dmarc=pass header.from=ngn.invalid"},
        )

        assert ["1 neuer Hinweis"] == _titles(place)


def test_what_is_urgent_comes_alone_and_at_any_hour(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 03:00", more=MEMBERS) as place:
        place.receive(
            "Auf der Straße ist eine Ölspur.", **{"Auto-Submitted": "auto-generated", "List-Id": "<x.example.org>"}
        )
        place.receive("Ich hätte eine Frage.")
        urgent = [title for title in _titles(place) if title.startswith("DRINGEND")]

        waiting = place.rows("SELECT urgency FROM concerns WHERE state = 'review' AND urgency != ''")
        assert len(urgent) == len(waiting) == 1
        assert _titles(place) == urgent


def _titles(place: office.Office) -> list[str]:
    titles = [letter.title for letter in place.letters("kod")]
    return [title.removeprefix("[KOD-Klaerung] ") for title in titles if title.startswith("[KOD-Klaerung] ")]
