r"""A mailbox on an IMAP server: what is new by UID, the mails' bytes, filing away, waiting for more.

It never sets ``\Seen``, never expunges what is not ours, never speaks in plain text to another machine. It holds one
connection and belongs to one thread; only ``interrupt`` may be called from others. Whatever fails is a
:class:`MailboxError` (a TemporaryError) with a text for the log and, in ``german``, one for staff; ``person_must_act``
tells a refused login from an outage. After a time-out or a broken connection the mailbox is closed: ``connect`` again.
"""

import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from imapclient import exceptions

from intake.base.access_tokens import AccessTokens
from intake.mailbox import errors, fetch, folders
from intake.mailbox.clearing import ClearingMailbox
from intake.mailbox.client import Client, uid_sets
from intake.mailbox.connection import Connection
from intake.mailbox.errors import (
    CertificateError,
    EncryptionError,
    FilingError,
    FolderError,
    LoginRefusedError,
    MailboxError,
    QuotaError,
)
from intake.mailbox.fetch import Facts, Fetched
from intake.mailbox.inspect import ListedMail, Opened, ReadOnlyMailbox
from intake.settings import MailboxSettings

__all__ = [
    "CertificateError",
    "ClearingMailbox",
    "EncryptionError",
    "Facts",
    "Fetched",
    "FilingError",
    "FolderError",
    "ListedMail",
    "LoginRefusedError",
    "Mailbox",
    "MailboxError",
    "Opened",
    "QuotaError",
    "ReadOnlyMailbox",
    "Target",
]

Target = Literal["done", "unreadable"]

BATCH_BYTES = 8_000_000
LONGEST_IDLE = 20 * 60  # servers may log out after 30 minutes (RFC 3501), firewalls forget earlier
LOOK_UP = 1.0  # how often a waiting thread looks whether it is to stop; ``interrupt`` ends a wait at once
ASK_AGAIN = 0.2  # seconds between two questions for new mail, while other mail is fetched
FULL = 50_000  # imaplib refuses lines above a million bytes: about 90,000 UIDs
SEARCH_WINDOW = 10_000  # UIDs to ask for at once in a folder as full as that


