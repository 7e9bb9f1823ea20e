"""Recognising what comes back on our own letters, so that a body's answer is never taken for a citizen's concern.

Pure. An answer is known by its sender (the domains of a recipient in config.toml) and by what it answers: the
Message-ID of a letter of ours, or the number of a case or a digest in its subject. What it says is read by
``reading``; which letter it was is looked up by ``correlate``. ``prefix`` is that of the city's numbers: what has
another one is somebody else's ticket.
"""

from collections.abc import Mapping

from msgspec import structs

from intake import reference
from intake.message import Message
from intake.reference import CaseNumber
from routing.model.settings import Recipient


def case_number(message: Message, prefix: str) -> CaseNumber | None:
    """The case or concern in the subject (``Message.case_number`` of a machine may stand elsewhere)."""
    return reference.find_case(message.subject, prefix)


def as_judged(message: Message, prefix: str) -> Message:
    """The message as the rules get it: our own subject, which names the category and comes back, is left out."""
    return structs.replace(message, subject="") if case_number(message, prefix) else message


def digest_number(message: Message, prefix: str) -> str:
    """The number of one of our digests in the subject, or nothing."""
    return reference.find_digest(message.subject, prefix)


def speaking(message: Message, recipients: Mapping[str, Recipient]) -> frozenset[str]:
    """The bodies in whose name the mail may speak, a set of ids.

    The one with this very address, else all with this domain. A domain that a citizen's mail may come from as well is
    not configured for a recipient.
    """
    sender = message.from_addr.casefold()
    domain = sender.rpartition("@")[2]
    if not domain:
        return frozenset()
    exact = {name for name, body in recipients.items() if sender in body.folded_addresses}
    return frozenset(exact or {name for name, body in recipients.items() if domain in body.answering})
