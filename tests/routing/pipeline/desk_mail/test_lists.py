"""The desk's daily list (promise P5): what waits, why, and the command that settles it; also when nothing does."""

from pathlib import Path

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation, Letter, mail


def _lists(place: Installation) -> list[Letter]:
    return [letter for letter in place.letters("kod") if "[KOD-Klaerung]" in letter.title]


def test_every_working_day_the_desk_gets_its_list_even_an_empty_one(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, desk={"review_minutes": 0})
    clock = Clock("2026-06-09 15:00")  # a Tuesday
    with place.opened(clock) as work:
        place.deliver(mail("Bitte rufen Sie mich an", subject="Frage"))
        journeys.work_once(work)
        assert [] == _lists(place)  # not before its time
        clock.set("2026-06-10 07:46")
        journeys.work_once(work)
        journeys.work_once(work)
        [waiting] = _lists(place)  # once
        assert "1 Hinweis wartet" in waiting.title
        assert "1. KOD-2026-000001" in waiting.text
        assert "kod-intake close" in waiting.text
        assert "Bitte rufen" not in waiting.text
        place.run("close", "KOD-2026-000001")
        clock.set("2026-06-15 09:00")  # Thursday and Friday were missed: one list, and it is empty
        journeys.work_once(work)
        journeys.work_once(work)
        [_, empty] = _lists(place)
        assert "nichts wartet" in empty.title
        assert "wartet nichts" in empty.text
