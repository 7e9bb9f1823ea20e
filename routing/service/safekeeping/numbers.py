"""Case numbers that a mailbox shows: in the subjects of answers and sent letters, and in the Message-IDs they name.

Anybody can write a number into a subject. One so high that the mails on the server cannot have led there is left out.
"""

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from msgspec import Struct, field

from intake import reference
from intake.mailbox import ReadOnlyMailbox

LEEWAY = 10_000
"""Cases that came from elsewhere: phone logs."""
_ENCODED = re.compile(r"=\?[^?\s]+\?[bqBQ]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[bqBQ]\?[^?]*\?=)*")


class Shown(Struct):
    """What mailboxes show: the numbers of each series ("KOD-2026"), and how many mails there are."""

    serials: dict[str, set[int]] = field(default_factory=dict)
    mails: int = 0

    def highest(self, series: str, counter: int) -> int:
        """The highest believable number of the series, whose ``counter`` stands there; 0 without any."""
        most = counter + self.mails + LEEWAY
        return max((serial for serial in self.serials.get(series, ()) if serial <= most), default=0)


def look(box: ReadOnlyMailbox, prefix: str, shown: Shown, *, inbox: bool) -> None:
    """Add what the folders of a connected mailbox show: those for read and sent mail, with ``inbox`` the polled one.

    Raises TemporaryError.
    """
    settings = box.settings
    for name in (settings.done, settings.unreadable, *([settings.folder] if inbox else [])):
        if found := box.open(name):
            _add(box.headers(found), prefix, shown)
    for name in box.sent_folders():
        _add(box.headers(box.open_spelled(name)), prefix, shown)


def _add(headers: Iterator[bytes], prefix: str, shown: Shown) -> None:
    for header in headers:
        shown.mails += 1
        text = re.sub(r"\r?\n[ \t]", " ", header.decode("utf-8", "replace"))
        for found in reference.find_cases(_ENCODED.sub(_decoded, text).upper(), prefix):
            series, _, serial = found.case.rpartition("-")
            shown.serials.setdefault(series, set()).add(int(serial))


def _decoded(found: re.Match[str]) -> str:
    try:
        return str(make_header(decode_header(found[0])))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return found[0]
