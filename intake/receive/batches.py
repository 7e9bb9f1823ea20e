"""Storing a batch of arrivals in one commit, and what a pass over a source came to."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
import structlog
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy.engine import Engine

from intake import mail, storage
from intake.base import errors
from intake.message import Arrival

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
    forgotten: list[str] = field(default_factory=list)
    """Of those repeated, the keys of what was deleted, and does not come back."""
    left_alone: list[str] = field(default_factory=list)
    """Mails that the server does not give, each named in German: everything else is stored."""

    def include(self, other: "Received") -> None:
        """Count what another part of the pass brought."""
        self.new += other.new
        self.repeated += other.repeated
        self.rejected += other.rejected
        self.unreadable += other.unreadable
        self.files += other.files
        self.stuck += other.stuck
        self.unfiled = self.unfiled or other.unfiled
        self.forgotten += other.forgotten
        self.left_alone += other.left_alone


def store(engine: Engine, arrivals: Sequence[Arrival], now: datetime, mark: storage.Mark | None) -> Received:
    """Store what is new of ``arrivals``, in order, and move the mailbox's mark with it, in one commit.

    ``now`` is aware.

    A batch in which something cannot be stored goes one by one; what cannot be stored as read keeps its raw bytes.
    Raises StorageFullError and TemporaryError; then nothing is stored.
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
            bare = replace(item, message=mail.unread(item.raw, problem, channel=item.message.channel))
            received.include(_together(engine, [bare], now, None))
    if mark:
        with storage.writing(engine) as connection:
            storage.set_mark(connection, mark, now)
    return received


def _together(engine: Engine, arrivals: Sequence[Arrival], now: datetime, mark: storage.Mark | None) -> Received:
    urgent = any(item.looks_urgent for item in arrivals)
    with storage.first_in_line(wanted=urgent), storage.writing(engine) as connection:
        added = storage.add(connection, arrivals, now)
        if mark:
            storage.set_mark(connection, mark, now)
    return Received(new=len(added.new), repeated=added.repeated, forgotten=list(added.forgotten))
