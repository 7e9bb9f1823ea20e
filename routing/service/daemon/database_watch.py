"""The thread that asks every few seconds whether the database answers and is still ours, and shows that we work.

It notices what the working threads would find out late or never (a server that stalls, a file that was deleted or
replaced), renews the leases of what is being worked, writes the daemon's sign of life, and has an SQLite file read
whole each day, and at the start where it is too long to be read before the work. It asks over connections of its own
that wait for little, and goes by the monotonic clock.
"""

import functools
import threading
import time
from concurrent import futures
from typing import TYPE_CHECKING

import structlog

from intake import storage
from intake.base import background, errors
from routing.service import outage_texts
from routing.service.daemon.outages import FAILURES_BEFORE_ALERT, Outages, person_must_act
from routing.service.daemon.signals import Signals

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

NAME = "database watch"
LOOK_SECONDS = 3.0
BEAT_SECONDS = 15.0
TELL_AFTER = 15.0  # seconds of failing; shorter ones are restarts
CHECK_SECONDS = 24 * 3600.0
HANGS_SECONDS = 120.0  # a thread that says nothing for so long does not renew its lease
PRIMARY = "operator"
"""The lease of the daemon that tells what all see and cannot agree upon: that the database is out."""


class DatabaseWatch(threading.Thread):
    """Looks until the daemon stops."""

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages) -> None:
        super().__init__(name=NAME, daemon=True)
        self._runtime = runtime
        self._signals = signals
        self._outages = outages
        self._failing_since: float | None = None
        self._beaten = self._renewed = float("-inf")
        self._checked = time.monotonic() if runtime.read_whole else float("-inf")
        self._check: futures.Future[bool] | None = None

    def run(self) -> None:
        while not self._signals.stop.is_set():
            try:
                self._look()
            except Exception as error:
                self._failed(error)
            else:
                self._failing_since = None
                self._outages.disk_fine(NAME)
            self._signals.stop.wait(LOOK_SECONDS)

    def _look(self) -> None:
        runtime, now = self._runtime, time.monotonic()
        storage.check(runtime.engine)
        if now - self._renewed >= storage.RENEW_SECONDS:
            silent = self._signals.silent_for(HANGS_SECONDS)
            runtime.leases.take(PRIMARY)
            runtime.leases.renew([name for name in runtime.leases.held if name not in silent])
            self._renewed = now
        if now - self._beaten >= BEAT_SECONDS or self._failing_since is not None:
            with storage.writing(runtime.look) as connection:
                storage.beat(connection, "daemon", runtime.clock())
            self._beaten = now
        else:
            storage.answers(runtime.look)
        self._read_whole(now)

    def _read_whole(self, now: float) -> None:
        """Have the file checked, by a thread of its own: that may take minutes."""
        if self._check is not None and self._check.done():
            check, self._check = self._check, None
            check.result()
        if self._check is None and now - self._checked >= CHECK_SECONDS:
            self._checked = now
            self._check = background.start(functools.partial(storage.quick_check, self._runtime.engine), name="check")

    def _failed(self, error: Exception) -> None:
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        lasts = now - self._failing_since >= TELL_AFTER
        at_once = person_must_act(error) or isinstance(error, errors.StorageFullError)
        failures = FAILURES_BEFORE_ALERT if lasts or at_once else 1
        self._outages.failed(NAME, outage_texts.DATABASE, error, failures)
