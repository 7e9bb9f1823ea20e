r"""The mailbox's way in: select by UID, fetch, read, store, file away.

What is new is what lies above the stored mark; with ``reconcile`` also everything in the folder that is not known. It
never looks at \\Seen: people open the mailbox too. While a batch is fetched the one before is read and stored.
Of a hundred thousand mails the UIDs are kept as an array, eight bytes each.
"""

from array import array
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from msgspec import Struct, field
from sqlalchemy.engine import Engine

from intake import mail, storage
from intake import mailbox as imap
from intake.base import errors
from intake.base.background import pipelined
from intake.base.clock import Clock
from intake.base.german import BERLIN
from intake.message import Arrival, Message
from intake.receive import batches, crash_guard
from intake.receive.batches import Received
from intake.receive.crash_guard import CrashGuard

OLD = timedelta(days=14)
OLD_MAILS_ALLOWED = 20
BATCH_BYTES = 2_000_000
FILED_TOGETHER = 1000
KEYS_TOGETHER = 1000
LARGE_BACKLOG = 300
KEEP_ALIVE_SECONDS = 60.0

log = structlog.get_logger(__name__)


class CutOffMissingError(errors.PermanentError):
    """A mailbox is full of old mail at its first start and config.toml says no cut-off date."""


class BacklogWorker(Protocol):
    """Who receives a large backlog in a process of its own (``backlog.Worker``)."""

    def receive(
        self, box: imap.Mailbox, engine: Engine, clock: Clock, on_stored: Callable[[], None], crash_file: Path | None
    ) -> Received:
        """Receive all that waits in ``box``; what it could not do is left to the caller."""


def receive(
    box: imap.Mailbox,
    engine: Engine,
    clock: Clock,
    *,
    reconcile: bool = False,
    on_stored: Callable[[], None] = lambda: None,
    worker: BacklogWorker | None = None,
    crash_file: Path | None = None,
) -> Received:
    """Store what is new in a connected mailbox and file it away; ``on_stored`` is called after each commit.

    A large backlog goes to ``worker``; ``crash_file`` names the mails that are being read (see ``crash_guard``), and
    ``on_stored`` may be called from another thread. Raises TemporaryError and CutOffMissingError.
    """
    validity = box.uid_validity
    with storage.reading(engine) as connection:
        mark = storage.mark(connection, box.name)
    start = mark.uid if mark and mark.uid_validity == validity else 0
    uids = array("L", box.uids(start))
    if worker is not None and len(uids) >= LARGE_BACKLOG:
        received = worker.receive(box, engine, clock, on_stored, crash_file)
        received.include(receive(box, engine, clock, reconcile=reconcile, on_stored=on_stored, crash_file=crash_file))
        return received
    if mark is None:
        _check_cut_off(box, clock())
    if mark and mark.uid_validity != validity:
        log.warning("uid validity changed", mailbox=box.name, was=mark.uid_validity, now=validity)
    progress = _Progress(start)
    if reconcile or not start:
        uids = _unknown(box, engine, array("L", box.all_uids()) if start else uids, progress)
    uids = _not_older(box, uids)
    if uids:
        with closing(CrashGuard(crash_file)) as guard:
            _store_all(box, engine, clock, uids, progress, on_stored, guard)
    _file_away(box, progress)
    if mark is None or mark.uid_validity != validity:
        with storage.writing(engine) as connection:
            storage.set_mark(connection, storage.Mark(box.name, validity, progress.highest), clock())
    return progress.received


class _Progress(Struct):
    """How far a pass has come."""

    highest: int  # UID that was stored, or is being stored
    received: Received = field(default_factory=Received)
    stored: list[tuple[int, bool]] = field(default_factory=list)  # committed UIDs to file away; complete?


class _Batch(Struct):
    """Some mails on their way: fetched, then read, then stored."""

    fetched: list[imap.Fetched]
    arrivals: list[Arrival]
    received: Received = field(default_factory=Received)


