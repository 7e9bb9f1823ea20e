"""What the desk sees: the list of what waits, a case with its letters, its reasons and its timeline. Reading only."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.message import Stored
from intake.storage import tables as stored_tables
from routing.desk import case_numbers
from routing.model.decision import LAST_URGENT_RANK, SEEN_FIRST
from routing.store import desk_mail, held, tables

HIDDEN = "Verarbeitung eingeschränkt"
"""What a list says instead of the words of a message that nobody works on (Art. 18 GDPR)."""

_MESSAGES = stored_tables.messages
SAID = (
    _MESSAGES.c.channel,
    _MESSAGES.c.subject,
    sa.func.substr(_MESSAGES.c.new_text, 1, 200).label("words"),
    held.is_active(_MESSAGES.c.id, held.Kind.RESTRICTED).label("is_restricted"),
)
"""The columns of a message that a list reads."""


class ListedConcern(Struct, frozen=True):
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
    about: str = ""  # subject or first words of the message: a citizen's text; HIDDEN of a restricted one
    id: int = 0
    look: str = ""  # see routing.store.desk_mail


class Entry(Struct, frozen=True):
    """A line of a case's timeline; ``what`` is German."""

    at: datetime
    actor: str
    what: str


class Case(Struct, frozen=True):
    """A case as the desk sees it."""

    id: int
    number: str
    messages: tuple[Stored, ...]
    concerns: tuple[Any, ...]
    decisions: tuple[Any, ...]
    letters: tuple[Any, ...]
    timeline: tuple[Entry, ...]
    restricted: frozenset[int] = frozenset()  # those of its messages (ids) that nobody works on (Art. 18 GDPR)

    @property
    def revision(self) -> str:
        """Changes with everything that happens to the case: a form says what its page showed.

        Of what a decision rests on, not of how much there is: a letter that comes back takes a line away and adds one.
        When the next attempt to send is due is nothing that a person decides by.
        """
        shown = (
            [(row.id, row.state, row.category, row.urgency, row.place, row.waits_for) for row in self.concerns],
            [row.id for row in self.decisions],
            [message.id for message in self.messages],
            [(row.recipient, row.planned, row.id, row.answer, row.address, row.state) for row in self.letters],
            [(entry.at.isoformat(), entry.actor, entry.what) for entry in self.timeline],
            sorted(self.restricted),
        )
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

    def concern(self, position: int | None) -> Any:
        """The concern at ``position``, without one the first that waits. Raises UnknownCaseError."""
        return case_numbers.chosen(self.concerns, position)

    def name(self, concern: Any) -> str:
        """As people name a concern: with its position where there are several."""
        return case_numbers.name(self.concerns, concern)


def listed(
    engine: Engine,
    states: Sequence[str],
    limit: int,
    *,
    gravest_first: bool = False,
    skip: int = 0,
    untold: bool = False,
) -> list[ListedConcern]:
    """Concerns in one of these states: those in which somebody may be in trouble, then the oldest first.

    With ``gravest_first`` what is urgent stands before them all, and the rest goes by urgency, too.
    ``untold``: those alone that no mail has told the desk of.
    """
    concerns, cases, decisions = tables.concerns, tables.cases, tables.decisions
    decided = decisions.c.message_id == concerns.c.message_id
    reason, kind = (
        sa.select(column).where(decided).order_by(decisions.c.id.desc()).limit(1).scalar_subquery()
        for column in (decisions.c.reason, decisions.c.kind)
    )
    rank, seen_first = tables.urgency_rank(concerns.c.urgency), kind == SEEN_FIRST
    order: list[sa.ColumnElement[int]] = [sa.case((seen_first, 0), else_=1)]
    if gravest_first:
        order = [sa.case((rank <= LAST_URGENT_RANK, 0), (seen_first, 1), else_=2), rank]
    siblings = concerns.alias("siblings")
    several = sa.exists().where(siblings.c.case_id == cases.c.id, siblings.c.position > 1)
    query = (
        sa.select(concerns, cases.c.number, *SAID, reason.label("reason"), several.label("several"))
        .join(cases, cases.c.id == concerns.c.case_id)
        .join(_MESSAGES, _MESSAGES.c.id == concerns.c.message_id)
        .where(concerns.c.state.in_(states), desk_mail.untold() if untold else sa.true())
        .order_by(*order, concerns.c.opened_at, concerns.c.id)
        .limit(limit)
        .offset(skip)
    )
    with storage.reading(engine) as connection:
        recipients = _recipients_of(connection, query.with_only_columns(concerns.c.id))
        return [
            of_row(
                row,
                f"{row.number}-{row.position}" if row.several else row.number,
                row.waits_for or row.reason or "",
                tuple(recipients.get(row.id, ())),
            )
            for row in connection.execute(query)
        ]


