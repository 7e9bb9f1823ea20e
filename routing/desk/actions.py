"""What people at the desk do: assign, close, have it decided again, put letters back in line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import did_you_mean, errors, german
from routing.desk import case_numbers, changing
from routing.model.decision import Concern, Decision, State, Urgency
from routing.model.settings import Configuration, Recipient
from routing.planning import plan
from routing.store import cases, forwards, tables
from routing.store.outbox import undelivered


def assign_in(
    connection: Connection,
    configuration: Configuration,
    number: str,
    recipients: Sequence[str],
    now: datetime,
    *,
    actor: str,
    urgency: Urgency | None = None,
    category: str = "",
    photos: bool = False,
    seen: str | None = None,
) -> str:
    """A person says who gets a concern, and whether with its photos: a new decision. Says in German which it was.

    Without a position the first one in review is meant. ``seen``: the case's ``revision`` on the page where it was
    decided. Raises UsageError for a wrong recipient or urgency, and as ``changing.one``. ``now``: aware, UTC.
    """
    settings = configuration.settings
    for name in recipients:
        if name not in settings.recipients:
            guess = did_you_mean.sentence(name, settings.recipients)
            raise errors.UsageError(f"„{name}“ ist keine bekannte Stelle.{guess}")
    desk = settings.city.duty_desk
    if urgency is not None and urgency.is_alarm and set(recipients) != {desk}:
        raise errors.UsageError(f"Mit der Dringlichkeit „{urgency}“ geht ein Hinweis nur an die Leitstelle ({desk}).")
    meant = changing.one(connection, number, seen)
    [concern], case_id, concerns = meant.rows, meant.case_id, meant.concerns
    stored = storage.get(connection, concern.message_id)
    assert stored is not None
    chosen = urgency or _urgency(concern.urgency, recipients, desk)
    decided = Concern(
        category=category or concern.category or "Hinweis",
        category_id=concern.category_id,
        recipients=tuple(recipients),
        urgency=chosen,
        rules=(),
        matches=(),
    )
    decision = Decision(State.ROUTED, "concern", (decided,), f"Von {actor} zugewiesen an {', '.join(recipients)}.")
    cases.keep_snapshot(connection, configuration, now)
    ruling = plan.plan(stored, decision, plan.Dates(settings, now))
    cases.replace(connection, ruling, concern.id, case_id, configuration.fingerprint, now, actor=actor, photos=photos)
    forwards.acknowledged(connection, case_id, now, position=concern.position)
    with_photos = " und die Fotos freigegeben" if photos else ""
    detail = f"{actor} hat den Vorgang {german.listed(recipients)} zugewiesen{with_photos}."
    storage.note(connection, now, "assigned", actor=actor, case_id=case_id, detail=detail)
    said = f"{meant.names[0]} ist {german.listed(recipients)} zugewiesen."
    if concern.state in case_numbers.ENDED:
        said += " Der Hinweis war geschlossen und ist wieder offen."
    left = [case_numbers.name(concerns, row) for row in concerns if row.state == "review" and row.id != concern.id]
    return f"{said} Noch in Klärung: {german.listed(left)}." if left else said


assign = changing.in_transaction(assign_in)


def _urgency(stored: str, recipients: Sequence[str], duty_desk: str) -> Urgency:
    """That of the concern; what was an alarm of the duty desk is an urgent letter for everybody else."""
    if not stored:
        return Urgency.HEUTE
    urgency = Urgency(stored)
    return Urgency.SOFORT if urgency.is_alarm and set(recipients) != {duty_desk} else urgency


def close_in(
    connection: Connection, number: str, now: datetime, *, actor: str, reason: str = "", seen: str | None = None
) -> str:
    """A person closes the case (or one concern of it); what is planned or parked ends. Says in German what.

    ``now``: aware, UTC; ``seen`` as in ``assign``. Raises as ``changing.every``.
    """
    meant = changing.every(connection, number, seen)
    case_id, position = meant.case_id, meant.position
    cases.close(connection, case_id, position)
    forwards.acknowledged(connection, case_id, now, position=position)
    is_new = any(row.state not in case_numbers.ENDED for row in meant.rows)
    if is_new or reason:
        detail = f"{actor} hat den Vorgang geschlossen. {reason}".strip()
        storage.note(connection, now, "closed", actor=actor, case_id=case_id, detail=detail)
    count = len(meant.rows)
    name = meant.names[0] if count == 1 else meant.number
    if not is_new:
        return f"{name} war schon geschlossen."
    return f"{name} ist geschlossen" + (f", alle {count} Hinweise." if count > 1 else ".")


close = changing.in_transaction(close_in)


def requeue(
    engine: Engine,
    what: str,
    now: datetime,
    *,
    actor: str,
    recipients: Mapping[str, Recipient] = MappingProxyType({}),
    seen: str | None = None,
) -> str:
    """Put something back in line: a case's message for a new decision, or parked letters. Says in German what.

    With ``recipients`` a parked letter goes to the address that config.toml names now. ``now``: aware, UTC; ``seen``
    as in ``assign``. Raises as ``changing.every``.
    """
    if what.lower() in {"letters", "schreiben", "briefe"}:
        with storage.writing(engine) as connection:
            count = unpark(connection, recipients, now)
            if not count:
                return "Es liegt kein abgelehntes Schreiben bereit."
            storage.note(connection, now, "requeued", actor=actor, detail=f"{count} Schreiben noch einmal versucht.")
        return f"{german.counted(count, 'Schreiben wird', 'Schreiben werden')} noch einmal versucht."
    with storage.writing(engine) as connection:
        case_id = changing.every(connection, what, seen).case_id
        count = unpark(connection, recipients, now, case_id)
        if count:
            detail = f"{german.counted(count, 'Schreiben wird', 'Schreiben werden')} noch einmal versucht."
        else:
            message_id = connection.scalar(sa.select(tables.cases.c.message_id).where(tables.cases.c.id == case_id))
            assert message_id is not None
            changing.allowed(connection, {message_id})
            storage.put_in_line(connection, message_id)
            detail = "Der Vorgang wird neu eingeordnet."
        storage.note(connection, now, "requeued", actor=actor, case_id=case_id, detail=detail)
    return detail


def unpark(
    connection: Connection, recipients: Mapping[str, Recipient], now: datetime, case_id: int | None = None
) -> int:
    """Parked letters (of one case, or all) are tried again, at the address that config.toml names now; how many.

    ``now``: aware, UTC.
    """
    deliveries, letters = tables.deliveries, tables.letters
    parked = (
        sa.select(deliveries.c.id, deliveries.c.address, deliveries.c.letter_id, letters.c.recipient)
        .join(letters, letters.c.id == deliveries.c.letter_id)
        .where(deliveries.c.state == "parked", ~undelivered.tells_of_restricted(deliveries.c.letter_id))
    )
    if case_id is not None:
        inside = sa.select(tables.concerns.c.id).where(tables.concerns.c.case_id == case_id)
        mine = sa.select(tables.forwards.c.letter_id).where(tables.forwards.c.concern_id.in_(inside))
        parked = parked.where(deliveries.c.letter_id.in_(mine))
    rows = connection.execute(parked).all()
    for row in rows:
        address = _address_now(connection, row, recipients)
        connection.execute(
            sa.update(deliveries).where(deliveries.c.id == row.id).values(state="planned", due_at=now, address=address)
        )
    return len(rows) + forwards.unpark(connection, now, case_id)


def _address_now(connection: Connection, row: Any, recipients: Mapping[str, Recipient]) -> str:
    """The address of a parked delivery; if config.toml names it no more, one that it names and the letter has not."""
    recipient = recipients.get(row.recipient)
    named = recipient.addresses if recipient else ()
    if row.address in named:
        return str(row.address)
    query = sa.select(tables.deliveries.c.address).where(tables.deliveries.c.letter_id == row.letter_id)
    used = set(connection.scalars(query))
    return next((address for address in named if address not in used), str(row.address))
