"""One thread for each channel that can wait: receive, wait for the next message, and back off when that fails."""

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import structlog

from intake import storage
from intake.receive import backlog
from routing.planning import retry
from routing.service import channels, outage_texts
from routing.service.channels import Channel
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals

if TYPE_CHECKING:
    from routing.service.runtime import Runtime
    from routing.service.safekeeping.beginning import Beginning

log = structlog.get_logger(__name__)

LEAVE_SECONDS = 6


class ChannelThreads:
    """The threads of all configured channels that have one."""

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages, begins: "Beginning") -> None:
        self._runtime = runtime
        self._signals = signals
        self._outages = outages
        self._begins = begins
        self._threads: dict[str, ChannelThread] = {}
        self._following = threading.Lock()
        self._starting = threading.Lock()  # apart, so that ``leave`` waits for no thread that ends

    @property
    def threads(self) -> list[threading.Thread]:
        """Those that were started."""
        return list(self._threads.values())

    def follow(self, *, anew: bool = False) -> None:
        """Start, stop and restart threads until they are what config.toml says; ``anew``: all of them.

        May be called from several threads. One at a time follows: another would forget the thread that this one has
        just started, and two would work one channel.
        """
        with self._following:
            wanted = {one.source: one for one in channels.configured(self._runtime.settings) if one.has_thread}
            self._end_others({} if anew else wanted)
            for source, channel in wanted.items():
                with self._starting:  # a thread that has left is not to be replaced after ``leave``
                    if source not in self._threads and not self._signals.stop.is_set():
                        shared = (self._runtime, self._signals, self._outages, self._begins)
                        self._threads[source] = ChannelThread(*shared, channel)
                        self._threads[source].start()

    def _end_others(self, wanted: Mapping[str, Channel]) -> None:
        for source, thread in list(self._threads.items()):
            channel = wanted.get(source)
            if channel is None or channel.settings != thread.channel.settings or not thread.is_alive():
                thread.leave()
                thread.join(LEAVE_SECONDS)
                self._signals.forget(thread.name)
                del self._threads[source]

    def leave(self) -> None:
        """Tell all to end soon, also from within IDLE; none is started any more, as the daemon's ``stop`` is set."""
        with self._starting:
            threads = list(self._threads.values())
        for thread in threads:
            thread.leave()


class ChannelThread(threading.Thread):
    """Works one channel until told to leave."""

    def __init__(
        self, runtime: "Runtime", signals: Signals, outages: Outages, begins: "Beginning", channel: Channel
    ) -> None:
        super().__init__(name=channel.source, daemon=True)
        self.channel = channel
        self._runtime = runtime
        self._signals = signals
        self._outages = outages
        self._begins = begins
        self._leaving = threading.Event()
        self._failures = 0  # in a row, since something was last received

    def leave(self) -> None:
        """End soon, also from within IDLE."""
        self._leaving.set()
        self.channel.interrupt()

    def run(self) -> None:
        while not self._leaving.is_set():
            self._signals.beat(self.name)
            try:
                self._pass()
            except Exception as error:
                self.channel.close()
                self._failed(error)
        self.channel.close()

    def _pass(self) -> None:
        runtime, channel = self._runtime, self.channel
        if not runtime.leases.take(channel.source):
            self._leaving.wait(min(channel.poll_seconds, storage.LOOK_SECONDS))
            return
        if not self._may_receive():
            self._leaving.wait(storage.LOOK_SECONDS)
            return
        with backlog.Worker() as worker:
            received = channel.receive(runtime, self._stored, worker)
        if received.new or received.repeated:
            log.info("messages received", channel=channel.source, new=received.new, repeated=received.repeated)
        with storage.writing(runtime.engine) as connection:
            storage.beat(connection, channel.source, runtime.clock())
        self._failures = 0  # servers end idle connections as they like: that is no outage
        if received.unfiled is None or channel.texts.unfiled is None:
            self._outages.fine(self.name)
        else:
            self._outages.disk_fine(self.name)
            self._outages.failed(self.name, channel.texts.unfiled, received.unfiled, 1)
        self._tell_of_left_alone(received.left_alone)
        channel.wait()

    def _may_receive(self) -> bool:
        """Whether an empty database is known to be the first; the daemon ends where it is not."""
        self._begins.ask(self._runtime, self.channel.name)
        if self._begins.refusal is not None:
            log.error("an empty database beside a mailbox with a history", mailbox=self.channel.name)
            self._signals.stop.set()
        return self._begins.may_receive(self._runtime)

    def _tell_of_left_alone(self, mails: Sequence[str]) -> None:
        condition = f"{self.name}, left alone"
        if mails:
            self._outages.begin(condition, outage_texts.left_alone(self.channel.name, mails))
        else:
            self._outages.end(condition)

    def _stored(self) -> None:
        self._signals.beat(self.name)  # a long pass is no hanging thread
        self._failures = 0  # a mailbox that gives mail is not out
        self._signals.work.set()

    def _failed(self, error: Exception) -> None:
        if self._leaving.is_set():
            return
        self._failures += 1
        self._outages.failed(self.name, self.channel.texts.failed, error, self._failures)
        self._leaving.wait(retry.worker_pause(self._failures))
