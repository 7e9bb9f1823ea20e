"""The fingerprint of a call: what stays the same when a list is sorted, grown, re-encoded or its status edited.

It hashes the local day, the time to the minute, the place and the concern, without case, punctuation, hyphens and
line breaks, with "Straße" and "Str." alike. The file, the row's number, seconds (Excel drops them), the caller,
status, remarks and staff do not count. A row without words is told by its phone number instead. The ``nth`` row of the
same words on a day without a time is a tally mark of its own; with a time it is the same row, pasted twice.
"""

import hashlib
from datetime import date

from intake.phone_log.normalize import squeezed

_SCHEME = "phone-log/1"  # change it and every old row becomes new


def fingerprint(
    *, day: date | None, minute: int | None, place: str, text: str, contact: str = "", nth: int = 0
) -> bytes:
    """32 bytes, equal exactly for two copies of one row. ``day`` and ``minute`` in Krefeld's time, if given."""
    words = squeezed(text)
    parts = (
        _SCHEME,
        day.isoformat() if day else "",
        "" if minute is None else f"{minute // 60:02}:{minute % 60:02}",
        squeezed(place).replace("strasse", "str"),
        words or "".join(filter(str.isdigit, contact)),
        str(nth or ""),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).digest()
