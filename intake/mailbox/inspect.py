"""Looking at a mailbox without touching it: what lies in a folder, by size, date and Message-ID; no flag, no move.

For reconciliation. A folder is opened read-only (EXAMINE) and gone through by sequence numbers in pieces of a
thousand, which stay valid as long as nothing but FETCH is said, so that memory is the same for a thousand mails and a
million, and gaps between UIDs cost nothing. Of a mail only its Message-ID line comes over the wire; ``fetch`` brings
whole mails for the few that this does not settle.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from imapclient import response_parser
from msgspec import Struct

from intake.mailbox import fetch, folders
from intake.mailbox.connection import Connection

LISTED_AT_ONCE = 1_000
_ITEMS = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
_NAMING = "(UID BODY.PEEK[HEADER.FIELDS (SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES)])"
_HEADER = re.compile(rb"BODY\[HEADER\.FIELDS \(\"?MESSAGE-ID\"?\)\] (?:\{\d+\}|\"([^\"\\]*)\"|NIL)", re.IGNORECASE)
_UID = re.compile(rb"[( ]UID (\d+)")


class ListedMail(Struct, frozen=True):
    """A mail as it lies in a folder; ``header`` is its Message-ID line (with line ends), or empty."""

    uid: int
    size: int
    received_at: datetime
    header: bytes


class Opened(Struct, frozen=True):
    """A folder as it was when opened: how many mails, and what its UIDs belong to."""

    count: int
    uid_validity: int


class ReadOnlyMailbox(Connection):
    """A connection that only looks. ``connect`` before use, or use as a context manager."""

    def open(self, folder: str) -> Opened | None:
        """Open ``folder`` (as config.toml spells it) for reading; None when there is no such folder."""
        with self._step("asking for the namespace") as client:
            name = folders.naming(client).name(folder)
        with self._step("opening a folder to look at", folder=folder) as client:
            if not folders.exists(client, name):
                return None
            opened = client.select_folder(name, readonly=True)
            return Opened(int(opened[b"EXISTS"]), int(opened[b"UIDVALIDITY"]))

    def listed(self, opened: Opened) -> Iterator[list[ListedMail]]:
        """The mails of the folder opened last, oldest first, up to a thousand at a time."""
        for first in range(1, opened.count + 1, LISTED_AT_ONCE):
            last = min(first + LISTED_AT_ONCE - 1, opened.count)
            with self._step("listing mails") as client:
                pieces = client.command("FETCH", f"{first}:{last}", _ITEMS)
                batch = [mail for response in fetch.responses(pieces) if (mail := _listed(response))]
                if len(batch) <= last - first:  # the server says nothing of some: they are there all the same
                    told = {mail.uid for mail in batch}
                    silent = set(client.search([f"{first}:{last}"])) - told
                    batch += [ListedMail(uid, 0, datetime.now(UTC), b"") for uid in silent]
            yield sorted(batch, key=lambda mail: mail.uid)

    def fetch(self, uids: Sequence[int]) -> Iterator[list[fetch.Fetched]]:
        """Whole mails (their first megabyte where they are above ``max_size``); those that vanished are absent.

        Lists of one batch each, in order of UIDs. Raises TemporaryError.
        """
        with self._step("fetching") as client:
            batches = fetch.mails(client, sorted(uids), max_size=self.settings.max_size, max_bytes=8_000_000)
        while True:
            with self._step("fetching"):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def headers(self, opened: Opened) -> Iterator[bytes]:
        """Of each mail of the folder opened last the lines that may name our letters: subject and Message-IDs."""
        for first in range(1, opened.count + 1, LISTED_AT_ONCE):
            last = min(first + LISTED_AT_ONCE - 1, opened.count)
            with self._step("reading headers") as client:
                pieces = client.command("FETCH", f"{first}:{last}", _NAMING)
            for response in fetch.responses(pieces):
                yield b"".join(part for one in response for part in (one if isinstance(one, tuple) else (one,)))

    def sent_folders(self) -> list[str]:
        """The folders for sent mail, as the server marks them (RFC 6154) and spells them."""
        with self._step("looking for sent mail") as client:
            return [name for flags, _, name in client.list_folders() if b"\\sent" in {flag.lower() for flag in flags}]

    def open_spelled(self, name: str) -> Opened:
        """Open a folder by the server's own spelling."""
        with self._step("opening a folder to look at", folder=name) as client:
            opened = client.select_folder(name, readonly=True)
            return Opened(int(opened[b"EXISTS"]), int(opened[b"UIDVALIDITY"]))


def _listed(response: list[Any]) -> ListedMail | None:
    """One answer; None for what the server said in between (a flag that changed)."""
    line = b"".join(part[0] if isinstance(part, tuple) else part for part in response)
    uid, header, known = _UID.search(line), _HEADER.search(line), fetch.read_facts(line)
    literals = [part[1] for part in response if isinstance(part, tuple)]
    if uid is None or known is None:
        return None
    if header is None or len(literals) > 1:
        return ListedMail(int(uid[1]), known.size or 0, known.received_at, _unusual(response))
    return ListedMail(int(uid[1]), known.size or 0, known.received_at, literals[0] if literals else header[1] or b"")


def _unusual(response: list[Any]) -> bytes:
    """The Message-ID line by imapclient's parser, which knows every form."""
    for items in response_parser.parse_fetch_response(response, normalise_times=False).values():
        for name, value in items.items():
            if name.upper().startswith(b"BODY[HEADER") and isinstance(value, bytes):
                return value
    return b""
