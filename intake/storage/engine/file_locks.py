"""Locks on files beside the database: the one daemon of an SQLite file, and whose turn it is to write there."""

import contextlib
import errno
import fcntl
import os
import threading
import time
from pathlib import Path

from intake.base.errors import AlreadyRunningError

SOON = 0.1  # seconds in which a turn is usually over; until then we look every millisecond
OFTEN, SELDOM = 0.001, 0.01
_NEVER = threading.Event()
TRIES = 20  # ``is_held`` holds a lock for a moment, too
YIELDED = 1.0  # seconds for which the others let go first who asks for it; a process that hangs asks for ever


def pause(seconds: float) -> None:
    """Rest. Not by ``time.sleep``, which fails (EINVAL) under tools that set a process's clock while it sleeps."""
    _NEVER.wait(seconds)


def take_turn(path: Path, seconds: float, *, first: bool = False) -> int:
    """Wait to be the one who writes to an SQLite file; gives what is to be closed (``os.close``) at the end.

    In SQLite's own queue one would sleep, and look again ever later. Who asks to go ``first`` has the next turn: until
    then nobody else takes one, for some time at most. Raises OSError, and TimeoutError after ``seconds``: whoever has
    the turn may have been stopped.
    """
    handle = _opened(path)
    asking: int | None = None
    try:
        asking = _opened(Path(f"{path}-first"))
        if first:
            _taken(asking, fcntl.LOCK_SH)  # or in vain: another looks, for a moment
        _wait(handle, asking, seconds, first=first)
    except BaseException:
        os.close(handle)
        raise
    finally:
        if asking is not None:
            os.close(asking)
    return handle


def _wait(handle: int, asking: int, seconds: float, *, first: bool) -> None:
    began = time.monotonic()
    waited = 0.0
    while not ((first or waited >= YIELDED or not _is_shared(asking)) and _taken(handle)):
        waited = time.monotonic() - began
        if waited >= seconds:
            raise TimeoutError(f"no turn to write for {seconds:.0f} seconds")
        pause(OFTEN if first or waited < SOON else SELDOM)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_shared(handle: int) -> bool:
    """Whether somebody holds a shared lock on this file."""
    if not _taken(handle):
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


def _taken(handle: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return False
        raise
    return True


class FileLock:
    """Held by the daemons of a data folder: by the one that works an SQLite database, by each that uses PostgreSQL."""

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self._path = path
        self._how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise AlreadyRunningError; the lock ends with the process, however that ends."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            taken = _taken(handle, self._how)
            for _ in range(TRIES):
                if taken:
                    break
                pause(SELDOM)
                taken = _taken(handle, self._how)
        except OSError:
            os.close(handle)
            raise
        if not taken:
            holder = os.read(handle, 40).decode(errors="replace").strip()
            os.close(handle)
            raise AlreadyRunningError(
                f"Ein anderer kod-intake (Prozess {holder or 'unbekannt'}) arbeitet schon mit dieser Datenbank "
                f"({self._path.parent}). Beenden Sie ihn zuerst, oder geben Sie in [service] einen anderen "
                "Datenordner an."
            )
        with contextlib.suppress(OSError):  # on a full disk it is held, and does not say by whom
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        self._file = handle

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def is_held(path: Path) -> bool | None:
    """Whether a process holds the ``FileLock`` at ``path``; None where that cannot be known (no file, no right)."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return not _taken(handle)
    except OSError:
        return None
    finally:
        os.close(handle)
