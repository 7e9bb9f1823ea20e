"""A letter as bytes: headers and multipart/alternative, built by hand as the standard library is six times slower.

Header values are stripped of line ends and control characters before anything else, addresses come from config.toml,
bodies are quoted-printable, lines end in CRLF. Tests read every kind of letter back with the standard library.
"""

import binascii
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache

from intake import wording

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PLAIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS"}
    | {"–": "-", "—": "-", "„": '"', "“": '"', "”": '"', "‚": "'", "‘": "'", "’": "'", "…": "...", "·": "-"}
)
_FORBIDDEN_IN_ID = re.compile(r"[^A-Za-z0-9.@_+-]")
_WIDTH = 78


def message(
    *,
    subject: str,
    sender: str,
    to: Sequence[str],
    reply_to: str,
    date: datetime,
    message_id: str,
    number: str,
    text: str,
    html: str = "",
) -> bytes:
    """The whole message (RFC 5322, RFC 2046, CRLF); ``message_id`` with or without angle brackets."""
    head = [
        _header("From", _mailbox(sender)),
        _header("To", ", ".join(_mailbox(address) for address in to)),
        _header("Reply-To", _mailbox(reply_to)) if reply_to else "",
        _header("Subject", _encoded(subject)),
        f"Date: {format_datetime(wording.local(date))}\r\n",
        f"Message-ID: <{bare_id(message_id)}>\r\n",
        "Auto-Submitted: auto-generated\r\n",  # RFC 3834
        "X-Auto-Response-Suppress: All\r\n",  # Exchange
        _header("X-KOD-Intake", plain(number)) if number else "",
        "Content-Language: de\r\nMIME-Version: 1.0\r\n",
    ]
    if not html:
        return "".join((*head, _part("plain"))).encode("ascii") + _quoted(text)
    # "=_" occurs in no quoted-printable body, so the boundary needs no search
    edge = f"=_kod_{hashlib.sha256(message_id.encode()).hexdigest()[:24]}"
    first = f'Content-Type: multipart/alternative; boundary="{edge}"\r\n\r\n--{edge}\r\n{_part("plain")}'
    return b"".join(
        (
            "".join((*head, first)).encode("ascii"),
            _quoted(text),
            f"\r\n--{edge}\r\n{_part('html')}".encode("ascii"),
            _quoted(html),
            f"\r\n--{edge}--\r\n".encode("ascii"),
        )
    )


def plain(text: str) -> str:
    """``text`` as one line of printable ASCII: ä becomes ae, ß ss, accents go, the rest is left out."""
    line = _CONTROLS.sub(" ", text).translate(_PLAIN)
    if not line.isascii():
        line = unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode()
    return " ".join(line.split())


def bare_id(message_id: str) -> str:
    """A Message-ID without angle brackets and without anything that does not belong into one."""
    return _FORBIDDEN_IN_ID.sub("", message_id)


def _part(kind: str) -> str:
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"


def _quoted(body: str) -> bytes:
    """``body`` quoted-printable with CRLF, ending in one."""
    lines = body.rstrip("\n").replace("\r", "").replace("\n", "\r\n") + "\r\n"
    return binascii.b2a_qp(lines.encode("utf-8", "replace"), istext=True)


def _header(name: str, value: str) -> str:
    """A header field, folded before spaces where a line would be longer than 78, unless it is folded already."""
    line = f"{name}: {value}"
    if "\r\n" in value:  # encoded words: folding a fold again would leave an empty line, the end of the header
        return f"{line}\r\n"
    folded: list[str] = []
    while len(line) > _WIDTH and (space := line.rfind(" ", len(name) + 2 if not folded else 1, _WIDTH)) > 0:
        folded.append(line[:space])
        line = line[space:]
    return "\r\n".join((*folded, line)) + "\r\n"


def _encoded(text: str) -> str:
    line = " ".join(_CONTROLS.sub(" ", text).split())
    if line.isascii():
        return line
    return Header(line, "utf-8", maxlinelen=70, header_name="Subject").encode(linesep="\r\n")


@lru_cache(maxsize=256)
def _mailbox(text: str) -> str:
    """One address with or without a name, as a header holds it; ValueError when there is none."""
    name, address = parseaddr(_CONTROLS.sub(" ", text))
    if "@" not in address or not address.isascii() or " " in address:
        raise ValueError(f"„{text}“ ist keine E-Mail-Adresse.")
    return formataddr((name, address))
