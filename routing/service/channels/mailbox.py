"""A mailbox as a channel: a connection that is kept, IDLE, and each hour a look for what lies below the mark."""

import functools
import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from intake import oauth
from intake.mailbox import ClearingMailbox, Mailbox, ReadOnlyMailbox
from intake.receive import backlog_job, mailbox
from intake.receive.batches import Received
from intake.settings import MailboxSettings
from routing.model.settings import Settings
from routing.service import outage_texts
from routing.service.channels.channel import Surroundings
from routing.service.outage_texts import ChannelTexts

RECONCILE_EVERY = timedelta(hours=1)


class MailboxChannel:
    """[mailboxes.NAME]."""

    has_thread = True

    def __init__(self, name: str, settings: MailboxSettings) -> None:
        self.name = name
        self.source = f"mailbox {name}"
        self.settings = settings
        self.poll_seconds = settings.poll_seconds
        self._stop = threading.Event()
        self._box: Mailbox | None = None
        self._reconciled: datetime | None = None  # with this connection

    @classmethod
    def configured(cls, settings: Settings) -> list[Self]:
        """See ``Channel``."""
        return [cls(name, table) for name, table in settings.mailboxes.items()]

    @property
    def texts(self) -> ChannelTexts:
        """What the operator reads of this mailbox."""
        return outage_texts.mailbox(self.name)

    def inspector(self, work: Surroundings) -> ReadOnlyMailbox:
        """A connection that only looks, not yet open. Raises ConfigurationError without its password."""
        return ReadOnlyMailbox(self.name, self.settings, self._login(work))

    def clearing(self, work: Surroundings) -> ClearingMailbox:
        """A connection that removes what is deleted, not yet open. Raises ConfigurationError without its password."""
        return ClearingMailbox(self.name, self.settings, self._login(work))

    def receive(
        self, work: Surroundings, on_stored: Callable[[], None], worker: mailbox.BacklogWorker | None = None
    ) -> Received:
        """See ``Channel``; raises ConfigurationError without a password, too."""
        box = self._connected(work)
        now = work.clock()
        reconcile = self._reconciled is None or not timedelta(0) <= now - self._reconciled < RECONCILE_EVERY
        received = mailbox.receive(
            box,
            work.engine,
            work.clock,
            reconcile=reconcile,
            on_stored=on_stored,
            worker=worker,
            crash_file=_crash_file(work.settings.service.data, self.name),
            urgent_words=work.urgent_words,
            lease=backlog_job.Lease(self.source, work.leases.instance),
        )
        if reconcile:
            self._reconciled = now
        if received.unfiled is not None:
            self._reconciled = None  # what is stored and still lies there is tried again soon
        return received

    def wait(self) -> None:
        """See ``Channel``: IDLE where the server can, else polling."""
        if self._box is not None:
            self._box.wait(self.poll_seconds)

    def interrupt(self) -> None:
        """See ``Channel``."""
        self._stop.set()
        box = self._box
        if box is not None:
            box.interrupt()

    def close(self) -> None:
        """See ``Channel``."""
        box, self._box = self._box, None
        if box is not None:
            box.close()

    def _connected(self, work: Surroundings) -> Mailbox:
        if self._box is None:
            may_file = functools.partial(work.leases.confirm, self.source)
            box = Mailbox(self.name, self.settings, self._login(work), stop=self._stop, may_file=may_file)
            box.connect()
            self._box = box
            self._reconciled = None
        return self._box

    def _login(self, work: Surroundings) -> str | oauth.TokenSource | None:
        return work.logins.of(self.settings, f"mailboxes.{self.name}", f"Postfach „{self.name}“")


def _crash_file(data: Path, name: str) -> Path:
    """The file that says which mails of a mailbox are being read."""
    return data / f"in-hand-{re.sub(r'[^A-Za-z0-9_-]', '_', name)}"
