"""The operator's overview at fixed times: what each recipient has not got, and what else keeps letters back.

Sent only when there is something to tell; an overview missed while the daemon was down comes once after the start. It
goes through the outbox like every other letter.
"""

import secrets

import structlog
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import german
from intake.base.clock import Clock
from routing import letters
from routing.letters import reminders
from routing.model import words
from routing.model.decision import Urgency
from routing.model.settings import Configuration, Settings
from routing.model.transport import outgoing
from routing.pipeline import mailing
from routing.planning import schedule
from routing.store.outbox import undelivered

log = structlog.get_logger(__name__)

WORK = "summary"  # its name among the heartbeats
OPERATOR = "operator"  # the recipient in the outbox


def freeze_if_due(engine: Engine, configuration: Configuration, environment: letters.Templates, clock: Clock) -> bool:
    """Freeze the overview when its time has come and there is something in it; True when a letter was made."""
    settings, now = configuration.settings, clock()
    if not settings.operator.summary:
        return False
    with storage.reading(engine) as connection:
        last = storage.heartbeats(connection).get(WORK)
        if last is not None and schedule.next_slot(settings.operator.summary, settings.office, min(last, now)) > now:
            return False
        items, others = _stuck(connection, settings), _others(connection, settings)
    with storage.writing(engine) as connection:
        storage.beat(connection, WORK, now)
        if last is None or not (items or others):
            return False
        envelope = letters.envelope(
            outgoing(settings), "Versand", settings.operator.address, now, secrets.token_hex(8)
        )
        note = reminders.overview(items, others, now, settings.city.reference)
        composed = letters.compose_note("bericht", note, envelope, environment)
        mailing.freeze(connection, [mailing.addressed(composed, OPERATOR, Urgency.HEUTE)], settings, now)
    log.info("overview composed", recipients=len(items))
    return True


def _stuck(connection: Connection, settings: Settings) -> list[reminders.Stuck]:
    names = settings.body_names
    return [
        reminders.Stuck(
            names.get(one.recipient, one.recipient),
            german.counted(one.count, "Schreiben", "Schreiben"),
            one.since,
            words.HELD_BECAUSE.get(one.reply, one.reply) or "noch kein Versuch",
        )
        for one in undelivered.failing(connection)
    ]


def _others(connection: Connection, settings: Settings) -> list[str]:
    lines = [
        f"An {row.address} geht nichts mehr: {row.reason}. Nach einer Berichtigung: "
        f"kod-intake outbox resume {row.address}"
        for row in undelivered.stopped(connection)
    ]
    known = outgoing(settings)
    if not known.sends:
        lines.append("Der Versand ist ausgeschaltet ([smtp] send = false).")
    if known.redirect_to:
        lines.append(f"Alle Schreiben gehen nur an {known.redirect_to} ([smtp] redirect_to).")
    return lines
