"""A report is counted once, beside who asks, one at a time, and shown no longer than it may be."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from intake import storage
from intake.base import errors
from routing import figures
from routing.config import loader
from routing.figures import periods, remembered
from routing.figures.remembered import Counted, Remembered
from routing.figures.values import Report
from routing.store import migrations
from tests import ROOT
from tests.support import waiting

NOW = datetime(2026, 7, 3, 9, tzinfo=UTC)
JUNE, MAY = periods.of_month(2026, 6), periods.of_month(2026, 5)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    engine = storage.create(storage.url_of_file(tmp_path_factory.mktemp("empty") / "kod.sqlite"))
    migrations.upgrade(engine)
    found = figures.report(engine, loader.load(ROOT / "config.toml").settings, JUNE.since, JUNE.until)
    engine.dispose()
    return found


class Slow:
    """Counts when it is let; how often it was asked to."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.asked = 0
        self.let = threading.Event()
        self.fails = False

    def __call__(self) -> Report:
        self.asked += 1
        assert self.let.wait(waiting.CEILING)
        if self.fails:
            raise errors.TemporaryError("database is out")
        return self.report


def _shown(memory: Remembered, slow: Slow, now: datetime) -> Counted:
    found = waiting.until(lambda: memory.of(JUNE, "a", now, slow), "the report")
    assert isinstance(found, Counted)
    return found


def test_who_asks_does_not_wait_and_a_report_is_counted_once(report: Report) -> None:
    memory, slow = Remembered(), Slow(report)
    asked = [memory.of(JUNE, "a", NOW, slow) for _ in range(3)]
    other = memory.of(MAY, "a", NOW, slow)

    assert ([None] * 3, None, 1, True) == (asked, other, slow.asked, memory.is_counting(JUNE))
    slow.let.set()
    assert NOW == _shown(memory, slow, NOW + timedelta(minutes=9)).at
    assert (1, False) == (slow.asked, memory.is_counting(JUNE))


def test_a_quick_count_is_shown_at_once(report: Report) -> None:
    assert waiting.until(lambda: Remembered().of(JUNE, "a", NOW, lambda: report), "a count within its wait")


def test_an_old_report_is_shown_while_it_is_counted_anew_and_a_stale_one_never(report: Report) -> None:
    memory, slow = Remembered(), Slow(report)
    slow.let.set()
    _shown(memory, slow, NOW)
    slow.let.clear()
    later = NOW + remembered.FRESH + timedelta(minutes=1)
    old = memory.of(JUNE, "a", later, slow)

    assert old is not None
    assert (NOW, 2) == (old.at, slow.asked)
    assert memory.of(JUNE, "a", NOW + remembered.KEPT, slow) is None
    slow.let.set()
    waiting.until(lambda: not memory.is_counting(JUNE), "the second count")
    assert later == _shown(memory, slow, later).at


def test_other_rules_are_another_report(report: Report) -> None:
    memory, slow = Remembered(), Slow(report)
    slow.let.set()
    _shown(memory, slow, NOW)
    slow.let.clear()

    assert memory.of(JUNE, "b", NOW, slow) is None
    slow.let.set()


def test_a_count_that_failed_is_told_and_begun_anew(report: Report) -> None:
    memory, slow = Remembered(), Slow(report)
    slow.fails = True
    assert memory.of(JUNE, "a", NOW, slow) is None
    slow.let.set()
    waiting.until(lambda: not memory.is_counting(JUNE), "the failure")
    with pytest.raises(errors.TemporaryError):
        memory.of(JUNE, "a", NOW, slow)
    slow.fails = False

    assert report == _shown(memory, slow, NOW).report


def test_no_more_are_kept_than_a_few(report: Report) -> None:
    memory = Remembered()
    slow = Slow(report)
    slow.let.set()
    for year in range(2000, 2000 + remembered.MOST + 2):
        period = periods.of_year(year)
        waiting.until(lambda period=period: memory.of(period, "a", NOW, slow), "a year")  # type: ignore[misc]
    asked = slow.asked
    assert memory.of(periods.of_year(2003), "a", NOW, slow)
    assert asked == slow.asked
    waiting.until(lambda: memory.of(periods.of_year(2000), "a", NOW, slow), "the first year again")
    assert asked + 1 == slow.asked
