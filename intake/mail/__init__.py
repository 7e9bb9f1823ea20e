"""Reads a mail: bytes in, a ``Message`` out, whatever the bytes are. Pure work, never raises, linear in their length.

``parse`` gives the exact fields, the whole readable text, what the citizen wrote now, the files' index, and whether a
machine wrote it. What could not be read is said in ``problems``, in German, for staff; the raw bytes stay in the
store, so nothing is lost here. Nothing is fetched, executed or unpacked.

The work lies in ``reader`` (a mail's parts; ``alternatives``: which of several texts is shown), ``new_text`` (what is
quoted and what is new), ``automatic`` and ``bounce`` (what machines write), ``formats`` (HTML, plain text, RTF, TNEF,
S/MIME) and ``mime`` (header fields, charsets, encodings, limits). Importing this package is light, because worker
processes need it alone.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from intake.mail import address, automatic, bounce, date, new_text, reader
from intake.mail.content import Content, Text
from intake.mail.mime import clean, header, limits, parts
from intake.message import Attachment, Automatic, BouncedLetter, Message

__all__ = ["files", "limits", "message_id", "parse", "parse_fetched", "parse_head", "plain", "unread"]

_ID = re.compile(r"<([^<>]{1,990})>")
_CHARSET = re.compile(rb"(?i)\bcharset\s*=\s*[\"']?([\w.:-]{2,40})")
_FALLBACKS = ((b"sender", "Sender"), (b"reply-to", "Reply-To"), (b"return-path", "Return-Path"))


def parse(raw: bytes, *, received_at: datetime, channel: str = "E-Mail") -> Message:
    """The mail ``raw``; ``received_at`` (aware) is when the server got it."""
    return _parse(bytes(raw), received_at, channel, "")


class Fetched(Protocol):
    """A mail as a server gave it."""

    @property
    def raw(self) -> bytes:
        """Its bytes, or no more than their beginning."""

    @property
    def size(self) -> int:
        """How many it has on the server."""

    @property
    def received_at(self) -> datetime:
        """When the server got it; aware, UTC."""

    @property
    def complete(self) -> bool:
        """Whether ``raw`` is all of it."""


def parse_fetched(item: Fetched) -> Message:
    """What ``parse`` reads of the whole mail, or ``parse_head`` of its beginning. Raises as these do."""
    if item.complete:
        return parse(item.raw, received_at=item.received_at)
    return parse_head(item.raw, item.size, received_at=item.received_at)


def parse_head(raw: bytes, size: int, *, received_at: datetime, channel: str = "E-Mail") -> Message:
    """A mail too large to be fetched, of which only the beginning was.

    ``raw`` are its first bytes (``limits.HEAD_BYTES``), ``size`` is its whole length in bytes, ``received_at`` aware,
    UTC. Raises nothing, as ``parse``.
    """
    megabytes = f"{size / 1_000_000:.1f}".replace(".", ",")
    notice = (
        f"Die Nachricht ist mit {megabytes} MB zu groß; gelesen wurde nur ihr Anfang. "
        "Vollständig liegt sie im Postfach im Ordner für Unlesbares."
    )
    return _parse(bytes(raw), received_at, channel, notice)


def plain(raw: bytes, problem: str, *, received_at: datetime, channel: str = "E-Mail") -> Message:
    """A mail of which only the beginning is looked at: the header's usual fields, and below it the raw text.

    For one that would take too long; ``problem`` says so (German). ``received_at`` is aware.
    """
    fields, body, _ = header.split(raw[: limits.PLAIN_BYTES], 0, min(len(raw), limits.PLAIN_BYTES))
    content = Content(None)
    sender = _sender(content, fields, "")
    text, _ = clean.body(raw[body : body + limits.PLAIN_BYTES].decode("utf-8", "replace"))
    return Message(
        channel=channel,
        identity=hashlib.sha256(raw).digest(),
        subject=header.text(fields, b"subject"),
        from_name=sender.name,
        from_addr=sender.address,
        date=_date(content, fields, received_at),
        text=text,
        new_text=text,
        message_id=_message_id(fields),
        problems=(problem, *content.problems),
    )


def unread(raw: bytes, *problems: str, channel: str = "E-Mail") -> Message:
    """A mail that could not be read, or not in time: its raw bytes as text, so that rules and people see what it says.

    ``problems`` are German sentences that go with it. Raises nothing.
    """
    text, _ = clean.body(raw[: limits.TEXT_CHARACTERS].decode("utf-8", "replace"))
    return Message(channel=channel, identity=hashlib.sha256(raw).digest(), text=text, new_text=text, problems=problems)


def files(raw: bytes, wanted: Callable[[Attachment], bool]) -> list[tuple[Attachment, bytes]]:
    """Those files of the mail ``raw`` that are ``wanted``, each with its bytes, in the order of the index."""
    content = Content(None, wanted=wanted)
    try:
        raw, fields, body, _ = _opened(bytes(raw))
        reader.read(content, parts.describe(fields), raw, body, len(raw))
    except Exception as error:  # whatever a mail does to us; what was found until then counts
        content.problem(type(error).__name__)
    return content.taken


def message_id(head: bytes) -> str:
    """The Message-ID in the header lines ``head`` (bytes), spelt as ``parse`` does.

    Empty where there is none to be read.
    """
    try:
        return _message_id(header.split(head, 0, len(head))[0])
    except Exception:  # as in _parse: hostile data, whatever it does to us
        return ""


def _parse(raw: bytes, received_at: datetime, channel: str, notice: str) -> Message:
    try:
        return _read(raw, received_at, channel, notice)
    except Exception as error:  # whatever a mail does to us, it must become a stored record
        problem = f"Die Nachricht ließ sich nicht lesen ({type(error).__name__}); der Rohtext steht da, wie er kam."
        return unread(raw, *([notice] if notice else []), problem, channel=channel)


def _read(raw: bytes, received_at: datetime, channel: str, notice: str) -> Message:
    raw, fields, body, faulty = _opened(raw)
    part = parts.describe(fields)
    charset = part.parameters.get("charset", "") or _charset_of_parts(raw, body, fields)
    subject = header.text(fields, b"subject", charset)
    message_id = _message_id(fields)
    content = Content(hashlib.sha256() if message_id else None)
    if notice:
        content.problem(notice)
    if faulty:
        content.problem("Der Kopf der Nachricht ist fehlerhaft; er wurde nach bestem Wissen gelesen.")
    sender = _sender(content, fields, charset)
    sent_at = _date(content, fields, received_at)
    content.identify(f"{message_id}\n{sender.name}\n{sender.address}\n{subject}".encode("utf-8", "replace"))
    content.identify(fields.get(b"date", b"").strip())
    texts = reader.read(content, part, raw, body, len(raw))
    report_type = part.parameters.get("report-type", "").lower() if part.content_type == "multipart/report" else ""
    kind = automatic.judge(
        fields, kinds=content.kinds, report_type=report_type, subject=subject, sender=sender.address
    )
    known = automatic.kind(fields, kind)
    given_back = _given_back(content, fields, texts) if kind is Automatic.BOUNCE else None
    text, new = _texts(content, texts, subject, kind, report=part.content_type == "multipart/report")
    if not text and not content.files:
        content.problem("Die Nachricht ist leer." if not subject else "Die Nachricht hat keinen Text.")
    return Message(
        channel=channel,
        identity=content.digest.digest() if content.digest else hashlib.sha256(raw).digest(),
        subject=subject,
        from_name=sender.name,
        from_addr=sender.address,
        reply_to=address.first(header.plain(fields, b"reply-to")).address if b"reply-to" in fields else "",
        date=sent_at,
        text=text,
        new_text=new,
        attachments=tuple(content.files),
        message_id=message_id,
        references=_references(fields),
        automatic=kind,
        case_number=_case_number(subject, text, kind, given_back),
        returned=given_back,
        kind=known,
        problems=tuple(content.problems),
    )


def _charset_of_parts(raw: bytes, body: int, fields: header.Fields) -> str:
    """What a part calls its charset, where the header holds raw letters and does not say which."""
    if all(fields.get(name, b"").isascii() for name in (b"subject", b"from")):
        return ""
    found = _CHARSET.search(raw, body, body + 20_000)
    return found[1].decode("ascii") if found else ""


def _given_back(content: Content, fields: header.Fields, texts: list[Text]) -> BouncedLetter:
    return bounce.read(fields, content.originals, content.reports, "\n".join([each.text for each in texts]))


def _case_number(subject: str, text: str, kind: Automatic | None, given_back: BouncedLetter | None) -> str:
    """The case that the subject names; what robots write names it anywhere."""
    number = bounce.case_number(subject)
    if number or kind is None:
        return number
    return bounce.case_number(given_back.number if given_back else "") or bounce.case_number(text)


def _opened(raw: bytes) -> tuple[bytes, header.Fields, int, bool]:
    """The mail with line feeds, its header fields, where its body begins, and whether the header is faulty."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    start = _beginning(raw)
    fields, body, faulty = header.split(raw, start, len(raw))
    if header.is_torn(fields):
        fields, body = header.mended(raw, fields, body)
    return raw, fields, body, faulty


