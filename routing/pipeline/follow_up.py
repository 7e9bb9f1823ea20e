"""Asking again: urgent letters that nobody acknowledged are repeated and the desk is called, others are reminded of.

When is a column (``forwards.chase_at``), set when the letter was frozen; any answer of the body, or a person's command
about the case, clears it. An urgent letter is repeated at most twice, each time to all addresses of the body, with a
call to the desk; it stays a trouble in ``status`` until somebody acts. A reminder goes out once, one letter a body.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine

from intake import storage
from routing import letters as letter
from routing.letters import reminders
from routing.model.decision import Urgency
from routing.model.settings import Configuration, Recipient, Settings
from routing.store import outbox, tables
from routing.store.outbox import NewLetter, rate_limit

log = structlog.get_logger(__name__)

MOST_REPEATS = 2
STAYS_VISIBLE = timedelta(days=1)  # after the last repeat


def run(
    engine: Engine, configuration: Configuration, environment: letter.Templates, now: datetime, *, limit: int = 200
) -> int:
    """Freeze what is due: repeats, calls to the desk, reminders. Returns how many letters that made."""
    with storage.reading(engine) as connection:
        if not _due(connection, now, 1):
            return 0
    settings = configuration.settings
    with storage.writing(engine) as connection:
        due = _due(connection, now, limit)
        over = [row for row in due if row.answered_at is not None or row.concern in {"closed", "replaced"}]
        open_ones = [row for row in due if row not in over and row.recipient in settings.recipients]
        _chased(connection, [row.id for row in due if row not in open_ones], None)
        made: list[NewLetter] = []
        for row in open_ones:
            if Urgency(row.urgency).is_urgent:
                made += _urgent(connection, row, settings, environment, now)
        reminded = [row for row in open_ones if not Urgency(row.urgency).is_urgent]
        made += _reminders(connection, reminded, settings, environment, now)
        outbox.freeze(connection, rate_limit.hold(connection, made, {}, settings, now), now)
    log.info("chased", letters=len(made))
    return len(made)


def _due(connection: Connection, now: datetime, limit: int) -> Sequence[Any]:
    forwards, letters, concerns, cases = tables.forwards.c, tables.letters.c, tables.concerns.c, tables.cases.c
    deliveries = tables.deliveries.c
    of_letter = deliveries.letter_id == forwards.letter_id
    accepted = sa.select(sa.func.min(deliveries.finished_at)).where(of_letter, deliveries.state == "sent")
    held = sa.exists().where(of_letter, deliveries.state == "held")
    query = (
        sa.select(
            forwards.id,
            forwards.recipient,
            forwards.urgency,
            forwards.chased,
            forwards.answered_at,
            forwards.letter_id,
            concerns.state.label("concern"),
            concerns.case_id,
            concerns.category,
            concerns.place,
            cases.number,
            letters.subject,
            letters.sender,
            letters.composed_at,
            accepted.scalar_subquery().label("accepted"),
            held.label("held"),
        )
        .join(tables.letters, letters.id == forwards.letter_id)
        .join(tables.concerns, concerns.id == forwards.concern_id)
        .join(tables.cases, cases.id == concerns.case_id)
        .where(forwards.urgency.in_(list(Urgency)), forwards.chase_at <= now, forwards.report_id.is_(None))
        .order_by(forwards.chase_at, forwards.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def _chased(connection: Connection, ids: Sequence[int], again_at: datetime | None, times: int | None = None) -> None:
    values: dict[str, Any] = {"chase_at": again_at} | ({} if times is None else {"chased": times})
    if ids:
        connection.execute(sa.update(tables.forwards).where(tables.forwards.c.id.in_(ids)).values(values))


def _urgent(
    connection: Connection, row: Any, settings: Settings, environment: letter.Templates, now: datetime
) -> list[NewLetter]:
    """The repeat and the call to the desk; after the last one nothing more."""
    body = settings.recipients[row.recipient]
    minutes = timedelta(minutes=body.acknowledge_minutes)
    times = row.chased + 1
    if times > MOST_REPEATS or not body.acknowledge_minutes:
        _chased(connection, [row.id], None)
        return []
    if later := _not_yet(row, minutes, now):
        _chased(connection, [row.id], later)
        return []
    _chased(connection, [row.id], now + (minutes if times < MOST_REPEATS else STAYS_VISIBLE), times)
    detail = f"{body.name} hat nicht geantwortet; das dringende Schreiben wird wiederholt ({times}.)."
    storage.note(connection, now, "chased", case_id=row.case_id, detail=detail)
    made = [_repeat(connection, row, body, settings, now)]
    if row.recipient != settings.desk.recipient and settings.desk.recipient in settings.recipients:
        made.append(_call(row, body, times, settings, environment, now))
    return made


def _not_yet(row: Any, minutes: timedelta, now: datetime) -> datetime | None:
    """A letter that is held asks nobody; one that went out late has its time from then on."""
    if row.accepted is None:
        return now + minutes if row.held else None
    return row.accepted + minutes if row.chased == 0 and row.accepted + minutes > now else None


def _repeat(connection: Connection, row: Any, body: Recipient, settings: Settings, now: datetime) -> NewLetter:
    raw = connection.scalar(sa.select(tables.letters.c.raw).where(tables.letters.c.id == row.letter_id))
    assert raw is not None
    token = f"{row.recipient}.{secrets.token_hex(8)}"
    mail_id = letter.new_message_id(row.number, letter.domain(settings.smtp.from_), token)
    subject, raw = letter.again(raw, row.subject, message_id=mail_id, date=now, mark="WIEDERHOLUNG")
    urgency = Urgency(row.urgency)
    return NewLetter(
        mail_id, row.recipient, urgency, row.sender, subject, raw, body.addresses, (), resend_of=row.letter_id
    )


def _call(
    row: Any, body: Recipient, times: int, settings: Settings, environment: letter.Templates, now: datetime
) -> NewLetter:
    minutes = int((now - row.composed_at) / timedelta(minutes=1))
    item = reminders.Open(row.number, row.category, row.place, row.composed_at)
    note = reminders.escalation(item, body.name, minutes, times=times, addresses=body.addresses)
    desk = settings.recipients[settings.desk.recipient]
    return _note("eskalation", note, row.number, settings.desk.recipient, desk.addresses, settings, environment, now)


def _reminders(
    connection: Connection, rows: Sequence[Any], settings: Settings, environment: letter.Templates, now: datetime
) -> list[NewLetter]:
    """One letter to each body with everything that it has not answered."""
    _chased(connection, [row.id for row in rows], None, 1)
    made = []
    for name in dict.fromkeys(row.recipient for row in rows):
        mine = [row for row in rows if row.recipient == name]
        note = reminders.reminder(
            [reminders.Open(row.number, row.category, row.place, row.composed_at) for row in mine]
        )
        body = settings.recipients[name]
        made.append(_note("erinnerung", note, "Erinnerung", name, body.address, settings, environment, now))
        for case_id in dict.fromkeys(row.case_id for row in mine):
            storage.note(connection, now, "reminded", case_id=case_id, detail=f"{body.name} wurde erinnert.")
    return made


def _note(
    template: str,
    note: tuple[str, dict[str, Any]],
    number: str,
    recipient: str,
    to: tuple[str, ...],
    settings: Settings,
    environment: letter.Templates,
    now: datetime,
) -> NewLetter:
    envelope = letter.envelope(settings.smtp, number, to, now, f"{recipient}.{secrets.token_hex(8)}")
    made = letter.compose_note(template, note, envelope, environment)
    urgency = Urgency.SOFORT if template == "eskalation" else Urgency.HEUTE
    return NewLetter(made.message_id, recipient, urgency, envelope.return_path, made.subject, made.raw, to, ())
