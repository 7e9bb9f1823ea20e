"""The same on the mail servers: what is deleted here is removed from the folders for read mail.

A mail goes when every message that it is known as has lost its bytes, by age or on demand, or when its hash is among
the forgotten. Known it is by its Message-ID and size, for others may bear the same ID; where those leave it open (a
copy through an alias has another size) it is fetched and known by its content. A mail that nobody knows here stays,
and reconciliation names it: nothing is lost (P1).
"""

from collections.abc import Sequence

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
FETCHED = 500
"""So many mails of a folder are looked at by their content in one run."""
_WITH_BYTES = sa.select(stored.messages.c.id).where(
    stored.messages.c.id.in_(WANTED), stored.messages.c.bytes_gone_at.is_(None)
)
_WITHOUT_BYTES = sa.select(stored.messages.c.identity).where(
    stored.messages.c.identity.in_(WANTED), stored.messages.c.bytes_gone_at.is_not(None)
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
        doubtful: list[ListedMail] = []
        for start in range(0, len(mails), AT_ONCE):
            with storage.reading(engine) as connection:
                some, others = _deleted(connection, box.name, mails[start : start + AT_ONCE])
            going += some
            doubtful += others
        if not box.can_remove:
            left += len(going)
            continue
        going += _by_content(engine, box, doubtful[:FETCHED])
        if not going:
            continue
        count = box.remove(folder, opened, [item.uid for item in going])
        removed += count
        span = min(item.received_at for item in going), max(item.received_at for item in going)
        with storage.writing(engine) as connection:
            protocol.note(connection, run, rule, f"Mailserver: Postfach {box.name}, Ordner {folder}", count, span)
    return Cleared(box.name, removed, left)


def _deleted(
    connection: Connection, source: str, mails: Sequence[ListedMail]
) -> tuple[list[ListedMail], list[ListedMail]]:
    """What goes, and what must be fetched to know: lists of mails."""
    named = {item: number for item in mails if (number := mail.message_id(item.header))}
    nameless = [item for item in mails if item not in named]
    known = reconciliation.by_mail_id(connection, source, set(named.values()))
    alike = reconciliation.without_mail_id(connection, source, {item.size for item in nameless})
    every = {one.id for several in known.values() for one in several} | {
        number for several in alike.values() for number in several
    }
    with_bytes: set[int] = set()
    for some in pieces(sorted(every)):
        with_bytes.update(connection.scalars(_WITH_BYTES, {"wanted": some}))
    places = [(item.size, item.received_at) for item in nameless]
    gone_places = forgotten.nameless(connection, [one for one in places if one not in alike])
    asked = {(number, size) for item, number in named.items() for size in (item.size, None)}
    gone = forgotten.mails(connection, list(asked))
    going: list[ListedMail] = []
    doubtful: list[ListedMail] = []
    for item, number in named.items():
        candidates = known.get(number, [])
        same = {one.id for one in candidates if one.size == item.size}
        if same:
            going += [] if same & with_bytes else [item]
        elif (number, item.size) in gone:
            going.append(item)
        elif (number, None) in gone or {one.id for one in candidates} - with_bytes:
            doubtful.append(item)
    for item in nameless:
        same = set(alike.get((item.size, item.received_at), ()))
        if (same and not same & with_bytes) or (item.size, item.received_at) in gone_places:
            going.append(item)
    return going, doubtful


def _by_content(engine: Engine, box: ClearingMailbox, mails: Sequence[ListedMail]) -> list[ListedMail]:
    """Those of these mails of the folder opened last whose content is that of a deleted message."""
    left = {item.uid: item for item in mails}
    going: list[ListedMail] = []
    for batch in box.fetch(list(left)) if left else ():
        found = [(mail.parse_fetched(one).identity, left[one.uid]) for one in batch if one.uid in left]
        wanted = list(dict(found))
        with storage.reading(engine) as connection:
            gone = forgotten.identities(connection, wanted)
            gone.update(connection.scalars(_WITHOUT_BYTES, {"wanted": wanted}))
        going += [item for identity, item in found if identity in gone]
    return going
