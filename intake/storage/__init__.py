"""Everything intake keeps, in SQLite or PostgreSQL.

Raw bytes are stored before anything judges them, in the same transaction as what was read of them. A message is stored
once, however often and wherever it is seen. Nothing here talks to a mailbox: the caller acknowledges after the commit.
On failure the transaction is rolled back whole and the caller gets ``StorageFullError`` or ``TemporaryError``.
"""

from intake.storage import forgotten, probes
from intake.storage.engine import (
    answers,
    check,
    create,
    first_in_line,
    is_kept,
    mark_file,
    path_of,
    quick_check,
    reading,
    recognise,
    reserve_ids,
    url_of_file,
    writable,
    writing,
)
from intake.storage.engine.column_types import Identifier, UtcDateTime
from intake.storage.engine.file_locks import FileLock, is_held
from intake.storage.engine.patience import LOOK, PATIENT, WORK, Patience
from intake.storage.engine.private_folder import close_to_others
from intake.storage.engine.tidying import rewrite, shrink
from intake.storage.leases import LOOK as LOOK_SECONDS
from intake.storage.leases import RENEW as RENEW_SECONDS
from intake.storage.leases import Leases, confirm
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
from intake.storage.progress import (
    BEGUN,
    MOVED_TO,
    RESTORED_FROM,
    Mark,
    beat,
    fact,
    first_read,
    heartbeats,
    mark,
    note,
    note_fact,
    set_mark,
)
from intake.storage.tables import metadata

__all__ = [
    "BEGUN",
    "LOOK",
    "LOOK_SECONDS",
    "MOVED_TO",
    "PATIENT",
    "RENEW_SECONDS",
    "RESTORED_FROM",
    "WORK",
    "Added",
    "FileLock",
    "Identifier",
    "Leases",
    "Mark",
    "Patience",
    "UtcDateTime",
    "add",
    "answers",
    "anything_waiting",
    "beat",
    "check",
    "claim",
    "close_to_others",
    "confirm",
    "count_waiting",
    "create",
    "decided",
    "fact",
    "first_in_line",
    "first_read",
    "forgotten",
    "get",
    "heartbeats",
    "id_of",
    "is_held",
    "is_kept",
    "known_keys",
    "mark",
    "mark_file",
    "metadata",
    "note",
    "note_fact",
    "path_of",
    "probes",
    "put_in_line",
    "quick_check",
    "raw",
    "reading",
    "recognise",
    "reserve_ids",
    "rewrite",
    "set_mark",
    "shrink",
    "stored",
    "undecided",
    "url_of_file",
    "writable",
    "writing",
]
