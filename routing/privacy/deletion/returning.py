"""After a restore: what was erased is erased again. A backup knows nothing of it, a list of keyed hashes does.

The list is kept as a file in the data folder, 0600: the key, and the hash of each message that a person had erased.
A restore reads it, and the list of the database that it puts aside, before the backup's database is worked on. What
went by age needs no list: in the backup's database it is over age again.
"""

import contextlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.storage import forgotten
from intake.storage import tables as stored
from routing.privacy.deletion import forgetting

FILE = "erased"
AT_ONCE = 1_000


class Erased(Struct, frozen=True):
    """The installation's key and the hashes of what was erased, in hexadecimal digits."""

    key: str = ""
    digests: tuple[str, ...] = ()


def of_database(engine: Engine) -> Erased:
    """The list in a database. Raises TemporaryError."""
    table = stored.forgotten.c
    with storage.reading(engine) as connection:
        key = storage.fact(connection, forgotten.KEY)
        query = sa.select(table.digest).where(table.why == forgotten.Why.ERASED).order_by(table.digest)
        return Erased(key, tuple(digest.hex() for digest in connection.scalars(query)))


def of_file(data: Path) -> Erased:
    """The list in the data folder; an empty one where there is none that can be read."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((data / FILE).read_bytes(), type=Erased)
    return Erased()


def keep_list(engine: Engine, data: Path, cutoff: datetime | None = None) -> None:
    """Write the database's list into the data folder, all of it or none. Raises TemporaryError and OSError.

    An empty list takes no older one's place: the database may be new. A file that is empty of sense, since all that it
    names is over age (written until ``cutoff``, aware), goes.
    """
    found = of_database(engine)
    if not found.digests:
        if cutoff is not None and _is_older(data / FILE, cutoff):
            (data / FILE).unlink()
        return
    if found == of_file(data):
        return
    new = data / f"{FILE}.new"
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(found))
        file.flush()
        os.fsync(file.fileno())
    new.replace(data / FILE)


def _is_older(path: Path, cutoff: datetime) -> bool:
    return path.exists() and datetime.fromtimestamp(path.stat().st_mtime, UTC) <= cutoff


def forget_again(engine: Engine, lists: Sequence[Erased], now: datetime) -> int:
    """Put these lists into a restored database and empty what they name; how many messages. ``now``: aware, UTC.

    Raises TemporaryError. The key of the first list that has one is the installation's from then on.
    """
    key = next((one.key for one in lists if one.key), "")
    digests = {bytes.fromhex(digest) for one in lists if one.key == key for digest in one.digests}
    if not key or not digests:
        return 0
    with storage.writing(engine) as connection:
        if storage.fact(connection, forgotten.KEY) != key:
            connection.execute(sa.delete(stored.forgotten))  # by a key that nobody has any more
            storage.note_fact(connection, forgotten.KEY, key)
        forgotten.note(connection, digests, forgotten.Why.ERASED, now)
    count = after = 0
    while True:
        with storage.writing(engine) as connection:
            page = _page(connection, after)
            if not page:
                return count
            after = page[-1][0]
            named = {forgotten.of_identity(bytes.fromhex(key), identity): number for number, identity in page}
            found = [named[digest] for digest in named if digest in digests]
            forgetting.empty_messages(connection, found, now)
            count += len(found)


def _page(connection: Connection, after: int) -> list[tuple[int, bytes]]:
    m = stored.messages.c
    query = sa.select(m.id, m.identity).where(m.id > after).order_by(m.id).limit(AT_ONCE)
    return [(row.id, row.identity) for row in connection.execute(query)]
