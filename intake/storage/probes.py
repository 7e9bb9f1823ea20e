"""Probes: mails that this installation sends itself to see whether everything works, and that are counted nowhere.

A probe is known by its Message-ID, which bears a seal (HMAC-SHA-256, RFC 2104) under a secret of this database: nobody
who has not read the database can make one, and any probe is known as one for ever, also after a restore. Its mail is
taken out of the store once it was decided; only its row here tells of it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.storage import tables

State = Literal["sent", "decided", "arrived", "lost", "unanswered"]
"""On its way to the mailbox; decided, its letter is on its way; the letter was accepted. Too late: not decided, or its
letter not accepted in time."""
OPEN = ("sent", "decided")
MARK = "probe."
KEPT = 50
_SEALED_BY = "probe secret"
_PROBES, _C = tables.probes, tables.probes.c


class Probe(Struct, frozen=True):
    """One probe: to which of our addresses, when it was sent (aware, UTC), and how far it came."""

    nonce: str
    address: str
    sent_at: datetime
    state: State
    letter_id: int | None


def begin(connection: Connection, address: str, domain: str, now: datetime) -> tuple[str, str]:
    """A new probe that is sent ``now`` (aware, UTC): its nonce, and the Message-ID, without brackets."""
    nonce = secrets.token_hex(8)
    connection.execute(sa.insert(_PROBES).values(nonce=nonce, address=address, sent_at=now, state="sent"))
    oldest = sa.select(_C.nonce).where(_C.state.not_in(OPEN)).order_by(_C.sent_at.desc()).offset(KEPT)
    gone = list(connection.scalars(oldest))
    connection.execute(sa.delete(_PROBES).where(_C.nonce.in_(gone)))
    return nonce, f"{MARK}{nonce}.{_seal(_secret(connection, make=True), nonce)}@{domain}"


def known(connection: Connection, mail_ids: Collection[str]) -> dict[str, str]:
    """Which of these Message-IDs are of probes of ours, with their nonces; asks only where one looks like it."""
    marked = [one for one in mail_ids if one.startswith(MARK)]
    secret = _secret(connection) if marked else ""
    found = {}
    for mail_id in marked:
        nonce, _, seal = mail_id.removeprefix(MARK).partition("@")[0].partition(".")
        if secret and hmac.compare_digest(seal.encode(), _seal(secret, nonce).encode()):
            found[mail_id] = nonce
    return found


def all_(connection: Connection) -> list[Probe]:
    """Those that are remembered, the newest first."""
    rows = connection.execute(sa.select(_PROBES).order_by(_C.sent_at.desc()))
    return [Probe(row.nonce, row.address, row.sent_at, row.state, row.letter_id) for row in rows]


def come_to(connection: Connection, nonce: str, state: State, letter_id: int | None = None) -> None:
    """The probe is this far now."""
    connection.execute(sa.update(_PROBES).where(_C.nonce == nonce).values(state=state, letter_id=letter_id))


def take_out(connection: Connection, message_ids: Collection[int]) -> None:
    """Remove the mails of probes from the store, with all that was noted of them."""
    ids = list(message_ids)
    for column in (tables.waiting.c.message_id, tables.arrivals.c.message_id, tables.raw_messages.c.message_id):
        connection.execute(sa.delete(column.table).where(column.in_(ids)))
    connection.execute(sa.delete(tables.messages).where(tables.messages.c.id.in_(ids)))


def is_stored(connection: Connection, nonce: str) -> bool:
    """Whether the mail of the probe lies in the store, not decided yet."""
    mine = tables.messages.c.mail_id.startswith(f"{MARK}{nonce}.", autoescape=True)
    return connection.scalar(sa.select(tables.messages.c.id).where(mine).limit(1)) is not None


def _secret(connection: Connection, *, make: bool = False) -> str:
    names = tables.installation
    found = connection.scalar(sa.select(names.c.value).where(names.c.name == _SEALED_BY))
    if found is None and make:
        found = secrets.token_hex(32)
        connection.execute(sa.insert(names).values(name=_SEALED_BY, value=found))
    return found or ""


def _seal(secret: str, nonce: str) -> str:
    return hmac.new(secret.encode(), nonce.encode(), hashlib.sha256).hexdigest()[:32]
