"""Recognising what comes back on our own letters, so that a body's answer is never taken for a citizen's concern.

Pure. An answer is recognised by its sender (the domain of a recipient in config.toml) and a case number in its
subject. What the answer says is not read here: the case is shown as answered, and a person looks.
"""

import re

from intake.message import Message
from routing.settings import Recipient

_NUMBER = re.compile(r"\[?\b(KOD-\d{4}-\d{6,})(?:-(\d{1,3}))?\b\]?", re.IGNORECASE)


def case_number(message: Message) -> str:
    """The number of one of our cases in the subject, or nothing."""
    found = _NUMBER.search(message.subject)
    return found[1].upper() if found else ""


def body_of(message: Message, recipients: dict[str, Recipient]) -> str:
    """The id of the recipient from whose domain the mail comes, or nothing.

    A domain that a citizen's mail may come from as well is not configured for a recipient.
    """
    domain = message.from_addr.rpartition("@")[2].casefold()
    if not domain:
        return ""
    for name, recipient in recipients.items():
        if any(address.rpartition("@")[2].casefold() == domain for address in recipient.addresses):
            return name
    return ""
