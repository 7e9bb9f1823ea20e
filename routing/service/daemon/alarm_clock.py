"""APScheduler as the daemon's alarm clock: it rings at the next due moment and for the regular jobs.

What is due stands in the database; nothing is decided here. Three things are ours:

- ``DueTrigger`` fires at the next moment at which something becomes due, and at the latest after a given time, since
  other processes make work too.
- ``AlarmClock`` survives a clock that is put back or forward. APScheduler keeps each job's next run as a moment of the
  wall clock: after a step back of an hour it would let every job rest for an hour. So it never waits longer than
  ``LONGEST_WAIT`` seconds, compares the wall clock with the monotonic one whenever it looks, and after a step lets
  every job run at once and count anew. A machine that slept looks the same, and is treated the same.
- Its jobs never pile up: missed runs are one run (``coalesce``), a late one is run all the same (no
  ``misfire_grace_time``), and none runs beside itself.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

log = structlog.get_logger(__name__)

LONGEST_WAIT = 30.0  # seconds; how long a step of the clock may go unnoticed
STEP_SECONDS = 2.0  # from here on the clock was set; time servers slew what is less
THREADS = 2
DUE = "due"


class DueTrigger(BaseTrigger):
    """Fires when something becomes due, and in any case ``longest`` after the last time."""

    def __init__(self, waits: Iterable[timedelta], longest: timedelta) -> None:
        """``waits``: from now until something becomes due; those of zero or less do not count.

        Waits, not moments: the work goes by a clock of its own, which in tests is not the machine's.
        """
        made = datetime.now(UTC)
        self._moments = sorted(made + wait for wait in waits if wait > timedelta(0))
        self._longest = longest

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next moment (aware) strictly after ``now``, and after ``previous_fire_time`` if there was one."""
        since = max(previous_fire_time or now, now)
        latest = since + self._longest
        return next((moment for moment in self._moments if since < moment < latest), latest)


class AlarmClock:
    """A scheduler with a thread of its own, whose jobs keep their rhythm when the machine's clock is set."""

    def __init__(self, when_set_back: Callable[[], None] = lambda: None) -> None:
        """``when_set_back`` is run, as a job, after the clock was put back."""
        self._when_set_back = when_set_back
        self._ahead = _wall_ahead_of_monotonic()
        self._scheduler: BackgroundScheduler = _Scheduler(
            self._follow_the_clock,
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def start(self) -> None:
        """Let the jobs run from now on."""
        self._scheduler.start()

    def stop(self) -> threading.Thread:
        """Start no more jobs; the thread given back ends when the last one that runs has ended."""
        ending = threading.Thread(target=self._end, name="alarm clock", daemon=True)
        ending.start()
        return ending

    def every(self, seconds: float, job: Callable[[], None], name: str) -> None:
        """Run ``job`` every so many seconds, for the first time after as many."""
        self._scheduler.add_job(job, "interval", seconds=seconds, id=name, name=name)

    def when_due(self, job: Callable[[], None], longest: timedelta) -> None:
        """Run ``job`` now, at each moment that ``set_to`` says, and at least every ``longest``."""
        now, trigger = datetime.now(UTC), DueTrigger([], longest)
        self._scheduler.add_job(job, trigger, id=DUE, name=DUE, next_run_time=now)

    def set_to(self, waits: Iterable[timedelta], longest: timedelta) -> None:
        """Something becomes due after each of these waits; what was set before no longer counts."""
        with contextlib.suppress(JobLookupError):  # stopped meanwhile
            self._scheduler.reschedule_job(DUE, trigger=DueTrigger(waits, longest))

    def _end(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown()

    def _follow_the_clock(self) -> None:
        """Where somebody has set the clock, let every job run now and count anew."""
        ahead = _wall_ahead_of_monotonic()
        step = ahead - self._ahead
        if abs(step) < STEP_SECONDS:
            return
        self._ahead = ahead
        log.warning("the clock was set, every job runs now", seconds=round(step))
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=now)
        if step < 0:
            self._scheduler.add_job(self._when_set_back, name="clock put back")


class _Scheduler(BackgroundScheduler):
    """One that never waits for long, and calls ``before_look`` whenever it looks for what is to run."""

    def __init__(self, before_look: Callable[[], None], **options: Any) -> None:
        BackgroundScheduler.__init__(self, **options)
        self._before_look = before_look

    def _process_jobs(self) -> float:
        """Run what is due; how many seconds to wait until the next look (the hook of every scheduler)."""
        self._before_look()
        try:
            wait: float | None = BackgroundScheduler._process_jobs(self)  # noqa: SLF001  (a scheduler's own)
        except JobLookupError:  # it was stopped in the middle, and no longer knows the job that it lets run
            if self.running:
                raise
            return LONGEST_WAIT
        return LONGEST_WAIT if wait is None else min(wait, LONGEST_WAIT)


def _wall_ahead_of_monotonic() -> float:
    """In seconds; constant until somebody sets the clock."""
    return time.time() - time.monotonic()
