"""What arrives while another process works a mailbox: fetched, read and stored here, at once.

That process has to be loaded first, gives way to all others, and has a backlog in its pipeline; an emergency waits for
none of it. Nothing is filed away and no mark is moved here: the other process meets the mail, knows it by its place,
and files it away. Large mails are left to it, too; so is everything once something fails.
"""

import structlog
from msgspec import Struct
from sqlalchemy.engine import Engine

from intake import mailbox as imap
from intake.base import errors
from intake.base.clock import Clock
from intake.mail import urgent_look
from intake.receive import batches, mailbox
from intake.receive.fetching import LARGE
from intake.receive.mailbox import How

log = structlog.get_logger(__name__)


class Meanwhile(Struct):
    """Mails of ``box``, which nobody else uses, with UIDs above ``highest``."""

    box: imap.Mailbox
    engine: Engine
    clock: Clock
    how: How
    highest: int
    works: bool = True

    def look(self) -> None:
        """Store what has come since. Raises nothing."""
        if not self.works:
            return
        try:
            if self.box.has_news():
                self._store()
        except errors.TemporaryError as error:
            self.works = False
            log.warning("what arrives waits for the backlog", mailbox=self.box.name, error=str(error))

    def _store(self) -> None:
        fresh = [uid for uid in self.box.uids(self.highest) if uid > self.highest]
        if not fresh:
            return
        self.highest = fresh[-1]
        known = self.box.facts(fresh)
        small = [uid for uid in fresh if uid in known and (known[uid].size or LARGE) < LARGE]
        if small:
            items = self.box.fetch_group(small, known)
            words = urgent_look.finder(self.how.urgent_words)
            arrivals = [mailbox.arrival(self.box, item, mailbox.read_now(item), words) for item in items]
            batches.store(self.engine, arrivals, self.clock(), None)
            self.how.on_stored()
