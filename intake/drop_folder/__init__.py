"""A folder into which staff drop phone logs: notice finished files, read them, file them away.

``finished`` → ``read`` → (the caller stores and commits) → ``file_away`` into "erledigt", with a rejects file beside
it when rows must be mended; or ``park`` into "unlesbar" with the reason. Filing away takes the file out of the folder
by one atomic rename, looks whether it is the very file that was read, and only then gives it its final name; a changed
file is put back and read again. After a crash at any point the file is in the folder, or ``check`` puts it back there:
reading twice is harmless because equal rows have equal identities, losing is not.

Never overwrites, never follows a symbolic link, never touches anything outside the folder. Whatever the operating
system refuses (share gone, file open in Excel, no permission) is a TemporaryError: the file stays where it is.
"""

import contextlib
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from intake import phone_log, wording
from intake.drop_folder import filing
from intake.errors import TemporaryError
from intake.message import Arrival
from intake.settings import DropFolderSettings

DONE = "erledigt"
UNREADABLE = "unlesbar"
SOURCE = "folder:"  # an Arrival's source is this and the folder's name in config.toml
MAX_SIZE = 200_000_000

_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp")
_NOT_LISTS = frozenset({"thumbs.db", "desktop.ini"})
_TAKEN = ".unterwegs-"  # a file between the folder and its final name

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a file looked, and since when (the program's own clock) it has looked so."""

    size: int
    changed: int
    since: datetime

    def same(self, other: "_Look") -> bool:
        return (self.size, self.changed) == (other.size, other.changed)


class DropFolder:
    """One folder of config.toml. Its state is what it saw at earlier looks; it holds nothing open."""

    def __init__(self, name: str, settings: DropFolderSettings) -> None:
        self.name = name
        self.source = f"{SOURCE}{name}"
        self._settings = settings
        self._folder = settings.folder
        self._looks: dict[str, _Look] = {}
        self._read: dict[str, _Look] = {}
        self._told: set[str] = set()

    def check(self) -> None:
        """Create the sub-folders if missing, and put back what a crash left half filed.

        Raises TemporaryError when the folder cannot be reached or written.
        """
        with self._open() as folder:
            for sub in (DONE, UNREADABLE):
                with filing.sub_folder(folder, sub) as inner:
                    for found in filing.listed(inner):
                        if found.startswith(_TAKEN):
                            filing.place(inner, found, folder, found.removeprefix(_TAKEN).partition("-")[2] or found)

    def finished(self, now: datetime) -> list[Path]:
        """The files that nobody is writing any more, oldest first; lock files, parts and sub-folders are none.

        A file counts as finished when its last change is ``settle_seconds`` old, by its own time stamp or by our own
        earlier look at the same size and time: the clock of a file server may be wrong. Raises TemporaryError.
        """
        with self._open() as folder:
            looks = {name: look for name in sorted(filing.listed(folder)) if (look := self._look(folder, name, now))}
        settled = [name for name, look in looks.items() if self._settled(look, self._looks.get(name), now)]
        self._looks = {name: _kept(look, self._looks.get(name)) for name, look in looks.items()}
        return [self._folder / name for name in sorted(settled, key=lambda name: (looks[name].changed, name))]

    def read(self, path: Path, now: datetime) -> tuple[list[Arrival], phone_log.Log]:
        """The rows of a file as arrivals, and the log as read. ``now`` is aware.

        An arrival's key is the file's SHA-256 (hex), ``:`` and the row's number. Raises UnreadableError (park it with
        that text) and TemporaryError.
        """
        name = self._own(path)
        with self._open() as folder:
            data, look = _content(folder, name, now)
        self._read[name] = look
        changed = datetime.fromtimestamp(look.changed / 1e9, UTC)
        log = phone_log.read(
            data,
            name=_readable(name),
            settings=self._settings,
            today=wording.local(now).date(),
            fallback=min(changed, now.astimezone(UTC)),
        )
        digest = hashlib.sha256(data).hexdigest()
        arrivals = [
            Arrival(
                source=self.source,
                key=f"{digest}:{row.number}",
                received_at=row.received_at,
                raw=row.raw,
                message=row.message,
            )
            for row in log.rows
        ]
        return arrivals, log

    def file_away(self, path: Path, log: phone_log.Log, now: datetime) -> Path:
        """Move a file whose rows are committed to "erledigt"; rows to mend go into a rejects file beside it.

        Returns where it lies now. Raises TemporaryError when the file has changed since it was read (it is then read
        again) or cannot be moved.
        """
        rejects = phone_log.rejects_file(log.rejected) if log.rejected else b""
        return self._move(path, DONE, ".abgelehnt.csv", rejects, now)

    def park(self, path: Path, reason: str, now: datetime) -> Path:
        """Move a file that cannot be read to "unlesbar", with a text file beside it that says why, in German."""
        text = f"{_readable(path.name)}\nAbgelegt am {wording.short_moment(now)} Uhr.\n\n{reason.strip()}\n"
        return self._move(
            path, UNREADABLE, ".grund.txt", text.replace("\n", "\r\n").encode("utf-8-sig", "replace"), now
        )

    def _move(self, path: Path, sub: str, suffix: str, beside: bytes, now: datetime) -> Path:
        name = self._own(path)
        taken = f"{_TAKEN}{os.getpid()}-{''.join(filing.stem(name))}"
        with self._open() as folder, filing.sub_folder(folder, sub) as inner:
            os.rename(name, taken, src_dir_fd=folder, dst_dir_fd=inner)
            look = _look(os.stat(taken, dir_fd=inner, follow_symlinks=False), now)
            read = self._read.pop(name, None)
            if look is None or (read is not None and not look.same(read)):
                filing.place(inner, taken, folder, name)
                raise TemporaryError(
                    f"Die Datei „{_readable(name)}“ wurde inzwischen geändert und wird noch einmal gelesen."
                )
            final = filing.file_with(inner, taken, name, suffix, beside)
            filing.sync(inner)
            filing.sync(folder)
        self._looks.pop(name, None)
        return self._folder / sub / final

    def _settled(self, look: _Look, before: _Look | None, now: datetime) -> bool:
        wait = self._settings.settle_seconds
        if not wait or now.timestamp() - look.changed / 1e9 >= wait:
            return True
        return before is not None and look.same(before) and (now - before.since).total_seconds() >= wait

    def _look(self, folder: int, name: str, now: datetime) -> _Look | None:
        lowered = name.lower()
        if name.startswith((".", "~$")) or lowered.endswith(_UNFINISHED) or lowered in _NOT_LISTS:
            return None
        if name in {DONE, UNREADABLE}:
            return None
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        look = _look(found, now)
        if look is None and name not in self._told:
            self._told.add(name)
            _log.warning("not a regular file in the drop folder, ignored", folder=self.name, file=_readable(name))
        return look

    def _own(self, path: Path) -> str:
        """The file's name, provided that it lies directly in this folder."""
        if path.parent != self._folder or path.name in {"", ".", "..", DONE, UNREADABLE}:
            raise ValueError(f"{path} is no file of the drop folder {self.name}")
        return path.name

    @contextlib.contextmanager
    def _open(self) -> Iterator[int]:
        """The folder as a descriptor, so that nobody can swap it underneath; every refusal becomes temporary."""
        try:
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                yield folder
            finally:
                os.close(folder)
        except OSError as error:
            what = f", „{_readable(str(error.filename))}“" if error.filename else ""
            raise TemporaryError(
                f"Im Ablageordner „{self.name}“ ({self._folder}{what}) geht es gerade nicht weiter: {error.strerror}. "
                "Bitte prüfen Sie, ob der Ordner erreichbar und beschreibbar und die Datei nirgends geöffnet ist."
            ) from error


def _kept(look: _Look, before: _Look | None) -> _Look:
    return before if before is not None and look.same(before) else look


def _look(found: os.stat_result, now: datetime) -> _Look | None:
    """How a regular file looks; None for anything else."""
    return _Look(found.st_size, found.st_mtime_ns, now) if stat.S_ISREG(found.st_mode) else None


def _content(folder: int, name: str, now: datetime) -> tuple[bytes, _Look]:
    """A file's bytes and how it looked. Raises UnreadableError for one that is too large, OSError."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        look = _look(os.fstat(descriptor), now)
        if look is None:
            raise TemporaryError(f"„{_readable(name)}“ ist keine gewöhnliche Datei.")
        if look.size > MAX_SIZE:
            raise phone_log.UnreadableError(
                f"Die Datei ist mit {wording.number(look.size // 1_000_000)} MB zu groß für eine Telefonliste. "
                "Bitte teilen Sie sie auf, oder prüfen Sie, ob es die richtige Datei ist."
            )
        data = file.read(MAX_SIZE)
        after = _look(os.fstat(descriptor), now)
    if after is None or not after.same(look) or len(data) != look.size:
        raise TemporaryError(f"Die Datei „{_readable(name)}“ wird gerade noch geschrieben.")
    return data, look


def _readable(name: str) -> str:
    """A file's name for logs and texts: composed, no control characters, no broken bytes."""
    text = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
    return "".join(char if char.isprintable() else "?" for char in text)
