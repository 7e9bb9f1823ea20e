"""Delivering: what is due becomes letters, letters are frozen, and frozen letters are sent.

``compose`` turns due forwards into letters (one each for what is urgent, one digest for a recipient's collected
concerns) and freezes their bytes and Message-ID in one commit. ``send`` says in the database what it is about to send,
sends, and writes each address's outcome together with the next intent, so that a crash leaves at most one letter in
doubt. A temporary refusal is tried again with growing pauses for five days, a permanent one is parked, each address by
itself. While the server cannot be reached nothing counts as an attempt and the pass ends with TemporaryError.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from intake import errors, storage, wording
from intake.message import Message
from routing import casebook, letter, outbox, planning, schedule, smtp
from routing.concern import Urgency
from routing.outbox import DueForward
from routing.settings import Configuration, Settings

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
COLLECTED = {Urgency.SAMMEL, Urgency.LISTE}
DIGEST_SIZE = 100
PREFIXES = re.compile(r"^(?:\s*(?:re|aw|wg|fwd?|antwort)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)


@dataclass(slots=True)
class Delivered:
    """What a sending pass came to, counted by address."""

    sent: int = 0
    later: int = 0
    parked: int = 0


def compose(
    engine: Engine, configuration: Configuration, environment: letter.Templates, now: datetime, *, limit: int = 100
) -> int:
    """Freeze letters for up to ``limit`` due forwards; returns how many forwards were taken up, 0 when none is due."""
    with storage.reading(engine) as connection:
        if not outbox.anything_due(connection, now):
            return 0
    with storage.writing(engine) as connection:
        due = outbox.due_forwards(connection, now, limit)
        letters: list[outbox.NewLetter] = []
        for group in _groups(due):
            number = _digest_number(group, now, lambda name: casebook.count_up(connection, name))
            try:
                letters.append(_letter(group, number, configuration, environment, now))
            except Exception as error:  # one poison letter never stops the others
                log.exception("letter could not be composed", number=number)
                reason = f"Das Schreiben ließ sich nicht erstellen ({type(error).__name__}: {error})."
                outbox.park_forwards(connection, [forward.id for forward in group], reason)
        outbox.freeze(connection, letters, now)
    return len(due)


def _groups(due: Sequence[DueForward]) -> Iterator[list[DueForward]]:
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


def _digest_number(group: Sequence[DueForward], now: datetime, count_up: Callable[[str], int]) -> str:
    if group[0].urgency not in COLLECTED:
        return group[0].number
    prefix = f"KOD-S-{wording.local(now):%Y-%m-%d}-{group[0].recipient.upper()}"
    return f"{prefix}-{count_up(prefix)}"


def _letter(
    group: Sequence[DueForward],
    number: str,
    configuration: Configuration,
    environment: letter.Templates,
    now: datetime,
) -> outbox.NewLetter:
    settings = configuration.settings
    first = group[0]
    recipient = settings.recipients[first.recipient]
    to = recipient.address
    urgent = first.urgency in {Urgency.NOTFALL, Urgency.SOFORT}
    if urgent and recipient.urgent_address and schedule.outside_office(recipient, settings.office, now):
        to = recipient.urgent_address
    envelope = letter.envelope(settings.smtp, number, to, now, f"{first.recipient}.{secrets.token_hex(8)}")
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
    subject = PREFIXES.sub("", message.subject).strip()
    return text if not subject or subject in text else f"Betreff: {subject}\n\n{text}"


def send(
    engine: Engine,
    server: smtp.Smtp,
    instance: str,
    clock: Clock,
    stopping: Callable[[], bool] = lambda: False,
    *,
    limit: int = 200,
    unsettled: list[outbox.Result] | None = None,
) -> Delivered:
    """Send up to ``limit`` due letters, the most urgent first. Raises TemporaryError when nobody answers.

    Outcomes that could not be written (the disk is full) stay in ``unsettled``; the next pass with it writes them.
    """
    done = Delivered()
    results = [] if unsettled is None else unsettled
    _settle(engine, results, clock)
    with storage.reading(engine) as connection:
        due = outbox.due_letters(connection, clock(), limit)
    for letter_due in due:
        if stopping():
            break
        with storage.writing(engine) as connection:
            outbox.settle(connection, results, clock())
            claimed = outbox.claim(connection, letter_due, instance, clock())
        results.clear()
        if claimed is not None:
            attempted = _attempt(engine, server, claimed, clock, results)
            results += attempted
            _count(done, attempted)
    _settle(engine, results, clock)
    return done


def _settle(engine: Engine, results: list[outbox.Result], clock: Clock) -> None:
    if results:
        with storage.writing(engine) as connection:
            outbox.settle(connection, results, clock())
        results.clear()


def _attempt(
    engine: Engine, server: smtp.Smtp, claimed: outbox.Claimed, clock: Clock, unsettled: list[outbox.Result]
) -> list[outbox.Result]:
    try:
        outcomes = server.send(claimed.letter.raw, sender=claimed.letter.sender, to=list(claimed.deliveries))
    except errors.TemporaryError as unreachable:
        try:
            with storage.writing(engine) as connection:
                outbox.release(connection, claimed)
        except (errors.IntakeError, SQLAlchemyError):
            said = str(unreachable)
            unsettled += [outbox.Result(row, "planned", clock(), said) for row in claimed.deliveries.values()]
            raise
        raise
    except Exception as error:  # a fault of ours: nobody knows how far the letter came
        log.exception("sending failed", letter=claimed.letter.id)
        outcome = smtp.Outcome("in doubt", 0, f"{type(error).__name__}: {error}")
        outcomes = dict.fromkeys(claimed.deliveries, outcome)
    return [_result(claimed, address, outcomes[address], clock()) for address in claimed.deliveries]


def _result(claimed: outbox.Claimed, address: str, outcome: smtp.Outcome, now: datetime) -> outbox.Result:
    delivery = claimed.deliveries[address]
    reply = f"{outcome.code} {outcome.text}".strip()
    in_doubt = outcome.state == "in doubt"
    if outcome.state == "sent":
        return outbox.Result(delivery, "sent", now, reply)
    again = schedule.retry_at(claimed.attempts[address], claimed.letter.composed_at, now)
    if outcome.state == "permanent" or again is None:
        return outbox.Result(delivery, "parked", now, reply, in_doubt)
    return outbox.Result(delivery, "planned", again, reply, in_doubt)


def _count(done: Delivered, results: Sequence[outbox.Result]) -> None:
    done.sent += sum(1 for result in results if result.outcome == "sent")
    done.later += sum(1 for result in results if result.outcome == "planned")
    done.parked += sum(1 for result in results if result.outcome == "parked")
