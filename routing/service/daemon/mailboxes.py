"""One thread for each mailbox: connect, receive, wait for the next mail, and back off when that fails."""

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from intake import storage
from intake.mailbox import Mailbox
from intake.receive import backlog, mailbox
from intake.settings import MailboxSettings
from routing.planning import retry
from routing.service import outage_texts
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

RECONCILE_EVERY = timedelta(hours=1)
LEAVE_SECONDS = 6


class Mailboxes:
    """The threads of all configured mailboxes."""

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages) -> None:
        self._runtime = runtime
        self._signals = signals
        self._outages = outages
        self._threads: dict[str, MailboxThread] = {}
        self._starting = threading.Lock()

    @property
    def threads(self) -> list[threading.Thread]:
        """Those that were started."""
        return list(self._threads.values())

    def follow(self) -> None:
        """Start, stop and restart threads until they are what config.toml says."""
        wanted = self._runtime.settings.mailboxes
        for name, thread in list(self._threads.items()):
            if wanted.get(name) != thread.settings or not thread.is_alive():
                thread.leave()
                thread.join(LEAVE_SECONDS)
                self._signals.forget(thread.name)
                del self._threads[name]
        for name, settings in wanted.items():
            with self._starting:  # a thread that has left is not to be replaced after ``leave``
                if name not in self._threads and not self._signals.stop.is_set():
                    self._threads[name] = MailboxThread(self._runtime, self._signals, self._outages, name, settings)
                    self._threads[name].start()

    def leave(self) -> None:
        """Tell all to end soon, also from within IDLE; none is started any more, as the daemon's ``stop`` is set."""
        with self._starting:
            threads = list(self._threads.values())
        for thread in threads:
            thread.leave()


class MailboxThread(threading.Thread):
    """Works one mailbox until told to leave."""

    def __init__(
        self, runtime: "Runtime", signals: Signals, outages: Outages, mailbox_name: str, settings: MailboxSettings
    ) -> None:
        super().__init__(name=f"mailbox {mailbox_name}", daemon=True)
        self.settings = settings
        self._runtime = runtime
        self._signals = signals
        self._outages = outages
        self._mailbox = mailbox_name
        self._leaving = threading.Event()
        self._box: Mailbox | None = None
        self._reconciled: datetime | None = None
        self._failures = 0  # in a row, since mail was last received

    def leave(self) -> None:
        """End soon, also from within IDLE."""
        self._leaving.set()
        if self._box is not None:
            self._box.interrupt()

    def run(self) -> None:
        while not self._leaving.is_set():
            self._signals.beat(self.name)
            try:
                self._pass()
            except Exception as error:
                self._close()
                self._failed(error)
        self._close()

    def _pass(self) -> None:
        runtime = self._runtime
        if not runtime.leases.take(self.name):
            self._leaving.wait(self.settings.poll_seconds)
            return
        box = self._connected()
        now = runtime.clock()
        reconcile = self._reconciled is None or not timedelta(0) <= now - self._reconciled < RECONCILE_EVERY
        with backlog.Worker() as worker:
            received = mailbox.receive(
                box,
                runtime.engine,
                runtime.clock,
                reconcile=reconcile,
                on_stored=self._stored,
                worker=worker,
                crash_file=runtime.crash_file(self._mailbox),
            )
        if reconcile:
            self._reconciled = now
        if received.new or received.repeated:
            log.info("mail received", mailbox=self._mailbox, new=received.new, repeated=received.repeated)
        with storage.writing(runtime.engine) as connection:
            storage.beat(connection, self.name, runtime.clock())
        self._failures = 0  # servers end idle connections as they like: that is no outage
        if received.unfiled is None:
            self._outages.fine(self.name)
        else:
            self._outages.disk_fine(self.name)
            self._reconciled = None  # what is stored and still lies there is tried again soon
            self._outages.failed(self.name, outage_texts.unfiled(self._mailbox), received.unfiled, 1)
        box.wait(self.settings.poll_seconds)

    def _stored(self) -> None:
        self._signals.beat(self.name)  # a long pass is no hanging thread
        self._signals.work.set()

    def _connected(self) -> Mailbox:
        if self._box is None:
            box = self._runtime.mailbox(self._mailbox, self._leaving)
            box.connect()
            self._box = box
            self._reconciled = None
        return self._box

    def _close(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            box.close()

    def _failed(self, error: Exception) -> None:
        if self._leaving.is_set():
            return
        self._failures += 1
        self._outages.failed(self.name, outage_texts.mailbox(self._mailbox), error, self._failures)
        self._leaving.wait(retry.worker_pause(self._failures))
