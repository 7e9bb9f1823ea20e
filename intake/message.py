"""The one shape that every mail and every row of a phone log takes before anything else sees it.

Pure values: no I/O, no clock. ``intake.mail.parse`` and ``intake.phone_log.read`` make them, ``intake.storage``
keeps them, ``routing`` judges them.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Automatic(StrEnum):
    """Why a mail was written by a machine (RFC 3834, RFC 3464); a person's mail has none of these."""

    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    BULK = "bulk"
    OWN = "own"  # one of our own letters coming back


UNREAD = ":unread:"
"""Behind a file's digest in the key of what is no row: lines that were not read, as a message."""


class Kind(StrEnum):
    """What a source already knows of a message that is no concern; empty for the ordinary ones."""

    ORDINARY = ""
    MISSED_CALL = "missed call"
    WRONG_NUMBER = "wrong number"
    OUTGOING_CALL = "outgoing call"
    UNREAD_LINES = "unread lines"
    HANDED_BACK = "handed back"
    BESIDE_CALLS = "beside calls"  # what a list says of its calls in columns that are no concern
    LIST_MAIL = "list mail"  # with the header fields of a list (RFC 2919, 2369)
    SPAM = "spam"  # by the verdict of the mail server


class Attachment(Struct, frozen=True):
    """One file of a mail, as the index keeps it; its bytes stay in the raw message.

    ``name`` is safe as a file name and may be empty; ``size`` counts decoded bytes; ``inline`` tells a picture shown
    within the text from a file added to it; ``decoration`` marks logos, icons and tracking pixels, which show nothing;
    ``forwarded`` what lies within a forwarded message, which is a file itself; ``titled`` such a message without a
    name, for which its subject stands.
    """

    name: str
    content_type: str
    size: int
    inline: bool
    decoration: bool = False
    forwarded: bool = False
    titled: bool = False

    @property
    def given_name(self) -> str:
        """The name that the mail gives the file."""
        return "" if self.titled else self.name


class Failure(Struct, frozen=True):
    """A recipient of whom a bounce reports (RFC 3464).

    ``status`` is like "5.1.1", ``action`` "failed", "delayed", "delivered" …; each may be empty.
    """

    address: str
    status: str
    action: str
    diagnosis: str


class BouncedLetter(Struct, frozen=True):
    """What a bounce gives back: the original's Message-ID, its number (KOD-…), and the recipients it failed for.

    ``token`` stands behind the number in the original's subject; who does not have the letter does not know it.
    """

    message_id: str
    number: str
    failures: tuple[Failure, ...] = ()
    token: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """A mail or a row as read.

    ``date`` is what the sender claims (aware, UTC) and may be absurd; ``text`` is the whole readable body and
    ``new_text`` what the citizen wrote now. ``message_id`` and ``references`` carry no angle brackets. ``identity``
    (32 bytes) is equal exactly for two copies of one message. ``problems`` are German sentences for staff.
    ``contact``, ``place``, ``kind``, ``follows`` and ``consent`` come from phone logs: ``follows`` is the identity of
    the row that this one supplements, ``edited`` says that it is that row in other words, no further report;
    ``consent`` is whether contact data may be passed on (None: not asked).
    ``case_number`` is the KOD-… that the mail names: in its subject, in an automatic mail elsewhere too; ``returned``
    what a bounce gives back.
    """

    channel: str
    identity: bytes
    subject: str = ""
    from_name: str = ""
    from_addr: str = ""
    reply_to: str = ""
    contact: str = ""
    place: str = ""
    date: datetime | None = None
    text: str = ""
    new_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""
    references: tuple[str, ...] = ()
    automatic: Automatic | None = None
    case_number: str = ""
    returned: BouncedLetter | None = None
    kind: Kind = Kind.ORDINARY
    follows: bytes = b""
    edited: bool = False
    consent: bool | None = None
    problems: tuple[str, ...] = ()


class Arrival(Struct, frozen=True, kw_only=True):
    """A message where it was found: the source's name and its key there, with the bytes as they came.

    ``key`` is unique within ``source``: for mail ``folder;UIDVALIDITY;UID``, for a row the file's hash and the row's
    number. ``received_at`` (aware, UTC) is the server's INTERNALDATE or the time of the call, which later steps trust
    more than ``message.date``. ``looks_urgent`` puts it first in the line for a decision, and means nothing else.
    """

    source: str
    key: str
    received_at: datetime
    raw: bytes
    message: Message
    looks_urgent: bool = False


class Stored(Struct, frozen=True):
    """A message with what only the database knows of it."""

    id: int
    source: str
    received_at: datetime
    message: Message
