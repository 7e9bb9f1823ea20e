"""Which case a message belongs to: one of its own, the one it supplements, the one it answers; and its number."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy.engine import Connection

from intake import reference, storage
from intake.base import german
from intake.message import Kind, Stored
from intake.storage import bulk_insert
from intake.storage import tables as stored_tables
from intake.storage.queries import WANTED, pieces
from routing.model.decision import Concern, Decision, Place, State, Urgency
from routing.planning.plan import Ruling
from routing.store import tables
from routing.store.cases import matching

Rows = list[dict[str, Any]]

_OF_MESSAGES = sa.select(tables.cases.c.message_id, tables.cases.c.id).where(tables.cases.c.message_id.in_(WANTED))

_COUNTED_UP = (
    sa.update(tables.counters)
    .where(tables.counters.c.name == sa.bindparam("counter"))
    .values(value=tables.counters.c.value + sa.bindparam("more"))
    .returning(tables.counters.c.value)
)

EDITED = "Die Zeile wurde in der Telefonliste geändert und sagt jetzt etwas Neues."
ADDED = "Die Zeile ergänzt einen Vorgang und sagt auch etwas Neues."


def of_messages(connection: Connection, rulings: Sequence[Ruling]) -> dict[int, int]:
    """The cases that these messages opened when they were judged before, by message. Message id → case id."""
    found: dict[int, int] = {}
    for some in pieces([ruling.stored.id for ruling in rulings]):
        found.update((row.message_id, row.id) for row in connection.execute(_OF_MESSAGES, {"wanted": some}))
    return found


def followed(connection: Connection, rulings: Sequence[Ruling]) -> dict[bytes, int]:
    """The cases that these messages supplement, by the identity of the message that opened them.

    Identity (32 bytes) → case id.
    """
    wanted = [ruling.stored.message.follows for ruling in rulings if ruling.stored.message.follows]
    if not wanted:
        return {}
    messages = stored_tables.messages
    query = (
        sa.select(messages.c.identity, tables.decisions.c.case_id)
        .join(tables.decisions, tables.decisions.c.message_id == messages.c.id)
        .where(messages.c.identity.in_(wanted), tables.decisions.c.case_id.is_not(None))
    )
    return {row.identity: row.case_id for row in connection.execute(query)}


def called_back(connection: Connection, rulings: Sequence[Ruling]) -> dict[int, int]:
    """The cases that call-backs of the phone log name, by message. Message id → case id."""
    numbers = {
        ruling.stored.id: ruling.stored.message.case_number
        for ruling in rulings
        if ruling.stored.message.kind is Kind.OUTGOING_CALL and ruling.stored.message.case_number
    }
    if not numbers:
        return {}
    query = sa.select(tables.cases.c.number, tables.cases.c.id).where(tables.cases.c.number.in_(numbers.values()))
    ids = {row.number: row.id for row in connection.execute(query)}
    return {message_id: ids[number] for message_id, number in numbers.items() if number in ids}


def opens(ruling: Ruling, known: Mapping[int, int], followed: Mapping[bytes, int], rulings: Sequence[Ruling]) -> bool:
    """Whether a message begins a case: a row that follows another does so only when that one has none.

    ``known`` and ``followed`` are mappings to case ids, keyed by message id and by row identity (bytes).
    """
    if ruling.decision.state is State.KEPT or ruling.stored.id in known:
        return False
    follows = ruling.stored.message.follows
    if not follows:
        return True
    beside = any(
        other.stored.message.identity == follows and other.decision.state is not State.KEPT for other in rulings
    )
    return follows not in followed and not beside


def open_new(connection: Connection, opening: Sequence[Ruling], now: datetime, prefix: str) -> dict[int, int]:
    """Open a case with its number for each of these; gives them by message.

    Message id → case id; ``now``: aware, UTC.
    """
    if not opening:
        return {}
    ids = storage.reserve_ids(connection, tables.cases, len(opening))
    numbers = _case_numbers(connection, reference.case_series(prefix, german.local(now).year), len(opening))
    rows = [
        {"id": case_id, "number": number, "opened_at": now, "message_id": ruling.stored.id}
        for case_id, number, ruling in zip(ids, numbers, opening, strict=True)
    ]
    bulk_insert.insert(connection, tables.cases, rows)
    return {ruling.stored.id: case_id for case_id, ruling in zip(ids, opening, strict=True)}


def _case_numbers(connection: Connection, series: str, count: int) -> list[str]:
    last = count_up(connection, series, count)
    return [reference.case_number(series, serial) for serial in range(last - count + 1, last + 1)]


def count_up(connection: Connection, name: str, count: int = 1) -> int:
    """Move the counter ``name`` on by ``count`` and return where it stands; the row's lock orders several daemons."""
    value = connection.scalar(_COUNTED_UP, {"counter": name, "more": count})
    if value is None:
        connection.execute(sa.insert(tables.counters).values(name=name, value=count))
        return count
    return int(value)


def supplements(ruling: Ruling, cases: Mapping[int, int], opened: Mapping[int, int]) -> bool:
    """A row that says of a case's matter nothing new, after ``news``: it joins the case and is counted.

    ``cases`` and ``opened`` map to case ids, keyed by message id.
    """
    return joins(ruling, cases, opened) and (not ruling.decision.concerns or ruling.decision.state is State.KEPT)


