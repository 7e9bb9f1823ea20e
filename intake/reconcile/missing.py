"""What lies filed away on the server and is not stored, as after a restore: found, and received from where it lies.

Nothing is moved. Mails come in the order in which the server received them, and go the way of every mail from there:
what is stored under its content already only gets a further place.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.engine import Engine

from intake import mail, storage
from intake import mailbox as imap
from intake.base.clock import Clock
from intake.message import Arrival
from intake.storage import reconciliation

AT_ONCE = 20

Place = tuple[datetime, int, str]  # when the server received it, UID, folder


def receive(box: imap.ReadOnlyMailbox, engine: Engine, clock: Clock) -> list[int]:
    """Store what lies in the folders for read mail and is not stored; gives the ids of the new messages, in order.

    ``box`` is connected. Raises TemporaryError; called again it goes on where it was.
    """
    settings = box.settings
    places: list[Place] = []
    for folder in (settings.done, settings.unreadable):
        if opened := box.open(folder):
            for listed in box.listed(opened):
                places += [(item.received_at, item.uid, folder) for item in _unknown(box, engine, listed)]
    new: list[int] = []
    for some in _same_folder(sorted(places)):
        folder = some[0][2]
        opened = box.open(folder)
        if opened is None:
            continue
        fetched = {item.uid: item for batch in box.fetch([uid for _, uid, _ in some]) for item in batch}
        arrivals = [
            _arrival(box.name, f"{folder};{opened.uid_validity};{uid}", fetched[uid])
            for _, uid, _ in some
            if uid in fetched
        ]
        with storage.writing(engine) as connection:
            new += storage.add(connection, arrivals, clock()).new
    return new


def _unknown(box: imap.ReadOnlyMailbox, engine: Engine, listed: list[imap.ListedMail]) -> list[imap.ListedMail]:
    """Those whose Message-ID is not stored with this size; probes of ours are none."""
    named = {item: mail.message_id(item.header) for item in listed}
    with storage.reading(engine) as connection:
        wanted = {number for number in named.values() if number}
        known = reconciliation.by_mail_id(connection, box.name, wanted)
        probes = storage.probes.known(connection, wanted)
    return [
        item
        for item, number in named.items()
        if number not in probes and not any(one.size == item.size for one in known.get(number, ()))
    ]


def _same_folder(places: list[Place]) -> Iterator[list[Place]]:
    """Neighbours that lie in one folder, so many together."""
    some: list[Place] = []
    for place in places:
        if some and (place[2] != some[0][2] or len(some) == AT_ONCE):
            yield some
            some = []
        some.append(place)
    if some:
        yield some


def _arrival(source: str, key: str, item: imap.Fetched) -> Arrival:
    message = mail.parse_fetched(item)
    return Arrival(source=source, key=key, received_at=item.received_at, raw=item.raw, message=message)
