"""Case numbers that a mailbox shows: in the subjects of answers and sent letters, and in the Message-IDs they name."""

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from intake import reference
from intake.mailbox import ReadOnlyMailbox

_ENCODED = re.compile(r"=\?[^?\s]+\?[bqBQ]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[bqBQ]\?[^?]*\?=)*")


def shown(box: ReadOnlyMailbox, prefix: str) -> dict[str, int]:
    """The highest number of each series ("KOD-2026") that the folders of a connected mailbox show.

    Asked are the polled folder, those for read mail and those for sent mail. Raises TemporaryError.
    """
    settings, highest = box.settings, dict[str, int]()
    for name in (settings.folder, settings.done, settings.unreadable):
        if found := box.open(name):
            _note(highest, (one for header in box.headers(found) for one in _named(header, prefix)))
    for name in box.sent_folders():
        _note(highest, (one for header in box.headers(box.open_spelled(name)) for one in _named(header, prefix)))
    return highest


def _note(highest: dict[str, int], numbers: Iterator[str]) -> None:
    for number in numbers:
        series, _, serial = number.rpartition("-")
        highest[series] = max(highest.get(series, 0), int(serial))


def _named(header: bytes, prefix: str) -> Iterator[str]:
    """Every case that these header lines name."""
    text = re.sub(r"\r?\n[ \t]", " ", header.decode("utf-8", "replace"))
    for found in reference.find_cases(_ENCODED.sub(_decoded, text).upper(), prefix):
        yield found.case


def _decoded(found: re.Match[str]) -> str:
    try:
        return str(make_header(decode_header(found[0])))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return found[0]
