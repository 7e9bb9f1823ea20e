"""One dropped file while it is read: its rows as arrivals, one by one, and what its protocol will say.

Memory does not grow with the file: rows are handed on as they come, those to mend wait in a temporary file.
"""

import functools
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from intake import phone_log
from intake.base import german
from intake.message import Arrival
from intake.settings import DropFolderSettings

REJECTS = ".abgelehnt.csv"
PROTOCOL = ".protokoll.txt"


class Reading:
    """The rows of one open file. Iterate once; after that it can be filed away.

    ``share`` is how much of the file has been read, 0 to 1.
    """

    def __init__(
        self,
        file: IO[bytes],
        *,
        source: str,
        name: str,
        settings: DropFolderSettings,
        changed: datetime,
        now: datetime,
        prefix: str,
    ) -> None:
        self.name = name
        self.protocol = phone_log.Protocol()
        self.rejects = phone_log.Rejects(_waiting)
        self._file: IO[bytes] | None = file
        self._size = os.fstat(file.fileno()).st_size
        self._source = source
        self._digest = ""
        self._items = functools.partial(
            phone_log.iterate,
            file,
            name=name,
            settings=settings,
            today=german.local(now).date(),
            fallback=min(changed, now.astimezone(UTC)),
            prefix=prefix,
        )

    @property
    def done(self) -> bool:
        """Whether the file was read to its end."""
        return self._file is None

    @property
    def share(self) -> float:
        """How much of the file's bytes has been read, 0 to 1."""
        return min(1.0, self._file.tell() / self._size) if self._file is not None and self._size else 1.0

    def __iter__(self) -> Iterator[Arrival]:
        """The rows that can be stored. An arrival's key is the file's SHA-256 (hex) and the row's number.

        Raises UnreadableError, and OSError when the file goes away.
        """
        if self._file is None:
            return
        for item in self._rows(self._file):
            self.protocol.add(item)
            if isinstance(item, phone_log.Row):
                yield self._arrival(item)
            elif isinstance(item, phone_log.Rejected):
                self.rejects.add(item)
        self._file = None

    def preview(self) -> Iterator[Arrival]:
        """The same rows, before they are taken in earnest; nothing is noted of them. Raises the same."""
        if self._file is not None:
            yield from (self._arrival(item) for item in self._rows(self._file) if isinstance(item, phone_log.Row))

    def _rows(self, file: IO[bytes]) -> Iterator[phone_log.Item]:
        self._digest = self._digest or _sha256(file)
        file.seek(0)
        return self._items()

    def _arrival(self, item: phone_log.Row) -> Arrival:
        place = f"{item.sheet}!{item.number}" if item.sheet else str(item.number)
        return Arrival(
            source=self._source,
            key=f"{self._digest}:{place}",
            received_at=item.received_at,
            raw=item.raw,
            message=item.message,
        )

    def beside(self, base: str, now: datetime) -> dict[str, IO[bytes]]:
        """What is filed beside the list, by the ending of its name; ``base`` is the name that the list gets.

        A dict of ending (".protokoll.txt") to an open file.
        """
        found: dict[str, IO[bytes]] = {}
        if self.rejects.count:
            found[REJECTS] = self.rejects.written()
        rejects = f"{base}{REJECTS}" if self.rejects.count else ""
        found[PROTOCOL] = as_text(self.protocol.text(self.name, now, rejects=rejects))
        return found


def as_text(text: str) -> IO[bytes]:
    """A text file, as an open file of bytes, that a double click opens rightly on Windows.

    UTF-8 with a byte-order mark, lines end with CR and LF.
    """
    return io.BytesIO(text.replace("\n", "\r\n").encode("utf-8-sig", "replace"))


def _waiting() -> IO[bytes]:
    """A temporary file without a name; it goes with the reading that holds it."""
    return tempfile.TemporaryFile()


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while part := file.read(1_000_000):
        digest.update(part)
    return digest.hexdigest()