def _beginning(raw: bytes) -> int:
    """Past a byte order mark and empty lines before the header."""
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    if raw[start : start + 1] in (b"\r", b"\n"):
        filled = len(raw) - len(raw[start:].lstrip(b"\r\n"))
        fields, _, _ = header.split(raw, filled, len(raw))
        return filled if fields else start
    return start


def _sender(content: Content, fields: header.Fields, charset: str) -> address.Mailbox:
    """From; where it has no address, what else says who wrote."""
    own = fields.get(b"from")
    sender = address.first(header.structured(own, charset)) if own else address.NOBODY
    if sender.address:
        return sender
    for name, shown in _FALLBACKS:
        other = address.first(header.plain(fields, name)) if name in fields else address.NOBODY
        if other.address:
            content.problem(f"Die Angabe des Absenders (From) fehlt oder ist unlesbar; genommen wurde {shown}.")
            return address.Mailbox(sender.name or other.name, other.address)
    content.problem("Der Absender fehlt.")
    return sender


def _date(content: Content, fields: header.Fields, received_at: datetime) -> datetime | None:
    value = header.plain(fields, b"date")
    sent_at = date.read(value) if value else None
    if sent_at is None:
        content.problem("Das Datum ist nicht lesbar." if value else "Das Datum fehlt.")
    elif sent_at.year < 1990 or sent_at - received_at > timedelta(days=2):
        content.problem("Das angegebene Datum kann nicht stimmen; es gilt die Zeit des Eingangs.")
    return sent_at


