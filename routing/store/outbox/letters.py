"""Letters frozen: bytes and Message-ID stored once and for all, with a delivery for each address."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from routing.store import desk_mail, forwards, tables
from routing.store.outbox.values import Held, NewLetter

Rows = list[dict[str, Any]]


def freeze(connection: Connection, letters: Sequence[NewLetter], now: datetime) -> Sequence[int]:
    """Store composed letters with their deliveries and give their ids; their forwards are composed from here on.

    A letter that is held, or not urgent and for an address that was reported as unknown, waits for a person. The ids
    stand in the order of the letters; ``now``: aware, UTC.
    """
    if not letters:
        return ()
    ids = storage.reserve_ids(connection, tables.letters, len(letters))
    numbered = list(zip(ids, letters, strict=True))
    stopped = set(connection.scalars(sa.select(tables.stopped.c.address)))
    deliveries = [
        _delivery_row(number, letter, address, stopped, now)
        for number, letter in numbered
        for address in letter.addresses
    ]
    for number, row in zip(
        storage.reserve_ids(connection, tables.deliveries, len(deliveries)), deliveries, strict=True
    ):
        row["id"] = number
    connection.execute(sa.insert(tables.letters), [_letter_row(number, letter, now) for number, letter in numbered])
    connection.execute(sa.insert(tables.deliveries), deliveries)
    forwards.composed(
        connection, [(forward, number, letter.chase_at) for number, letter in numbered for forward in letter.forwards]
    )
    return ids


def _letter_row(number: int, letter: NewLetter, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "mail_id": letter.mail_id,
        "recipient": letter.recipient,
        "urgency": letter.urgency,
        "sender": letter.sender,
        "subject": letter.subject,
        "raw": letter.raw,
        "composed_at": now,
        "resend_of": letter.resend_of,
        "addresses": len(letter.addresses),
        "forwards": len(letter.forwards),
        "token": letter.token,
        "listed": list(letter.listed or letter.forwards),
        "desk": desk_mail.packed(letter.desk) if letter.desk else None,
    }


def _delivery_row(letter_id: int, letter: NewLetter, address: str, stopped: set[str], now: datetime) -> dict[str, Any]:
    held = _held(letter, address, stopped)
    return {
        "letter_id": letter_id,
        "address": address,
        "rank": letter.urgency.rank,
        "state": "held" if held else "planned",
        "held": held,
        "due_at": now,
        "attempts": 0,
        "in_doubt": False,
        "instance": "",
        "reply": "",
    }


def _held(letter: NewLetter, address: str, stopped: set[str]) -> str:
    """Why the delivery to ``address`` is held, or "". What is urgent is tried even where a letter came back."""
    return letter.held or (Held.ADDRESS if address in stopped and not letter.urgency.is_urgent else "")


def get(connection: Connection, letter_id: int) -> Any:
    """A frozen letter's row, or None."""
    return connection.execute(sa.select(tables.letters).where(tables.letters.c.id == letter_id)).one_or_none()


def raw(connection: Connection, letter_id: int) -> bytes:
    """The bytes of a frozen letter."""
    query = sa.select(tables.letters.c.raw).where(tables.letters.c.id == letter_id)
    found: bytes = connection.execute(query).scalar_one()
    return found
