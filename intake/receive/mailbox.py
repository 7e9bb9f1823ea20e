r"""The mailbox's way in: select by UID, fetch, read, store, file away.

What is new is what lies above the stored mark; with ``reconcile`` also everything in the folder that is not known. It
never looks at \\Seen: people open the mailbox too. While a batch is fetched the one before is read and stored, and
what arrives meanwhile comes before what still waits; large mails come last, and are read beside (``fetching``,
``slow_reading``). Of a hundred thousand mails the UIDs are kept as an array, eight bytes each.
"""

from array import array
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from msgspec import Struct, field, structs
from sqlalchemy.engine import Engine

from intake import mail, storage
from intake import mailbox as imap
from intake.base import background, errors
from intake.base.background import LOOK_UP_SECONDS, pipelined
from intake.base.clock import Clock
from intake.base.german import BERLIN
from intake.mail import urgent_look
from intake.mail.urgent_look import Keyword
from intake.message import Arrival, Message
from intake.receive import backlog_job, batches, crash_guard, slow_reading
from intake.receive.batches import Received
from intake.receive.crash_guard import CrashGuard
from intake.receive.fetching import Batch, Fetching
from intake.receive.filing import Filing

OLD = timedelta(days=14)
OLD_MAILS_ALLOWED = 20
FILED_TOGETHER = 1000
KEYS_TOGETHER = 1000
LARGE_BACKLOG = 300
KEEP_ALIVE_SECONDS = 60.0

log = structlog.get_logger(__name__)


class CutOffMissingError(errors.PermanentError):
    """A mailbox is full of old mail at its first start and config.toml says no cut-off date."""


class How(Struct, frozen=True):
    """What ``receive`` is told of its surroundings."""

    on_stored: Callable[[], None]
    crash_file: Path | None
    urgent_words: tuple[Keyword, ...]
    lease: backlog_job.Lease | None = None
    highest: int = 0  # the last UID that is known to wait


class BacklogWorker(Protocol):
    """Who receives a large backlog in a process of its own (``backlog.Worker``)."""

    def receive(self, box: imap.Mailbox, engine: Engine, clock: Clock, how: How) -> Received:
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
    urgent_words: tuple[Keyword, ...] = (),
    lease: backlog_job.Lease | None = None,
) -> Received:
    """Store what is new in a connected mailbox and file it away; ``on_stored`` is called after each commit.

    A large backlog goes to ``worker``, which works it under ``lease``; ``crash_file`` names the mails that are being
    read (see ``crash_guard``), and ``on_stored`` may be called from another thread. Mails with ``urgent_words`` in
    them come first in the line for a decision. Raises TemporaryError and CutOffMissingError.
    """
    how = How(on_stored, crash_file, urgent_words, lease)
    validity = box.uid_validity
    with storage.reading(engine) as connection:
        mark = storage.mark(connection, box.name)
    start = mark.uid if mark and mark.uid_validity == validity else 0
    uids = array("L", box.uids(start))
    if worker is not None and len(uids) >= LARGE_BACKLOG:
        received = worker.receive(box, engine, clock, structs.replace(how, highest=uids[-1]))
        rest = receive(
            box,
            engine,
            clock,
            reconcile=reconcile,
            on_stored=on_stored,
            crash_file=crash_file,
            urgent_words=urgent_words,
        )
        received.include(rest)
        return received
    if mark is None:
        _check_cut_off(box, uids, clock())
    if mark and mark.uid_validity != validity:
        log.warning("uid validity changed", mailbox=box.name, was=mark.uid_validity, now=validity)
    received = Received()
    filing = Filing(box, engine, clock, received)
    if reconcile or not start:
        uids = _unknown(box, engine, array("L", box.all_uids()) if start else uids, filing)
    done = _Pass(box, engine, clock, how, filing, start)
    done.store_all(_not_older(box, uids))
    filing.away()
    if mark is None or mark.uid_validity != validity:
        with storage.writing(engine) as connection:
            storage.set_mark(connection, storage.Mark(box.name, validity, done.highest), clock())
    return received


class _Batch(Struct):
    """Some mails on their way: fetched, then read, then stored."""

    fetched: Batch
    arrivals: list[Arrival]
    received: Received = field(default_factory=Received)

    @property
    def uids(self) -> list[int]:
        return [item.uid for item in self.fetched.mails]


