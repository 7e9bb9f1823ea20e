"""The two threads that work without a source: one decides and composes, one sends.

Each waits for its event, works until nothing is left, and rests with growing pauses when it fails. A pass that fails
changes nothing that is not taken up by the next one.
"""

import threading
from typing import TYPE_CHECKING

import structlog

from intake.settings import Table
from routing.model.transport import Outbound
from routing.pipeline import deliver
from routing.planning import retry
from routing.service import outage_texts, transports
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals
from routing.service.outage_texts import OutageText
from routing.store import outbox

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)


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
                self._outages.failed(self.name, self.text, error, failures)
                self.signals.stop.wait(retry.worker_pause(failures))
                self._event.set()
            else:
                failures = 0
                self._outages.fine(self.name)
        self.let_go()

    def work(self) -> None:
        """Do all there is to do now."""
        raise NotImplementedError

    def let_go(self) -> None:
        """Let go of what may be broken, after a failure and at the end."""


class DispatchThread(WorkerThread):
    """Decides what is waiting and composes what is due."""

    condition = "dispatch"
    text = outage_texts.DISPATCH

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages) -> None:
        super().__init__(runtime, signals, outages, signals.work)

    def work(self) -> None:
        while not self.signals.stop.is_set() and self.runtime.dispatch().total:
            self.signals.follow_up.set()
            self._compose()
        self._compose()

    def _compose(self) -> None:
        while not self.signals.stop.is_set() and self.runtime.freeze_letters():
            self.signals.outgoing.set()
        if self.signals.follow_up.is_set():
            if self.runtime.follow_up():
                self.signals.outgoing.set()
            self.signals.follow_up.clear()  # not before: what failed is asked again


class SendThread(WorkerThread):
    """Sends what is due over one connection."""

    condition = "smtp"
    text = outage_texts.SENDING

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages) -> None:
        super().__init__(runtime, signals, outages, signals.outgoing)
        self._transport: Outbound | None = None
        self._settings: Table | None = None
        self._unsettled: list[outbox.Result] = []

    def work(self) -> None:
        runtime, stopping = self.runtime, self.signals.stop.is_set
        transport = self._current()
        while True:
            done = deliver.send(
                runtime.engine, transport, runtime.instance, runtime.clock, stopping, unsettled=self._unsettled
            )
            if done.parked:
                log.warning("letters parked", count=done.parked)
            if not done.sent + done.later + done.parked:
                return

    def _current(self) -> Outbound:
        """The transport as config.toml has it now."""
        settings = transports.table(self.runtime.settings)
        if self._transport is None or settings != self._settings:
            self.let_go()
            self._transport, self._settings = self.runtime.transport(), settings
        return self._transport

    def let_go(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
