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
    """What is known of a mail before it is fetched."""

    size: int
    received_at: datetime


def facts(client: Client, uids: Sequence[int]) -> Iterator[dict[int, Facts]]:
    """Sizes and dates of ascending ``uids``, some hundred at a time. Dicts keyed by UID: (size in bytes, arrival)."""
    for chosen in uid_sets(uids, FACTS_AT_ONCE):
        _, data = client.uid_command("FETCH", chosen, "(UID RFC822.SIZE INTERNALDATE)")
        yield {uid: known for uid, known in map(_read_answer, data) if uid and known}


def mails(client: Client, uids: Sequence[int], *, max_size: int, max_bytes: int) -> Iterator[list[Fetched]]:
    """The mails of ascending ``uids``, in batches limited in number and in bytes; a batch is never empty."""
    for known in facts(client, uids):
        for group in _groups(known, max_bytes=max_bytes, max_size=max_size):
            found = _fetch(client, group, complete=known[group[0]].size <= max_size)
            batch = [
                Fetched(uid, known[uid].received_at, found[uid], known[uid].size, known[uid].size <= max_size)
                for uid in group
                if found.get(uid) or (uid in found and known[uid].size == 0)  # one that vanished may come as empty
            ]
            if batch:
                yield batch


def _groups(known: dict[int, Facts], *, max_bytes: int, max_size: int) -> Iterator[list[int]]:
    """Cut ascending UIDs into runs to fetch at once; an oversized mail stands alone."""
    group: list[int] = []
    size = 0
    for uid in sorted(known):
        oversized = known[uid].size > max_size
        if group and (oversized or len(group) == MAILS_AT_ONCE or size + known[uid].size > max_bytes):
            yield group
            group, size = [], 0
        group.append(uid)
        size += known[uid].size
        if oversized:
            yield group
            group, size = [], 0
    if group:
        yield group


def _fetch(client: Client, uids: Sequence[int], *, complete: bool) -> dict[int, bytes]:
    part = "BODY.PEEK[]" if complete else f"BODY.PEEK[]<0.{FIRST_BYTES}>"
    outcome, data = client.uid_command("FETCH", uid_set(uids), f"(UID {part})")
    found = dict(bodies(data))
    if outcome == "NO" and len(uids) > 1:  # one mail the server cannot read must not hide the others
        for uid in uids:
            if uid not in found:
                found |= _fetch(client, [uid], complete=complete)
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

    ``text``: bytes of a FETCH answer (RFC 3501, 7.4.2); None when one of both is missing.
    """
    size = _SIZE.search(text)
    return Facts(int(size[1]), read_date(text)) if size else None


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
