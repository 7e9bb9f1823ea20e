"""Taking mail off the server for good: from the folders for read mail, by UID alone (UID EXPUNGE, RFC 4315).

What is named is removed and nothing else: a mail that somebody else flagged as deleted stays. A server without UIDPLUS
removes nothing, and says so. The folder that is polled is never opened here.
"""

from collections.abc import Sequence

from intake.mailbox import folders
from intake.mailbox.inspect import ListedMail, Opened, ReadOnlyMailbox


class ClearingMailbox(ReadOnlyMailbox):
    """A connection that looks, and removes what it is told to. ``connect`` before use, or use as a context manager."""

    @property
    def can_remove(self) -> bool:
        """Whether the server can remove single mails. Raises TemporaryError."""
        with self._step("asking for capabilities") as client:
            return bool(client.has_capability("UIDPLUS"))

    @property
    def read_folders(self) -> tuple[str, ...]:
        """The folders for read and for unreadable mail, as config.toml spells them. A tuple of names."""
        return tuple(dict.fromkeys((self.settings.done, self.settings.unreadable)))

    def all_listed(self, folder: str) -> tuple[Opened, list[ListedMail]] | None:
        """Every mail of ``folder``, the oldest first, and the folder as it was; None when there is no such folder."""
        opened = self.open(folder)
        if opened is None:
            return None
        return opened, [mail for batch in self.listed(opened) for mail in batch]

    def remove(self, folder: str, opened: Opened, uids: Sequence[int]) -> int:
        """Remove these mails (UIDs) from the folder that was ``opened``; how many are gone. Raises TemporaryError.

        Nothing is removed where the folder has other UIDs meanwhile (UIDVALIDITY).
        """
        with self._step("asking for the namespace") as client:
            name = folders.naming(client).name(folder)
        with self._step("removing deleted mail", folder=folder) as client:
            now = client.select_folder(name)
            if int(now[b"UIDVALIDITY"]) != opened.uid_validity:
                return 0
            folders.remove(client, uids)
        return len(uids)
