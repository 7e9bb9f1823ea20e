"""When to try again after a failure, and when to stop: a letter after five days, the daemon's own work never.

Pure: pauses double from try to try up to a bound, as Postfix does it for its queue; ``now`` is a parameter.
"""

from datetime import datetime, timedelta

GIVE_UP_AFTER = timedelta(days=5)  # as Postfix's maximal_queue_lifetime
LONGEST_PAUSE_OF_A_LETTER = timedelta(hours=1)
ATTEMPTS_BEFORE_LONGEST = 7
LONGEST_PAUSE_OF_A_WORKER = timedelta(minutes=5)


def retry_at(attempt: int, first: datetime, now: datetime) -> datetime | None:
    """When to send a letter again after the ``attempt``-th failure (1 = the first); None: give up.

    ``first`` (when the letter was composed), ``now`` (when the attempt failed) and what comes out are aware.

    Pauses of 1, 2, 4 … minutes up to an hour; the last attempt falls on the end of the five days after ``first``.
    """
    end = first + GIVE_UP_AFTER
    if now >= end:
        return None
    return min(now + pause(max(attempt, 1)), end)


def pause(attempts: int) -> timedelta:
    """How long a letter rests after so many failures (0: not at all): 1, 2, 4 … minutes up to an hour."""
    if attempts < 1:
        return timedelta(0)
    return min(timedelta(minutes=2 ** (min(attempts, ATTEMPTS_BEFORE_LONGEST) - 1)), LONGEST_PAUSE_OF_A_LETTER)


def worker_pause(failures: int) -> float:
    """How many seconds a part of the daemon rests after so many failures in a row: 1, 2, 4 … up to five minutes."""
    return min(2.0 ** min(failures - 1, 20), LONGEST_PAUSE_OF_A_WORKER.total_seconds())
