r"""Receiving: the one place where the order store → commit → acknowledge is written.

A mail is filed away and a log file renamed only after the commit that stores them. A crash in between leaves them
where they are; the next pass finds them stored by their key, and only files them away. Whatever cannot be read is
stored all the same, flagged, and the next message goes on. A full disk ends the pass with ``StorageFullError`` before
anything is acknowledged.

``mailbox`` selects by UID above the stored mark; with ``reconcile`` it also looks at everything that lies in the
folder and is not known. It never looks at \\Seen: people open the mailbox too.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Engine

from intake import beside, drop_folder, errors, reading, storage
from intake import mailbox as imap
from intake.message import Arrival, Message
from intake.wording import BERLIN

Clock = Callable[[], datetime]
Batch = list[imap.Fetched]

OLD = timedelta(days=14)
OLD_MAILS_ALLOWED = 20
BATCH_BYTES = 8_000_000
LARGE_BACKLOG = 300
FILED_TOGETHER = 1000

log = structlog.get_logger(__name__)


class CutOffMissingError(errors.PermanentError):
    """A mailbox is full of old mail at its first start and config.toml says no cut-off date."""


@dataclass(slots=True)
class Received:
    """What one pass over a source brought."""

    new: int = 0
    repeated: int = 0
    rejected: int = 0  # rows, or files as a whole
    files: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def include(self, other: "Received") -> None:
        """Count what another part of the pass brought."""
        self.new += other.new
        self.repeated += other.repeated
        self.rejected += other.rejected
        self.files += other.files
        self.stuck += other.stuck


def unread(raw: bytes, problem: str) -> Message:
    """A stand-in for a mail that could not be read: only its bytes are kept."""
    return Message(channel="E-Mail", identity=hashlib.sha256(raw).digest(), problems=(problem,))


def mailbox(
    box: imap.Mailbox,
    engine: Engine,
    clock: Clock,
    *,
    reconcile: bool = False,
    on_stored: Callable[[], None] = lambda: None,
) -> Received:
    """Store what is new in a connected mailbox and file it away; ``on_stored`` is called after each commit.

    Raises TemporaryError, CutOffMissingError.
    """
    validity = box.uid_validity
    with storage.reading(engine) as connection:
        mark = storage.mark(connection, box.name)
    if mark is None:
        _check_cut_off(box, clock())
    start = mark.uid if mark and mark.uid_validity == validity else 0
    if mark and mark.uid_validity != validity:
        log.warning("uid validity changed", mailbox=box.name, was=mark.uid_validity, now=validity)
    uids = _unknown(box, engine, validity) if reconcile or not start else box.uids(start)
    uids = _not_older(box, uids)
    progress = _Progress(start)
    if uids:
        _pass(box, engine, clock, uids, progress, on_stored)
    if mark is None or mark.uid_validity != validity:
        with storage.writing(engine) as connection:
            storage.set_mark(connection, storage.Mark(box.name, validity, progress.highest), clock())
    return progress.received


@dataclass(slots=True)
class _Progress:
    """How far a pass has come; written by the thread that stores, read by the one that holds the connection."""

    highest: int
    received: Received = field(default_factory=Received)
    stored: list[tuple[int, bool]] = field(default_factory=list)  # committed UIDs to file away; complete?


def _pass(
    box: imap.Mailbox,
    engine: Engine,
    clock: Clock,
    uids: list[int],
    progress: _Progress,
    on_stored: Callable[[], None],
) -> None:
    """Fetch, and file away what is stored, while a thread beside reads and stores."""
    validity = box.uid_validity

    def store(batches: Iterator[Batch]) -> None:
        for batch, messages in _read(batches, len(uids)):
            arrivals = [_arrival(box, validity, item, message) for item, message in zip(batch, messages, strict=True)]
            progress.highest = max(progress.highest, *(item.uid for item in batch))
            mark = storage.Mark(box.name, validity, progress.highest)
            progress.received.include(_store(engine, arrivals, clock(), mark))
            progress.stored += [(item.uid, item.complete) for item in batch]
            on_stored()

    with beside.Beside(store, name=f"store {box.name}") as storing:
        for batch in box.fetch(uids, max_bytes=BATCH_BYTES):
            storing.put(batch)
            if len(progress.stored) >= FILED_TOGETHER:
                _file_away(box, progress)
    _file_away(box, progress)


def _arrival(box: imap.Mailbox, validity: int, item: imap.Fetched, message: Message) -> Arrival:
    key = _key(box, validity, item.uid)
    return Arrival(source=box.name, key=key, received_at=item.received_at, raw=item.raw, message=message)


def _file_away(box: imap.Mailbox, progress: _Progress) -> None:
    """Acknowledge what is committed. Servers look through the whole folder for each MOVE, so many go together."""
    ready = progress.stored[:]
    box.file_away([uid for uid, complete in ready if complete], "done")
    box.file_away([uid for uid, complete in ready if not complete], "unreadable")
    del progress.stored[: len(ready)]


def _read(batches: Iterable[Batch], count: int) -> Iterator[tuple[Batch, list[Message]]]:
    """A large backlog is read in a process beside this one."""
    if count < LARGE_BACKLOG:
        yield from reading.each_here(batches)
        return
    with reading.ReadingProcess() as helper:
        yield from helper.each(batches)


def _key(box: imap.Mailbox, validity: int, uid: int) -> str:
    return f"{box.settings.folder};{validity};{uid}"


def _unknown(box: imap.Mailbox, engine: Engine, validity: int) -> list[int]:
    """What lies in the folder and was never stored; what was stored but not filed away (a crash) is filed now."""
    uids = box.all_uids()
    with storage.reading(engine) as connection:
        known = storage.known_keys(connection, box.name, [_key(box, validity, uid) for uid in uids])
    if known and box.can_move:
        box.file_away([uid for uid in uids if _key(box, validity, uid) in known], "done")
    return [uid for uid in uids if _key(box, validity, uid) not in known]


def _check_cut_off(box: imap.Mailbox, now: datetime) -> None:
    """A mailbox with years of mail is not forwarded in bulk: the cut-off date must be said first."""
    if box.settings.since is not None:
        return
    limit = now - OLD
    old = sum(1 for received_at in box.internal_dates(box.all_uids()).values() if received_at < limit)
    if old > OLD_MAILS_ALLOWED:
        raise CutOffMissingError(
            f"Im Postfach „{box.name}“ liegen {old} Nachrichten, die älter als {OLD.days} Tage sind. Damit sie nicht "
            "alle auf einmal weitergeleitet werden, wurde noch nichts abgeholt. Bitte tragen Sie in config.toml "
            f"unter [mailboxes.{box.name}] einen Stichtag ein, zum Beispiel since = {limit.date().isoformat()}: "
            "Ältere Nachrichten bleiben dann unberührt liegen."
        )


def _not_older(box: imap.Mailbox, uids: list[int]) -> list[int]:
    if box.settings.since is None or not uids:
        return uids
    limit = datetime.combine(box.settings.since, time(), BERLIN)
    dates = box.internal_dates(uids)
    return [uid for uid in uids if uid in dates and dates[uid] >= limit]


def _store(engine: Engine, arrivals: Sequence[Arrival], now: datetime, mark: storage.Mark | None) -> Received:
    try:
        return _store_together(engine, arrivals, now, mark)
    except sa.exc.IntegrityError:  # another daemon stored a copy at the same moment: look again
        return _store_together(engine, arrivals, now, mark)
    except (sa.exc.StatementError, ValueError, OverflowError):
        log.exception("a batch could not be stored, going one by one", size=len(arrivals))
    received = Received()
    for item in arrivals:
        try:
            received.include(_store_together(engine, [item], now, None))
        except (sa.exc.StatementError, ValueError, OverflowError) as error:
            problem = f"Die Nachricht ließ sich nicht ablegen ({type(error).__name__}); ihr Inhalt ist gespeichert."
            bare = Arrival(
                source=item.source,
                key=item.key,
                received_at=item.received_at,
                raw=item.raw,
                message=unread(item.raw, problem),
            )
            received.include(_store_together(engine, [bare], now, None))
    if mark:
        with storage.writing(engine) as connection:
            storage.set_mark(connection, mark, now)
    return received


def _store_together(engine: Engine, arrivals: Sequence[Arrival], now: datetime, mark: storage.Mark | None) -> Received:
    with storage.writing(engine) as connection:
        added = storage.add(connection, arrivals, now)
        if mark:
            storage.set_mark(connection, mark, now)
    return Received(new=len(added.new), repeated=added.repeated)


def folder(source: drop_folder.DropFolder, engine: Engine, clock: Clock) -> Received:
    """Store the rows of every finished file in a drop folder and file the files away.

    A file that cannot be read now (open in Excel, say) stays for the next pass and does not hold up the others. Raises
    TemporaryError when the folder itself, or the database, cannot be reached.
    """
    received = Received()
    for path in source.finished(clock()):
        try:
            received.include(_file(source, path, engine, clock))
        except errors.StorageFullError:
            raise
        except errors.TemporaryError as error:
            log.warning("log file stays for later", file=repr(path.name), error=str(error))
            received.stuck.append(path.name)
    return received


def _file(source: drop_folder.DropFolder, path: Path, engine: Engine, clock: Clock) -> Received:
    try:
        arrivals, contents = source.read(path, clock())
    except errors.PermanentError as error:
        log.warning("log file parked", file=repr(path.name))
        source.park(path, str(error), clock())
        return Received(rejected=1, files=[path.name])
    received = Received(rejected=len(contents.rejected), files=[path.name])
    for batch in _batches(arrivals, 500):
        received.include(_store(engine, batch, clock(), None))
    source.file_away(path, contents, clock())
    return received


def _batches(items: Sequence[Arrival], size: int) -> Iterator[Sequence[Arrival]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
