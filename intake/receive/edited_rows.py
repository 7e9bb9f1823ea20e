"""Edited rows of a phone log: which of a file's new rows continue a row of its last version.

Only a file that shares a row with an earlier one is a version of it; another one brings new calls alone. A first pass
over the file finds what is new in it and what is gone from the last version of it; ``phone_log.edits``
decides. It is left out where nothing ever came from the folder, so that a first large file is read once.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from msgspec.structs import replace
from sqlalchemy.engine import Engine

from intake import storage
from intake.message import Arrival
from intake.phone_log.rows import edits
from intake.storage import file_versions

_TOGETHER = 500
_SAMPLE = 2000  # known rows by which the last version is found


def find(engine: Engine, source: str, rows: Iterable[Arrival]) -> Mapping[bytes, bytes]:
    """The row that each edited row of the file continues, identities (bytes) keyed by identity.

    ``rows`` are all of its rows, in order. Raises TemporaryError.
    """
    with storage.reading(engine) as connection:
        if not file_versions.has_any(connection, source):
            return {}
        present = array("Q")
        new: dict[bytes, edits.Call] = {}
        known: dict[bytes, bytes] = {}
        continued: set[bytes] = set()
        digest = ""
        for batch in batches(rows, _TOGETHER):
            digest = batch[0].key.partition(":")[0]
            present.extend(_short(item.message.identity) for item in batch)
            found = file_versions.known(connection, [item.message.identity for item in batch])
            known.update(found)
            continued.update(follows for follows in found.values() if follows)
            for identity in list(islice(known, max(0, len(known) - _SAMPLE))):
                del known[identity]
            for item in batch:
                if item.message.identity not in found and len(new) <= edits.MOST:
                    new[item.message.identity] = edits.call(item.message, item.received_at)
        if not new or len(new) > edits.MOST:
            return {}
        here = array("Q", sorted(present))
        last = file_versions.before(connection, source, digest, list(known))
        gone = []
        for at, message in file_versions.rows_of(connection, source, last) if last else ():
            if not _has(here, message.identity) and message.identity not in continued:
                gone.append(edits.call(message, at))
            if len(gone) > edits.MOST:
                return {}
    return edits.paired(list(new.values()), gone)


def marked(item: Arrival, continues: Mapping[bytes, bytes]) -> Arrival:
    """The arrival as an edit of the row that it continues; as it is when it continues none.

    ``continues`` has identities (bytes) keyed by identity.
    """
    follows = continues.get(item.message.identity)
    return item if follows is None else replace(item, message=replace(item.message, follows=follows, edited=True))


def batches(rows: Iterable[Arrival], size: int) -> Iterator[list[Arrival]]:
    """The rows, so many at a time. Lists of at most ``size``, in order."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def _short(identity: bytes) -> int:
    return int.from_bytes(identity[:8], "big")


def _has(here: Sequence[int], identity: bytes) -> bool:
    short = _short(identity)
    at = bisect_left(here, short)
    return at < len(here) and here[at] == short
