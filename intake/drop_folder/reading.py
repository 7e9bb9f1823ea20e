"""One dropped file while it is read: its rows as arrivals, one by one, and what its protocol will say.

Memory does not grow with the file: rows are handed on as they come, those to mend wait in a temporary file. Lines that
were not understood are handed on as well, some at a time, as a message of their own: the rules look through them, so
that an emergency among them reaches a person.
"""

import functools
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import IO

from intake import phone_log
from intake.base import german
from intake.drop_folder.filing import PROTOCOL, REJECTS
from intake.message import UNREAD, Arrival, Kind, Message
from intake.settings import DropFolderSettings

TOGETHER = 50
"""Unread lines that become one message, at most."""
MOST_WORDS = 2_000_000
"""Bytes, or characters of a workbook, that the rules look through of a file that is no list."""
_PIECE = 200_000  # characters of them that become one message

_WHAT = {Kind.BESIDE_CALLS: "Angaben neben Anrufen"}
_WHY = {Kind.BESIDE_CALLS: "steht in einer Spalte, die kein Anliegen nennt"}


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
        self._channel = settings.channel
        self._changed = min(changed, now.astimezone(UTC))
        self._digest = ""
        self._items = functools.partial(
            phone_log.iterate,
            file,
            name=name,
            settings=settings,
            today=german.local(now).date(),
            fallback=self._changed,
            prefix=prefix,
        )

    @property
    def done(self) -> bool:
        """Whether the file was read to its end."""
        return self._file is None

    @property
    def digest(self) -> str:
        """The file's SHA-256, hex; "" before the first row was read."""
        return self._digest

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
        unread: list[phone_log.Skipped] = []
        others: dict[Kind, list[phone_log.Item]] = {Kind.HANDED_BACK: [], Kind.BESIDE_CALLS: []}
        above = b""
        for item in self._rows(self._file):
            self.protocol.add(item)
            if isinstance(item, phone_log.Skipped) and phone_log.may_say_something(item):
                unread.append(item)
                if len(unread) < TOGETHER:
                    continue
            if unread:
                yield self._lines(unread, above, Kind.UNREAD_LINES)
                unread = []
            if isinstance(item, phone_log.Row):
                above = item.message.identity
                yield self._arrival(item)
                if item.beside:
                    others[Kind.BESIDE_CALLS].append(item)
            elif isinstance(item, phone_log.Rejected):
                self.rejects.add(item)
                others[Kind.HANDED_BACK].append(item)
            for kind, lines in others.items():
                if len(lines) == TOGETHER:
                    yield self._lines(lines, b"", kind)
                    lines.clear()
        if unread:
            yield self._lines(unread, above, Kind.UNREAD_LINES)
        for kind, lines in others.items():
            if lines:
                yield self._lines(lines, b"", kind)
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

    def _lines(self, lines: Sequence[phone_log.Item], above: bytes, kind: Kind) -> Arrival:
        """Lines that were not read as one message; the same below the same row is the same message."""
        first = lines[0]
        said = (
            line.beside if isinstance(line, phone_log.Row) else " ".join(filter(None, line.cells)) for line in lines
        )
        text = "\n".join(said)
        return self._unread(text, f"{kind}:{first.sheet}!{first.number}", f", ab Zeile {first.number}", above, kind)

    def words(self) -> list[Arrival]:
        """The words of a file that is no list as messages, some thousand lines in each. Raises OSError."""
        if self._file is None:
            return []
        self._file.seek(0)
        text = phone_log.plain_text(self._file, MOST_WORDS)
        pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
        return [
            self._unread(piece, str(number or ""), "", str(number or "").encode())
            for number, piece in enumerate(pieces)
        ]

    def _unread(self, text: str, place: str, where: str, above: bytes, kind: Kind = Kind.UNREAD_LINES) -> Arrival:
        message = Message(
            channel=self._channel,
            identity=hashlib.sha256(b"unread\0" + above + text.encode("utf-8", "replace")).digest(),
            subject=f"{_WHAT.get(kind, 'Nicht gelesene Zeilen')} der Liste „{self.name}“",
            text=text,
            new_text=text,
            kind=kind,
            problems=(f"Liste „{self.name}“{where}: {_WHY.get(kind, 'nicht als Anruf zu lesen')}.",),
        )
        return Arrival(
            source=self._source,
            key=f"{self._digest}{UNREAD}{place}",
            received_at=self._changed,
            raw=text.encode("utf-8", "replace"),
            message=message,
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