def joins(ruling: Ruling, cases: Mapping[int, int], opened: Mapping[int, int]) -> bool:
    """Whether a row of a phone log belongs to a case that another row opened; mappings are keyed by message id."""
    return ruling.stored.id in cases and ruling.stored.id not in opened and bool(ruling.stored.message.follows)


def as_supplement(ruling: Ruling) -> Ruling:
    """The ruling on a row that is only counted with its case."""
    kind, reason = matching.SUPPLEMENT, "Die Meldung ergänzt einen Vorgang, der schon besteht; sie wird dort gezählt."
    if ruling.stored.message.edited:
        kind, reason = (
            matching.EDIT,
            "Die Zeile wurde in der Telefonliste geändert; sie ergänzt den Vorgang, den es dazu gibt.",
        )
    decision = structs.replace(ruling.decision, state=State.KEPT, kind=kind, concerns=(), reason=reason)
    return Ruling(ruling.stored, decision, ())


def news(
    connection: Connection, rulings: Sequence[Ruling], case_of: Mapping[int, int], opened: Mapping[int, int]
) -> list[Ruling]:
    """Rows that join a case, a list in order, with what is new in them alone; the rest only shows in the case.

    New is a matter that the case does not have, or not as urgently, and that concerns another body or more haste. What
    is urgent in another call ("s. o., …") is always new, in the same one written anew it is not. ``case_of`` and
    ``opened`` are keyed by message id.
    """
    joining = {ruling.stored.id: case_of[ruling.stored.id] for ruling in rulings if joins(ruling, case_of, opened)}
    if not joining:
        return list(rulings)
    existing = _matters_of(connection, set(joining.values()))
    found: list[Ruling] = []
    for ruling in rulings:
        case_id = case_of.get(ruling.stored.id)
        if ruling.stored.id in joining:
            ruling = _new(ruling, existing[joining[ruling.stored.id]])  # noqa: PLW2901 - from here on it is this
        if case_id in existing:
            existing[case_id] += _matters(ruling.decision)
        found.append(ruling)
    return found


class _Matter(Struct, frozen=True):
    """What a case has: a matter and its urgency, and the bodies that have it or will."""

    category: str
    urgency: Urgency
    recipients: frozenset[str]


def _matters_of(connection: Connection, case_ids: Collection[int]) -> dict[int, list[_Matter]]:
    """What these cases have as concerns; one that a person closed counts, one that was judged anew does not."""
    concerns, forwards = tables.concerns.c, tables.forwards.c
    query = (
        sa.select(concerns.id, concerns.case_id, concerns.category, concerns.urgency, forwards.recipient)
        .outerjoin_from(
            tables.concerns,
            tables.forwards,
            sa.and_(forwards.concern_id == concerns.id, forwards.state != "cancelled"),
        )
        .where(concerns.case_id.in_(case_ids), concerns.state != "replaced", concerns.urgency != "")
    )
    existing: dict[int, list[_Matter]] = {case_id: [] for case_id in case_ids}
    for row in connection.execute(query):
        bodies = frozenset([row.recipient] if row.recipient else [])
        existing[row.case_id].append(_Matter(row.category, Urgency(row.urgency), bodies))
    return existing


def _matters(decision: Decision) -> list[_Matter]:
    return [
        _Matter(one.category, one.urgency, frozenset(one.recipients if one.state is State.ROUTED else ()))
        for one in decision.concerns
    ]


def _new(ruling: Ruling, existing: Sequence[_Matter]) -> Ruling:
    concerns, edited = ruling.decision.concerns, ruling.stored.message.edited
    left = [
        index
        for index, concern in enumerate(concerns)
        if concern.state is not State.KEPT
        and (_is_new(concern, existing) or (concern.urgency.is_urgent and not edited))
    ]
    if not left or ruling.decision.state is State.KEPT:
        return only(ruling, [])
    kept = only(ruling, left)
    reason = f"{EDITED if edited else ADDED} {kept.decision.reason}"
    return Ruling(kept.stored, structs.replace(kept.decision, reason=reason), kept.planned)


def _is_new(concern: Concern, existing: Sequence[_Matter]) -> bool:
    """Whether a case does not have the matter yet; a body that has its case already need not hear of it as calmly."""
    before = [one for one in existing if one.urgency.rank <= concern.urgency.rank]
    if any(one.category == concern.category for one in before):
        return False
    bodies = frozenset[str]().union(*(one.recipients for one in before))
    return not concern.recipients or not bodies.issuperset(concern.recipients)


def only(ruling: Ruling, left: Sequence[int]) -> Ruling:
    """The ruling with these of its concerns (by index) alone. ``left``: list of indices from 0."""
    planned = tuple(
        structs.replace(plan, concern=left.index(plan.concern)) for plan in ruling.planned if plan.concern in left
    )
    concerns = tuple(ruling.decision.concerns[index] for index in left)
    return Ruling(ruling.stored, structs.replace(ruling.decision, concerns=concerns), planned)


def main_place(stored: Stored, places: Sequence[Place]) -> tuple[str, str]:
    """Where it is, for subjects and sorting: the log's column or the most exact place of the text; the Stadtteil.

    A place with a house number is more exact than the same street without one. A pair of (street with number,
    district).
    """
    district = next((place.district for place in places if place.district), "")
    if stored.message.place:
        return stored.message.place.removesuffix(f", {district}") if district else stored.message.place, district
    streets = [place for place in places if place.street]
    if not streets:
        return "", district
    best = next((place for place in streets if place.street == streets[0].street and place.number), streets[0])
    return f"{best.street} {best.number}".strip(), district
