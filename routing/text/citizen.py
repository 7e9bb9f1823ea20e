"""What the citizen wrote in a message, and the addresses that name him in it. Pure."""

import re

from intake.message import Message

_PREFIXES = re.compile(r"^(?:\s*(?:re|aw|wg|fwd?|antwort)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)


def words(message: Message) -> str:
    """What the citizen wrote: a subject often names the place that the text then takes for known."""
    text = message.new_text or message.text
    subject = _PREFIXES.sub("", message.subject).strip()
    return text if not subject or subject in text else f"Betreff: {subject}\n\n{text}"


def senders(message: Message) -> tuple[str, ...]:
    """The addresses known of the sender, in order, by which they are found in his words."""
    return (message.from_addr, message.reply_to, message.contact)
