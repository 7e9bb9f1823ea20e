"""The threads that work without a source: one decides and composes, one sends what is urgent, one sends the rest.

Each waits for its event, works until nothing is left, and rests with growing pauses when it fails. A pass that fails
changes nothing that is not taken up by the next one.
"""

import threading
from typing import TYPE_CHECKING

import structlog

from intake import storage
from intake.settings import Table
from routing.pipeline.sending import Delivered, Sender
from routing.planning import retry
from routing.service import outage_texts, transports
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals
from routing.service.outage_texts import OutageText

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

DECIDED_AT_ONCE = 20  # few: what looks urgent is decided next, and waits for no more than these
LANE_PAUSE = 10.0  # at most, in seconds


class WorkerThread(threading.Thread):
    """Goes round for as long as the daemon works; a subclass says what one round is."""

    condition: str  # the name of the thread and of its outage
    text: OutageText

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages, event: threading.Event) -> None:
        super().__init__(name=self.condition, daemon=True)
        self.runtime = runtime
        self.signals = signals
        self._outages = outages
        self._event = event

    def run(self) -> None:
        failures = 0
        while not self.signals.stop.is_set():
            self.signals.beat(self.name)
            self._event.wait()
            self._event.clear()
            if self.signals.stop.is_set():
                break
            try:
                self.work()
            except Exception as error:
                failures += 1
                self.let_go()
                self.failed(error, failures)
                self._event.set()
            else:
                failures = 0
                self.fine()
        self.let_go()

    def work(self) -> None:
        """Do all there is to do now."""
        raise NotImplementedError

    def failed(self, error: Exception, failures: int) -> None:
        """A round failed, so many in a row: tell, and rest."""
        self._outages.failed(self.name, self.text, error, failures)
        self.signals.pause(retry.worker_pause(failures))

    def fine(self) -> None:
        """A round went well."""
        self._outages.fine(self.name)

    def let_go(self) -> None:
        """Let go of what may be broken, after a failure and at the end."""


class DispatchThread(WorkerThread):
    """Decides what is waiting and composes what is due, in turns: neither waits for the other's backlog."""

    condition = "dispatch"
    text = outage_texts.DISPATCH

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages) -> None:
        super().__init__(runtime, signals, outages, signals.work)

    def work(self) -> None:
        with storage.first_in_line():  # else a backlog is received before what is in it is looked at
            self._work()

    def _work(self) -> None:
        more = True
        while more and not self.signals.stop.is_set():
            more = False
            if self.runtime.dispatch(limit=DECIDED_AT_ONCE, urgent_alone=True).total:
                self.signals.follow_up.set()
                self.signals.calls.set()
                more = True
            if self.runtime.freeze_letters():
                self.signals.send()
                more = True
        if self.signals.follow_up.is_set():
            if self.runtime.follow_up():
                self.signals.send()
            self.signals.follow_up.clear()  # not before: what failed is asked again


class SendingThread(WorkerThread):
    """Sends to the server that config.toml names now."""

    def __init__(
        self, runtime: "Runtime", signals: Signals, outages: Outages, event: threading.Event, sender: Sender
    ) -> None:
        super().__init__(runtime, signals, outages, event)
        self._sender = sender
        self._connections = transports.Connections(runtime.transport)
        self._settings: Table | None = None

    def work(self) -> None:
        settings = transports.table(self.runtime.settings)
        if settings != self._settings:
            self.let_go()
            self._settings = settings
        try:
            done = self.send()
        finally:
            self._connections.end_round()
        if done.parked:
            log.warning("letters parked", count=done.parked)

    def send(self) -> Delivered:
        """One round. Raises TemporaryError when nobody answers."""
        raise NotImplementedError

    def let_go(self) -> None:
        self._connections.close()


class UrgentThread(SendingThread):
    """The lane of urgent letters, whose connection waits for nothing else.

    What fails here is no outage of its own: the other thread takes them over meanwhile, and tells when it cannot.
    """

    condition = "urgent"

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages, sender: Sender) -> None:
        super().__init__(runtime, signals, outages, signals.urgent, sender)
        self.works = True

    def send(self) -> Delivered:
        with storage.first_in_line():
            return self._sender.urgent(self._connections.next())

    def failed(self, error: Exception, failures: int) -> None:
        log.warning("the urgent lane rests", error=str(error), failures=failures)
        self.works = False
        self.signals.outgoing.set()
        self._event.wait(min(retry.worker_pause(failures), LANE_PAUSE))  # a new urgent letter ends the rest

    def fine(self) -> None:
        self.works = True


class SendThread(SendingThread):
    """Sends all other letters over several connections, and urgent ones that the lane could not send."""

    condition = "smtp"
    text = outage_texts.SENDING

    def __init__(
        self, runtime: "Runtime", signals: Signals, outages: Outages, sender: Sender, lane: UrgentThread
    ) -> None:
        super().__init__(runtime, signals, outages, signals.outgoing, sender)
        self._lane = lane

    def send(self) -> Delivered:
        most = self.runtime.settings.smtp.connections
        return self._sender.everything(self._connections.next, most, urgent_too=not self._lane.works)


def sending_threads(runtime: "Runtime", signals: Signals, outages: Outages) -> tuple[UrgentThread, SendThread]:
    """The two that send, over one sender."""
    sender = Sender(runtime.engine, runtime.instance, runtime.clock, signals.stop.is_set)
    lane = UrgentThread(runtime, signals, outages, sender)
    return lane, SendThread(runtime, signals, outages, sender, lane)
