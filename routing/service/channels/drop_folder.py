"""A drop folder as a channel: looked into regularly, since nothing tells reliably of files on a network drive."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from intake.drop_folder import DropFolder
from intake.receive import drop_folder
from intake.receive.batches import Received
from intake.settings import DropFolderSettings
from routing.model.settings import Settings
from routing.service import outage_texts
from routing.service.channels.channel import Surroundings
from routing.service.outage_texts import ChannelTexts

if TYPE_CHECKING:
    from intake.receive.mailbox import BacklogWorker


class DropFolderChannel:
    """[drop_folders.NAME]; it remembers how files looked before, to know when one is finished."""

    has_thread = False
    inspector = None
    clearing = None

    def __init__(self, name: str, settings: DropFolderSettings) -> None:
        self.name = name
        self.source = f"folder {name}"
        self.settings = settings
        self.poll_seconds = settings.settle_seconds
        self._folder: DropFolder | None = None
        self._prefix = ""  # of case numbers, as the folder was opened with

    @classmethod
    def configured(cls, settings: Settings) -> list[Self]:
        """See ``Channel``."""
        return [cls(name, table) for name, table in settings.drop_folders.items()]

    @property
    def texts(self) -> ChannelTexts:
        """What the operator reads of this folder."""
        return outage_texts.drop_folder(self.name, self.settings.folder)

    def receive(
        self, work: Surroundings, on_stored: Callable[[], None], worker: "BacklogWorker | None" = None
    ) -> Received:
        """See ``Channel``; a file is no backlog for ``worker``."""
        del worker
        received = drop_folder.receive(self._checked(work), work.engine, work.clock)
        if received.files:
            on_stored()
        return received

    def wait(self) -> None:
        """See ``Channel``: never called."""

    def interrupt(self) -> None:
        """See ``Channel``: a pass is short."""

    def close(self) -> None:
        """See ``Channel``: nothing stays open."""

    def _checked(self, work: Surroundings) -> DropFolder:
        prefix = work.settings.city.reference
        if self._folder is None or prefix != self._prefix:
            may_file = functools.partial(work.leases.confirm, self.source)
            folder = DropFolder(self.name, self.settings, prefix=prefix, may_file=may_file)
            folder.check()
            self._folder, self._prefix = folder, prefix
        return self._folder
