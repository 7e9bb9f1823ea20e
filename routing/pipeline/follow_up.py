"""Asking again: urgent letters that nobody acknowledged are repeated and the desk is called, others are reminded of.

When is a column (``forwards.chase_at``), set when the letter was frozen; any answer of the body, or a person's command
about the case, clears it. An urgent letter is repeated at most twice, each time to all addresses of the body, with a
call to the desk; it stays a trouble in ``status`` until somebody acts. A reminder goes out once, one letter a body.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from routing import letters
from routing.letters import reminders
from routing.model.decision import Urgency
from routing.model.settings import Configuration, Recipient, Settings
from routing.model.transport import outgoing
from routing.pipeline import mailing
from routing.store import forwards, outbox
from routing.store.outbox import NewLetter, Unanswered
from routing.text import excerpt

log = structlog.get_logger(__name__)

MOST_REPEATS = 2
STAYS_VISIBLE = timedelta(days=1)  # after the last repeat


class _Pass(Struct, frozen=True):
    """What one pass works with; ``now`` is aware, UTC."""

    connection: Connection
    settings: Settings
    templates: letters.Templates
    now: datetime
    known: excerpt.Known


def freeze_due(
    engine: Engine, configuration: Configuration, templates: letters.Templates, now: datetime, *, limit: int = 200
) -> int:
    """Freeze what is due: repeats, calls to the desk, reminders. Returns how many letters that made."""
    with storage.reading(engine) as connection:
        if not outbox.unanswered(connection, now, 1):
            return 0
    settings = configuration.settings
    with storage.writing(engine) as connection:
        due = outbox.unanswered(connection, now, limit)
        asked = [one for one in due if not one.is_over and one.recipient in settings.recipients]
        forwards.ask_at(connection, [one.id for one in due if one not in asked], None)
        this = _Pass(connection, settings, templates, now, excerpt.of_configuration(configuration))
        new = [letter for one in asked if one.urgency.is_urgent for letter in _urgent(this, one)]
        new += _reminders(this, [one for one in asked if not one.urgency.is_urgent])
        mailing.freeze(connection, new, settings, now)
    log.info("chased", letters=len(new))
    return len(new)


def _urgent(this: _Pass, one: Unanswered) -> list[NewLetter]:
    """The repeat and the call to the desk; after the last one nothing more."""
    body, now = this.settings.recipients[one.recipient], this.now
    wait = timedelta(minutes=body.acknowledge_minutes)
    times = one.asked + 1
    if times > MOST_REPEATS or not body.acknowledge_minutes:
        forwards.ask_at(this.connection, [one.id], None)
        return []
    if later := _not_yet(one, wait, now):
        forwards.ask_at(this.connection, [one.id], later)
        return []
    forwards.ask_at(this.connection, [one.id], now + (wait if times < MOST_REPEATS else STAYS_VISIBLE), times)
    detail = f"{body.name} hat nicht geantwortet; das dringende Schreiben wird wiederholt ({times}.)."
    storage.note(this.connection, now, "chased", case_id=one.case_id, detail=detail)
    desk = this.settings.city.duty_desk
    calls = one.recipient != desk and desk in this.settings.recipients
    return [_repeat(this, one, body), *([_call(this, one, body, times)] if calls else [])]


def _not_yet(one: Unanswered, wait: timedelta, now: datetime) -> datetime | None:
    """A letter that is held asks nobody; one that went out late has its time from then on."""
    if one.accepted_at is None:
        return now + wait if one.is_held else None
    return one.accepted_at + wait if one.asked == 0 and one.accepted_at + wait > now else None


def _repeat(this: _Pass, one: Unanswered, body: Recipient) -> NewLetter:
    """The same letter as a new one, to all addresses of the body."""
    mail_id = letters.new_message_id(
        one.number, outgoing(this.settings).domain, f"{one.recipient}.{secrets.token_hex(8)}"
    )
    raw = outbox.raw(this.connection, one.letter_id)
    subject, raw = letters.again(raw, one.subject, message_id=mail_id, date=this.now, mark="WIEDERHOLUNG")
    letter = letters.Letter(subject, mail_id, raw, one.sender, body.addresses)
    return mailing.addressed(letter, one.recipient, one.urgency, resend_of=one.letter_id)


def _call(this: _Pass, one: Unanswered, body: Recipient, times: int) -> NewLetter:
    """The desk is to ring the body up."""
    minutes = int((this.now - one.composed_at) / timedelta(minutes=1))
    note = reminders.escalation(_open(one), body.name, minutes, times=times, addresses=body.addresses)
    desk = this.settings.city.duty_desk
    letter = _note(this, "eskalation", note, one.number, desk, this.settings.recipients[desk].addresses)
    return mailing.addressed(letter, desk, Urgency.SOFORT, listed=[one.id])


def _reminders(this: _Pass, due: Sequence[Unanswered]) -> list[NewLetter]:
    """One letter to each body with everything that it has not answered."""
    forwards.ask_at(this.connection, [one.id for one in due], None, 1)
    new = []
    for name in dict.fromkeys(one.recipient for one in due):
        mine = [one for one in due if one.recipient == name]
        body = this.settings.recipients[name]
        known = None if body.wording == "full" else this.known
        note = reminders.reminder([_open(one, known) for one in mine], this.settings.city.reference)
        letter = _note(this, "erinnerung", note, "Erinnerung", name, body.address)
        new.append(mailing.addressed(letter, name, Urgency.HEUTE, listed=[one.id for one in mine]))
        for case_id in dict.fromkeys(one.case_id for one in mine):
            storage.note(this.connection, this.now, "reminded", case_id=case_id, detail=f"{body.name} wurde erinnert.")
    return new


def _open(one: Unanswered, known: excerpt.Known | None = None) -> reminders.Open:
    place = one.place if known is None else excerpt.of_cell(one.place, known)
    return reminders.Open(one.number, one.category, place, one.composed_at)


def _note(
    this: _Pass, template: str, note: tuple[str, dict[str, Any]], number: str, recipient: str, to: Sequence[str]
) -> letters.Letter:
    token = f"{recipient}.{secrets.token_hex(8)}"
    envelope = letters.envelope(outgoing(this.settings), number, to, this.now, token, proof=mailing.new_token())
    return letters.compose_note(template, note, envelope, this.templates)
