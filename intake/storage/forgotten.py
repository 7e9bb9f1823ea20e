"""What was deleted and must not come back: keyed hashes (HMAC-SHA-256), by which a repeat is known and nothing read.

A growing phone log brings its old rows every day, a mail lies on a server that was out, a backup is restored: each is
known by the hash of its identity, a mail on a server by that of its Message-ID and size. Without the key, which stands
in the installation's own facts, nobody can try out names.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake.storage import tables
from intake.storage.queries import WANTED, pieces

Value = TypeVar("Value")

KEY = "forgetting key"
_KEY = sa.select(tables.installation.c.value).where(tables.installation.c.name == KEY)
_KNOWN = sa.select(tables.forgotten.c.digest).where(tables.forgotten.c.digest.in_(WANTED))


class Why(StrEnum):
    """Why it was deleted: by age, or because a person asked for it (then a restore forgets it again)."""

    AGE = "age"
    ERASED = "erased"


def key(connection: Connection) -> bytes:
    """The installation's key; a new one where there is none yet, in a transaction that writes."""
    if found := connection.scalar(_KEY):
        return bytes.fromhex(found)
    new = secrets.token_bytes(32)
    connection.execute(sa.insert(tables.installation).values(name=KEY, value=new.hex()))
    return new


def of_identity(secret: bytes, identity: bytes) -> bytes:
    """The hash of a message's identity."""
    return hmac.digest(secret, b"message\0" + identity, hashlib.sha256)


def of_mail(secret: bytes, mail_id: str, size: int | None = None) -> bytes:
    """The hash of a Message-ID with a size in bytes, by which a mail on a server is known.

    Without a size that of the ID alone, which may be another mail's, too.
    """
    said = mail_id if size is None else f"{size}\0{mail_id}"
    return hmac.digest(secret, f"mail\0{said}".encode(errors="replace"), hashlib.sha256)


def of_nameless(secret: bytes, size: int, received_at: datetime) -> bytes:
    """The hash of a mail without Message-ID: its size in bytes and when it came (aware)."""
    return hmac.digest(secret, f"nameless\0{size}\0{received_at.timestamp()}".encode(), hashlib.sha256)


def note(connection: Connection, digests: Iterable[bytes], why: Why, now: datetime) -> None:
    """Remember these; an erased one stays one. ``now``: aware, UTC."""
    wanted = sorted(set(digests))
    there = known(connection, wanted)
    if why is Why.ERASED:
        for some in pieces(sorted(there)):
            connection.execute(
                sa.update(tables.forgotten).where(tables.forgotten.c.digest.in_(some)).values(why=why, at=now)
            )
    new = [{"digest": digest, "why": why, "at": now} for digest in wanted if digest not in there]
    if new:
        connection.execute(sa.insert(tables.forgotten), new)


def known(connection: Connection, digests: Sequence[bytes]) -> set[bytes]:
    """The set of those ``digests`` that are remembered."""
    found: set[bytes] = set()
    for some in pieces(digests):
        found.update(connection.scalars(_KNOWN, {"wanted": some}))
    return found


def identities(connection: Connection, wanted: Sequence[bytes]) -> set[bytes]:
    """The set of those identities (32 bytes each) whose messages were deleted."""
    return _asked(connection, wanted, of_identity)


def mails(connection: Connection, wanted: Sequence[tuple[str, int | None]]) -> set[tuple[str, int | None]]:
    """The set of those (Message-ID, size), or (Message-ID, None), by which mails were known that were deleted."""
    return _asked(connection, wanted, lambda secret, one: of_mail(secret, *one))


def nameless(connection: Connection, wanted: Sequence[tuple[int, datetime]]) -> set[tuple[int, datetime]]:
    """The set of those mails without Message-ID (size, when they came) that were deleted."""
    return _asked(connection, wanted, lambda secret, one: of_nameless(secret, *one))


def _asked(connection: Connection, wanted: Sequence[Value], of: Callable[[bytes, Value], bytes]) -> set[Value]:
    secret = connection.scalar(_KEY) if wanted else ""
    if not secret:  # nothing was ever deleted
        return set()
    digests = {of(bytes.fromhex(secret), one): one for one in wanted}
    return {digests[digest] for digest in known(connection, list(digests))}
