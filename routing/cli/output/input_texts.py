"""What a person names on the command line, as a message: a mail, a text file, standard input, a cell of a table."""

import hashlib
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from intake import mail
from intake.message import Message

_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\n\r")
_FIRST_LINE = re.compile(rb"(?:>?From |[ \t]*[!-9;-~]+[ \t]*:)")
_MAIL_FIELD = re.compile(
    rb"(?im)^[ \t]*(?:from|to|subject|date|received|return-path|delivered-to|message-id|mime-version|content-type)"
    rb"[ \t]*:"
)


def read(name: str) -> Message:
    """The message in the file, or (``-``) on standard input. Raises OSError."""
    if name == "-":
        return _decoded(sys.stdin.buffer.read())
    path = Path(name)
    raw = path.read_bytes()
    if path.suffix.lower() == ".txt" and not _looks_like_mail(raw):
        return _decoded(raw)

    return mail.parse(raw, received_at=datetime.now(UTC))


def message(text: str) -> Message:
    """A bare text, as if a citizen had written it in a mail without a subject."""
    return Message(channel="Text", identity=hashlib.sha256(text.encode()).digest(), text=text, new_text=text)


def _decoded(raw: bytes) -> Message:
    try:
        return message(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return message(raw.decode("cp1252", errors="replace"))


def _looks_like_mail(raw: bytes) -> bool:
    """Whether it begins with a header, or with the line that mailbox files put before one; notes have colons too."""
    head = _BLANK_LINE.split(raw.lstrip(b"\xef\xbb\xbf\r\n")[:100_000], maxsplit=1)[0]
    return _FIRST_LINE.match(head) is not None and _MAIL_FIELD.search(head) is not None
