"""What people do with letters that have not arrived: look, retry, hold, release, cancel, redirect, resume an address.

A letter is named by its number in the outbox. Each act is a line in the timeline of every case in the letter; letters
that are about no case (the desk's list, an acknowledgement) leave one without a case.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import errors, german
from routing import letters
from routing.desk import changing
from routing.model.settings import Configuration
from routing.model.transport import outgoing, own_addresses
from routing.store.outbox import letters as frozen
from routing.store.outbox import undelivered
from routing.store.outbox.undelivered import Failing, Line


def listed(engine: Engine, states: Sequence[str], limit: int) -> list[Line]:
    """Deliveries that have not arrived, the most urgent and oldest first; in these states, or in all."""
    with storage.reading(engine) as connection:
        return undelivered.lines(connection, states or undelivered.OPEN, limit)


def failing(engine: Engine) -> list[Failing]:
    """What each recipient has not got. A list of one per recipient."""
    with storage.reading(engine) as connection:
        return undelivered.failing(connection)


def stopped(engine: Engine) -> list[Any]:
    """Addresses that get no ordinary letters, with the reason and how many letters that concerns."""
    with storage.reading(engine) as connection:
        return undelivered.stopped(connection)


def inside(engine: Engine, number: int) -> list[Any]:
    """The concerns in a letter."""
    with storage.reading(engine) as connection:
        return undelivered.cases(connection, number)


def messages(engine: Engine, number: int) -> list[int]:
    """The messages (ids) that the concerns in a letter came with."""
    with storage.reading(engine) as connection:
        return undelivered.messages(connection, number)


def deliveries(engine: Engine, number: int) -> list[Line]:
    """What became of a letter at each of its addresses."""
    with storage.reading(engine) as connection:
        return undelivered.lines(connection, (*undelivered.OPEN, "sent", "cancelled"), letter=number)


class SentLetter(Struct, frozen=True):
    """A letter as it was frozen: what a reader of it sees, and what became of it at each address."""

    number: int
    subject: str
    composed_at: datetime
    text: str
    files: tuple[str, ...]
    deliveries: tuple[Line, ...]


def as_sent(engine: Engine, number: int) -> SentLetter:
    """The letter with this number in the outbox. Raises UsageError when there is none."""
    with storage.reading(engine) as connection:
        row = frozen.get(connection, number)
        if row is None:
            raise errors.UsageError(f"Ein Schreiben {number} gibt es nicht.")
        lines = undelivered.lines(connection, (*undelivered.OPEN, "sent", "cancelled"), letter=number)
    mail = message_from_bytes(row.raw, policy=policy.default)
    body = mail.get_body(("plain",))
    files = tuple(part.get_filename() or part.get_content_type() for part in mail.iter_attachments())
    return SentLetter(number, row.subject, row.composed_at, body.get_content() if body else "", files, tuple(lines))


def retry(engine: Engine, number: int | None, now: datetime, *, actor: str) -> str:
    """Try a letter (or all that wait or were refused) now. Says in German what.

    ``now``: aware, UTC. Raises TemporaryError, and RestrictedError for a letter about a restricted message.
    """
    with storage.writing(engine) as connection:
        if number is not None:
            changing.allowed(connection, undelivered.messages(connection, number))
        count = undelivered.retry(connection, number, now)
        _noted(connection, number, count, "Schreiben {} noch einmal versucht.", now, actor)
    return _told(count, "wird noch einmal versucht", "werden noch einmal versucht")


def hold(engine: Engine, number: int, now: datetime, *, actor: str) -> str:
    """Keep a letter back until ``release``. ``now``: aware, UTC. Raises TemporaryError."""
    with storage.writing(engine) as connection:
        count = undelivered.hold(connection, number)
        _noted(connection, number, count, "Schreiben {} angehalten.", now, actor)
    return _told(count, "ist angehalten", "sind angehalten")


def release(
    engine: Engine, number: int | None, now: datetime, *, actor: str, sender: str = "", recipient: str = ""
) -> str:
    """Let a held letter go, or all that the brake or trial operation held; of all only one cause's.

    ``sender``: an address; ``recipient``: a name in config.toml; ``now``: aware, UTC. Raises TemporaryError, and
    RestrictedError for a letter about a restricted message.
    """
    with storage.writing(engine) as connection:
        if number is not None:
            changing.allowed(connection, undelivered.messages(connection, number))
        count = undelivered.release(connection, number, now, sender=sender, recipient=recipient)
        _noted(connection, number, count, "Schreiben {} freigegeben.", now, actor)
    return _told(count, "ist freigegeben", "sind freigegeben")


def causes(engine: Engine) -> list[tuple[str, str, int]]:
    """What the brake holds, by (sender's address or "", recipient, how many). Raises TemporaryError."""
    with storage.reading(engine) as connection:
        return undelivered.causes(connection)


def cancel(engine: Engine, number: int, now: datetime, *, actor: str) -> str:
    """Never send what of the letter has not gone out. ``now``: aware, UTC. Raises TemporaryError."""
    with storage.writing(engine) as connection:
        count = undelivered.cancel(connection, number)
        _noted(connection, number, count, "Schreiben {} wird nicht mehr verschickt.", now, actor)
    return _told(count, "wird nicht mehr verschickt", "werden nicht mehr verschickt")


def redirect(
    engine: Engine, configuration: Configuration, number: int, address: str, now: datetime, *, actor: str
) -> str:
    """Send what of the letter has not gone out to ``address`` instead; raises UsageError for one that we poll.

    ``now``: aware, UTC. Raises RestrictedError for a letter about a restricted message.
    """
    _not_ours(configuration, address)
    with storage.writing(engine) as connection:
        changing.allowed(connection, undelivered.messages(connection, number))
        count = undelivered.redirect(connection, number, address, now)
        _noted(connection, number, count, f"Schreiben {{}} umgeleitet an {address}.", now, actor)
    return f"Schreiben {number} geht an {address}." if count else _told(0, "", "")


def resume(engine: Engine, configuration: Configuration, address: str, to: str, now: datetime, *, actor: str) -> str:
    """Send again all that came back from ``address`` or waits for it: there, or to its new place ``to``.

    Raises UsageError for an address that we poll ourselves. ``now``: aware, UTC.
    """
    to = to or address
    _not_ours(configuration, to)
    domain = outgoing(configuration.settings).domain

    def again(row: Any) -> tuple[str, str, bytes]:
        mail_id = letters.new_message_id("nochmal", domain, f"{row.recipient}.{secrets.token_hex(8)}")
        subject, raw = letters.again(row.raw, row.subject, message_id=mail_id, date=now, mark="")
        return mail_id, subject, raw

    with storage.writing(engine) as connection:
        numbers = undelivered.waiting_for(connection, address)
        for number in numbers:
            undelivered.note(connection, number, "outbox", f"Noch einmal geschickt an {to}.", now, actor)
        count = undelivered.resume(connection, address, to, now, again)
    where = "" if to == address else f" Das Ziel ist {to}."
    return _told(count, "wird noch einmal geschickt", "werden noch einmal geschickt") + where


def _not_ours(configuration: Configuration, address: str) -> None:
    """Raises UsageError for what is no address, or one whose letters would come back to us."""
    if not letters.is_address(address):
        raise errors.UsageError(f"„{address}“ ist keine E-Mail-Adresse.")
    if address.casefold() in own_addresses(configuration.settings):
        raise errors.UsageError(f"{address} holen wir selbst ab; das Schreiben käme zu uns zurück.")


def _noted(connection: Connection, number: int | None, count: int, detail: str, now: datetime, actor: str) -> None:
    if not count:
        return
    if number is None:
        storage.note(connection, now, "outbox", actor=actor, detail=detail.format(f"({count})"))
    else:
        undelivered.note(connection, number, "outbox", detail.format(number), now, actor)


def _told(count: int, one: str, many: str) -> str:
    if not count:
        return "Kein Schreiben, auf das das zutrifft. Alle zeigt: kod-intake outbox"
    return f"{german.counted(count, f'Schreiben {one}', f'Schreiben {many}')}."
