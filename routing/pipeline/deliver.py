"""Delivering, its first half: forwards that are due become letters, frozen with their bytes and their Message-ID.

One letter each for what is urgent or of today, one digest for a recipient's collected concerns. What is urgent is
frozen first, and alone; single letters go in small batches, so that it never waits long for their commit. ``sending``
is the other half.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

import structlog
from msgspec import Struct, field
from sqlalchemy.engine import Engine

from intake import storage
from routing import letters
from routing.model.forward import DueForward
from routing.model.settings import Configuration
from routing.pipeline import attachments, compose, mailing
from routing.store import cases, forwards, outbox

log = structlog.get_logger(__name__)


SINGLES = 20  # in one commit


class Frozen(Struct):
    """What one pass froze: how many forwards it took up; why shipped templates were taken, in order, each once."""

    forwards: int = 0
    fallbacks: dict[str, None] = field(default_factory=dict)

    def note(self, fallback: str) -> None:
        """A letter's reason for the shipped template, or ""."""
        if fallback:
            log.warning("shipped template used", reason=fallback)
            self.fallbacks.setdefault(fallback)


def freeze_due(
    engine: Engine, configuration: Configuration, environment: letters.Templates, now: datetime, *, limit: int = 100
) -> Frozen:
    """Freeze letters for up to ``limit`` due forwards; nothing due gives a ``forwards`` of 0."""
    done = Frozen()
    with storage.reading(engine) as connection:  # photos take their time, and receiving goes on meanwhile
        found = outbox.due_forwards(connection, now, limit) if outbox.anything_due(connection, now) else []
        due = _first(found)
        enclosed = attachments.prepare(connection, due, configuration) if due else {}
    if not due:
        return done
    whole = len(enclosed) == len(due) == len(found) < limit
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
                proof = mailing.new_token()
                made = compose.letter_about(
                    left, number, configuration, environment, now, token, enclosed, proof=proof
                )
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


def _first(due: Sequence[DueForward]) -> Sequence[DueForward]:
    """Of the forwards that are due those to be frozen now: urgent ones alone, else a few single ones, else all."""
    if due and due[0].urgency.is_urgent:
        return [forward for forward in due if forward.urgency.is_urgent]
    if due and not due[0].urgency.is_collected:
        return [forward for forward in due if not forward.urgency.is_collected][:SINGLES]
    return due
