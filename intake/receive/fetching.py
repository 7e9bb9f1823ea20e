"""In which order one pass fetches a mailbox's mails, and what it does with those that the server does not give.

Small mails come first and in batches, the newest and what arrives meanwhile before what has waited long. Large ones
come after them, one by one, those first whose beginning looks urgent. A group at whose fetching the server hangs up,
goes silent or talks nonsense is divided until one mail is left: that one is asked for ``TRIES`` times in all, once a
pass, then left alone for longer and longer, and told. All of that is kept in the database (``storage.stubborn``).
Everything else is fetched meanwhile.
"""

from array import array
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Self

import structlog
from msgspec import Struct, structs
from sqlalchemy.engine import Engine

from intake import mailbox as imap
from intake import storage
from intake.base.clock import Clock
from intake.mailbox import errors
from intake.mailbox.fetch import groups
from intake.storage import stubborn
from intake.storage.stubborn import Stubborn

BATCH_BYTES = 2_000_000
LARGE = 200_000  # bytes; what is larger may be slow to read
HEAD = 65_536
HEADS_AT_ONCE = 50
LISTED = 1_000
PIECES = 8  # into so many a group is divided that the server does not give
RECONNECTS = 12  # in one pass
TRIES = 3
FIRST_REST = timedelta(minutes=10)
LONGEST_REST = timedelta(days=1)

log = structlog.get_logger(__name__)


class Batch(Struct, frozen=True):
    """Mails that were fetched together; up to ``mark`` everything is fetched, or remembered as stubborn."""

    mails: list[imap.Fetched]
    mark: int
    is_large: bool = False


