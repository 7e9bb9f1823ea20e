"""The thread that calls the duty desk: a program that hangs for half a minute holds up no letter and no decision."""

from typing import TYPE_CHECKING

from routing.service import outage_texts
from routing.service.alerts import urgent_calls
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals
from routing.service.daemon.workers import WorkerThread

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

COMMAND = "urgent_command"
"""The condition that holds while the program does not work: told at once, ended by the next call that goes well."""


class CallingThread(WorkerThread):
    """Makes the calls that are due."""

    condition = "calls"
    text = outage_texts.CALLS

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages) -> None:
        super().__init__(runtime, signals, outages, signals.calls)

    def work(self) -> None:
        made, failed = urgent_calls.make_due(self.runtime)
        if failed is not None:
            self._outages.begin(COMMAND, outage_texts.URGENT_COMMAND, failed)
        elif made:
            self._outages.end(COMMAND)
