"""Delivering: what is due becomes letters, letters are frozen, and frozen letters are sent.

``freeze_due`` turns due forwards into letters (one each for what is urgent, one digest for a recipient's collected
concerns) and freezes their bytes and Message-ID in one commit. ``send`` says in the database what it is about to send,
sends, and writes each address's outcome together with the next intent, so that a crash leaves at most one letter in
doubt. A temporary refusal is tried again with growing pauses for five days, a permanent one is parked, each address by
itself. While the server cannot be reached nothing counts as an attempt and the pass ends with TemporaryError.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from msgspec import Struct, field
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from intake import storage
from intake.base import errors
from intake.base.clock import Clock
from routing import letters
from routing.model.settings import Configuration
from routing.model.transport import AddressOutcome, Outbound
from routing.pipeline import attachments, compose, mailing
from routing.planning import retry
from routing.store import cases, forwards, outbox

log = structlog.get_logger(__name__)


class Frozen(Struct):
    """What one pass froze: how many forwards it took up; why shipped templates were taken, in order, each once."""

    forwards: int = 0
    fallbacks: dict[str, None] = field(default_factory=dict)

    def note(self, fallback: str) -> None:
        """A letter's reason for the shipped template, or ""."""
        if fallback:
            log.warning("shipped template used", reason=fallback)
            self.fallbacks.setdefault(fallback)


class Delivered(Struct):
    """What a sending pass came to, counted by address."""

    sent: int = 0
    later: int = 0
    parked: int = 0


def freeze_due(
    engine: Engine, configuration: Configuration, environment: letters.Templates, now: datetime, *, limit: int = 100
) -> Frozen:
    """Freeze letters for up to ``limit`` due forwards; nothing due gives a ``forwards`` of 0."""
    done = Frozen()
    with storage.reading(engine) as connection:  # photos take their time, and receiving goes on meanwhile
        due = outbox.due_forwards(connection, now, limit) if outbox.anything_due(connection, now) else []
        enclosed = attachments.prepare(connection, due, configuration) if due else {}
    if not due:
        return done
    whole = len(enclosed) == len(due) < limit
    prefix = configuration.settings.city.reference
    groups = compose.groups([forward for forward in due if forward.id in enclosed], whole=whole)
    with storage.writing(engine) as connection:
        ours = outbox.claim_forwards(connection, list(enclosed))
        new: list[outbox.NewLetter] = []
        for group in groups:
            done.forwards += len(group)
            left = [forward for forward in group if forward.id in ours]
            if not left:
                continue
            number = compose.number(left, now, lambda name: cases.count_up(connection, name), prefix)
            token = secrets.token_hex(8)
            try:
                made = compose.letter_about(left, number, configuration, environment, now, token, enclosed)
            except Exception as error:  # a letter that cannot be composed never stops the others
                log.exception("letter could not be composed", number=number)
                reason = f"Das Schreiben ließ sich nicht erstellen ({type(error).__name__}: {error})."
                forwards.park(connection, [forward.id for forward in left], reason)
            else:
                new.append(made.letter)
                done.note(made.fallback)
        senders = {forward.id: forward.stored.message.from_addr for forward in due}
        mailing.freeze(connection, new, configuration.settings, now, senders)
    return done


def send(
    engine: Engine,
    transport: Outbound,
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
    _record(engine, results, clock)
    if not transport.sends:
        return done
    with storage.reading(engine) as connection:
        due = outbox.due_letters(connection, clock(), limit)
    for letter_due in due:
        if stopping():
            break
        with storage.writing(engine) as connection:
            outbox.record_results(connection, results, clock())
            claimed = outbox.claim(connection, letter_due, instance, clock())
        results.clear()
        if claimed is not None:
            attempted = _attempt(engine, transport, claimed, clock, results)
            results += attempted
            _count(done, attempted)
    _record(engine, results, clock)
    return done


def _record(engine: Engine, results: list[outbox.Result], clock: Clock) -> None:
    if results:
        with storage.writing(engine) as connection:
            outbox.record_results(connection, results, clock())
        results.clear()


def _attempt(
    engine: Engine, transport: Outbound, claimed: outbox.Claimed, clock: Clock, unsettled: list[outbox.Result]
) -> list[outbox.Result]:
    try:
        outcomes = transport.send(claimed.raw, sender=claimed.letter.sender, to=list(claimed.deliveries))
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
        outcome = AddressOutcome("in doubt", 0, f"{type(error).__name__}: {error}")
        outcomes = dict.fromkeys(claimed.deliveries, outcome)
    return [_result(claimed, address, outcomes[address], clock()) for address in claimed.deliveries]


def _result(claimed: outbox.Claimed, address: str, outcome: AddressOutcome, now: datetime) -> outbox.Result:
    delivery = claimed.deliveries[address]
    reply = f"{outcome.code} {outcome.text}".strip()
    in_doubt = outcome.state == "in doubt"
    if outcome.state == "sent":
        return outbox.Result(delivery, "sent", now, reply)
    again = retry.retry_at(claimed.attempts[address], claimed.letter.composed_at, now)
    if outcome.state == "permanent" or again is None:
        to_a_citizen = not claimed.letter.sender  # an automatic answer: nobody can mend his address
        return outbox.Result(delivery, "cancelled" if to_a_citizen else "parked", now, reply, in_doubt)
    return outbox.Result(delivery, "planned", again, reply, in_doubt)


def _count(done: Delivered, results: Sequence[outbox.Result]) -> None:
    done.sent += sum(1 for result in results if result.state == "sent")
    done.later += sum(1 for result in results if result.state == "planned")
    done.parked += sum(1 for result in results if result.state == "parked")
