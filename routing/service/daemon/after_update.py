"""The thread that compares the history once after an update (``routing.service.watch.backtest``), and ends then.

What fails is tried again later, and nothing waits for it.
"""

import threading
from typing import TYPE_CHECKING

import structlog

from intake.base import errors
from routing.service.daemon.signals import Signals
from routing.service.watch import backtest

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 60.0


class AfterUpdateThread(threading.Thread):
    """Works until the history is compared, or the daemon stops."""

    def __init__(self, runtime: "Runtime", signals: Signals) -> None:
        super().__init__(name="backtest", daemon=True)
        self._runtime = runtime
        self._signals = signals

    def run(self) -> None:
        while not self._signals.stop.is_set():
            try:
                if backtest.after_update(self._runtime, self._signals.stop.wait):
                    self._signals.send()
                    return
            except errors.IntakeError as error:
                log.warning("history not compared", error=str(error))
            except Exception:
                log.exception("history not compared")
            self._signals.stop.wait(AGAIN_SECONDS)
