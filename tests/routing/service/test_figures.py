"""The figures of a month are mailed once, to whom config.toml names."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from routing.service.watch import figures
from tests.servers.smtp import SmtpSink
from tests.support import office

REPORT = "statistik@krefeld.invalid"


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        ("2026-05-01 09:00", "2026-06-01 05:59", False),  # 7:59 in Krefeld
        ("2026-05-01 09:00", "2026-06-01 06:00", True),
        ("2026-06-01 06:00", "2026-06-30 20:00", False),
        ("2026-05-20 09:00", "2026-06-20 09:00", True),  # it was down on the first
        ("2025-12-01 09:00", "2026-01-01 07:00", True),
    ],
)
def test_it_is_due_once_a_month(last: str, now: str, *, due: bool) -> None:
    moments = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (last, now))

    assert due == figures.is_due(*moments)


def test_the_month_before_is_mailed_once(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 09:00", summary=f'[]\nreport = ["{REPORT}"]') as work:
        figures.look_after(work.work)  # from now on
        work.receive("Am Ostwall 12 liegen Müllsäcke.")
        work.at("2026-06-30 12:00")
        figures.look_after(work.work)
        assert [] == work.letters(REPORT)
        work.at("2026-07-01 08:30")
        figures.look_after(work.work)
        figures.look_after(work.work)
        work.run()

        [letter] = work.letters(REPORT)

    assert "[KOD-Zahlen] Juni 2026: 1 Anliegen" == letter.subject
    assert "Ein Bürgeranliegen ist im Juni 2026 in Krefeld eingegangen." in letter.text
    assert "Überblick" in letter.text
    assert "Ostwall  " in letter.text
    assert "anna@example.org" not in letter.text


def test_without_recipients_there_is_none(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with office.opened(tmp_path, smtp_sink, "2026-06-10 09:00") as work:
        figures.look_after(work.work)
        work.at("2026-07-01 08:30")
        figures.look_after(work.work)
        work.run()

        assert [] == work.letters()
