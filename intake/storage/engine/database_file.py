"""An SQLite database as a file that others can reach: is it still the one that was opened, and is it whole?

SQLite goes on writing into a file that was deleted, renamed or replaced, and into a write-ahead log that nobody will
ever read again. So each writing transaction, and whoever is about to acknowledge something, asks here first: is the
file at the path (and its log) the one that we have open, and as long as its header says? Which database it is stands
in the file (``PRAGMA application_id``) and beside it (``….identity``), so that a start on another one, or on none
where there was one, is refused. What is damaged inside is found by ``quick_check``.

The file is opened once for this in a process, and closed with the last of its engines: POSIX drops all of a process's
locks on a file with the first descriptor that is closed, and other processes would take SQLite's for gone
(sqlite.org/howtocorrupt.html, 2.2).
"""

import contextlib
import os
import secrets
import sqlite3
import struct
import threading
from pathlib import Path

from intake.base.errors import DatabaseLostError

HEADER = struct.Struct(
    ">16sH10xI36xI"
)  # sqlite.org/fileformat.html, 1.3: magic, page size, size in pages, application
MAGIC = b"SQLite format 3\0"
TRIES = 5  # a checkpoint writes the header before it lengthens the file
PAUSE = 0.05


_descriptors: dict[tuple[int, int], list[int]] = {}  # of each file: the descriptor, and how many engines use it
_lock = threading.Lock()
_NEVER = threading.Event()  # to rest by; see ``file_locks.pause``


def _opened(path: Path) -> int:
    with _lock:
        found = path.stat()
        known = _descriptors.get((found.st_dev, found.st_ino))
        if known is None:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            found = os.fstat(descriptor)
            known = _descriptors.setdefault((found.st_dev, found.st_ino), [descriptor, 0])
        known[1] += 1
        return known[0]


def _closed(descriptor: int) -> None:
    with _lock:
        found = os.fstat(descriptor)
        known = _descriptors[found.st_dev, found.st_ino]
        known[1] -= 1
        if not known[1]:
            del _descriptors[found.st_dev, found.st_ino]
            os.close(descriptor)


def _head(path: Path) -> bytes:
    """The file's header, read over the descriptor that this process has of it, if it has one."""
    with _lock:
        found = path.stat()
        known = _descriptors.get((found.st_dev, found.st_ino))
        if known is not None:
            return os.pread(known[0], HEADER.size, 0)
        with path.open("rb") as file:
            return file.read(HEADER.size)


