"""The daemon: threads that wait, and APScheduler as their alarm clock.

One thread works each channel that can wait (a mailbox: IDLE, or polling), one dispatches and composes, one sends what
is urgent, one the other letters, one reconciles at night; the alarm clock rings at the next due moment, and regularly
for the other channels, config.toml and the heartbeat. What is due stands in the database, so a missed wake-up is late
and never lost; one during a pass lets the pass run once more.
SIGTERM ends all within ten seconds: what is unfinished is taken up at the next start. A step that fails is tried again
with growing pauses, and the operator hears of it once, and once when it works again.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from intake import storage
from intake.base import errors, process_memory
from routing.service import alerts, channels, health, systemd
from routing.service.daemon import due, watching
from routing.service.daemon.after_update import AfterUpdateThread
from routing.service.daemon.alarm_clock import AlarmClock
from routing.service.daemon.calling import CallingThread
from routing.service.daemon.channel_threads import ChannelThreads
from routing.service.daemon.database_watch import PRIMARY, DatabaseWatch
from routing.service.daemon.nightly import NightlyThread
from routing.service.daemon.outages import Outages
from routing.service.daemon.polled_channels import PolledChannels
from routing.service.daemon.signals import Signals
from routing.service.daemon.workers import DispatchThread, sending_threads
from routing.service.safekeeping.beginning import Beginning
from routing.service.watch import verdict
from routing.store import outbox

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

STOP_SECONDS = 6
DUE_SECONDS = 10.0  # how late we see what another process made due; what arrives here wakes its thread at once
SHARED_DUE_SECONDS = 3.0  # and where other daemons do, so that all send what one of them has composed
FILES_SECONDS = 5.0
BEAT_SECONDS = 60
HANGS_SECONDS = 600.0
SWITCH_SECONDS = 0.001  # a thread with an urgent letter gets its turn after so long, not after 5 ms


class Daemon:
    """All threads of one process, on one runtime."""

    def __init__(self, runtime: "Runtime", begins: Beginning | None = None) -> None:
        """``begins``: what is still to be asked before an empty database is received into."""
        self.runtime = runtime
        self._begins = begins or Beginning(set())
        self._signals = Signals()
        data = runtime.settings.service.data
        self._outages = Outages(runtime.alerts, data, runtime.clock, self._is_first)
        shared = (runtime, self._signals, self._outages)
        self._channel_threads = ChannelThreads(*shared, self._begins)
        self._polled = PolledChannels(*shared, self._begins)
        self._workers = (DispatchThread(*shared), *sending_threads(*shared), CallingThread(*shared))
        self._nightly = NightlyThread(runtime, self._signals)
        self._after_update = AfterUpdateThread(runtime, self._signals)
        self._watch = DatabaseWatch(*shared)
        self._config_seen = watching.state_of(runtime.active.configuration)
        shares = runtime.engine.dialect.name == "postgresql"
        self._due_every = timedelta(seconds=SHARED_DUE_SECONDS if shares else DUE_SECONDS)
        self._awaited: list[datetime] = []
        self._alarm_clock = AlarmClock(self._guarded(self._clock_put_back))

    @property
    def threads(self) -> list[threading.Thread]:
        """The threads that do the work; the scheduler's own are not among them."""
        return [*self._workers, self._nightly, self._after_update, self._watch, *self._channel_threads.threads]

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises NotTheFirstError, and what ends it otherwise."""
        stop = self._signals.stop
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        signal.signal(signal.SIGHUP, lambda *_: self._wake_config())
        self.start()
        self.runtime.alerts.end(alerts.START, self.runtime.clock())
        if self.runtime.broken is not None:
            self.runtime.notify_refused(self.runtime.broken)
        else:
            self.runtime.accepted()
        systemd.notify("READY=1")
        log.info("ready", instance=self.runtime.instance)
        while not stop.wait(3600):
            pass
        self.end()
        if self._begins.refusal is not None:
            raise self._begins.refusal

    def start(self) -> None:
        """Start every thread and the scheduler."""
        sys.setswitchinterval(SWITCH_SECONDS)
        for thread in (*self._workers, self._nightly, self._after_update, self._watch):
            thread.start()
        self._channel_threads.follow()
        self._schedule()
        self._alarm_clock.start()
        self._guarded(self._look_after)()
        self._signals.ring()

    def ring(self) -> None:
        """Look now for what is waiting or due, instead of at the next stroke of the clock."""
        self._signals.ring()

    def end(self) -> None:
        """Ask all to stop and wait for them, for some seconds at most."""
        systemd.notify("STOPPING=1")
        log.info("stopping")
        self._signals.stop.set()
        self._signals.ring()
        self._channel_threads.leave()
        self._nightly.leave()
        ringing = self._alarm_clock.stop()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in (*self.threads, ringing):  # a job that still runs uses the database, which is closed next
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("thread left behind", thread=thread.name)
        log.info("stopped")

    def _is_first(self) -> bool:
        """Whether this daemon tells of what all of them see."""
        runtime = self.runtime
        return runtime.engine.dialect.name != "postgresql" or PRIMARY in runtime.leases.held

    def _schedule(self) -> None:
        jobs: list[tuple[Callable[[], None], float]] = [
            (self._follow_config, FILES_SECONDS),
            (self._polled.receive, min([FILES_SECONDS, *self._polled.poll_seconds()])),
            (self._look_after, BEAT_SECONDS),
        ]
        interval = systemd.watchdog_seconds(self.runtime.environ)
        if interval:
            jobs.append((self._watchdog, interval / 2))
        for job, seconds in jobs:
            self._alarm_clock.every(max(0.5, seconds), self._guarded(job), job.__name__)
        self._alarm_clock.when_due(self._guarded(self._look_for_due), self._due_every)

    def _guarded(self, job: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            if self._signals.stop.is_set():
                return
            try:
                job()
            except errors.IntakeError as error:
                log.warning("job failed", job=job.__name__, error=str(error))
            except Exception:
                log.exception("job failed", job=job.__name__)

        return run

    def _look_for_due(self) -> None:
        """Something may have become due, here or with a daemon that died; then set the alarm to what comes next."""
        now = self.runtime.clock()
        try:
            if self.runtime.engine.dialect.name == "postgresql":
                self.runtime.take_over()
            outbox.bring_forward(self.runtime.engine, now)
            if any(moment <= now for moment in self._awaited):
                self._signals.ring()
            elif self.runtime.anything_waits():
                self._signals.wake()
            self._awaited = due.upcoming(self.runtime, now)
        except Exception:
            self._signals.wake()  # the threads find the same, and tell the operator when it lasts
            raise
        self._alarm_clock.set_to([moment - now for moment in self._awaited], self._due_every)

    def _clock_put_back(self) -> None:
        """What waits for a moment of the clock as it was before would wait too long."""
        with storage.writing(self.runtime.engine) as connection:
            outbox.try_at_once(connection, self.runtime.clock())
        self._signals.ring()

    def _watchdog(self) -> None:
        polls = [3 * one.poll_seconds for one in channels.configured(self.runtime.settings) if one.has_thread]
        late = self._signals.silent_for(max([HANGS_SECONDS, *polls]))
        if late:
            log.error("a thread hangs, the watchdog is not fed", threads=late)
        else:
            systemd.notify("WATCHDOG=1")

    def _wake_config(self) -> None:
        self._config_seen = ()

    def _follow_config(self) -> None:
        seen = watching.state_of(self.runtime.active.configuration)
        if seen == self._config_seen:
            return
        systemd.notify_reloading()
        before = self.runtime.active.configuration
        self._config_seen = seen
        if self.runtime.reload():
            process_memory.freeze_anew()
            self._config_seen = watching.state_of(self.runtime.active.configuration)
        verdict.after_save(before, self.runtime.active.configuration, self.runtime.clock())
        self._channel_threads.follow(anew=True)  # the passwords may be others
        self._signals.try_again()
        self._signals.ring()
        systemd.notify("READY=1")

    def _look_after(self) -> None:
        self._signals.ring()
        self._signals.night.set()
        runtime = self.runtime
        now = runtime.clock()
        runtime.alerts.refresh()
        runtime.take_over()
        self._channel_threads.follow()
        known = channels.configured(runtime.settings)
        state = health.read(runtime.engine, runtime.settings, known, now)
        found = {trouble.name: trouble for trouble in state.troubles}
        for name in health.STANDING:
            if name in found:
                runtime.alerts.begin(name, found[name].what, found[name].todo, now)
            else:
                runtime.alerts.end(name, now)
