"""Storing a batch of arrivals in one commit, and what a pass over a source came to."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

import sqlalchemy as sa
import structlog
from msgspec import Struct, field
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import errors
from intake.message import Arrival, Message

Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)


class Received(Struct):
    """What one pass over a source brought."""

    new: int = 0
    repeated: int = 0
    rejected: int = 0  # rows
    unreadable: int = 0  # files as a whole
    files: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    unfiled: errors.TemporaryError | None = None
    """Everything is stored, but the server would not let it be filed away."""

    def include(self, other: "Received") -> None:
        """Count what another part of the pass brought."""
        self.new += other.new
        self.repeated += other.repeated
        self.rejected += other.rejected
        self.unreadable += other.unreadable
        self.files += other.files
        self.stuck += other.stuck
        self.unfiled = self.unfiled or other.unfiled


def unread(raw: bytes, problem: str) -> Message:
    """A stand-in for a mail that could not be read: only its bytes are kept."""
    return Message(channel="E-Mail", identity=hashlib.sha256(raw).digest(), problems=(problem,))


class Storing:
    """Stores batches in their order: each is committed by a thread beside while its owner reads the next one.

    Use as a context manager. What a commit fails with is raised by the next ``put``, or at the end.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._committing: threading.Thread | None = None
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._wait()

    def put(
        self, arrivals: Sequence[Arrival], now: datetime, mark: storage.Mark, then: Callable[[Received], None]
    ) -> None:
        """As ``store``; ``then`` is called with what it came to, in the thread that commits. Raises as ``store``."""
        self._wait()
        try:
            with contextlib.ExitStack() as stack:
                added = _put(stack.enter_context(storage.writing(self._engine)), arrivals, now, mark)
                commit = stack.pop_all()
        except (sa.exc.StatementError, ValueError, OverflowError):
            then(store(self._engine, arrivals, now, mark))
            return

        def finish() -> None:
            try:
                commit.close()
                then(added)
            except Exception as error:
                self._failure = error

        thread = threading.Thread(target=finish, name="commit", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there is no room for another thread
            finish()
        else:
            self._committing = thread

    def _wait(self) -> None:
        if self._committing is not None:
            self._committing.join()
            self._committing = None
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure


def store(engine: Engine, arrivals: Sequence[Arrival], now: datetime, mark: storage.Mark | None) -> Received:
    """Store what is new of ``arrivals`` and move the mailbox's mark with it, in one commit.

    A batch in which something cannot be stored goes one by one; what cannot be stored at all is kept as bytes alone.
    """
    try:
        return _together(engine, arrivals, now, mark)
    except sa.exc.IntegrityError:  # another daemon stored a copy at the same moment: look again
        return _together(engine, arrivals, now, mark)
    except (sa.exc.StatementError, ValueError, OverflowError):
        log.exception("a batch could not be stored, going one by one", size=len(arrivals))
    received = Received()
    for item in arrivals:
        try:
            received.include(_together(engine, [item], now, None))
        except (sa.exc.StatementError, ValueError, OverflowError) as error:
            problem = f"Die Nachricht ließ sich nicht ablegen ({type(error).__name__}); ihr Inhalt ist gespeichert."
            bare = Arrival(
                source=item.source,
                key=item.key,
                received_at=item.received_at,
                raw=item.raw,
                message=unread(item.raw, problem),
            )
            received.include(_together(engine, [bare], now, None))
    if mark:
        with storage.writing(engine) as connection:
            storage.set_mark(connection, mark, now)
    return received


def _together(engine: Engine, arrivals: Sequence[Arrival], now: datetime, mark: storage.Mark | None) -> Received:
    with storage.writing(engine) as connection:
        return _put(connection, arrivals, now, mark)


def _put(connection: Connection, arrivals: Sequence[Arrival], now: datetime, mark: storage.Mark | None) -> Received:
    added = storage.add(connection, arrivals, now)
    if mark:
        storage.set_mark(connection, mark, now)
    return Received(new=len(added.new), repeated=added.repeated)
