"""A letter that goes out once more as a new one: other Message-ID, date and subject, the same words.

Works on the bytes that ``headers`` and ``mime`` made, of which only the head is touched. The new letter stands in the
thread of the first, so that a mail program shows them together. Pure.
"""

import re
from datetime import datetime
from email.utils import format_datetime

from intake.base import german
from routing.letters import headers

_FIELD = re.compile(rb"^(?P<name>[A-Za-z-]+):[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", re.MULTILINE)
_AFTER_NUMBER = re.compile(r"^(\[[^\]]*\] )?")


def again(raw: bytes, subject: str, *, message_id: str, date: datetime, mark: str) -> tuple[str, bytes]:
    """(subject, bytes) of the letter ``raw`` once more; ``mark`` ("Wiederholung") stands behind the number."""
    marked = _AFTER_NUMBER.sub(lambda found: f"{found[0]}{mark}: ", subject, count=1) if mark else subject
    head, _, body = raw.partition(b"\r\n\r\n")
    head += b"\r\n"
    before = _value(head, b"message-id")
    thread = " ".join(part for part in (_value(head, b"references"), before) if part)
    fresh = {
        b"subject": headers.field("Subject", headers.plain(marked)),
        b"date": f"Date: {format_datetime(german.local(date))}\r\n",
        b"message-id": f"Message-ID: <{message_id}>\r\n"
        + headers.field("In-Reply-To", before)
        + headers.field("References", thread),
        b"in-reply-to": "",
        b"references": "",
    }

    def replaced(found: re.Match[bytes]) -> bytes:
        new = fresh.get(found["name"].lower())
        return found[0] if new is None else new.encode("ascii", "replace")

    return marked, _FIELD.sub(replaced, head) + b"\r\n" + body


def _value(head: bytes, name: bytes) -> str:
    """A field's value as one line."""
    found = next((one for one in _FIELD.finditer(head) if one["name"].lower() == name), None)
    return " ".join(found[0].decode("latin-1").partition(":")[2].split()) if found else ""