def _message_id(fields: header.Fields) -> str:
    value = header.plain(fields, b"message-id")
    if not value:
        return ""
    found = _ID.search(value)
    return clean.visible("".join((found[1] if found else value.strip("<> ")[:990]).split()))


def _references(fields: header.Fields) -> tuple[str, ...]:
    """The messages that this one follows, oldest first; the one it answers is last."""
    known = _identifiers(fields, b"references")
    answered = _identifiers(fields, b"in-reply-to")
    return tuple(dict.fromkeys(known[: limits.REFERENCES] + answered[: limits.REFERENCES]))


def _identifiers(fields: header.Fields, name: bytes) -> list[str]:
    value = header.plain(fields, name)
    if not value:
        return []
    found = _ID.findall(value) or [word for word in value.split() if "@" in word and len(word) < 990]
    return [clean.visible("".join(each.split())) for each in found]


def _texts(
    content: Content, texts: list[Text], subject: str, kind: Automatic | None, *, report: bool
) -> tuple[str, str]:
    """The whole readable text, and the new one. What is forwarded is new, but not what a report returns."""
    text = "\n\n".join([text for text, _ in texts])
    if len(text) > limits.TEXT_CHARACTERS:
        content.problem("Der Text ist ungewöhnlich lang; nur sein Anfang wurde gelesen.")
        text = text[: limits.TEXT_CHARACTERS]
    opened = [text for text, opened in texts if opened]
    own = "\n\n".join([text for text, opened in texts if not opened]) if opened else text
    new = new_text.extract(own[: limits.TEXT_CHARACTERS], subject)
    if opened and not report and kind is not Automatic.BOUNCE:
        new = "\n\n".join([new, *opened] if new else opened)[: limits.TEXT_CHARACTERS]
    return text, new
