r"""The mailbox's way in: select by UID, fetch, read, store, file away.

What is new is what lies above the stored mark; with ``reconcile`` also everything in the folder that is not known. It
never looks at \\Seen: people open the mailbox too. While a batch is fetched the one before is read and stored.
Of a hundred thousand mails the UIDs are kept as an array, eight bytes each.
"""

import contextlib
import functools
from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from time import monotonic

import structlog
from msgspec import Struct, field
from sqlalchemy.engine import Engine

from intake import mail, storage
from intake import mailbox as imap
from intake.base import errors
from intake.base import worker as beside
from intake.base.german import BERLIN
from intake.message import Arrival, Message
from intake.receive import backlog
from intake.receive import batches as storing
from intake.receive.batches import Clock, Received
from intake.receive.crash_guard import InHand

Batch = list[imap.Fetched]

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


def receive(
    box: imap.Mailbox,
    engine: Engine,
    clock: Clock,
    *,
    reconcile: bool = False,
    on_stored: Callable[[], None] = lambda: None,
    helper: backlog.Helper | None = None,
    in_hand: Path | None = None,
) -> Received:
    """Store what is new in a connected mailbox and file it away; ``on_stored`` is called after each commit.

    A large backlog goes to ``helper``, a process beside this one; ``in_hand`` is the file that names the mails which
    are being read (see the module of that name). Raises TemporaryError, CutOffMissingError.
    """
    validity = box.uid_validity
    with storage.reading(engine) as connection:
        mark = storage.mark(connection, box.name)
    start = mark.uid if mark and mark.uid_validity == validity else 0
    uids = array("L", box.uids(start))
    if helper is not None and len(uids) >= LARGE_BACKLOG:
        received = helper.receive(box, engine, clock, on_stored, in_hand)
        received.include(receive(box, engine, clock, reconcile=reconcile, on_stored=on_stored, in_hand=in_hand))
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
        _pass(box, engine, clock, uids, progress, on_stored, InHand(in_hand))
    _file_away(box, progress)
    if mark is None or mark.uid_validity != validity:
        with storage.writing(engine) as connection:
            storage.set_mark(connection, storage.Mark(box.name, validity, progress.highest), clock())
    return progress.received


class _Progress(Struct):
    """How far a pass has come; written by the thread that stores, read by the one that holds the connection."""

    highest: int
    received: Received = field(default_factory=Received)
    stored: list[tuple[int, bool]] = field(default_factory=list)  # committed UIDs to file away; complete?


def _pass(
    box: imap.Mailbox,
    engine: Engine,
    clock: Clock,
    uids: Sequence[int],
    progress: _Progress,
    on_stored: Callable[[], None],
    in_hand: InHand,
) -> None:
    """Fetch, and file away what is stored, while a thread beside reads and stores."""
    validity = box.uid_validity

    def stored(batch: Batch, received: Received) -> None:
        progress.received.include(received)
        progress.stored += [(item.uid, item.complete) for item in batch]
        on_stored()

    def store(batches: Iterator[Batch]) -> None:
        with storing.Storing(engine) as beside_us:
            for batch in batches:
                keys = [_key(box, validity, item.uid) for item in batch]
                with in_hand.batch(keys):
                    arrivals = [_arrival(box.name, key, item, in_hand) for key, item in zip(keys, batch, strict=True)]
                progress.highest = max(progress.highest, *(item.uid for item in batch))
                mark = storage.Mark(box.name, validity, progress.highest)
                beside_us.put(arrivals, clock(), mark, functools.partial(stored, batch))

    alive = _KeptAlive(box)
    with (
        contextlib.closing(in_hand),
        beside.Beside(store, name=f"store {box.name}", while_waiting=alive.look) as worker,
    ):
        for batch in box.fetch(uids, max_bytes=BATCH_BYTES):
            worker.put(batch)
            alive.heard()
            if len(progress.stored) >= FILED_TOGETHER:
                _file_away(box, progress)


class _KeptAlive:
    """A connection that must not fall silent while storing is slow: servers and firewalls forget it."""

    def __init__(self, box: imap.Mailbox) -> None:
        self._box = box
        self.heard()

    def heard(self) -> None:
        """Something was just said."""
        self._at = monotonic()

    def look(self) -> None:
        """Say something when it is time."""
        if monotonic() - self._at > KEEP_ALIVE_SECONDS:
            self._box.keep_alive()
            self.heard()


def _arrival(source: str, key: str, item: imap.Fetched, in_hand: InHand) -> Arrival:
    message = in_hand.read(key, item.raw, lambda: _read(item))
    return Arrival(source=source, key=key, received_at=item.received_at, raw=item.raw, message=message)


def _read(item: imap.Fetched) -> Message:
    if item.complete:
        return mail.parse(item.raw, received_at=item.received_at)
    return mail.parse_head(item.raw, item.size, received_at=item.received_at)


def _file_away(box: imap.Mailbox, progress: _Progress) -> None:
    """Acknowledge what is committed. Servers look through the whole folder for each MOVE, so many go together.

    A full mailbox, or a folder we may not write, keeps nothing from being received: it is told in the end.
    """
    ready = progress.stored[:]
    if progress.received.unfiled is None:
        try:
            box.file_away([uid for uid, complete in ready if complete], "done")
            box.file_away([uid for uid, complete in ready if not complete], "unreadable")
        except (imap.QuotaError, imap.FolderError) as error:
            progress.received.unfiled = error
    del progress.stored[: len(ready)]


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
