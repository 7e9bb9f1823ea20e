"""The drop folders: read what was dropped, and tell the operator of a folder or a file that cannot be read."""

import structlog

from intake.base import errors
from intake.receive import batches, drop_folder
from routing.service.daemon import outages
from routing.service.daemon.state import State

log = structlog.get_logger(__name__)

STUCK_PASSES = 60

TODO = (
    "Prüfen Sie, ob es den Ordner gibt, ob das Laufwerk verbunden ist und ob der Dienst ihn lesen und beschreiben "
    "darf. Es wird weiter versucht; die Dateien bleiben solange liegen."
)


class Folders:
    """All configured drop folders, read by one job of the scheduler."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._stuck: dict[str, int] = {}  # folder → passes in a row with a file that cannot be read

    def settle_seconds(self) -> list[float]:
        """How long a file must lie still, for each folder."""
        return [folder.settle_seconds for folder in self._state.runtime.settings.drop_folders.values()]

    def read(self) -> None:
        """Look into every folder that is ours to work."""
        runtime = self._state.runtime
        for name in runtime.settings.drop_folders:
            if runtime.leases.take(f"folder {name}"):
                self._read(name)

    def _read(self, name: str) -> None:
        runtime, told, condition = self._state.runtime, self._state.troubles, f"folder {name}"
        try:
            received = drop_folder.receive(runtime.folder(name), runtime.engine, runtime.clock)
        except errors.StorageFullError as error:
            told.disk_full(condition, error)
            return
        except errors.TemporaryError as error:
            folder = runtime.settings.drop_folders[name].folder
            what = f"Der Ordner „{folder}“ der Telefonliste lässt sich nicht lesen."
            told.begin(condition, f"{what}\nGrund: {outages.explained(error)}", TODO)
            return
        told.disk_fine(condition)
        self._tell(name, received)
        if received.files:
            log.info("log files read", folder=name, files=len(received.files), new=received.new)
            self._state.work.set()

    def _tell(self, name: str, received: batches.Received) -> None:
        told = self._state.troubles
        self._stuck[name] = self._stuck.get(name, 0) + 1 if received.stuck else 0
        if self._stuck[name] >= STUCK_PASSES:
            what = f"Eine Telefonliste im Ordner „{name}“ lässt sich seit Längerem nicht lesen."
            todo = f"Bitte schließen Sie die Datei, falls sie noch geöffnet ist: {', '.join(received.stuck)}"
            told.begin(f"folder {name}", what, todo)
        elif not received.stuck:
            told.end(f"folder {name}")
        if received.rejected or received.unreadable:
            what = f"In einer Telefonliste im Ordner „{name}“ ließ sich nicht alles lesen."
            todo = (
                f"Betroffen: {', '.join(received.files)}. Die abgelehnten Zeilen stehen im Ordner „erledigt“ "
                "neben der Datei (…abgelehnt.csv), eine ganz unlesbare Datei mit dem Grund im Ordner „unlesbar“. "
                "Berichtigen Sie die Zeilen und legen Sie die Datei noch einmal ab."
            )
            told.once(what, todo)
