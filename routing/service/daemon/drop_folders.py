"""The drop folders: read what was dropped, and notify the operator of a folder or a file that cannot be read."""

from typing import TYPE_CHECKING

import structlog

from intake.base import errors
from intake.receive import batches, drop_folder
from routing.service import outage_texts
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

STUCK_PASSES = 60


class Folders:
    """All configured drop folders, read by one job of the scheduler."""

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages) -> None:
        self._runtime = runtime
        self._signals = signals
        self._outages = outages
        self._stuck: dict[str, int] = {}  # folder → passes in a row with a file that cannot be read

    def settle_seconds(self) -> list[float]:
        """How long a file must lie still, for each folder."""
        return [folder.settle_seconds for folder in self._runtime.settings.drop_folders.values()]

    def read(self) -> None:
        """Look into every folder that is ours to work."""
        runtime = self._runtime
        for name in runtime.settings.drop_folders:
            if runtime.leases.take(f"folder {name}"):
                self._read(name)

    def _read(self, name: str) -> None:
        runtime, condition = self._runtime, f"folder {name}"
        try:
            received = drop_folder.receive(runtime.folder(name), runtime.engine, runtime.clock)
        except errors.StorageFullError as error:
            self._outages.disk_full(condition, error)
            return
        except errors.TemporaryError as error:
            folder = runtime.settings.drop_folders[name].folder
            self._outages.begin(condition, outage_texts.drop_folder(folder), error)
            return
        self._outages.disk_fine(condition)
        self._notify(name, received)
        if received.files:
            log.info("log files read", folder=name, files=len(received.files), new=received.new)
            self._signals.work.set()

    def _notify(self, name: str, received: batches.Received) -> None:
        self._stuck[name] = self._stuck.get(name, 0) + 1 if received.stuck else 0
        if self._stuck[name] >= STUCK_PASSES:
            self._outages.begin(f"folder {name}", outage_texts.stuck_files(name, received.stuck))
        elif not received.stuck:
            self._outages.end(f"folder {name}")
        if received.rejected or received.unreadable:
            self._outages.once(outage_texts.rejected_rows(name, received.files))
