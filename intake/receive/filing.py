"""Acknowledging: what is committed is filed away on the server, once.

Servers look through the whole folder for each MOVE, so many mails go together. A full mailbox, or a folder we may not
write, keeps nothing from being received: it is told in the end. A server that says it moved mail which is still there
gets nothing more to copy: what was copied is remembered, over restarts, and only its removal is tried again.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field
from sqlalchemy.engine import Engine

from intake import mailbox as imap
from intake import storage
from intake.base.clock import Clock
from intake.storage import stubborn
from intake.storage.stubborn import Stubborn

if TYPE_CHECKING:
    from intake.receive.batches import Received


class Filing(Struct):
    """The mails of one pass that are stored; what cannot be filed away is said in ``received``."""

    box: imap.Mailbox
    engine: Engine
    clock: Clock
    received: "Received"
    stored: list[tuple[int, bool]] = field(default_factory=list)  # committed UIDs; complete?
    is_free: bool = False  # nothing lies in both folders

    def away(self) -> None:
        """File away what is stored so far. Raises MailboxError when the connection breaks."""
        if self.received.unfiled is None:
            try:
                if self.is_free or self._copied_are_gone():
                    self._move([uid for uid, complete in self.stored if complete], "done")
                    self._move([uid for uid, complete in self.stored if not complete], "unreadable")
            except (imap.QuotaError, imap.FolderError) as error:
                self.received.unfiled = error
        self.stored.clear()

    def _move(self, uids: Sequence[int], folder: imap.Target) -> None:
        left = self.box.file_away(uids, folder) if self.received.unfiled is None else []
        if left:
            self.received.unfiled = self.box.without_effect()
            now, why = self.clock(), str(self.received.unfiled)
            rows = [
                Stubborn(key, 0, since=now, last_at=now, reason=why, copied=True) for key in map(self._key(), left)
            ]
            with storage.writing(self.engine) as connection:
                stubborn.note(connection, self.box.name, rows)

    def _copied_are_gone(self) -> bool:
        """Whether nothing is left of what an earlier pass copied without effect; its removal is tried again."""
        with storage.reading(self.engine) as connection:
            known = stubborn.known(connection, self.box.name)
        here = self._key()("")
        copied = {int(one.key.removeprefix(here)): one.key for one in known if one.copied and one.key.startswith(here)}
        left = self.box.remove(sorted(copied)) if copied else []
        gone = [key for uid, key in copied.items() if uid not in left]
        if gone:
            with storage.writing(self.engine) as connection:
                stubborn.forget(connection, self.box.name, gone)
        if left:
            self.received.unfiled = self.box.without_effect()
        self.is_free = not left
        return self.is_free

    def _key(self) -> Callable[[object], str]:
        folder, validity = self.box.settings.folder, self.box.uid_validity
        return lambda uid: f"{folder};{validity};{uid}"