def _store_all(
    box: imap.Mailbox,
    engine: Engine,
    clock: Clock,
    uids: Sequence[int],
    progress: _Progress,
    on_stored: Callable[[], None],
    guard: CrashGuard,
) -> None:
    """Fetch, read, store and file away, batch after batch; each step works on one while the next works on the last.

    This thread alone has the connection: it fetches, and files away what is committed.
    """

    def read(fetched: list[imap.Fetched]) -> _Batch:
        return _Batch(fetched, _read(box, fetched, guard))

    def store(batch: _Batch) -> _Batch:
        progress.highest = max(progress.highest, *(item.uid for item in batch.fetched))
        mark = storage.Mark(box.name, box.uid_validity, progress.highest)
        batch.received = batches.store(engine, batch.arrivals, clock(), mark)
        on_stored()
        return batch

    def keep_alive() -> None:
        box.keep_alive(silent_for=KEEP_ALIVE_SECONDS)

    fetched = box.fetch(uids, max_bytes=BATCH_BYTES)
    with (
        closing(pipelined(read, fetched, name=f"read {box.name}", while_waiting=keep_alive)) as read_ones,
        closing(pipelined(store, read_ones, name=f"store {box.name}", while_waiting=keep_alive)) as stored,
    ):
        for batch in stored:
            progress.received.include(batch.received)
            progress.stored += [(item.uid, item.complete) for item in batch.fetched]
            if len(progress.stored) >= FILED_TOGETHER:
                _file_away(box, progress)


def _read(box: imap.Mailbox, fetched: Sequence[imap.Fetched], guard: CrashGuard) -> list[Arrival]:
    keys = [_key(box, box.uid_validity, item.uid) for item in fetched]
    arrivals = []
    with guard.reading(keys):
        for key, item in zip(keys, fetched, strict=True):
            message = _parse(item) if guard.admits(key) else mail.unread(item.raw, crash_guard.PROBLEM)
            arrivals.append(
                Arrival(source=box.name, key=key, received_at=item.received_at, raw=item.raw, message=message)
            )
    return arrivals


def _parse(item: imap.Fetched) -> Message:
    if item.complete:
        return mail.parse(item.raw, received_at=item.received_at)
    return mail.parse_head(item.raw, item.size, received_at=item.received_at)


def _file_away(box: imap.Mailbox, progress: _Progress) -> None:
    """Acknowledge what is committed. Servers look through the whole folder for each MOVE, so many go together.

    A full mailbox, or a folder we may not write, keeps nothing from being received: it is told in the end.
    """
    if progress.received.unfiled is None:
        try:
            box.file_away([uid for uid, complete in progress.stored if complete], "done")
            box.file_away([uid for uid, complete in progress.stored if not complete], "unreadable")
        except (imap.QuotaError, imap.FolderError) as error:
            progress.received.unfiled = error
    progress.stored.clear()


def _key(box: imap.Mailbox, validity: int, uid: int) -> str:
    return f"{box.settings.folder};{validity};{uid}"


def _unknown(box: imap.Mailbox, engine: Engine, uids: "array[int]", progress: _Progress) -> "array[int]":
    """Of all in the folder what was never stored; what was stored but not filed away (a crash) is to be filed."""
    unknown = array("L")
    stored: list[int] = []
    with storage.reading(engine) as connection:
        for start in range(0, len(uids), KEYS_TOGETHER):
            keys = {uid: _key(box, box.uid_validity, uid) for uid in uids[start : start + KEYS_TOGETHER]}
            known = storage.known_keys(connection, box.name, list(keys.values()))
            unknown.extend([uid for uid, key in keys.items() if key not in known])
            stored += [uid for uid, key in keys.items() if key in known]
    if stored and box.can_move:
        progress.stored += [(uid, True) for uid in stored]
    return unknown


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


def _not_older(box: imap.Mailbox, uids: "array[int]") -> "array[int]":
    if box.settings.since is None or not uids:
        return uids
    limit = datetime.combine(box.settings.since, time(), BERLIN)
    dates = box.internal_dates(uids)
    return array("L", [uid for uid in uids if uid in dates and dates[uid] >= limit])
