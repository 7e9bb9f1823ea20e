"""The head of a letter: its envelope, which is what the headers say whatever the letter is about, and the fields.

Values come from config.toml alone; nothing of a citizen gets in here but the Message-IDs that a letter answers. All
are stripped of line ends and control characters before anything else.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache, lru_cache
from typing import Literal

from msgspec import Struct

from intake.base import german, umlauts
from routing.model.transport import Outgoing

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_FORBIDDEN_IN_ID = re.compile(r"[^A-Za-z0-9.@_+-]")
_NO_ID = re.compile(r"[^\x21-\x7e]+|[<>]+")  # of somebody else's, which must be repeated exactly
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_THREAD = 10
_NUMBER = 100
_WIDTH = 78


class Envelope(Struct, frozen=True, kw_only=True):
    """From whom to whom, when, under which number; ``date`` is aware, Message-IDs carry no brackets.

    ``answers`` are the Message-IDs of the thread that the letter belongs to, the answered one last (RFC 5322, 3.6.4).
    ``proof`` is the token behind the number in the subject, by which an answer is known; "" for a letter that nobody
    is to answer.
    """

    number: str  # of the case or of the digest; in the header X-KOD-Intake, by which our own letters are known
    sender: str  # "KOD Krefeld <kod@krefeld.invalid>"
    reply_to: str
    to: tuple[str, ...]
    message_id: str
    date: datetime
    answers: tuple[str, ...] = ()
    proof: str = ""
    auto_submitted: Literal["auto-generated", "auto-replied"] = "auto-generated"  # RFC 3834, 5

    @property
    def return_path(self) -> str:
        """The sender for SMTP; empty for an automatic answer, so that nothing answers it (RFC 3834, 3.3)."""
        return "" if self.auto_submitted == "auto-replied" else bare(self.sender)


def envelope(
    known: Outgoing,
    number: str,
    to: Sequence[str],
    date: datetime,
    token: str,
    *,
    answers: Sequence[str] = (),
    proof: str = "",
    auto_submitted: Literal["auto-generated", "auto-replied"] = "auto-generated",
) -> Envelope:
    """The envelope of a letter to the addresses ``to``.

    ``date`` is aware, ``token`` is the randomness for the Message-ID.

    ``answers`` are the Message-IDs that it answers, oldest first; ``proof`` is the token for its subject.
    """
    return Envelope(
        number=number,
        sender=known.sender,
        reply_to=known.reply_to,
        to=tuple(to),
        message_id=new_message_id(number, known.domain, token),
        date=date,
        answers=tuple(answers),
        proof=proof,
        auto_submitted=auto_submitted,
    )


def new_message_id(number: str, domain: str, token: str) -> str:
    """A Message-ID without brackets (RFC 5322, 3.6.4)."""
    return bare_id(f"{number.lower()}.{token}@{domain}")


def fields(envelope: Envelope, subject: str) -> str:
    """The header fields of a letter, the last line end included (RFC 5322, RFC 3834)."""
    thread = [f"<{known}>" for one in envelope.answers[-_THREAD:] if (known := _NO_ID.sub("", one)) and len(one) < 250]
    return "".join(
        (
            field("From", _mailbox(envelope.sender)),
            field("To", ", ".join(_mailbox(address) for address in envelope.to)),
            field("Reply-To", _mailbox(envelope.reply_to)),
            field("Subject", _encoded(subject)),
            f"Date: {format_datetime(german.local(envelope.date))}\r\n",
            f"Message-ID: <{envelope.message_id}>\r\n",
            field("In-Reply-To", thread[-1]) if thread else "",
            field("References", " ".join(thread)) if thread else "",
            f"Auto-Submitted: {envelope.auto_submitted}\r\n",
            "X-Auto-Response-Suppress: All\r\n",  # Exchange
            field("X-KOD-Intake", plain(envelope.number)[:_NUMBER]),
            "Content-Language: de\r\nMIME-Version: 1.0\r\n",
        )
    )


def plain(text: str) -> str:
    """``text`` as one line of printable ASCII: ä becomes ae, ß ss, accents go, the rest is left out."""
    line = umlauts.transliterated(_CONTROLS.sub(" ", text))
    if not line.isascii():
        line = unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode()
    return " ".join(line.split())


def bare_id(message_id: str) -> str:
    """A Message-ID without angle brackets and without anything that does not belong into one."""
    return _FORBIDDEN_IN_ID.sub("", message_id)


@cache
def bare(sender: str) -> str:
    """The address alone of "Name <address>"."""
    return parseaddr(sender)[1]


def is_address(text: str) -> bool:
    """Whether ``text`` is one plain address, such as a header and an SMTP server take."""
    return _ADDRESS.fullmatch(text) is not None


def field(name: str, value: str) -> str:
    """A header field, folded before spaces where a line would be longer than 78 characters (RFC 5322, 2.2.3).

    One that is folded already stays as it is.
    """
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
