"""What people at the desk do with a case: look, assign, close, have it decided again; and put letters back in line.

Each act is one short transaction with a line in the case's timeline (who, when, what). The daemon picks up what
becomes due. A case is named by its number (KOD-2026-000123); a concern of it by the number with its position behind.
Nothing here sends anything, and nothing that was sent is touched.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import errors, storage, wording
from intake.message import Stored
from intake.storage import tables as stored_tables
from routing import casebook, planning, tables
from routing.concern import Concern, Decision, State, Urgency
from routing.settings import Configuration, Recipient

NUMBER = re.compile(r"(KOD-\d{4}-\d{6,})(?:-(\d+))?", re.IGNORECASE)

ENDED = frozenset({"closed", "replaced"})
"""States of concerns that wait for nobody."""


class UnknownCaseError(errors.UsageError):
    """No case has this number."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the desk's list."""

    number: str  # with its position behind it where the case has several concerns
    state: str
    urgency: str
    category: str
    place: str
    opened_at: datetime
    channel: str
    reason: str
    recipients: tuple[str, ...] = ()  # who gets it by the newest plan
    about: str = ""  # subject or first words of the message: a citizen's text


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a case's timeline; ``what`` is German."""

    at: datetime
    actor: str
    what: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case as the desk sees it."""

    id: int
    number: str
    messages: tuple[Stored, ...]
    concerns: tuple[Any, ...]
    decisions: tuple[Any, ...]
    letters: tuple[Any, ...]
    timeline: tuple[Entry, ...]


def listed(engine: Engine, states: Sequence[str], limit: int) -> list[Listed]:
    """Concerns in one of these states, the oldest first."""
    concerns, cases, messages, decisions = tables.concerns, tables.cases, stored_tables.messages, tables.decisions
    words = sa.func.substr(messages.c.new_text, 1, 200).label("words")
    newest = (
        sa.select(decisions.c.reason)
        .where(decisions.c.message_id == concerns.c.message_id)
        .order_by(decisions.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    siblings = concerns.alias("siblings")
    several = sa.exists().where(siblings.c.case_id == cases.c.id, siblings.c.position > 1)
    query = (
        sa.select(
            concerns,
            cases.c.number,
            messages.c.channel,
            messages.c.subject,
            words,
            newest.label("reason"),
            several.label("several"),
        )
        .join(cases, cases.c.id == concerns.c.case_id)
        .join(messages, messages.c.id == concerns.c.message_id)
        .where(concerns.c.state.in_(states))
        .order_by(concerns.c.opened_at, concerns.c.id)
        .limit(limit)
    )
    with storage.reading(engine) as connection:
        recipients = _recipients_of(connection, query.with_only_columns(concerns.c.id))
        return [
            Listed(
                number=f"{row.number}-{row.position}" if row.several else row.number,
                state=row.state,
                urgency=row.urgency,
                category=row.category,
                place=row.place,
                opened_at=row.opened_at,
                channel=row.channel,
                reason=row.reason or "",
                recipients=tuple(recipients.get(row.id, ())),
                about=row.subject.strip() or row.words,
            )
            for row in connection.execute(query)
        ]


def _recipients_of(connection: Connection, concern_ids: sa.Select[Any]) -> dict[int, list[str]]:
    """Who gets each concern by its newest plan."""
    forwards = tables.forwards
    query = (
        sa.select(forwards.c.concern_id, forwards.c.recipient, forwards.c.planned_at)
        .where(forwards.c.concern_id.in_(concern_ids), forwards.c.state != "cancelled")
        .order_by(forwards.c.id)
    )
    rows = connection.execute(query).all()
    newest = {row.concern_id: row.planned_at for row in rows}  # the last one counts
    found: dict[int, list[str]] = {}
    for row in rows:
        if row.planned_at == newest[row.concern_id]:
            found.setdefault(row.concern_id, []).append(row.recipient)
    return {concern_id: list(dict.fromkeys(names)) for concern_id, names in found.items()}


def find(connection: Connection, number: str) -> tuple[int, int | None]:
    """The id of the case and the position named behind it. Raises UnknownCaseError."""
    found = NUMBER.fullmatch(number.strip())
    if not found:
        raise UnknownCaseError(f"„{number}“ ist keine Vorgangsnummer. So sieht eine aus: KOD-2026-000123")
    case_id = connection.scalar(sa.select(tables.cases.c.id).where(tables.cases.c.number == found[1].upper()))
    if case_id is None:
        raise UnknownCaseError(f"Den Vorgang {found[1].upper()} gibt es nicht. Alle offenen zeigt: kod-intake list")
    return case_id, int(found[2]) if found[2] else None


def show(engine: Engine, number: str) -> Case:
    """Everything about a case. Raises UnknownCaseError."""
    with storage.reading(engine) as connection:
        case_id, _ = find(connection, number)
        case = connection.execute(sa.select(tables.cases).where(tables.cases.c.id == case_id)).one()
        decisions = connection.execute(
            sa.select(tables.decisions).where(tables.decisions.c.case_id == case_id).order_by(tables.decisions.c.id)
        ).all()
        messages = [storage.get(connection, row) for row in dict.fromkeys(row.message_id for row in decisions)]
        concerns = connection.execute(
            sa.select(tables.concerns).where(tables.concerns.c.case_id == case_id).order_by(tables.concerns.c.position)
        ).all()
        letters = connection.execute(_letters_of(case_id)).all()
        events = connection.execute(
            sa.select(stored_tables.events)
            .where(stored_tables.events.c.case_id == case_id)
            .order_by(stored_tables.events.c.id)
        ).all()
    known = tuple(message for message in messages if message)
    timeline = sorted(dict.fromkeys(_timeline(known, decisions, letters, events)), key=lambda entry: entry.at)
    return Case(case_id, case.number, known, tuple(concerns), tuple(decisions), tuple(letters), tuple(timeline))


def _letters_of(case_id: int) -> sa.Select[Any]:
    forwards, letters, deliveries = tables.forwards, tables.letters, tables.deliveries
    inside = sa.select(tables.concerns.c.id).where(tables.concerns.c.case_id == case_id)
    return (
        sa.select(
            forwards.c.concern_id,
            forwards.c.recipient,
            forwards.c.urgency,
            forwards.c.state.label("planned"),
            forwards.c.due_at.label("planned_for"),
            forwards.c.reason,
            letters.c.id,
            letters.c.subject,
            letters.c.mail_id,
            letters.c.composed_at,
            deliveries.c.address,
            deliveries.c.state,
            deliveries.c.due_at,
            deliveries.c.attempts,
            deliveries.c.in_doubt,
            deliveries.c.finished_at,
            deliveries.c.reply,
        )
        .select_from(forwards)
        .outerjoin(letters, letters.c.id == forwards.c.letter_id)
        .outerjoin(deliveries, deliveries.c.letter_id == letters.c.id)
        .where(forwards.c.concern_id.in_(inside))
        .order_by(forwards.c.id, deliveries.c.id)
    )


def _timeline(
    messages: Sequence[Stored], decisions: Sequence[Any], letters: Sequence[Any], events: Sequence[Any]
) -> list[Entry]:
    entries = [Entry(item.received_at, "", f"Eingang ({item.message.channel})") for item in messages]
    entries += [Entry(row.at, row.actor, f"Entscheidung: {_outcome(row)}") for row in decisions]
    entries += [
        Entry(row.composed_at, "daemon", f"Schreiben an {row.recipient}: {row.subject}")
        for row in letters
        if row.composed_at
    ]
    entries += [Entry(row.finished_at, "daemon", _delivered(row)) for row in letters if row.finished_at]
    entries += [Entry(row.at, row.actor, row.detail or row.action) for row in events]
    return entries


def _outcome(row: Any) -> str:
    words = {"routed": "weitergeleitet", "review": "Klärung", "kept": "nur gespeichert"}
    to = f" an {', '.join(row.recipients)}" if row.recipients and row.state == "routed" else ""
    return f"{words.get(row.state, row.state)}{to}"


def _delivered(row: Any) -> str:
    words = {
        "sent": f"angenommen von {row.address}",
        "parked": f"abgelehnt von {row.address}, liegt bereit",
        "planned": f"noch nicht angenommen von {row.address}",
        "cancelled": f"an {row.address} wird nicht mehr verschickt",
    }
    doubt = ", möglicherweise doppelt: ein Versuch endete ohne Antwort" if row.in_doubt else ""
    reply = f" ({row.reply})" if row.reply else ""
    return f"Schreiben {words.get(row.state, f'{row.state} {row.address}')}{doubt}{reply}"


def assign(
    engine: Engine,
    configuration: Configuration,
    number: str,
    recipients: Sequence[str],
    now: datetime,
    *,
    actor: str,
    urgency: Urgency | None = None,
    category: str = "",
) -> str:
    """A person says who gets a concern: a new decision. Says in German which concern it was.

    Without a position the first one in review is meant. Raises UnknownCaseError, UsageError for a wrong recipient.
    """
    settings = configuration.settings
    for name in recipients:
        if name not in settings.recipients:
            guess = wording.did_you_mean(name, settings.recipients)
            raise errors.UsageError(f"„{name}“ ist keine bekannte Stelle.{guess}")
    with storage.writing(engine) as connection:
        case_id, position = find(connection, number)
        concerns = _concerns(connection, case_id)
        concern = _chosen(concerns, position)
        stored = storage.get(connection, concern.message_id)
        assert stored is not None
        chosen = urgency or (Urgency(concern.urgency) if concern.urgency else Urgency.HEUTE)
        decided = Concern(
            category=category or concern.category or "Hinweis",
            category_id=concern.category_id,
            recipients=tuple(recipients),
            urgency=chosen,
            rules=(),
            matches=(),
        )
        decision = Decision(State.ROUTED, "concern", (decided,), f"Von {actor} zugewiesen an {', '.join(recipients)}.")
        casebook.keep_snapshot(connection, configuration, now)
        ruling = planning.plan(stored, decision, settings, now)
        casebook.replace(connection, ruling, concern.id, case_id, configuration.fingerprint, now, actor=actor)
        detail = f"{actor} hat den Vorgang {wording.listed(recipients)} zugewiesen."
        storage.note(connection, now, "assigned", actor=actor, case_id=case_id, detail=detail)
    said = f"{_name(concerns, concern)} ist {wording.listed(recipients)} zugewiesen."
    if concern.state in ENDED:
        said += " Der Hinweis war geschlossen und ist wieder offen."
    left = [_name(concerns, row) for row in concerns if row.state == "review" and row.id != concern.id]
    return f"{said} Noch in Klärung: {wording.listed(left)}." if left else said


def close(engine: Engine, number: str, now: datetime, *, actor: str, reason: str = "") -> str:
    """A person closes the case (or one concern of it); what is planned or parked ends. Says in German what."""
    with storage.writing(engine) as connection:
        case_id, position = find(connection, number)
        concerns = _concerns(connection, case_id)
        meant = concerns if position is None else [_chosen(concerns, position)]
        casebook.close(connection, case_id, position)
        is_new = any(row.state not in ENDED for row in meant)
        if is_new or reason:
            detail = f"{actor} hat den Vorgang geschlossen. {reason}".strip()
            storage.note(connection, now, "closed", actor=actor, case_id=case_id, detail=detail)
    name = _name(concerns, meant[0]) if len(meant) == 1 else concerns[0].number
    if not is_new:
        return f"{name} war schon geschlossen."
    return f"{name} ist geschlossen" + (f", alle {len(meant)} Hinweise." if len(meant) > 1 else ".")


def requeue(
    engine: Engine,
    what: str,
    now: datetime,
    *,
    actor: str,
    recipients: Mapping[str, Recipient] = MappingProxyType({}),
) -> str:
    """Put something back in line: a case's message for a new decision, or parked letters. Says in German what.

    With ``recipients`` a parked letter goes to the address that config.toml names now.
    """
    if what.lower() in {"letters", "schreiben", "briefe"}:
        with storage.writing(engine) as connection:
            count = unpark(connection, recipients, now)
            if not count:
                return "Es liegt kein abgelehntes Schreiben bereit."
            storage.note(connection, now, "requeued", actor=actor, detail=f"{count} Schreiben noch einmal versucht.")
        return f"{wording.counted(count, 'Schreiben wird', 'Schreiben werden')} noch einmal versucht."
    with storage.writing(engine) as connection:
        case_id, _ = find(connection, what)
        count = unpark(connection, recipients, now, case_id)
        if count:
            detail = f"{wording.counted(count, 'Schreiben wird', 'Schreiben werden')} noch einmal versucht."
        else:
            message_id = connection.scalar(sa.select(tables.cases.c.message_id).where(tables.cases.c.id == case_id))
            assert message_id is not None
            storage.put_in_line(connection, message_id)
            detail = "Der Vorgang wird neu eingeordnet."
        storage.note(connection, now, "requeued", actor=actor, case_id=case_id, detail=detail)
    return detail


def unpark(
    connection: Connection, recipients: Mapping[str, Recipient], now: datetime, case_id: int | None = None
) -> int:
    """Parked letters (of one case, or all) are tried again, at the address that config.toml names now; how many."""
    deliveries, forwards, letters = tables.deliveries, tables.forwards, tables.letters
    parked = (
        sa.select(deliveries.c.id, deliveries.c.address, deliveries.c.letter_id, letters.c.recipient)
        .join(letters, letters.c.id == deliveries.c.letter_id)
        .where(deliveries.c.state == "parked")
    )
    again = sa.update(forwards).where(forwards.c.state == "parked")
    if case_id is not None:
        inside = sa.select(tables.concerns.c.id).where(tables.concerns.c.case_id == case_id)
        mine = sa.select(forwards.c.letter_id).where(forwards.c.concern_id.in_(inside))
        parked = parked.where(deliveries.c.letter_id.in_(mine))
        again = again.where(forwards.c.concern_id.in_(inside))
    rows = connection.execute(parked).all()
    for row in rows:
        address = _address_now(connection, row, recipients)
        connection.execute(
            sa.update(deliveries).where(deliveries.c.id == row.id).values(state="planned", due_at=now, address=address)
        )
    return len(rows) + connection.execute(again.values(state="planned", due_at=now)).rowcount


def _address_now(connection: Connection, row: Any, recipients: Mapping[str, Recipient]) -> str:
    """The address of a parked delivery; if config.toml names it no more, one that it names and the letter has not."""
    recipient = recipients.get(row.recipient)
    named = (*recipient.address, *recipient.urgent_address) if recipient else ()
    if row.address in named:
        return str(row.address)
    query = sa.select(tables.deliveries.c.address).where(tables.deliveries.c.letter_id == row.letter_id)
    used = set(connection.scalars(query))
    return next((address for address in named if address not in used), str(row.address))


def _concerns(connection: Connection, case_id: int) -> Sequence[Any]:
    """The concerns of a case in order, each with the case's number."""
    query = (
        sa.select(tables.concerns, tables.cases.c.number)
        .join(tables.cases, tables.cases.c.id == tables.concerns.c.case_id)
        .where(tables.concerns.c.case_id == case_id)
        .order_by(tables.concerns.c.position)
    )
    return connection.execute(query).all()


def _chosen(concerns: Sequence[Any], position: int | None) -> Any:
    """The concern at ``position``; without one, what waits for a person comes first. Raises UnknownCaseError."""
    if position is None and concerns:
        return min(concerns, key=lambda row: (row.state != "review", row.state in ENDED))
    for row in concerns:
        if row.position == position:
            return row
    known = wording.listed(_name(concerns, row) for row in concerns) or "keinen"
    raise UnknownCaseError(f"Den Hinweis -{position} gibt es in diesem Vorgang nicht. Es gibt: {known}.")


def _name(concerns: Sequence[Any], row: Any) -> str:
    """As people name a concern: the case's number, with the position where there are several."""
    return f"{row.number}-{row.position}" if len(concerns) > 1 else str(row.number)