class _Pass:
    """Fetch, read, store and file away, batch after batch; each step works on one while the next works on the last.

    This thread alone has the connection: it fetches, and files away what is committed. Large mails are read by a
    process beside; meanwhile what arrives is fetched, read and stored.
    """

    def __init__(self, box: imap.Mailbox, engine: Engine, clock: Clock, how: How, filing: Filing, start: int) -> None:
        self.highest = start  # up to this UID everything is stored, or being stored
        self._box = box
        self._engine = engine
        self._clock = clock
        self._how = how
        self._words = urgent_look.finder(how.urgent_words)
        self._filing = filing
        self._guard = CrashGuard(None)  # until ``store_all`` opens the file, which it closes

    def store_all(self, uids: "array[int]") -> None:
        """Everything that waits: ``uids``, ascending, and what the server did not give before."""
        looks_urgent = self._head_looks_urgent if self._how.urgent_words else None
        fetching = Fetching(self._box, self._engine, self._clock, uids, self.highest, looks_urgent)
        batches = fetching.batches()
        self._guard = CrashGuard(self._how.crash_file)
        with closing(self._guard), slow_reading.Reader() as reader:
            first = self._small_ones(fetching, batches)
            while first is not None:
                self._large_one(fetching, first, reader)
                first = self._small_ones(fetching, batches)
        self._filing.received.left_alone = fetching.left_alone

    def _small_ones(self, fetching: Fetching, batches: Iterator[Batch]) -> Batch | None:
        """Work off small batches, up to the first large mail, which is given."""
        large: list[Batch] = []

        def small() -> Iterator[Batch]:
            for batch in batches:
                if batch.is_large:
                    large.append(batch)
                    return
                yield batch

        name = self._box.name
        with (
            closing(pipelined(self._read, small(), name=f"read {name}", while_waiting=self._keep_alive)) as read_ones,
            closing(pipelined(self._store, read_ones, name=f"store {name}", while_waiting=self._keep_alive)) as stored,
        ):
            for batch in stored:
                self._settle(fetching, batch)
        return large[0] if large else None

    def _large_one(self, fetching: Fetching, fetched: Batch, reader: slow_reading.Reader) -> None:
        running = background.start(lambda: self._store(self._read(fetched, reader)), name=f"read {self._box.name}")
        try:
            while not futures.wait([running], LOOK_UP_SECONDS).done:
                self._keep_alive()
                for batch in fetching.arrived():
                    self._settle(fetching, self._store(self._read(batch)))
        finally:
            futures.wait([running])
        self._settle(fetching, running.result())

    def _read(self, fetched: Batch, reader: slow_reading.Reader | None = None) -> _Batch:
        keys = [_key(self._box, self._box.uid_validity, item.uid) for item in fetched.mails]
        if reader is not None:
            [item] = fetched.mails
            return _Batch(fetched, [arrival(self._box, item, reader.read(_job(item)), self._words)])
        arrivals = []
        with self._guard.reading(keys):
            for key, item in zip(keys, fetched.mails, strict=True):
                admitted = self._guard.admits(key)
                message = read_now(item) if admitted else mail.unread(item.raw, crash_guard.PROBLEM)
                arrivals.append(arrival(self._box, item, message, self._words))
        return _Batch(fetched, arrivals)

    def _store(self, batch: _Batch) -> _Batch:
        self.highest = max(self.highest, batch.fetched.mark)
        mark = storage.Mark(self._box.name, self._box.uid_validity, self.highest)
        batch.received = batches.store(self._engine, batch.arrivals, self._clock(), mark)
        self._how.on_stored()
        return batch

    def _settle(self, fetching: Fetching, batch: _Batch) -> None:
        fetching.settle(batch.uids)
        self._filing.received.include(batch.received)
        self._filing.stored += [(item.uid, item.complete) for item in batch.fetched.mails]
        if len(self._filing.stored) >= FILED_TOGETHER:
            self._filing.away()

    def _keep_alive(self) -> None:
        self._box.keep_alive(silent_for=KEEP_ALIVE_SECONDS)

    def _head_looks_urgent(self, head: bytes) -> bool:
        message = mail.parse(head, received_at=self._clock())
        return self._words.are_in(message.subject, message.new_text)


def arrival(box: imap.Mailbox, item: imap.Fetched, message: Message, words: urgent_look.UrgentWords) -> Arrival:
    """A mail of ``box`` as it is stored; what has urgent ``words`` in it comes first in the line for a decision."""
    return Arrival(
        source=box.name,
        key=_key(box, box.uid_validity, item.uid),
        received_at=item.received_at,
        raw=item.raw,
        message=message,
        looks_urgent=words.are_in(message.subject, message.new_text),
    )


def read_now(item: imap.Fetched) -> Message:
    """The mail, read here."""
    return slow_reading.now(_job(item))


def _job(item: imap.Fetched) -> slow_reading.Job:
    return slow_reading.Job(item.raw, item.received_at, item.size, item.complete)


def _key(box: imap.Mailbox, validity: int, uid: int) -> str:
    return f"{box.settings.folder};{validity};{uid}"


def _unknown(box: imap.Mailbox, engine: Engine, uids: "array[int]", filing: Filing) -> "array[int]":
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
        filing.stored += [(uid, True) for uid in stored]
    return unknown


def _check_cut_off(box: imap.Mailbox, uids: "array[int]", now: datetime) -> None:
    """A mailbox with years of mail (all of its ``uids``) is not forwarded in bulk: the cut-off date must come first.

    The server is not asked for them once more: what came since would be known here, and to nobody else until the next
    poll.
    """
    if box.settings.since is not None:
        return
    limit = now - OLD
    old = sum(1 for received_at in box.internal_dates(uids).values() if received_at < limit)
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
    return array("L", [uid for uid in uids if dates.get(uid, limit) >= limit])
