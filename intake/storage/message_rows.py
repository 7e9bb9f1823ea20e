"""A row of the table ``messages`` and the value that it keeps: the one place where both are written down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from intake.message import Arrival, Attachment, Automatic, BouncedLetter, Failure, Kind, Message, Stored


class MessageRow(NamedTuple):
    """All columns of ``tables.messages``, in their order (a test compares them)."""

    id: int
    identity: bytes
    channel: str
    source: str
    received_at: datetime
    stored_at: datetime
    subject: str
    from_name: str
    from_addr: str
    reply_to: str
    contact: str
    place: str
    date: datetime | None
    text: str
    new_text: str
    attachments: list[dict[str, Any]]
    mail_id: str
    references: list[str]
    automatic: str
    case_number: str
    returned: dict[str, Any] | None
    kind: str
    follows: bytes
    edited: bool
    consent: bool | None
    problems: list[str]
    size: int
    bytes_gone_at: datetime | None


def values(number: int, item: Arrival, now: datetime) -> dict[str, Any]:
    """What is inserted for a new message, by column. A dict of column name to value; ``now``: aware, UTC."""
    message = item.message
    return {
        "id": number,
        "identity": message.identity,
        "channel": message.channel,
        "source": item.source,
        "received_at": item.received_at,
        "stored_at": now,
        "subject": message.subject,
        "from_name": message.from_name,
        "from_addr": message.from_addr,
        "reply_to": message.reply_to,
        "contact": message.contact,
        "place": message.place,
        "date": message.date,
        "text": message.text,
        "new_text": message.new_text,
        "attachments": [_attachment(item) for item in message.attachments],
        "mail_id": message.message_id,
        "references": list(message.references),
        "automatic": message.automatic or "",
        "case_number": message.case_number,
        "returned": message.returned,
        "kind": message.kind,
        "follows": message.follows,
        "edited": message.edited,
        "consent": message.consent,
        "problems": list(message.problems),
        "size": len(item.raw),
        "bytes_gone_at": None,
    }


def _attachment(item: Attachment) -> dict[str, Any]:
    found = {"name": item.name, "content_type": item.content_type, "size": item.size, "inline": item.inline}
    return found | {name: True for name in ("decoration", "forwarded") if getattr(item, name)}


def _returned(kept: dict[str, Any] | None) -> BouncedLetter | None:
    if kept is None:
        return None
    failures = tuple(Failure(**failure) for failure in kept["failures"])
    return BouncedLetter(kept["message_id"], kept["number"], failures, kept.get("token", ""))


def stored(row: Sequence[Any]) -> Stored:
    """The value that was stored, of a row (a tuple of columns in order) that ends with all columns of ``messages``."""
    kept = MessageRow._make(row[-len(MessageRow._fields) :])
    message = Message(
        channel=kept.channel,
        identity=kept.identity,
        subject=kept.subject,
        from_name=kept.from_name,
        from_addr=kept.from_addr,
        reply_to=kept.reply_to,
        contact=kept.contact,
        place=kept.place,
        date=kept.date,
        text=kept.text,
        new_text=kept.new_text,
        attachments=tuple([Attachment(**item) for item in kept.attachments]),
        message_id=kept.mail_id,
        references=tuple(kept.references),
        automatic=Automatic(kept.automatic) if kept.automatic else None,
        case_number=kept.case_number,
        returned=_returned(kept.returned),
        kind=Kind(kept.kind) if kept.kind else Kind.ORDINARY,
        follows=kept.follows,
        edited=kept.edited,
        consent=kept.consent,
        problems=tuple(kept.problems),
    )
    return Stored(kept.id, kept.source, kept.received_at, message)
