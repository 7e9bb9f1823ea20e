"""A folder into which staff drop phone logs: notice finished files, read them, file them away.

``finished`` → ``reading`` → (the caller stores and commits) → ``file_away`` into "erledigt" with a protocol beside it,
and a rejects file when rows must be mended; or ``park`` into "unlesbar" with the reason; ``tidy`` deletes what is old.
Filing away takes the file out of the folder by one atomic rename, looks whether it is the very file that was read, and
only then gives it its final name; a changed file is put back and read again. After a crash at any point the file is in
the folder, or ``check`` puts it back there: reading twice is harmless because equal rows have equal identities, losing
is not.

Never overwrites, never follows a symbolic link, never touches anything outside the folder. Whatever the operating
system refuses (share gone, file open in Excel, no permission) is a TemporaryError: the file stays where it is.

What reads phone logs is loaded with the first file: a twentieth of the start, for a folder that is empty mostly.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

import structlog
from msgspec import Struct

from intake import reference
from intake.base import german
from intake.base.errors import TemporaryError
from intake.drop_folder import filing
from intake.settings import DropFolderSettings

if TYPE_CHECKING:
    from intake.drop_folder.reading import Reading

DONE = "erledigt"
UNREADABLE = "unlesbar"
SOURCE = "folder:"  # an Arrival's source is this and the folder's name in config.toml
MAX_SIZE = 200_000_000

_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp")
_NOT_LISTS = frozenset({"thumbs.db", "desktop.ini"})
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_TAKEN = ".unterwegs-"  # a file between the folder and its final name

__all__ = ["DONE", "MAX_SIZE", "SOURCE", "UNREADABLE", "DropFolder", "read_since"]

_log = structlog.get_logger(__name__)


class _Look(Struct, frozen=True):
    """How a file looked, and since when (the program's own clock) it has looked so."""

    size: int
    changed: int
    since: datetime

    def same(self, other: "_Look") -> bool:
        return (self.size, self.changed) == (other.size, other.changed)


class _Read(Struct, frozen=True):
    """A file that was read to its end, and how it looked then."""

    look: _Look
    reading: "Reading"


class DropFolder:
    """One folder of config.toml. Its state is what it saw at earlier looks; it holds nothing open."""

    def __init__(
        self,
        name: str,
        settings: DropFolderSettings,
        *,
        prefix: str = reference.ANY,
        may_file: Callable[[], None] = lambda: None,
    ) -> None:
        """``prefix``: of the city's case numbers, by which the call-backs in a list are known.

        ``may_file`` is asked before a file is moved (see ``confirm``), and raises when it must stay where it is.
        """
        self._may_file = may_file
        self.name = name
        self.source = f"{SOURCE}{name}"
        self._settings = settings
        self._prefix = prefix
        self._folder = settings.folder
        self._looks: dict[str, _Look] = {}
        self._read: dict[str, _Read] = {}
        self._told: set[str] = set()
        self._tidied: date | None = None

    def check(self) -> None:
        """Create the sub-folders if missing, and put back what a crash left half filed.

        In a folder that may only be read the files are read all the same; they stay, and filing them away is refused
        each time. Raises TemporaryError when the folder cannot be reached.
        """
        with self._open() as folder:
            for sub in (DONE, UNREADABLE):
                try:
                    with filing.sub_folder(folder, sub) as inner:
                        self._put_back(inner, folder)
                except OSError as error:
                    if error.errno not in _READ_ONLY:
                        raise
                    _log.warning("drop folder is read-only: its files are read, but stay", folder=self.name)

    def _put_back(self, inner: int, folder: int) -> None:
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

    @contextlib.contextmanager
    def reading(self, path: Path, now: datetime) -> Iterator["Reading"]:
        """A file to be read, row after row, while it is open here. ``now`` is aware.

        A file that was read before and has not changed since, but could not be filed away (no right to, open in
        Excel), has no rows any more. Raises UnreadableError (park it with that text) and TemporaryError, also while
        the rows are taken.
        """
        from intake.drop_folder.reading import Reading  # noqa: PLC0415

        name = self._own(path)
        with self._open() as folder:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
                look = _checked(_look(os.fstat(descriptor), now), name)
                before = self._read.get(name)
                if before is not None and before.reading.done and look.same(before.look):
                    yield before.reading
                    return
                reading = Reading(
                    file,
                    source=self.source,
                    name=filing.readable(name),
                    settings=self._settings,
                    changed=datetime.fromtimestamp(look.changed / 1e9, UTC),
                    now=now,
                    prefix=self._prefix,
                )
                yield reading
                after = _look(os.fstat(descriptor), now)
                if after is None or not after.same(look):
                    raise TemporaryError(f"Die Datei „{filing.readable(name)}“ wird gerade noch geschrieben.")
                self._read[name] = _Read(look, reading)

    def file_away(self, path: Path, reading: "Reading", now: datetime) -> Path:
        """Move a file whose rows are committed to "erledigt", with its protocol and the rows to mend beside it.

        ``now`` is aware, UTC. Returns where it lies now. Raises TemporaryError when the file has changed since it was
        read (it is then read again) or cannot be moved.
        """
        filed = self._move(path, DONE, lambda base: reading.beside(base, now), now)
        reading.rejects.close()
        return filed

    def confirm(self) -> None:
        """Raise where nothing of this folder may be acknowledged here any more: what ``may_file`` raises."""
        self._may_file()

    def park(self, path: Path, reason: str, now: datetime) -> Path:
        """Move a file that cannot be read to "unlesbar", with a text file beside it that says why, in German.

        ``now``: aware, UTC. Raises TemporaryError.
        """
        from intake.drop_folder.reading import as_text  # noqa: PLC0415

        name = filing.readable(path.name)
        text = f"{name}\nAbgelegt am {german.short_moment(now)} Uhr.\n\n{reason.strip()}\n"
        return self._move(path, UNREADABLE, lambda _: {".grund.txt": as_text(text)}, now)

    def tidy(self, now: datetime) -> int:
        """Delete what was filed longer ago than ``keep_days``, protocols and rows to mend with it; returns how many.

        Looks once a day. Raises TemporaryError. ``now``: aware, UTC.
        """
        if not self._settings.keep_days or self._tidied == now.date():
            return 0
        self._tidied = now.date()
        before = (now - timedelta(days=self._settings.keep_days)).timestamp()
        count = 0
        with self._open() as folder:
            for sub in (DONE, UNREADABLE):
                with filing.sub_folder(folder, sub) as inner:
                    for name in list(filing.old_files(inner, before)):
                        os.unlink(name, dir_fd=inner)
                        count += 1
        if count:
            _log.info("old phone logs deleted", folder=self.name, files=count)
        return count

    def _move(self, path: Path, sub: str, beside: Callable[[str], dict[str, IO[bytes]]], now: datetime) -> Path:
        name = self._own(path)
        self._may_file()
        taken = f"{_TAKEN}{os.getpid()}-{''.join(filing.stem(name))}"
        with self._open() as folder, filing.sub_folder(folder, sub) as inner:
            os.rename(name, taken, src_dir_fd=folder, dst_dir_fd=inner)
            look = _look(os.stat(taken, dir_fd=inner, follow_symlinks=False), now)
            read = self._read.pop(name, None)
            if look is None or (read is not None and not look.same(read.look)):
                filing.place(inner, taken, folder, name)
                raise TemporaryError(
                    f"Die Datei „{filing.readable(name)}“ wurde inzwischen geändert und wird noch einmal gelesen."
                )
            final = filing.file_with(inner, taken, name, beside)
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
            _log.warning(
                "not a regular file in the drop folder, ignored", folder=self.name, file=filing.readable(name)
            )
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
            inside = error.filename and str(error.filename) != str(self._folder)
            what = f", „{filing.readable(str(error.filename))}“" if inside else ""
            why = german.refusal(error)
            raise TemporaryError(
                f"Im Ablageordner „{self.name}“ ({self._folder}{what}) geht es gerade nicht weiter: {why}. "
                "Bitte prüfen Sie, ob der Ordner erreichbar und beschreibbar und die Datei nirgends geöffnet ist."
            ) from error


def _kept(look: _Look, before: _Look | None) -> _Look:
    return before if before is not None and look.same(before) else look


def _look(found: os.stat_result, now: datetime) -> _Look | None:
    """How a regular file looks; None for anything else."""
    return _Look(found.st_size, found.st_mtime_ns, now) if stat.S_ISREG(found.st_mode) else None


def _checked(look: _Look | None, name: str) -> _Look:
    """Raises TemporaryError for what is no regular file, UnreadableError for one that is too large."""
    if look is None:
        raise TemporaryError(f"„{filing.readable(name)}“ ist keine gewöhnliche Datei.")
    if look.size > MAX_SIZE:
        from intake import phone_log  # noqa: PLC0415

        raise phone_log.UnreadableError(
            f"Die Datei ist mit {german.number(look.size // 1_000_000)} MB zu groß für eine Telefonliste. "
            "Bitte teilen Sie sie auf, oder prüfen Sie, ob es die richtige Datei ist."
        )
    return look


def read_since(folder: Path, moment: datetime) -> list[Path]:
    """The lists in "erledigt" of this drop folder that were read since then (aware), by name; their protocols say so.

    Raises OSError.
    """
    done = folder / DONE
    ends = (filing.PROTOCOL, filing.REJECTS)
    lists = [path for path in done.iterdir() if not path.name.endswith(ends)] if done.is_dir() else []
    since = {
        path.name.removesuffix(filing.PROTOCOL)
        for path in done.glob(f"*{filing.PROTOCOL}")
        if path.lstat().st_mtime >= moment.timestamp()
    }
    return sorted(path for path in lists if filing.stem(path.name)[0] in since)
