"""The daemon's worker threads: a wake-up is never lost, however it falls."""

import threading
from pathlib import Path

from routing.service import outage_texts
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals
from routing.service.daemon.workers import WorkerThread
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.journeys import Installation

CEILING = 120


class Pass(WorkerThread):
    """A pass that lasts until it is let go."""

    condition = "pass"
    text = outage_texts.DISPATCH
    count = 0

    def work(self) -> None:
        self.count += 1
        self.begun.release()
        assert self.let.acquire(timeout=CEILING)

    begun = threading.Semaphore(0)
    let = threading.Semaphore(0)


def test_wake_ups_during_a_pass_let_it_run_once_more(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    with Installation(tmp_path, dovecot, smtp_sink).opened() as runtime:
        signals = Signals()
        outages = Outages(runtime.alerts, tmp_path, runtime.clock)
        thread = Pass(runtime, signals, outages, signals.work)
        thread.start()
        signals.wake()
        assert thread.begun.acquire(timeout=CEILING)
        for _ in range(3):
            signals.wake()
        thread.let.release()
        assert thread.begun.acquire(timeout=CEILING), "the pass did not run once more"
        signals.stop.set()
        thread.let.release()
        signals.wake()
        thread.join(CEILING)
        assert not thread.is_alive()
    assert 2 == thread.count
