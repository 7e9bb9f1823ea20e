"""The night's work: every mailbox is reconciled, the books are closed, what is over age goes; alarms are told.

A thread of its own, since a large mailbox takes minutes; the daemon's heartbeat wakes it. Only who works a mailbox
reconciles it; a mail server that does not answer is asked again an hour later. Nothing here is urgent: told to leave,
it stops where it is.
"""

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from intake import storage
from intake.base import errors
from intake.mailbox import ReadOnlyMailbox
from routing.privacy.deletion.retention import DAEMON
from routing.service import channels
from routing.service.channels import Inspector
from routing.service.daemon.signals import Signals
from routing.service.watch import books, figures, probe, reconcile, retention, silence
from routing.store import books as account

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

AGAIN_AFTER = timedelta(hours=1)


class NightlyThread(threading.Thread):
    """Looks whether a mailbox's night has come, whenever it is woken."""

    def __init__(self, runtime: "Runtime", signals: Signals) -> None:
        super().__init__(name="night", daemon=True)
        self._runtime = runtime
        self._signals = signals
        self._tried: dict[str, datetime] = {}
        self._box: ReadOnlyMailbox | None = None
        self._silence = silence.Silence(runtime)

    def leave(self) -> None:
        """End soon, also from within a comparison; ``signals.stop`` is set."""
        self._signals.night.set()
        box = self._box
        if box is not None:
            box.interrupt()

    def run(self) -> None:
        while not self._signals.stop.is_set():
            self._signals.night.wait()
            self._signals.night.clear()
            if self._signals.stop.is_set():
                return
            try:
                probe.look_after(self._runtime)
                self._silence.look(channels.configured(self._runtime.settings))
                self._look()
                figures.look_after(self._runtime)
            except errors.IntakeError as error:
                log.warning("reconciliation failed", error=str(error))
            except Exception:
                log.exception("reconciliation failed")

    def _look(self) -> None:
        runtime = self._runtime
        now = runtime.clock()
        with storage.reading(runtime.engine) as connection:
            beats = storage.heartbeats(connection)
            inspected = channels.inspected(runtime.settings)
            began = {channel.name: storage.first_read(connection, channel.name) for channel, _ in inspected}
        for channel, inspector in inspected:
            name = channel.name
            last = beats.get(reconcile.CONDITION.format(name=name))
            if self._waits(name, now) or self._signals.stop.is_set() or not reconcile.due(last, began[name], now):
                continue
            if runtime.leases.take(channel.source):
                self._tried[name] = now
                self._reconcile(name, inspector)
        last, first = beats.get(books.WORK), min(filter(None, began.values()), default=None)
        is_due = reconcile.due(last, first, now) if last or first else True
        if is_due and not self._signals.stop.is_set() and runtime.leases.take(books.WORK):
            self._close_books()
        last = beats.get(retention.WORK)
        is_due = (reconcile.due(last, first, now) if last or first else True) and not self._waits(retention.WORK, now)
        if is_due and not self._signals.stop.is_set() and runtime.leases.take(retention.WORK):
            self._tried[retention.WORK] = now
            boxes = channels.clearing(runtime.settings)
            retention.work(runtime, boxes, actor=DAEMON, stop=self._signals.stop.is_set)

    def _waits(self, work: str, now: datetime) -> bool:
        """Whether this was tried a short while ago; what fails is not tried again at each look."""
        tried = self._tried.get(work)
        return tried is not None and timedelta(0) <= now - tried < AGAIN_AFTER

    def _close_books(self) -> None:
        runtime = self._runtime
        found = account.read(runtime.engine)
        log.info("books closed", difference=found.difference)
        books.record(runtime.engine, runtime.alerts, found, runtime.clock())

    def _reconcile(self, name: str, inspector: Inspector) -> None:
        runtime = self._runtime
        self._box = inspector(runtime)
        try:
            found = reconcile.compare(runtime.engine, self._box)
        except errors.TemporaryError as error:
            log.warning("reconciliation failed", mailbox=name, error=str(error))
            return
        finally:
            self._box = None
        log.info(
            "reconciled", mailbox=name, on_server=found.on_server, stored=found.stored, unexplained=found.unexplained
        )
        reconcile.record(runtime.engine, runtime.alerts, found, runtime.clock())