class Mailbox(Connection):
    """The folder of ``settings`` on its server. ``connect`` before use, or use as a context manager.

    ``stop`` ends a wait. ``uid_validity`` belongs to every UID given out; it cannot change while connected.
    """

    def __init__(
        self,
        name: str,
        settings: MailboxSettings,
        login: str | AccessTokens | None,
        *,
        stop: threading.Event | None = None,
        may_file: Callable[[], None] = lambda: None,
    ) -> None:
        """``may_file`` is asked before mail is filed away, and raises when it must stay where it is."""
        super().__init__(name, settings, login)
        self._may_file = may_file
        self.uid_validity = 0
        self._stop = stop or threading.Event()
        self._naming = folders.Naming()
        self._arrived = False
        self._asked = 0.0  # when the server was last asked for news, by ``time.monotonic``

    @property
    def can_move(self) -> bool:
        """False when the server has neither MOVE nor UIDPLUS: then mail stays in the folder, marked by a keyword."""
        with self._step("asking for capabilities") as client:
            return folders.can_move(client)

    @property
    def is_stopping(self) -> bool:
        """Whether whoever waits, or works long, is to end."""
        return self._stop.is_set()

    def uids(self, after: int) -> list[int]:
        """UIDs above ``after``, ascending. Raises TemporaryError when the connection breaks."""
        following = self._look()
        with self._step("searching") as client:
            found = array("L")
            for first, window in _windows(after + 1, following):
                uids = set(client.search(["UID", window]))
                found.extend(sorted(uid for uid in uids if uid >= first))  # n:* gives the last mail, even one below n
        return found.tolist()

    def all_uids(self) -> list[int]:
        """Every UID in the folder, ascending: for reconciliation. Raises TemporaryError when the connection breaks."""
        return self.uids(0)

    def internal_dates(self, uids: Sequence[int]) -> dict[int, datetime]:
        """When the server received each mail (aware, UTC); vanished UIDs are absent."""
        with self._step("fetching dates") as client:
            return {
                uid: known.received_at for some in fetch.facts(client, sorted(uids)) for uid, known in some.items()
            }

    def fetch(self, uids: Sequence[int], *, max_bytes: int = BATCH_BYTES) -> Iterator[list[Fetched]]:
        """The mails' bytes, oldest first, in batches of at most 100 mails and ``max_bytes`` (one mail may be larger).

        A mail above ``max_size`` comes as its first megabyte with ``complete`` False. UIDs that vanished meanwhile are
        absent, as are those the server cannot read, which stay in :meth:`all_uids`. ``file_away`` between two batches
        is fine.
        """
        with self._step("fetching") as client:
            ascending = array("L", sorted(uids))  # of a large backlog, with an eighth of the memory
            batches = fetch.mails(client, ascending, max_size=self.settings.max_size, max_bytes=max_bytes)
        while True:
            with self._step("fetching"):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        """Size and date of mails, by UID; those of which the server says nothing are absent."""
        with self._step("fetching sizes") as client:
            return {uid: known for some in fetch.facts(client, uids) for uid, known in some.items()}

    def fetch_group(self, group: Sequence[int], known: dict[int, Facts]) -> list[Fetched]:
        """The mails of one of ``fetch.groups``, at once; those that the server does not give are absent."""
        with self._step("fetching") as client:
            return fetch.together(client, group, known, max_size=self.settings.max_size)

    def heads(self, uids: Sequence[int], size: int) -> dict[int, bytes]:
        """The first ``size`` bytes of each mail, by UID."""
        with self._step("looking at mails") as client:
            return fetch.heads(client, uids, size)

    def existing(self, uids: Sequence[int]) -> list[int]:
        """Those of ``uids`` that are in the folder now, ascending."""
        if not uids:
            return []
        with self._step("asking for what is new") as client:
            client.check_alive()  # what others expunged is told here, and not found any more
        return self._found(uids)

    def _found(self, uids: Sequence[int]) -> list[int]:
        with self._step("asking what is there") as client:
            found = [uid for chosen in uid_sets(sorted(uids), SEARCH_WINDOW) for uid in client.search(["UID", chosen])]
        return sorted(set(found) & set(uids))

    def connect_again(self) -> None:
        """After a failure: a new connection unless the old one is still good. Raises MailboxError."""
        if self._client is not None:
            return
        before = self.uid_validity
        self.connect()
        if self.uid_validity != before:
            self._drop()
            raise MailboxError(f"{self._place.host}: UIDVALIDITY became {self.uid_validity}, was {before}")

    def has_news(self) -> bool:
        """Whether mail may have come since ``uids`` was last asked; asks the server, but not all the time."""
        if not self._arrived and time.monotonic() - self._asked >= ASK_AGAIN:
            self._asked = time.monotonic()
            self.keep_alive()
        return self._arrived

    def file_away(self, uids: Sequence[int], folder: Target) -> list[int]:
        """Move ``uids`` to the folder for stored or for unreadable mail; a folder that vanished is made again.

        Gives those that are still here although the server said that it moved them: nothing is to be moved again.
        Raises QuotaError and FolderError with the connection still open, and what ``may_file`` raises.
        """
        if not uids:
            return []
        self._may_file()
        target = self.settings.done if folder == "done" else self.settings.unreadable
        with self._step(f"moving to {errors.printable(target)}") as client:
            folders.file_away(client, uids, self._naming.name(target))
            leaves = folders.can_move(client)
        return self._found(uids) if leaves else []

    def remove(self, uids: Sequence[int]) -> list[int]:
        """Take ``uids``, which were copied already, out of the folder; gives those that are still here."""
        with self._step("removing copied mail") as client:
            folders.remove(client, uids)
        return self._found(uids)

    def without_effect(self) -> FilingError:
        """What to say of a server that moves mail without any effect."""
        return FilingError(
            f"{self._place.host}: mail that was moved is still in the folder",
            german=f"Postfach „{self.name}“: Der Mailserver {self._place.host} meldet, gelesene Nachrichten seien "
            "verschoben, sie liegen aber noch im Eingang. Es wird nichts mehr kopiert.",
        )

    def wait(self, seconds: float) -> bool:
        """Wait for mail at most so long: True when some may have arrived.

        False after the time, or when ``stop`` is set. With IDLE the server tells at once; without it (or with
        ``idle = false``) what is new shows only in the end.
        """
        end = time.monotonic() + seconds
        while not (self._arrived or self.is_stopping or time.monotonic() >= end):
            with self._step("waiting") as client:
                self._listen(client, min(end, time.monotonic() + LONGEST_IDLE))
        return self._arrived and not self.is_stopping

    def keep_alive(self, *, silent_for: float = 0.0) -> None:
        """Say something, so that neither the server nor a firewall takes us for gone; between two batches too.

        Nothing happens while the last word is not so many seconds ago.
        """
        if time.monotonic() - self._last_word < silent_for:
            return
        with self._step("keeping the connection alive") as client:
            client.check_alive()

    def _prepare(self) -> None:
        """Open the folder for writing, make the two target folders."""
        with self._step("asking for the namespace") as client:
            self._naming = folders.naming(client)
        self.uid_validity = 0
        self._select()
        for target in (self.settings.done, self.settings.unreadable):
            with self._step("making a folder", folder=target) as client:
                folders.make_sure_of(client, self._naming.name(target))

    def _look(self) -> int:
        """Let the server tell what is new. Gives UIDNEXT when the folder is too full for one search, else 0."""
        with self._step("looking for new mail") as client:
            client.check_alive()
        self._arrived = False  # what is there now is there for the search that follows
        return self._select() if client.exists > FULL else 0

    def _select(self) -> int:
        """Open the folder (again) for writing; gives UIDNEXT where the server says it, else 0."""
        with self._step("opening the folder", folder=self.settings.folder) as client:
            opened = client.select_folder(self._naming.name(self.settings.folder))
            uid_validity = int(opened[b"UIDVALIDITY"])
            if self.uid_validity not in {0, uid_validity}:
                raise exceptions.IMAPClientAbortError(f"UIDVALIDITY became {uid_validity}, was {self.uid_validity}")
        self.uid_validity = uid_validity
        self._arrived = False
        return int(opened.get(b"UIDNEXT", 0))

    def _listen(self, client: Client, until: float) -> None:
        idling = self.settings.idle and client.has_capability("IDLE") and client.start_idle()
        self._arrived |= client.forget_unasked()
        while not (self._arrived or self.is_stopping) and (left := until - time.monotonic()) > 0:
            if client.readable(min(LOOK_UP, left)):
                if idling:
                    client.read_report()
                else:
                    client.check_alive()
                self._arrived |= client.forget_unasked()
        if self.is_stopping:
            client.hurry()
        if idling:
            client.end_idle()
        else:
            client.check_alive()

    def _heard(self, client: Client) -> None:
        self._arrived |= client.forget_unasked()


def _windows(first: int, following: int) -> Iterator[tuple[int, str]]:
    """Sets of UIDs from ``first`` on, with the lowest UID of each.

    Each is short enough for one line of answers up to ``following`` (0: one set).
    """
    while first + SEARCH_WINDOW < following:
        yield first, f"{first}:{first + SEARCH_WINDOW - 1}"
        first += SEARCH_WINDOW
    yield first, f"{first}:*"
