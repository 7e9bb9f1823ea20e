"""Whether the sender of a mail is proved: what the own mail server says of him, and that he is one. Pure.

Anybody can write Authentication-Results (RFC 8601). Those count that bear the name of the own server
(``trusted_authserv_id``) and were written at its door: its topmost one and what stands directly with it, before the
next Received line; what a mail brought along from elsewhere stands below that. A pass must be aligned with the one
author of the mail (RFC 7489, 3.1): DMARC for his domain, or SPF or DKIM for it, for a domain below it or above it.
What DMARC refuses no SPF and no DKIM saves: the domain may ask for strict alignment. ARC proves nothing here: the own
server turns a chain that it trusts into a DMARC pass.

Without a name of the own server nothing can be proved; then any failure that a header reports speaks against the
sender. Exchange Online writes no name: where the very first header has none and says that he failed, he failed.
``intake.mail.mime.header`` keeps the first field of a name only, hence the reading here.
"""

import re
from collections.abc import Iterator
from email.utils import getaddresses
from enum import StrEnum

from msgspec import Struct

_FIELD = re.compile(
    rb"^(authentication-results|received|from)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE
)
_RESULT = re.compile(r"\s*(dmarc|spf|dkim)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)")
_PROPERTY = re.compile(r"\b(header\.(?:from|d|i)|smtp\.mailfrom|smtp\.mail)\s*=\s*(\S+)")
_MOST = 100_000  # bytes of a head


class Proof(StrEnum):
    """What is known of a sender."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"  # nobody says anything


class _Result(Struct, frozen=True):
    """One result of a header: method, outcome, and its properties by name, all in small letters."""

    method: str
    outcome: str
    properties: dict[str, str]


def authors(raw: bytes) -> tuple[str, ...]:
    """Every address in every From field of a mail (its bytes), in small letters; more than one is nobody's word."""
    values = [
        value.decode("utf-8", "replace").replace("\r", "").replace("\n", "")
        for name, value in _fields(raw)
        if name == b"from"
    ]
    return tuple(address.casefold() for value in values for _, address in getaddresses([value])) if values else ()


def proof(raw: bytes, server: str, author: str) -> Proof:
    """What the mail's own server says of ``author`` (an address), who wrote the mail (its bytes).

    Without the name of a ``server`` nobody is ever PROVED. Raises nothing.
    """
    domain = author.rpartition("@")[2].casefold().rstrip(".")
    own, others = _headers(raw, server.casefold())
    if own:
        return _judged([result for header in own for result in header], domain)
    failed = any(_refused(header) for header in others)
    return Proof.REFUTED if failed else Proof.UNKNOWN


def _headers(raw: bytes, server: str) -> tuple[list[list[_Result]], list[list[_Result]]]:
    """The own server's results, and those that speak at most against a sender."""
    own: list[list[_Result]] = []
    others: list[list[_Result]] = []
    first = True
    for name, value in _fields(raw):
        if name == b"received" and own:
            break
        if name != b"authentication-results":
            continue
        identity, results, nameless = _read(value.decode("latin-1"))
        if server and identity == server:
            own.append(results)
        elif (nameless and first) or not server:
            others.append(results)
        first = False
    return own, others


def _fields(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    head = re.split(rb"\r?\n\r?\n", raw[:_MOST], maxsplit=1)[0]
    for found in _FIELD.finditer(head):
        yield found[1].lower(), found[2]


def _read(value: str) -> tuple[str, list[_Result], bool]:
    """The server's name, its results, and whether it named none; comments and quotes hold no results."""
    text = _plain(value).casefold()
    parts = text.split(";")
    nameless = _RESULT.match(parts[0]) is not None
    identity = "" if nameless else next(iter(parts[0].split()), "")
    results = [
        _Result(found[1], found[2], dict(_PROPERTY.findall(part)))
        for part in parts
        if (found := _RESULT.match(part)) is not None
    ]
    return identity, results, nameless


def _plain(value: str) -> str:
    """Without comments, and without what parts results inside quotes (RFC 5322, 3.2); read once from left to right."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for letter in value:
        if escaped:
            escaped = False
        elif letter == "\\" and (depth or quoted):
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif quoted:
            kept.append("" if letter in ";= \t\r\n" else letter)
        elif letter in "()":
            depth = max(0, depth + (1 if letter == "(" else -1))
            kept.append(" ")
        elif not depth:
            kept.append(letter)
    return "".join(kept)


def _judged(results: list[_Result], domain: str) -> Proof:
    dmarc = [one for one in results if one.method == "dmarc"]
    if any(one.outcome == "fail" for one in dmarc):
        return Proof.REFUTED
    if any(one.outcome == "pass" and one.properties.get("header.from", domain) != domain for one in dmarc):
        return Proof.REFUTED  # of another author than the one we read
    if any(one.outcome == "pass" for one in dmarc) or any(_aligned(one, domain) for one in results):
        return Proof.PROVED
    return Proof.REFUTED if _refused(results) else Proof.UNKNOWN


def _refused(results: list[_Result]) -> bool:
    """DMARC decides; without it SPF and DKIM, of which one that passed is enough."""
    said = {(one.method, one.outcome) for one in results}
    if ("dmarc", "pass") in said or ("dmarc", "fail") in said:
        return ("dmarc", "fail") in said
    if ("spf", "pass") in said or ("dkim", "pass") in said:
        return False
    return bool({("spf", "fail"), ("spf", "softfail"), ("dkim", "fail")} & said)


def _aligned(result: _Result, domain: str) -> bool:
    """Whether SPF or DKIM passed for the author's domain, one below it or one above it that is no top level."""
    if result.outcome != "pass" or not domain:
        return False
    names = ("header.d", "header.i") if result.method == "dkim" else ("smtp.mailfrom", "smtp.mail")
    if result.method not in {"dkim", "spf"}:
        return False
    found = next((result.properties[name] for name in names if name in result.properties), "")
    other = found.rpartition("@")[2].strip("<>").rstrip(".")
    above = "." in other and domain.endswith(f".{other}")
    return bool(other) and (other == domain or other.endswith(f".{domain}") or above)
