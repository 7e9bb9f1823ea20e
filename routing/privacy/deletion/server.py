"""The same on the mail servers: what is deleted here is removed from the folders for read mail.

A mail goes when every message that it is known as has lost its bytes, by age or on demand, or when its hash is among
the forgotten. A mail that nobody knows here stays, and reconciliation names it: nothing is lost (P1).
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import mail, storage
from intake.mailbox import ClearingMailbox, ListedMail
from intake.storage import forgotten, reconciliation
from intake.storage import tables as stored
from intake.storage.queries import WANTED, pieces
from routing.privacy.deletion import protocol
from routing.privacy.deletion.protocol import Run

AT_ONCE = 1_000
_WITH_BYTES = sa.select(stored.messages.c.id).where(
    stored.messages.c.id.in_(WANTED), stored.messages.c.bytes_gone_at.is_(None)
)


class Cleared(Struct, frozen=True):
    """What became of a mailbox: how many mails were removed, and how many the server cannot remove."""

    mailbox: str
    removed: int
    left: int


def clear(engine: Engine, box: ClearingMailbox, rule: str, run: Run) -> Cleared:
    """Remove what is deleted here; ``box`` is connected, ``rule`` is for the protocol. Raises TemporaryError."""
    removed = left = 0
    for folder in box.read_folders:
        found = box.all_listed(folder)
        if found is None:
            continue
        opened, mails = found
        going: list[ListedMail] = []
        for start in range(0, len(mails), AT_ONCE):
            with storage.reading(engine) as connection:
                going += _deleted(connection, box.name, mails[start : start + AT_ONCE])
        if not going:
            continue
        if not box.can_remove:
            left += len(going)
            continue
        count = box.remove(folder, opened, [item.uid for item in going])
        removed += count
        span = min(item.received_at for item in going), max(item.received_at for item in going)
        with storage.writing(engine) as connection:
            protocol.note(connection, run, rule, f"Mailserver: Postfach {box.name}, Ordner {folder}", count, span)
    return Cleared(box.name, removed, left)


def _deleted(connection: Connection, source: str, mails: Sequence[ListedMail]) -> list[ListedMail]:
    named = {item: number for item in mails if (number := mail.message_id(item.header))}
    known = reconciliation.by_mail_id(connection, source, set(named.values()))
    gone = forgotten.mails(connection, [one for one in set(named.values()) if one not in known])
    found = {item: [one.id for one in known.get(number, ())] for item, number in named.items()}
    nameless = [item for item in mails if item not in named]
    alike = reconciliation.without_mail_id(connection, source, {item.size for item in nameless})
    places: set[tuple[int, datetime]] = {(item.size, item.received_at) for item in nameless}
    gone_places = forgotten.nameless(connection, [one for one in places if one not in alike])
    found |= {item: alike.get((item.size, item.received_at), []) for item in nameless}
    with_bytes: set[int] = set()
    for some in pieces(sorted({number for numbers in found.values() for number in numbers})):
        with_bytes.update(connection.scalars(_WITH_BYTES, {"wanted": some}))
    return [
        item
        for item, numbers in found.items()
        if (numbers and not with_bytes.intersection(numbers))
        or named.get(item, "") in gone
        or (item not in named and (item.size, item.received_at) in gone_places)
    ]
