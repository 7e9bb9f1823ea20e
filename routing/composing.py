"""From forwards that are due to letters: which belong together, what each view says, to which address it goes.

Reads from the database what a letter needs beside the forward itself; writes nothing, so that a preview is made by the
very code that makes the letter. ``deliver`` freezes what is made here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import structlog

from intake import wording
from intake.message import Message
from routing import letter, outbox, planning, schedule
from routing.concern import Urgency
from routing.outbox import DueForward
from routing.settings import Configuration, Settings

log = structlog.get_logger(__name__)

COLLECTED = {Urgency.SAMMEL, Urgency.LISTE}
DIGEST_SIZE = 100
_PREFIXES = re.compile(r"^(?:\s*(?:re|aw|wg|fwd?|antwort)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)


def groups(due: Sequence[DueForward]) -> Iterator[list[DueForward]]:
    """Single letters for the urgent ones; the collected ones of a recipient together, at most DIGEST_SIZE."""
    digests: dict[tuple[str, str], list[DueForward]] = {}
    for forward in due:
        if forward.urgency in COLLECTED:
            digests.setdefault((forward.recipient, forward.urgency), []).append(forward)
        else:
            yield [forward]
    for forwards in digests.values():
        for start in range(0, len(forwards), DIGEST_SIZE):
            yield forwards[start : start + DIGEST_SIZE]


def number(group: Sequence[DueForward], now: datetime, count_up: Callable[[str], int]) -> str:
    """The concern's own, or KOD-S-2026-11-23-GSAK-1 for a digest, counted by ``count_up``."""
    if group[0].urgency not in COLLECTED:
        return group[0].number
    prefix = f"KOD-S-{wording.local(now):%Y-%m-%d}-{group[0].recipient.upper()}"
    return f"{prefix}-{count_up(prefix)}"


def compose(
    group: Sequence[DueForward],
    number: str,
    configuration: Configuration,
    environment: letter.Templates,
    now: datetime,
    token: str,
) -> outbox.NewLetter:
    """The letter about one of the ``groups``; ``token`` is randomness for its Message-ID."""
    settings = configuration.settings
    first = group[0]
    recipient = settings.recipients[first.recipient]
    to = recipient.address
    urgent = first.urgency in {Urgency.NOTFALL, Urgency.SOFORT}
    if urgent and recipient.urgent_address and schedule.outside_office(recipient, settings.office, now):
        to = recipient.urgent_address
    envelope = letter.envelope(settings.smtp, number, to, now, f"{first.recipient}.{token}")
    views = [_view(forward, settings, now) for forward in group]
    composed = letter.compose(_kind(first), views, recipient, envelope, environment)
    if composed.fallback:
        log.warning("shipped template used", number=number, reason=composed.fallback)
    return outbox.NewLetter(
        mail_id=composed.message_id,
        recipient=first.recipient,
        urgency=first.urgency,
        sender=envelope.return_path,
        subject=composed.subject,
        raw=composed.raw,
        addresses=tuple(to),
        forwards=tuple(forward.id for forward in group),
    )


def _kind(first: DueForward) -> letter.Kind:
    if first.urgency in COLLECTED:
        return "digest"
    return "vorgang" if first.template == planning.MATTER else "forward"


def _view(forward: DueForward, settings: Settings, now: datetime) -> letter.ForwardView:
    message = forward.stored.message
    recipient = settings.recipients[forward.recipient]
    return letter.view(
        number=forward.number,
        category=forward.category,
        urgency=forward.urgency,
        place=forward.place,
        district=forward.district,
        received=forward.stored.received_at,
        channel=message.channel,
        text=_words(message),
        names=(message.from_name,),
        addresses=(message.from_addr, message.reply_to, message.contact),
        reports=forward.reports,
        reply_by=schedule.reply_by(forward.urgency, recipient, settings.office, now),
        photos=sum(1 for item in message.attachments if item.content_type.startswith("image/")),
    )


def _words(message: Message) -> str:
    """What the citizen wrote: a subject often names the place that the text then takes for known."""
    text = message.new_text or message.text
    subject = _PREFIXES.sub("", message.subject).strip()
    return text if not subject or subject in text else f"Betreff: {subject}\n\n{text}"
