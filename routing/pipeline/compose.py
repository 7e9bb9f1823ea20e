"""From forwards that are due to letters: which belong together, what each view says, to which address it goes.

Reads from the database what a letter needs beside the forward itself; writes nothing, so that a preview is made by the
very code that makes the letter. ``deliver`` freezes what is made here.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine

from intake import reference, storage
from intake.base import german
from intake.message import Message
from routing import letters
from routing.model.decision import Urgency
from routing.model.forward import NOTHING, DueForward, Enclosed
from routing.model.settings import Configuration, OfficeHours, Recipient
from routing.model.transport import outgoing
from routing.pipeline import attachments, mailing
from routing.planning import plan, schedule
from routing.store import outbox, tables
from routing.store.cases import matching
from routing.text import excerpt
from routing.text.redaction import city_words

DIGEST_SIZE = 100
MOST_PREVIEWED = 1000


class Composed(Struct, frozen=True):
    """A letter ready to be frozen; ``fallback``: why the shipped template was taken, or ""."""

    letter: outbox.NewLetter
    fallback: str


def groups(due: Sequence[DueForward], *, whole: bool = True) -> list[list[DueForward]]:
    """Single letters for the urgent ones; the collected ones of a recipient together, at most DIGEST_SIZE, in order.

    Without ``whole`` more is due than was asked for: the last digest may lack something and waits for the next pass,
    unless it is the only letter.
    """
    singles = [[forward] for forward in due if not forward.urgency.is_collected]
    collected: dict[tuple[str, str], list[DueForward]] = {}
    for forward in due:
        if forward.urgency.is_collected:
            collected.setdefault((forward.recipient, forward.urgency), []).append(forward)
    if not whole and collected and len(singles) + len(collected) > 1:
        collected.popitem()
    digests = [
        forwards[start : start + DIGEST_SIZE]
        for forwards in collected.values()
        for start in range(0, len(forwards), DIGEST_SIZE)
    ]
    return singles + digests


def preview(
    engine: Engine, recipient: str, moment: datetime, configuration: Configuration, environment: letters.Templates
) -> list[outbox.NewLetter]:
    """What ``recipient`` would get if all that is planned for it until ``moment`` were sent then."""
    count: Counter[str] = Counter()

    def next_number(name: str) -> int:
        count[name] += 1
        return count[name]

    made: list[outbox.NewLetter] = []
    with storage.reading(engine) as connection:
        count.update({row.name: row.value for row in connection.execute(sa.select(tables.counters))})
        left = outbox.due_forwards(connection, moment, MOST_PREVIEWED, recipient)
        while left:
            enclosed = attachments.prepare(connection, left, configuration)
            for group in groups(left[: len(enclosed)], whole=len(enclosed) == len(left)):
                own = number(group, moment, next_number, configuration.settings.city.reference)
                made.append(
                    letter_about(
                        group, own, configuration, environment, moment, "vorschau", enclosed, proof="vorschau"
                    ).letter
                )
                left = [forward for forward in left if forward not in group]
    return made


def number(group: Sequence[DueForward], now: datetime, count_up: Callable[[str], int], prefix: str) -> str:
    """The concern's own, or for a digest one with the city's ``prefix``, counted by ``count_up``."""
    if not group[0].urgency.is_collected:
        return group[0].number
    series = reference.digest_series(prefix, german.local(now).date(), group[0].recipient)
    return reference.digest_number(series, count_up(series))


def letter_about(
    group: Sequence[DueForward],
    number: str,
    configuration: Configuration,
    environment: letters.Templates,
    now: datetime,
    token: str,
    enclosed: Mapping[int, Enclosed],
    *,
    proof: str,
) -> Composed:
    """The letter about one of the ``groups``; ``token`` is randomness for its Message-ID, ``proof`` its subject's."""
    settings = configuration.settings
    first = group[0]
    recipient = settings.recipients[first.recipient]
    to = _addresses(first.urgency, recipient, settings.office, now)
    alone = first.further if not first.urgency.is_collected else None
    thread = (alone.mail_id,) if alone and not alone.cancelled else ()
    mail_id = f"{first.recipient}.{token}"
    envelope = letters.envelope(outgoing(settings), number, to, now, mail_id, answers=thread, proof=proof)
    views = [_view(forward, enclosed.get(forward.id, NOTHING), configuration, now) for forward in group]
    listed = [forward for _, forward in sorted(zip(views, group, strict=True), key=lambda one: one[0].order)]
    photos = {forward.number: enclosed[forward.id].photos for forward in group if forward.id in enclosed}
    composed = letters.compose(_kind(first), views, recipient, envelope, environment, photos)
    new = mailing.addressed(
        composed,
        first.recipient,
        first.urgency,
        forwards=[forward.id for forward in group],
        listed=[forward.id for forward in listed],
        chase_at=None if alone else schedule.chase_at(first.urgency, recipient, settings.office, now),
    )
    return Composed(new, composed.fallback)


def _addresses(urgency: Urgency, recipient: Recipient, office: OfficeHours, now: datetime) -> tuple[str, ...]:
    """Where the letter goes; an urgent one, while nobody works there, to the address that config.toml has for that."""
    if urgency.is_urgent and recipient.urgent_address and schedule.outside_office(recipient, office, now):
        return recipient.urgent_address
    return recipient.address


def _kind(first: DueForward) -> letters.Kind:
    if first.urgency.is_collected:
        return "digest"
    if first.adds:
        return "nachtrag"
    return "vorgang" if first.template == plan.MATTER else "forward"


def _view(forward: DueForward, enclosed: Enclosed, configuration: Configuration, now: datetime) -> letters.ForwardView:
    settings = configuration.settings
    recipient = settings.recipients[forward.recipient]
    asks_back = forward.urgency is Urgency.SOFORT and not forward.further
    policy = letters.Policy(
        words=recipient.wording,
        contact=_contact(forward.stored.message, recipient),
        further=_further(forward) if forward.adds else "",
        confirm=recipient.acknowledge_minutes if asks_back else 0,
        reply_by=None if forward.adds else schedule.reply_by(forward.urgency, recipient, settings.office, now),
    )
    city, known = city_words.of_configuration(configuration), excerpt.of_configuration(configuration)
    made = letters.view(forward, city, policy, enclosed, known)
    if forward.further and made.doubtful and not recipient.inside:  # the first report was looked at, this one was not
        return dataclasses.replace(made, text="", landmark="", withheld=True)
    return made


def _further(forward: DueForward) -> str:
    """What the letter is called; how many report each of a case's several concerns is not known."""
    kind = forward.further.kind if forward.further else ""
    if kind == matching.FOLLOW_UP:
        return letters.SUPPLEMENT
    if kind == matching.EDIT:
        return letters.CORRECTION
    return f"weitere Meldung ({forward.reports}.)" if forward.single else "weitere Meldung"


def _contact(message: Message, recipient: Recipient) -> str:
    """Name and telephone number, for a body that may have them, when the citizen agreed; otherwise nothing."""
    if "contact" not in recipient.share or message.consent is not True:
        return ""
    return ", ".join(part for part in (message.from_name, message.contact) if part)