class Fetching:
    """One pass over ``uids`` (ascending) of a connected mailbox, whose stored mark is ``start``.

    ``looks_urgent`` judges the first bytes of a large mail; without it they come in order. For the thread that has the
    connection.
    """

    def __init__(
        self,
        box: imap.Mailbox,
        engine: Engine,
        clock: Clock,
        uids: "array[int]",
        start: int,
        looks_urgent: Callable[[bytes], bool] | None,
    ) -> None:
        self._box = box
        self._engine = engine
        self._clock = clock
        self._looks_urgent = looks_urgent
        self._start = start
        self._troubles = _Troubles.of(box, engine)
        self._main = deque([array("L", [uid for uid in uids if not self._troubles.holds(uid)])])
        self._highest = max(uids, default=0)
        self._large = array("L")
        self._next: deque[int] = deque()  # of the large ones, those looked at
        self._reconnects = 0

    @property
    def left_alone(self) -> list[str]:
        """The mails, in order, that were tried in vain often enough, each named in German."""
        return self._troubles.named()

    def batches(self) -> Iterator[Batch]:
        """What is fetched, group by group, in order. Raises MailboxError when the server gives nothing at all."""
        yield from self._small()
        while self._large:
            self._next = deque(self._urgent_first(self._large[:HEADS_AT_ONCE]))
            self._large = self._large[HEADS_AT_ONCE:]
            while self._next:
                uid = self._next.popleft()
                yield from self._group([uid], self._facts([uid]), is_large=True)
                yield from self.arrived()
        yield from self._divided()
        for uid in self._troubles.due(self._clock()):
            yield from self._group([uid], self._facts([uid]), is_large=True)

    def arrived(self) -> Iterator[Batch]:
        """What came since, in order, for whoever waits for a slow step."""
        self._look_for_more()
        yield from self._small()

    def settle(self, uids: Sequence[int]) -> None:
        """These are stored."""
        self._troubles.forget(uids)

    # ---- the order ----

    def _small(self) -> Iterator[Batch]:
        while self._main:
            uids = self._main[0]
            some, self._main[0] = uids[:LISTED], uids[LISTED:]
            if not self._main[0]:
                self._main.popleft()
            known = self._facts(some)
            large = {uid for uid in some if _is_large(known.get(uid))}
            self._large.extend(sorted(large))
            yield from self._in_groups([uid for uid in some if uid not in large], known)

    def _in_groups(self, uids: Sequence[int], known: dict[int, imap.Facts]) -> Iterator[Batch]:
        left = deque(groups(uids, known, max_bytes=BATCH_BYTES, max_size=self._box.settings.max_size))
        left.rotate(1)  # of a backlog the newest first: what has just come cannot wait for what has waited long
        while left:
            yield from self._group(left.popleft(), known, left=left)
            if left and self._look_for_more():
                fresh = self._main.popleft()
                self._main.appendleft(array("L", sorted(uid for group in left for uid in group)))
                self._main.appendleft(fresh)
                return

    def _look_for_more(self) -> bool:
        """Whether mail has come since; it goes first."""
        if not self._box.has_news():
            return False
        fresh = array("L", [uid for uid in self._box.uids(self._highest) if uid > self._highest])
        if not fresh:
            return False
        self._highest = fresh[-1]
        self._main.appendleft(fresh)
        return True

    def _urgent_first(self, uids: "array[int]") -> list[int]:
        looks_urgent = self._looks_urgent
        if looks_urgent is None or len(uids) == 1:
            return list(uids)
        try:
            heads = self._box.heads(uids, HEAD)
        except errors.MailboxError as error:
            self._again(error)
            return list(uids)
        return sorted(uids, key=lambda uid: not looks_urgent(heads.get(uid, b"")))

    def _facts(self, uids: Sequence[int]) -> dict[int, imap.Facts]:
        try:
            return self._box.facts(uids)
        except errors.MailboxError as error:
            self._again(error)
            return {}  # then each is asked for by itself

    # ---- what the server does not give ----

    def _group(
        self,
        group: Sequence[int],
        known: dict[int, imap.Facts],
        *,
        is_large: bool = False,
        left: Sequence[Sequence[int]] = (),
    ) -> Iterator[Batch]:
        try:
            mails = self._box.fetch_group(group, known)
            got = {item.uid for item in mails}
            missing = [uid for uid in group if uid not in got]
            silent = self._box.existing(missing)
        except errors.MailboxError as error:
            self._troubles.add(group, str(error), self._clock())
            self._again(error)
            return
        self._troubles.forget([uid for uid in missing if uid not in silent])  # gone
        if silent:
            self._troubles.add(silent, "no answer", self._clock())
        if mails:
            self._troubles.came(got)
            yield Batch(mails, self._mark(left), is_large)

    def _mark(self, left: Sequence[Sequence[int]]) -> int:
        waiting = [uids[0] for uids in (*self._main, *left) if uids]  # each ascending
        waiting += [min(uids) for uids in (self._large, self._next) if uids]
        return max(self._start, min(waiting) - 1 if waiting else self._highest)

    def _divided(self) -> Iterator[Batch]:
        """Groups that failed, in ever smaller ones."""
        left = deque([self._troubles.suspects()])
        while left:
            group = left.popleft()
            size = max(1, -(-len(group) // PIECES))
            for start in range(0, len(group), size):
                piece = group[start : start + size]
                yield from self._group(piece, self._facts(piece), is_large=len(piece) == 1)
                if still := self._troubles.suspects(piece):
                    left.append(still)
                yield from self.arrived()

    def _again(self, error: errors.MailboxError) -> None:
        """Connect again after a failure; raises it where that does not help."""
        self._reconnects += 1
        log.warning("the mail server gave no answer", mailbox=self._box.name, error=str(error))
        if self._reconnects > RECONNECTS or self._box.is_stopping or error.person_must_act:
            raise error
        self._box.connect_again()


class _Troubles:
    """The mails of one mailbox that the server does not give, in memory and in the database."""

    def __init__(self, box: imap.Mailbox, engine: Engine, rows: dict[int, Stubborn]) -> None:
        self._box = box
        self._engine = engine
        self._rows = rows
        self._done: set[int] = set()  # in this pass: those that came, and those asked for alone

    @classmethod
    def of(cls, box: imap.Mailbox, engine: Engine) -> Self:
        with storage.reading(engine) as connection:
            known = stubborn.known(connection, box.name)
        here = f"{box.settings.folder};{box.uid_validity};"
        rows = {int(one.key.removeprefix(here)): one for one in known if one.key.startswith(here) and not one.copied}
        return cls(box, engine, rows)

    def holds(self, uid: int) -> bool:
        return uid in self._rows

    def suspects(self, among: Collection[int] | None = None) -> list[int]:
        """Those of groups that failed (all, or ``among`` these) that were not asked for alone."""
        rows = self._rows if among is None else {uid: self._rows[uid] for uid in among if uid in self._rows}
        return sorted(uid for uid, row in rows.items() if row.tries == 0 and uid not in self._done)

    def came(self, uids: Collection[int]) -> None:
        """These were fetched, and will be stored."""
        self._done.update(uids)

    def due(self, now: datetime) -> list[int]:
        """Those to be asked for once in this pass, the least tried first."""
        rows = sorted(self._rows.items(), key=lambda item: (item[1].tries, item[0]))
        return [uid for uid, row in rows if uid not in self._done and now >= row.last_at + _rest(row.tries)]

    def named(self) -> list[str]:
        given_up = [(uid, row) for uid, row in self._rows.items() if row.tries >= TRIES]
        return [f"UID {uid} im Ordner {self._box.settings.folder}: {row.reason}" for uid, row in sorted(given_up)]

    def add(self, group: Sequence[int], reason: str, now: datetime) -> None:
        """These did not come; one alone counts as a try."""
        found = []
        for uid in group:
            key = f"{self._box.settings.folder};{self._box.uid_validity};{uid}"
            row = self._rows.get(uid) or Stubborn(key, 0, since=now, last_at=now, reason=reason)
            if len(group) == 1:
                row = structs.replace(row, tries=row.tries + 1)
                self._done.add(uid)
                if row.tries == TRIES:
                    log.error("a mail that the server does not give is left alone", mailbox=self._box.name, uid=uid)
            self._rows[uid] = structs.replace(row, last_at=now, reason=reason)
            found.append(self._rows[uid])
        with storage.writing(self._engine) as connection:
            stubborn.note(connection, self._box.name, found)

    def forget(self, uids: Sequence[int]) -> None:
        gone = [self._rows.pop(uid).key for uid in uids if uid in self._rows]
        if gone:
            with storage.writing(self._engine) as connection:
                stubborn.forget(connection, self._box.name, gone)


def _rest(tries: int) -> timedelta:
    """How long a mail is left alone after so many tries: not at all, then ten minutes, doubled up to a day."""
    return timedelta(0) if tries < TRIES else min(FIRST_REST * 2 ** min(tries - TRIES, 10), LONGEST_REST)


def _is_large(known: imap.Facts | None) -> bool:
    return known is None or known.size is None or known.size > LARGE
