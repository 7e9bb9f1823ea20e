"""The alarm clock with a real scheduler: jobs keep their rhythm whatever happens to the machine's clock."""

import contextlib
import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from routing.service.daemon import alarm_clock
from routing.service.daemon.alarm_clock import AlarmClock, DueTrigger
from tests.support.waiting import CEILING, until

NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEPS = [pytest.param(sign * step, id=f"{sign * step}") for sign in (-1, 1) for step in (HOUR, timedelta(days=1))]


class Runs:
    """A job that counts how often it ran."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1

    def some_more(self) -> None:
        """Wait until it has run a few times from now on."""
        enough = self.count + 3
        until(lambda: self.count >= enough)


@contextlib.contextmanager
def started(clock: AlarmClock) -> Iterator[AlarmClock]:
    clock.start()
    try:
        yield clock
    finally:
        clock.stop().join(CEILING)


@pytest.mark.parametrize("step", STEPS)
def test_regular_jobs_keep_their_rhythm_when_the_clock_is_set_and_set_back(
    step: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm_clock, "LONGEST_WAIT", 0.05)
    clock, job = AlarmClock(), Runs()
    clock.every(0.02, job, "job")
    with started(clock):
        job.some_more()
        with time_machine.travel(datetime.now(UTC) + step):
            job.some_more()
        job.some_more()


def test_a_job_that_is_hours_away_does_not_hide_that_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_clock, "LONGEST_WAIT", 0.05)
    clock, job = AlarmClock(), Runs()
    clock.every(3 * 3600, job, "job")
    with started(clock), time_machine.travel(datetime.now(UTC) + 2 * HOUR):
        until(lambda: job.count == 1)


@pytest.mark.parametrize(("step", "told"), [(-HOUR, 1), (HOUR, 0)])
def test_only_a_step_back_is_told_to_who_waits_for_moments(
    step: timedelta, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm_clock, "LONGEST_WAIT", 0.05)
    put_back, job = Runs(), Runs()
    clock = AlarmClock(put_back)
    clock.every(0.02, job, "job")
    with started(clock), time_machine.travel(datetime.now(UTC) + step):
        job.some_more()
        until(lambda: put_back.count >= told)
        job.some_more()
        assert told == put_back.count


def test_it_rings_when_something_becomes_due_and_not_only_at_the_longest_wait() -> None:
    rung = threading.Event()
    clock = AlarmClock()
    clock.when_due(rung.set, HOUR)
    with started(clock):
        assert rung.wait(CEILING), "at the start"
        for _ in range(3):
            rung.clear()
            clock.set_to([timedelta(seconds=0.05), HOUR], HOUR)
            assert rung.wait(CEILING), "at the due moment"


def test_a_job_that_runs_long_is_not_run_beside_itself_and_missed_runs_are_one() -> None:
    inside, most, go_on, other = [0], [0], threading.Event(), Runs()

    def slow() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        go_on.wait(CEILING)
        inside[0] -= 1

    clock = AlarmClock()
    clock.every(0.02, slow, "slow")
    clock.every(0.02, other, "other")
    with started(clock):
        until(lambda: inside[0] == 1)
        other.some_more()
        go_on.set()
        other.some_more()
    assert [1] == most


def test_stopping_twice_or_setting_a_stopped_one_does_nothing() -> None:
    clock = AlarmClock()
    clock.when_due(lambda: None, HOUR)
    with started(clock):
        pass
    clock.stop().join(CEILING)
    clock.set_to([HOUR], HOUR)


@pytest.mark.parametrize(
    ("waits", "previous", "expected"),
    [
        ([], None, 600),
        ([30], None, 30),
        ([90, 30], None, 30),
        ([0, -5], None, 600),  # what is due already was looked at
        ([3600], None, 600),
        ([30, 90], 30, 90),
        ([30, 90], 90, 690),
    ],
)
def test_the_trigger_fires_at_the_next_moment_and_at_the_latest_after_the_longest_wait(
    waits: list[int], previous: int | None, expected: int
) -> None:
    def at(seconds: int) -> datetime:
        return NOW + timedelta(seconds=seconds)

    with time_machine.travel(NOW, tick=False):
        trigger = DueTrigger((timedelta(seconds=wait) for wait in waits), timedelta(minutes=10))
    before = None if previous is None else at(previous)

    assert at(expected) == trigger.get_next_fire_time(before, before or NOW)


def test_the_trigger_never_gives_a_moment_twice() -> None:
    with time_machine.travel(NOW, tick=False):
        trigger = DueTrigger((timedelta(seconds=wait) for wait in (5, 5, 7)), timedelta(seconds=10))
    found = [NOW]
    for _ in range(5):
        found.append(trigger.get_next_fire_time(found[-1], found[-1]))
    assert all(first < second for first, second in itertools.pairwise(found))
