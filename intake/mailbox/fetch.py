"""Fetching mails in batches: sizes and dates first, then the bytes, with constant memory however much lies there.

imapclient's parser goes through an answer character by character; here the two usual forms are read with a regular
expression, and everything unusual is given to that parser. Nothing here sets a flag (``BODY.PEEK``). A UID that a
person expunged meanwhile, or that the server cannot read, is absent from what comes back.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from imapclient import response_parser
from msgspec import Struct

from intake.mailbox.client import Client, uid_set, uid_sets

FACTS_AT_ONCE = 1_000
MAILS_AT_ONCE = 100
FIRST_BYTES = 1_048_576

_UID = re.compile(rb"[( ]UID (\d+)")
_SIZE = re.compile(rb"[( ]RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'[( ]INTERNALDATE "([ \d]\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"', re.ASCII)
_BODY = re.compile(rb"\d+ \(UID (\d+) BODY\[\](?:<0>)? \{\d+\}$")
_MONTHS = {name: number for number, name in enumerate(b"JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}


class Fetched(Struct, frozen=True):
    """A mail's bytes. ``received_at`` (aware, UTC) is INTERNALDATE, ``size`` what the server says.

    ``complete`` is False for a mail above ``max_size``: then ``raw`` is its first megabyte, headers included.
    """

    uid: int
    received_at: datetime
    raw: bytes
    size: int
    complete: bool


class Facts(Struct, frozen=True):
    """What is known of a mail before it is fetched; ``size`` is None where the server does not say."""

    size: int | None
    received_at: datetime


def facts(client: Client, uids: Sequence[int]) -> Iterator[dict[int, Facts]]:
    """Sizes and dates of ascending ``uids``, some hundred at a time. Dicts keyed by UID: (size in bytes, arrival)."""
    for chosen in uid_sets(uids, FACTS_AT_ONCE):
        _, data = client.uid_command("FETCH", chosen, "(UID RFC822.SIZE INTERNALDATE)")
        yield {uid: known for uid, known in map(_read_answer, data) if uid and known}


def mails(client: Client, uids: Sequence[int], *, max_size: int, max_bytes: int) -> Iterator[list[Fetched]]:
    """The mails of ascending ``uids``, in batches limited in number and in bytes; a batch is never empty."""
    for start in range(0, len(uids), FACTS_AT_ONCE):
        some = uids[start : start + FACTS_AT_ONCE]
        known = {uid: each for answer in facts(client, some) for uid, each in answer.items()}
        for group in groups(some, known, max_bytes=max_bytes, max_size=max_size):
            if batch := together(client, group, known, max_size=max_size):
                yield batch


def together(client: Client, group: Sequence[int], known: dict[int, Facts], *, max_size: int) -> list[Fetched]:
    """The mails of one of the ``groups``. Those that vanished, or that the server does not give, are absent."""
    size = known[group[0]].size if group[0] in known else None
    if size is None:
        return [mail for uid in group if (mail := _of_unknown_size(client, uid, known.get(uid), max_size)) is not None]
    complete = size <= max_size
    found = _fetch(client, group, f"BODY.PEEK[]{'' if complete else f'<0.{FIRST_BYTES}>'}")
    return [
        Fetched(uid, known[uid].received_at, found[uid], known[uid].size or 0, complete)
        for uid in group
        if found.get(uid) or (uid in found and known[uid].size == 0)  # one that vanished may come as empty
    ]


def _of_unknown_size(client: Client, uid: int, known: Facts | None, max_size: int) -> Fetched | None:
    """A mail of which the server does not say how large it is: as much as we would take, and a byte more."""
    found = _fetch(client, [uid], f"BODY.PEEK[]<0.{max_size + 1}>")
    raw = found.get(uid, b"")
    if not raw:
        return None
    received_at = known.received_at if known else datetime.now(UTC)
    complete = len(raw) <= max_size
    return Fetched(uid, received_at, raw if complete else raw[:FIRST_BYTES], len(raw), complete)


def groups(
    uids: Sequence[int], known: dict[int, Facts], *, max_bytes: int, max_size: int, alone: int | None = None
) -> Iterator[list[int]]:
    """Cut ``uids`` into runs to fetch at once; one above ``alone`` bytes (``max_size``), or unknown, stands alone."""
    group: list[int] = []
    total = 0
    for uid in uids:
        size = known[uid].size if uid in known else None
        single = size is None or size > min(max_size, alone or max_size)
        if group and (single or len(group) == MAILS_AT_ONCE or total + (size or 0) > max_bytes):
            yield group
            group, total = [], 0
        group.append(uid)
        total += size or 0
        if single:
            yield group
            group, total = [], 0
    if group:
        yield group


def heads(client: Client, uids: Sequence[int], size: int) -> dict[int, bytes]:
    """The first ``size`` bytes of each mail that the server gives."""
    return _fetch(client, uids, f"BODY.PEEK[]<0.{size}>")


def _fetch(client: Client, uids: Sequence[int], part: str) -> dict[int, bytes]:
    _, data = client.uid_command("FETCH", uid_set(uids), f"(UID {part})")
    found = dict(bodies(data))
    if len(found) < len(uids) > 1:  # one mail that the server cannot read must not hide the others
        for uid in uids:
            if uid not in found:
                found |= _fetch(client, [uid], part)
    return found


def bodies(data: Sequence[Any]) -> Iterator[tuple[int, bytes]]:
    """UID and bytes of each mail among the pieces of an answer."""
    for response in responses(data):
        usual = _BODY.match(response[0][0]) if len(response) == 2 and response[1] == b")" else None
        if usual:
            yield int(usual[1]), response[0][1]
            continue
        for uid, items in response_parser.parse_fetch_response(response, normalise_times=False).items():
            for name in (b"BODY[]", b"BODY[]<0>"):
                raw = items.get(name, 0)
                if raw is None or isinstance(raw, bytes):
                    yield uid, raw or b""


def responses(data: Sequence[Any]) -> Iterator[list[Any]]:
    """Group imaplib's pieces: a response is any number of (text, literal) pairs and the text after the last."""
    response: list[Any] = []
    for piece in data:
        response.append(piece)
        if isinstance(piece, bytes):
            yield response
            response = []


def _read_answer(piece: Any) -> tuple[int, Facts | None]:
    """UID and facts of one answer; 0 for what somebody else's change made the server say in between."""
    text = piece if isinstance(piece, bytes) else b""
    uid = _UID.search(text)
    return (int(uid[1]), read_facts(text)) if uid else (0, None)


def read_facts(text: bytes) -> Facts | None:
    """Size and date out of an answer's text.

    ``text``: bytes of a FETCH answer (RFC 3501, 7.4.2); None when it has neither.
    """
    size = _SIZE.search(text)
    if size is None and b"INTERNALDATE" not in text.upper():
        return None
    return Facts(int(size[1]) if size else None, read_date(text))


def read_date(text: bytes) -> datetime:
    """INTERNALDATE in UTC; where the server's own date makes no sense, the time of fetching."""
    found = _DATE.search(text)
    try:
        if found:
            day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
            offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
            zone = timezone(-offset if sign == b"-" else offset)
            moment = datetime(
                int(year), _MONTHS[month.upper()], int(day), int(hour), int(minute), int(second), tzinfo=zone
            )
            return moment.astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        pass
    return datetime.now(UTC)