def of_row(row: Any, number: str, reason: str, recipients: tuple[str, ...] = ()) -> ListedConcern:
    """The line for a row of ``concerns`` with the columns ``SAID`` of its message."""
    return ListedConcern(
        number=number,
        state=row.state,
        urgency=row.urgency,
        category=row.category,
        place="" if row.is_restricted else row.place,
        opened_at=row.opened_at,
        channel=row.channel,
        reason=reason,
        recipients=recipients,
        about=about(row),
        id=row.id,
        look=desk_mail.look(row),
    )


def about(row: Any) -> str:
    """What a message is about in a list, of its columns ``SAID``."""
    return HIDDEN if row.is_restricted else str(row.subject.strip() or row.words)


def _recipients_of(connection: Connection, concern_ids: sa.Select[Any]) -> dict[int, list[str]]:
    """Who gets each concern by its newest plan."""
    forwards = tables.forwards
    query = (
        sa.select(forwards.c.concern_id, forwards.c.recipient, forwards.c.planned_at)
        .where(forwards.c.concern_id.in_(concern_ids), forwards.c.state != "cancelled", forwards.c.report_id.is_(None))
        .order_by(forwards.c.id)
    )
    rows = connection.execute(query).all()
    newest = {row.concern_id: row.planned_at for row in rows}  # the last one counts
    found: dict[int, list[str]] = {}
    for row in rows:
        if row.planned_at == newest[row.concern_id]:
            found.setdefault(row.concern_id, []).append(row.recipient)
    return {concern_id: list(dict.fromkeys(names)) for concern_id, names in found.items()}


def show(engine: Engine, number: str) -> Case:
    """Everything about a case. Raises UnknownCaseError."""
    with storage.reading(engine) as connection:
        case_id, _ = case_numbers.find(connection, number)
        return read(connection, case_id)


def read(connection: Connection, case_id: int) -> Case:
    """The case with this id, as it is in the caller's transaction."""
    case = connection.execute(sa.select(tables.cases).where(tables.cases.c.id == case_id)).one()
    decisions = connection.execute(
        sa.select(tables.decisions).where(tables.decisions.c.case_id == case_id).order_by(tables.decisions.c.id)
    ).all()
    messages = [storage.get(connection, row) for row in dict.fromkeys(row.message_id for row in decisions)]
    concerns = connection.execute(
        sa.select(tables.concerns, sa.literal(case.number).label("number"))
        .where(tables.concerns.c.case_id == case_id)
        .order_by(tables.concerns.c.position)
    ).all()
    letters = connection.execute(_letters_of(case_id)).all()
    events = connection.execute(
        sa.select(stored_tables.events)
        .where(stored_tables.events.c.case_id == case_id)
        .order_by(stored_tables.events.c.id)
    ).all()
    known = tuple(message for message in messages if message)
    timeline = sorted(dict.fromkeys(_timeline(known, decisions, letters, events)), key=lambda entry: entry.at)
    return Case(
        id=case_id,
        number=case.number,
        messages=known,
        concerns=tuple(concerns),
        decisions=tuple(decisions),
        letters=tuple(letters),
        timeline=tuple(timeline),
        restricted=frozenset(held.active(connection, [one.id for one in known], held.Kind.RESTRICTED)),
    )


def _letters_of(case_id: int) -> sa.Select[Any]:
    forwards, letters, deliveries = tables.forwards, tables.letters, tables.deliveries
    inside = sa.select(tables.concerns.c.id).where(tables.concerns.c.case_id == case_id)
    return (
        sa.select(
            forwards.c.concern_id,
            forwards.c.recipient,
            forwards.c.urgency,
            forwards.c.report_id,
            forwards.c.state.label("planned"),
            forwards.c.due_at.label("planned_for"),
            forwards.c.reason,
            forwards.c.answer,
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
    delivered = [row for row in letters if row.finished_at and row.state != "bounced"]  # that has a line of its own
    entries += [Entry(row.finished_at, "daemon", _delivered(row)) for row in delivered]
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
        "held": f"an {row.address} ist angehalten",
    }
    doubt = ", möglicherweise doppelt: ein Versuch endete ohne Antwort" if row.in_doubt else ""
    reply = f" ({row.reply})" if row.reply else ""
    return f"Schreiben {words.get(row.state, f'{row.state} {row.address}')}{doubt}{reply}"
