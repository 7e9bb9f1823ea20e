"""When a letter is tried again, and how long the daemon rests, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.planning import retry


@pytest.mark.parametrize(
    ("attempt", "after", "pause"),
    [
        (0, timedelta(), timedelta(minutes=1)),
        (1, timedelta(), timedelta(minutes=1)),
        (2, timedelta(minutes=1), timedelta(minutes=2)),
        (6, timedelta(minutes=31), timedelta(minutes=32)),
        (7, timedelta(hours=1), timedelta(hours=1)),
        (100_000, timedelta(days=4), timedelta(hours=1)),
        (120, timedelta(days=4, hours=23, minutes=50), timedelta(minutes=10)),
        (121, timedelta(days=5), None),
        (1, timedelta(days=9), None),
    ],
)
def test_pauses_grow_for_five_days_and_then_end(attempt: int, after: timedelta, pause: timedelta | None) -> None:
    first = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # in the night when summer time ends
    expected = None if pause is None else first + after + pause
    assert expected == retry.retry_at(attempt, first, first + after)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (10_000, 300)])
def test_the_daemon_rests_longer_after_each_failure_but_never_for_ever(failures: int, seconds: float) -> None:
    assert seconds == retry.worker_pause(failures)
