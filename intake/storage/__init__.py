"""Everything intake keeps, in SQLite or PostgreSQL.

Raw bytes are stored before anything judges them, in the same transaction as what was read of them. A message is stored
once, however often and wherever it is seen. Nothing here talks to a mailbox: the caller acknowledges after the commit.
On failure the transaction is rolled back whole and the caller gets ``StorageFullError`` or ``TemporaryError``.
"""

from intake.storage.advisory_locks import AdvisoryLocks
from intake.storage.engine import (
    FileLock,
    Identifier,
    UtcDateTime,
    create,
    reading,
    reserve_ids,
    url_of_file,
    writing,
)
from intake.storage.message_rows import stored
from intake.storage.messages import (
    Added,
    add,
    anything_waiting,
    claim,
    count_waiting,
    decided,
    get,
    id_of,
    known_keys,
    put_in_line,
    raw,
    undecided,
)
from intake.storage.private_folder import close_to_others
from intake.storage.progress import Mark, beat, first_read, heartbeats, mark, note, set_mark
from intake.storage.tables import metadata

__all__ = [
    "Added",
    "AdvisoryLocks",
    "FileLock",
    "Identifier",
    "Mark",
    "UtcDateTime",
    "add",
    "anything_waiting",
    "beat",
    "claim",
    "close_to_others",
    "count_waiting",
    "create",
    "decided",
    "first_read",
    "get",
    "heartbeats",
    "id_of",
    "known_keys",
    "mark",
    "metadata",
    "note",
    "put_in_line",
    "raw",
    "reading",
    "reserve_ids",
    "set_mark",
    "stored",
    "undecided",
    "url_of_file",
    "writing",
]
