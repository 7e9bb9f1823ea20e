r"""Folders and filing: names as the server spells them, making what is missing, moving what is stored.

Mail is moved with MOVE (RFC 6851); without it, copied, flagged ``\Deleted`` and removed with UID EXPUNGE (RFC 4315);
without both it only gets the keyword ``$kod-intake-gespeichert`` and stays. A bare EXPUNGE, which would remove what
other people flagged, is never sent.
"""

from collections.abc import Sequence

import imapclient
from imapclient import exceptions
from msgspec import Struct

from intake.mailbox import errors
from intake.mailbox.client import Client, uid_sets

STORED = b"$kod-intake-gespeichert"
TRIES = 5
MOVED_AT_ONCE = 1_000  # some servers go through the whole folder for each command


class Naming(Struct, frozen=True):
    """How this server builds folder names: the separator of levels and the prefix of the user's own folders."""

    separator: str = "/"
    prefix: str = ""
    foreign: tuple[str, ...] = ()

    def name(self, configured: str) -> str:
        """``kod-intake/Erledigt`` as this server spells it, e.g. ``INBOX.kod-intake.Erledigt``."""
        if configured.upper() == "INBOX":
            return "INBOX"
        name = configured.replace("/", self.separator)
        known = (self.prefix, *self.foreign)
        return name if any(prefix and name.startswith(prefix) for prefix in known) else self.prefix + name


def naming(client: Client) -> Naming:
    """Ask for the namespace (RFC 2342), or at least for the separator. Raises what the connection raises."""
    if client.has_capability("NAMESPACE"):
        spaces = client.namespace()
        if spaces.personal:
            prefix, separator = spaces.personal[0]
            foreign = tuple(name for space in (spaces.other, spaces.shared) for name, _ in space or ())
            return Naming(separator or "/", prefix, foreign)
    listed = client.list_folders("", "")
    separator = listed[0][1] if listed else None
    return Naming(separator.decode() if separator else "/")


def exists(client: Client, folder: str) -> bool:
    """Whether ``folder`` (as the server spells it) can be opened."""
    found = client.list_folders("", folder)
    return any(not {b"\\noselect", b"\\nonexistent"} & {flag.lower() for flag in flags} for flags, _, _ in found)


def make_sure_of(client: Client, folder: str) -> None:
    """Create and subscribe ``folder`` (as the server spells it) unless it is there."""
    if exists(client, folder):
        return
    try:
        client.create_folder(folder)
    except exceptions.IMAPClientError as error:
        if "ALREADYEXISTS" not in str(error).upper():  # somebody else was quicker
            raise
    try:
        client.subscribe_folder(folder)
    except exceptions.IMAPClientError as error:
        if not errors.is_refusal(error):
            raise


def can_move(client: Client) -> bool:
    """Whether mail can leave the folder without harm to other people's."""
    return bool(client.has_capability("MOVE") or client.has_capability("UIDPLUS"))


def file_away(client: Client, uids: Sequence[int], folder: str) -> None:
    """Put ``uids`` into ``folder``, which is made again if a person removed it; vanished UIDs do not matter.

    ``uids`` are a list of any length. Raises QuotaError and FolderError.
    """
    for written in uid_sets(sorted(uids), MOVED_AT_ONCE):
        chosen = written.encode()
        for left in reversed(range(TRIES)):
            try:
                _move(client, chosen, folder)
            except exceptions.IMAPClientError as error:
                said = str(error).upper()
                if not left or not ("[TRYCREATE]" in said or "[EXPUNGEISSUED]" in said):
                    raise
                if "[TRYCREATE]" in said:
                    make_sure_of(client, folder)
                else:
                    client.check_alive()  # somebody moves mail too: let the server tell what is gone
            else:
                break


def remove(client: Client, uids: Sequence[int]) -> None:
    """Take ``uids`` out of the folder, where that can be done without touching other mail."""
    if not client.has_capability("UIDPLUS"):
        return
    for written in uid_sets(sorted(uids), MOVED_AT_ONCE):
        client.add_flags(written.encode(), [imapclient.DELETED], silent=True)
        client.uid_expunge(written.encode())


def _move(client: Client, chosen: bytes, folder: str) -> None:
    if client.has_capability("MOVE"):
        client.move(chosen, folder)
    elif client.has_capability("UIDPLUS"):
        client.copy(chosen, folder)
        client.add_flags(chosen, [imapclient.DELETED], silent=True)
        client.uid_expunge(chosen)
    else:
        client.add_flags(chosen, [STORED], silent=True)
