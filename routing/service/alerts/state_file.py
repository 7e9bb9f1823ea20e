"""What the operator was told and is still to be told, in a file of the data folder: for when the database is out.

It has its full size from the first day and is written in place, one half after the other, so that a full disk can be
told of too, and a crash leaves the half that was written before. All processes of a data folder share it (flock): the
daemon, ``status``, the unit that tells of a dead daemon. Where it cannot be read or written, memory has to do.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct, field

from routing.service.alerts.alarm import Alarm, Condition

log = structlog.get_logger(__name__)

NAME = "outages"
HALF = 64 * 1024
DIGEST = 32
LENGTH = 8  # bytes that say how long the text is


class Pending(Struct):
    """A notification that has not gone every way yet; ``process`` is the process that sees to it."""

    alarm: Alarm
    process: int
    mail: bool = True
    command: bool = True
    tries: int = 0  # of the command


class State(Struct):
    """The whole content."""

    turn: int = 0
    observer: str = field(default_factory=lambda: secrets.token_hex(8))
    conditions: dict[str, Condition] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)


class StateFile:
    """The file in ``folder``. Safe for several threads and processes; never raises."""

    def __init__(self, folder: Path | None) -> None:
        """None: there is no folder yet, and memory has to do."""
        self._path = folder / NAME if folder else None
        self._memory = State()
        self._lock = threading.RLock()

    def read(self) -> State:
        """As it is now, without waiting for anybody."""
        with self._lock:
            try:
                if self._path is not None:
                    self._memory = _newest(self._path.read_bytes()) or self._memory
            except OSError:
                pass
            return self._memory

    @contextlib.contextmanager
    def changing(self) -> Iterator[State]:
        """The content, to be changed; written at the end."""
        with self._lock, self._opened() as descriptor:
            if descriptor is not None:
                self._memory = _newest(os.pread(descriptor, 2 * HALF, 0)) or self._memory
            yield self._memory
            if descriptor is not None:
                self._memory.turn += 1
                try:
                    os.pwrite(descriptor, _half(self._memory), HALF * (self._memory.turn % 2))
                    os.fsync(descriptor)
                except OSError as error:
                    log.warning("outages not remembered", error=str(error))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int | None]:
        try:
            descriptor = _open(self._path) if self._path is not None else None
        except OSError as error:
            log.warning("outages not remembered", error=str(error))
            descriptor = None
        try:
            yield descriptor
        finally:
            if descriptor is not None:
                os.close(descriptor)


def _open(path: Path) -> int:
    """The file, at its full size and locked. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_size < 2 * HALF:
            with contextlib.suppress(OSError):
                os.pwrite(descriptor, bytes(2 * HALF), 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _half(state: State) -> bytes:
    text = msgspec.json.encode(state)
    while len(text) > HALF - DIGEST - LENGTH and state.pending:
        state.pending.pop(0)
        text = msgspec.json.encode(state)
    content = len(text).to_bytes(LENGTH) + text
    return (hashlib.sha256(content).digest() + content).ljust(HALF, b"\0")


def _newest(content: bytes) -> State | None:
    found = [state for start in (0, HALF) if (state := _decoded(content[start : start + HALF])) is not None]
    return max(found, key=lambda state: state.turn, default=None)


def _decoded(half: bytes) -> State | None:
    digest, content = half[:DIGEST], half[DIGEST:]
    length = int.from_bytes(content[:LENGTH])
    content = content[: LENGTH + length]
    if not length or hashlib.sha256(content).digest() != digest:
        return None
    try:
        return msgspec.json.decode(content[LENGTH:], type=State)
    except (msgspec.DecodeError, ValueError):
        return None