class DatabaseFile:
    """The file at ``path``. Nothing is opened before ``adopt``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._anchor: sqlite3.Connection | None = None
        self._log: tuple[int, int] | None = None
        self._lost: DatabaseLostError | None = None
        self._is_rescued = False

    def adopt(self) -> None:
        """From now on this file, which SQLite has just opened, is the database.

        Raises DatabaseLostError, OSError and SQLite's errors.
        """
        if self._descriptor is not None:
            self.check()
            return
        # While one connection is open SQLite keeps the log: that the last one closes it is no loss.
        self._anchor = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        self._anchor.execute("SELECT count(*) FROM sqlite_master").fetchall()
        self._descriptor = _opened(self.path)

    def release(self) -> None:
        """Every connection is closed: nothing is held any more, and whatever is there then may be adopted."""
        anchor, self._anchor = self._anchor, None
        descriptor, self._descriptor = self._descriptor, None
        self._log = None
        if anchor is not None:
            anchor.close()
        if descriptor is not None:
            _closed(descriptor)

    def check(self) -> None:
        """Raise DatabaseLostError where what is at the path is no longer what we have open.

        Raises SQLite's errors where the file is short because a checkpoint had no room, and there still is none.
        """
        if self._lost is not None:
            raise self._lost
        if self._descriptor is None:
            return
        try:
            there = self.path.stat()
        except OSError as error:
            gone = f"{self.path} is gone ({error.strerror})"
            raise lost(gone, f"Die Datei {self.path} ist nicht mehr da.") from None
        ours = os.fstat(self._descriptor)
        if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
            raise lost(f"{self.path} was replaced", f"Die Datei {self.path} ist durch eine andere ersetzt worden.")
        self._check_log()
        if not self._is_whole(self._descriptor):
            self._lost = lost(
                f"{self.path} was cut off or overwritten",
                f"Die Datei {self.path} ist abgeschnitten oder überschrieben.",
            )
            raise self._lost

    def _is_whole(self, descriptor: int) -> bool:
        """Whether the file begins as SQLite's do, and is as long as it says itself.

        A checkpoint writes the header before it lengthens the file. Where it failed in between (for lack of room), the
        rest stands in the log: it is written now, and SQLite's error tells that there is still no room.
        """
        for _ in range(TRIES):
            if _is_as_long_as_it_says(descriptor):
                return True
            if self._anchor is not None:
                self._anchor.execute("PRAGMA wal_checkpoint").fetchall()
            _NEVER.wait(PAUSE)
        return _is_as_long_as_it_says(descriptor)

    def _rescue(self) -> None:
        """What stands in the log alone, which only we can still read, is put into the file."""
        if self._anchor is not None and not self._is_rescued:
            self._is_rescued = True
            with contextlib.suppress(sqlite3.Error):
                self._anchor.execute("PRAGMA wal_checkpoint").fetchall()

    def give_up(self, error: DatabaseLostError) -> None:
        """It was found to be damaged: ``check`` raises ``error`` for as long as this process lives."""
        self._lost = error

    def _check_log(self) -> None:
        log = _number(Path(f"{self.path}-wal"))
        if self._log is None:
            self._log = log
        elif log != self._log:
            self._rescue()
            raise lost(
                f"{self.path}-wal was deleted or replaced",
                f"Die Datei {self.path}-wal (ein Teil der Datenbank) ist gelöscht oder ersetzt worden.",
            )


def _is_as_long_as_it_says(descriptor: int) -> bool:
    head = os.pread(descriptor, HEADER.size, 0)
    magic, page, pages, _number = HEADER.unpack(head) if len(head) == HEADER.size else (b"", 0, 0, 0)
    wanted: int = (65536 if page == 1 else page) * pages
    return magic == MAGIC and os.fstat(descriptor).st_size >= wanted


def _number(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def lost(text: str, german: str) -> DatabaseLostError:
    """The error of a database that is no longer there."""
    what = (
        f"Die Datenbank ist nicht mehr dieselbe: {german} Es wird nichts mehr gespeichert und nichts abgelegt; "
        "Nachrichten bleiben in Postfach und Ordnern liegen. Legen Sie die richtige Datei zurück (oder spielen Sie "
        "die letzte Sicherung ein) und starten Sie den Dienst neu."
    )
    return DatabaseLostError(f"the database is no longer the one that was opened: {text}", german=what)


def recognise(path: Path) -> None:
    """Before a daemon opens it: refuse another database than the one that was here before, and none in its place.

    Raises DatabaseLostError, and OSError where file or folder cannot be read.
    """
    beside = Path(f"{path}.identity")
    known = beside.read_text().strip() if beside.exists() else ""
    if not path.exists() or not path.stat().st_size:
        if known:
            raise _refused(beside, "is missing", f"Die Datei {path} fehlt oder ist leer, obwohl es sie schon gab.")
        return
    head = _head(path)
    if len(head) < HEADER.size or head[:16] != MAGIC:
        return  # no database: SQLite will say so
    found = HEADER.unpack(head)[3]  # 0 while it stands in the log alone; ``mark`` looks there
    if known and found and f"{found:08x}" != known:
        raise _refused(beside, "is another", f"Die Datei {path} ist eine andere Datenbank als die bisherige.")


def _refused(beside: Path, text: str, german: str) -> DatabaseLostError:
    return DatabaseLostError(
        f"the database {text} ({beside})",
        german=f"{german} Damit nichts verloren geht, wird nicht mit einer leeren oder fremden Datenbank "
        "weitergearbeitet. Bitte legen Sie die richtige Datei zurück oder spielen Sie die letzte Sicherung ein. Soll "
        f"wirklich neu begonnen werden, löschen Sie {beside}.",
    )


def mark(connection: sqlite3.Connection, path: Path) -> None:
    """Give a database its identity if it has none, and write that down beside it.

    Raises DatabaseLostError where another one is written down, and OSError.
    """
    beside = Path(f"{path}.identity")
    [(number,)] = connection.execute("PRAGMA application_id").fetchall()
    if not number and beside.exists():
        raise _refused(beside, "is another", f"Die Datei {path} ist eine andere Datenbank als die bisherige.")
    if not number:
        number = secrets.randbelow(2**31 - 1) + 1
        connection.execute(f"PRAGMA application_id = {number}").close()
        connection.execute("PRAGMA wal_checkpoint").close()
    text = f"{number & 0xFFFFFFFF:08x}\n"
    if not beside.exists() or beside.read_text() != text:
        beside.write_text(text)


def quick_check(path: Path) -> str:
    """Read the whole file: what is wrong with it, or "". Raises SQLite's errors."""
    connection = sqlite3.connect(path, timeout=5)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
    finally:
        connection.close()
    return "" if found == ["ok"] else (found[0].splitlines()[-1] if found else "quick_check")
