"""Recognising what comes back on our own letters, so that a body's answer is never taken for a citizen's concern.

Pure. An answer is known by its sender (the domains of a recipient in config.toml) and by what it answers: the
Message-ID of a letter of ours, or the number of a case or a digest in its subject. What it says is read by
``routing.replies.reading``; which letter it was is looked up in ``routing.replies``.
"""

import re
from collections.abc import Mapping

from msgspec import structs

from intake.message import Message
from routing.model.settings import Recipient

_NUMBER = re.compile(r"\[?\b(KOD-\d{4}-\d{6,})(?:-(\d{1,3}))?\b\]?", re.IGNORECASE)
_DIGEST = re.compile(r"\b(KOD-S-\d{4}-\d\d-\d\d-[A-Z0-9_-]{1,64}-\d{1,4})\b", re.IGNORECASE)


def case_number(message: Message) -> str:
    """The number of one of our cases in the subject (``Message.case_number`` of a machine may stand elsewhere)."""
    return named(message)[0]


def named(message: Message) -> tuple[str, int | None]:
    """The case in the subject and the position behind its number, if any; ("", None) without a number."""
    found = _NUMBER.search(message.subject)
    if not found:
        return "", None
    return found[1].upper(), int(found[2]) if found[2] else None


def as_judged(message: Message) -> Message:
    """The message as the rules get it: our own subject, which names the category and comes back, is left out."""
    return structs.replace(message, subject="") if case_number(message) else message


def digest_number(message: Message) -> str:
    """The number of one of our digests in the subject, or nothing."""
    found = _DIGEST.search(message.subject)
    return found[1].upper() if found else ""


def speaking(message: Message, recipients: Mapping[str, Recipient]) -> frozenset[str]:
    """The bodies in whose name the mail may speak: the one with this very address, else all with this domain.

    A domain that a citizen's mail may come from as well is not configured for a recipient.
    """
    sender = message.from_addr.casefold()
    domain = sender.rpartition("@")[2]
    if not domain:
        return frozenset()
    exact = {name for name, body in recipients.items() if sender in body.folded_addresses}
    return frozenset(exact or {name for name, body in recipients.items() if domain in body.answering})
