"""Reconciliation: the server's folders against the store, every difference explained or counted as unexplained.

It only looks: no mail is moved, flagged or stored. Mail in the folder that is polled is known by its place
(UIDVALIDITY and UID), mail that was filed away by its Message-ID, mail without one by size and date. The few that
nothing of this settles, at most ``FETCHED`` a folder, are fetched and known by their content. Memory stays the same
for a thousand mails and a million: the server is gone through in pieces, and of the store one bit a message is kept.

``mailbox`` is what doors call; what it gives, and its German, stand in ``report``.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy.engine import Engine

from intake import mail, storage
from intake import mailbox as imap
from intake.base.german import BERLIN
from intake.reconcile import report
from intake.reconcile.numbers import Numbers
from intake.reconcile.report import Comparison, Difference, Folder, Why
from intake.storage import reconciliation

__all__ = ["Comparison", "Difference", "Folder", "Why", "mailbox", "report"]

FETCHED = 500
SHOWN = 50
NAMELESS_AT_ONCE = 5_000

Mails = Sequence[imap.ListedMail]


def mailbox(box: imap.ReadOnlyMailbox, engine: Engine) -> Comparison:
    """Compare a mailbox with the store; ``box`` is connected. Raises TemporaryError."""
    settings = box.settings
    with storage.reading(engine) as connection:
        mark = storage.mark(connection, box.name)  # before looking: what comes later lies above it
        last = reconciliation.last_arrival(connection)
    seen = Numbers()
    looks: list[_Look] = []
    for name in (settings.folder, settings.done, settings.unreadable):
        if opened := box.open(name):
            look = _Look(box, engine, seen, name, opened, mark)
            look.go_through()
            looks.append(look)
    ours = Numbers()
    with storage.reading(engine) as connection:
        for ids in reconciliation.messages_of(connection, box.name, last):
            ours.include(ids)
    return Comparison(
        mailbox=box.name,
        folders=tuple(Folder(look.name, look.counts) for look in looks),
        stored=len(ours),
        gone=ours.without(seen),
        elsewhere=seen.without(ours),
        since=settings.since,
        differences=tuple(difference for look in looks for difference in look.differences)[:SHOWN],
    )


class _Look:
    """One folder, gone through once: each mail is counted under the first reason that explains it."""

    def __init__(
        self,
        box: imap.ReadOnlyMailbox,
        engine: Engine,
        seen: Numbers,
        name: str,
        opened: imap.Opened,
        mark: storage.Mark | None,
    ) -> None:
        self.name = name
        self.counts: Counter[Why] = Counter()
        self.differences: list[Difference] = []
        self._box = box
        self._engine = engine
        self._seen = seen
        self._opened = opened
        self._polled = name == box.settings.folder
        same = mark is not None and mark.uid_validity == opened.uid_validity
        self._mark = mark.uid if mark and same else 0
        self._doubtful: list[imap.ListedMail] = []

    def go_through(self) -> None:
        """Count every mail of the folder."""
        nameless: list[imap.ListedMail] = []
        for listed in self._box.listed(self._opened):
            rest = self._by_place(listed) if self._polled else listed
            named = {item: number for item in rest if (number := mail.message_id(item.header))}
            nameless += (item for item in rest if item not in named)
            self._doubt(self._by_message_id(named))
            if len(nameless) >= NAMELESS_AT_ONCE:
                self._doubt(self._by_size_and_date(nameless))
                nameless = []
        self._doubt(self._by_size_and_date(nameless))
        self._by_content()

    def _by_place(self, mails: Mails) -> list[imap.ListedMail]:
        """Take out what was stored from this very place; give the rest."""
        keys = {f"{self.name};{self._opened.uid_validity};{item.uid}": item for item in mails}
        with storage.reading(self._engine) as connection:
            known = reconciliation.by_key(connection, self._box.name, list(keys))
        for message in known.values():
            self._found(message)
        return [item for key, item in keys.items() if key not in known]

    def _by_message_id(self, named: dict[imap.ListedMail, str]) -> list[imap.ListedMail]:
        """Take out what is stored under its Message-ID; of several the one of the same size, and each once."""
        with storage.reading(self._engine) as connection:
            known = reconciliation.by_mail_id(connection, self._box.name, set(named.values()))
            probes = storage.probes.known(connection, set(named.values()))
            deleted = storage.forgotten.mails(connection, [(number, item.size) for item, number in named.items()])
        rest: list[imap.ListedMail] = []
        for item, mail_id in sorted(named.items(), key=lambda pair: not _same_size(pair[0], known.get(pair[1], ()))):
            candidates = known.get(mail_id, [])
            left = [one for one in candidates if one.id not in self._seen]
            if left:
                self._found(next((one.id for one in left if one.size == item.size), left[0].id))
            elif any(one.size == item.size or one.arrivals > 1 for one in candidates):
                self.counts[Why.COPY] += 1
            elif mail_id in probes:
                self.counts[Why.PROBE] += 1
            elif (mail_id, item.size) in deleted:
                self.counts[Why.DELETED] += 1
            else:
                rest.append(item)
        return rest

    def _by_size_and_date(self, nameless: Mails) -> list[imap.ListedMail]:
        """Take out mails without Message-ID that are stored with the same size and date."""
        if not nameless:
            return []
        with storage.reading(self._engine) as connection:
            known = reconciliation.without_mail_id(connection, self._box.name, {item.size for item in nameless})
            places = {(item.size, item.received_at) for item in nameless}
            deleted = storage.forgotten.nameless(connection, [one for one in places if one not in known])
        rest: list[imap.ListedMail] = []
        for item in nameless:
            candidates = known.get((item.size, item.received_at), [])
            left = next((number for number in candidates if number not in self._seen), None)
            if left is not None:
                self._found(left)
            elif (item.size, item.received_at) in deleted:
                self.counts[Why.DELETED] += 1
            else:
                rest.append(item)
        return rest

    def _doubt(self, mails: Mails) -> None:
        """Not known so far: on its way, older than the cut-off date, or to be looked at whole."""
        since = self._box.settings.since
        limit = datetime.combine(since, time(), BERLIN) if since and self._polled else None
        for item in mails:
            if limit and item.received_at < limit:
                self.counts[Why.OLDER] += 1
            elif self._polled and item.uid > self._mark:
                self.counts[Why.WAITING] += 1
            elif len(self._doubtful) < FETCHED:
                self._doubtful.append(item)
            else:
                self._unexplained(item)

    def _by_content(self) -> None:
        """Fetch what is in doubt: the same content may be stored under another head."""
        left = {item.uid: item for item in self._doubtful}
        for batch in self._box.fetch(list(left)):
            for fetched in batch:
                item = left.pop(fetched.uid)
                identity = mail.parse_fetched(fetched).identity
                with storage.reading(self._engine) as connection:
                    number = storage.id_of(connection, identity)
                    is_deleted = number is None and bool(storage.forgotten.identities(connection, [identity]))
                if number is not None:
                    self._found(number)
                elif is_deleted:
                    self.counts[Why.DELETED] += 1
                else:
                    self._unexplained(item)
        for item in left.values():
            self._unexplained(item, readable=False)

    def _found(self, message: int) -> None:
        self.counts[Why.STORED if self._seen.add(message) else Why.COPY] += 1

    def _unexplained(self, item: imap.ListedMail, *, readable: bool = True) -> None:
        self.counts[Why.UNEXPLAINED] += 1
        if len(self.differences) < SHOWN:
            difference = Difference(self.name, item.uid, item.received_at, polled=self._polled, readable=readable)
            self.differences.append(difference)


def _same_size(item: imap.ListedMail, candidates: Sequence[reconciliation.Candidate]) -> bool:
    return any(one.size == item.size for one in candidates)
