"""Where the parts of a multipart body lie (RFC 2046, section 5.1), found by searching for delimiter lines."""

import re
from collections.abc import Iterator

from intake.mail.mime import limits

_GUESSED_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\r\n]{1,200})\r?\n[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-")


def spans(boundary: str, raw: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """The list of parts, each (start, end) in bytes of ``raw``, between the lines of ``boundary`` (RFC 2046).

    Where that is wrong or missing, of the one that the body shows. Raises nothing.
    """
    if boundary:
        octets = boundary.encode("utf-8", "replace")
        found = _between(raw, start, end, b"--" + octets)
        if not found and octets != octets.rstrip():
            found = _between(raw, start, end, b"--" + octets.rstrip())
        if found:
            return found
    guessed = _GUESSED_BOUNDARY.search(raw, max(0, start - 1), end)
    return _between(raw, start, end, b"--" + guessed[1].rstrip()) if guessed else []


def bare(boundary: str, raw: bytes, start: int, end: int) -> tuple[int, int]:
    """The body that shows no part, without a delimiter of ``boundary`` that it begins or ends with.

    As the pair (start, end), offsets in bytes of ``raw``.
    """
    if not boundary:
        return start, end
    delimiter = b"--%b" % boundary.encode("utf-8", "replace")
    line_end = raw.find(b"\n", start, end)
    if raw[start : line_end if line_end >= 0 else end].rstrip() in (delimiter, delimiter + b"--"):
        start = line_end + 1 if line_end >= 0 else end
    found = raw.find(b"\n%b--" % delimiter, start, end)
    return start, found if found >= 0 else end


_BLANK_REST = rb"(--[- \t]*+)?[ \t\r\x0b\x0c]*+(?=\n|\Z)"
"""What follows a delimiter on its line: nothing, or what makes it the last one."""
_REST = re.compile(_BLANK_REST)


def _between(raw: bytes, start: int, end: int, delimiter: bytes) -> list[tuple[int, int]]:
    """The bodies between delimiter lines, without the line end that belongs to the delimiter."""
    spans: list[tuple[int, int]] = []
    opened = -1
    for at, after, closing in _lines(raw, start, end, delimiter):
        if opened >= 0:
            spans.append((opened, _without_line_end(raw, opened, at)))
        opened = -1 if closing else min(after + 1, end)
        if len(spans) > limits.PARTS or (closing and raw.find(b"\n" + delimiter, after, end) < 0):
            return spans
    if opened >= 0 and opened < end:
        spans.append((opened, end))
    return spans


def _lines(raw: bytes, start: int, end: int, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each delimiter line begins and ends, and whether it is the last one.

    ``find`` is the fastest where there are few; past a line that only begins like one an expression goes on, because
    a mail may have millions of them.
    """
    wanted = b"\n" + delimiter
    first = _REST.match(raw, start + len(delimiter), end) if raw.startswith(delimiter, start, end) else None
    if first is not None:
        yield start, first.end(), first[1] is not None
    at = raw.find(wanted, first.end() if first else start, end)
    line: re.Pattern[bytes] | None = None  # compiled where it is needed: each mail has a boundary of its own
    while at >= 0:
        found = _REST.match(raw, at + len(wanted), end)
        if found is None:
            line = line or re.compile(re.escape(wanted) + _BLANK_REST)
            found = line.search(raw, at, end)
            if found is None:
                return
            at = found.start()
        yield at + 1, found.end(), found[1] is not None
        at = raw.find(wanted, found.end(), end)


def _without_line_end(raw: bytes, start: int, end: int) -> int:
    if end - 2 >= start and raw[end - 2 : end] == b"\r\n":
        return end - 2
    return max(start, end - 1)
