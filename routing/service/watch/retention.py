"""Deletion by age as a door sees it: database, mail servers, files, each with its line in the protocol.

Each night when 03:30 has passed, and on demand. A mail server that is out is asked the next night; nothing depends on
the order, and whatever was begun is gone on with.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from intake import storage
from routing.privacy.deletion import copies, protocol, retention, returning
from routing.privacy.deletion.protocol import Run
from routing.privacy.deletion.retention import Due, Told
from routing.privacy.deletion.server import Cleared
from routing.service.watch import clearing

if TYPE_CHECKING:
    from routing.service.channels import Surroundings
    from routing.service.watch.clearing import Boxes

WORK = "retention"
"""The heartbeat of the last run, and its lease."""
COPIES = "Was ein Zurückspielen beiseitelegte"

log = structlog.get_logger(__name__)


class Outcome(Struct, frozen=True):
    """What went from the database, by stage, and from each mailbox; in German what kept a server from being asked."""

    gone: Sequence[Due]
    cleared: Sequence[Cleared]
    troubles: Sequence[str]


def work(
    surroundings: "Surroundings",
    boxes: "Boxes",
    *,
    actor: str,
    told: Told | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Delete everything that is due; ``stop`` is asked between batches. Raises TemporaryError for the database.

    ``boxes`` are ``channels.clearing`` of the configuration in force.
    """
    now, engine, settings = surroundings.clock(), surroundings.engine, surroundings.settings
    run = Run(now, actor)
    gone = retention.run(engine, settings.retention, now, actor=actor, told=told, stop=stop)
    cleared: list[Cleared] = []
    troubles: list[str] = []
    if not stop():
        cleared, troubles = clearing.clear_mailboxes(surroundings, boxes, f"raw = {settings.retention.raw}", run)
        gone.append(_copies(surroundings, run))
        days = settings.retention.figures  # as long as the hashes are kept; 0: for ever
        returning.keep_list(engine, settings.service.data, now - timedelta(days=days) if days else None)
        storage.shrink(engine)
        with storage.writing(engine) as connection:
            storage.beat(connection, WORK, now)
    log.info("retention", gone=sum(one.count for one in gone), mails=sum(one.removed for one in cleared))
    return Outcome(gone, cleared, troubles)


def look(surroundings: "Surroundings") -> list[Due]:
    """What would go, by stage; nothing changes. A list in order. Raises TemporaryError."""
    now, settings = surroundings.clock(), surroundings.settings
    with storage.reading(surroundings.engine) as connection:
        found = retention.look(connection, settings.retention, now)
    if days := settings.retention.copies:
        old = copies.due(settings.service.data, now - timedelta(days=days))
        found.append(Due("copies", days, COPIES, len(old), min((at for _, at in old), default=None)))
    return found


def _copies(surroundings: "Surroundings", run: Run) -> Due:
    settings = surroundings.settings
    days = settings.retention.copies
    old = copies.due(settings.service.data, run.at - timedelta(days=days)) if days else []
    count = copies.take(old)
    span = min((at for _, at in old), default=None), max((at for _, at in old), default=None)
    with storage.writing(surroundings.engine) as connection:
        protocol.note(connection, run, f"copies = {days}", COPIES, count, span)
    return Due("copies", days, COPIES, count, span[0])
