"""The casebook: decisions, cases and concerns, as dispatch and the desk write them.

``record`` turns rulings into rows within the caller's transaction: a decision each, a case with its number where there
is something to do, its concerns, and the forwards that are planned. Decisions are append-only. What was sent is never
touched; what was planned by an earlier decision and is not composed yet is cancelled when a new decision comes.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import __version__, storage, wording
from intake.message import Stored
from intake.storage import tables as stored_tables
from routing import tables
from routing.concern import Concern, Decision, Match, NearMiss, Place, State, Urgency
from routing.planning import Ruling
from routing.settings import Configuration

Rows = list[dict[str, Any]]


def keep_snapshot(connection: Connection, configuration: Configuration, now: datetime) -> None:
    """Store the configuration that decisions refer to, once."""
    known = sa.select(tables.snapshots.c.fingerprint).where(
        tables.snapshots.c.fingerprint == configuration.fingerprint
    )
    if connection.scalar(known) is None:
        connection.execute(
            sa.insert(tables.snapshots).values(
                fingerprint=configuration.fingerprint,
                version=__version__,
                texts=configuration.texts,
                first_used=now,
            )
        )


def record(
    connection: Connection,
    rulings: Sequence[Ruling],
    fingerprint: str,
    now: datetime,
    *,
    actor: str = "daemon",
    answers: Mapping[int, str] = MappingProxyType({}),
) -> None:
    """Write the rulings with their cases, concerns and planned forwards.

    ``answers`` names the case (by number) that a message answers: it joins it, and the case is shown as answered.
    """
    if not rulings:
        return
    answered = _answered(connection, rulings, answers)
    rulings = [_answer(ruling) if ruling.stored.id in answered else ruling for ruling in rulings]
    known_cases = _cases_of_messages(connection, rulings)
    followed = _cases_followed(connection, rulings)
    opening = [ruling for ruling in rulings if _opens_case(ruling, known_cases, followed, rulings)]
    opened = _open_cases(connection, opening, now)
    if known_cases:
        _withdraw(connection, list(known_cases.values()))
    identities = {ruling.stored.message.identity: ruling.stored.id for ruling in rulings}
    cases: dict[int, int] = {**known_cases, **opened, **answered}
    for ruling in rulings:
        follows = ruling.stored.message.follows
        if ruling.stored.id not in cases and follows:
            case_id = followed.get(follows) or cases.get(identities.get(follows, 0))
            if case_id:
                cases[ruling.stored.id] = case_id
    rulings = [_joined(ruling) if _supplements(ruling, cases, opened) else ruling for ruling in rulings]
    _insert_decisions(connection, rulings, cases, fingerprint, now, actor)
    _insert_concerns(connection, _untold(connection, rulings, known_cases), cases, opened, now)


def _answered(connection: Connection, rulings: Sequence[Ruling], answers: Mapping[int, str]) -> dict[int, int]:
    """The cases that are answered, by message; an urgent message is no mere answer. Marks their open concerns."""
    numbers = {ruling.stored.id: answers[ruling.stored.id] for ruling in rulings if ruling.stored.id in answers}
    numbers = {
        ruling.stored.id: numbers[ruling.stored.id]
        for ruling in rulings
        if ruling.stored.id in numbers and not _urgent(ruling.decision)
    }
    if not numbers:
        return {}
    query = sa.select(tables.cases.c.number, tables.cases.c.id).where(tables.cases.c.number.in_(numbers.values()))
    ids = {row.number: row.id for row in connection.execute(query)}
    found = {message_id: ids[number] for message_id, number in numbers.items() if number in ids}
    concerns = tables.concerns.c
    connection.execute(
        sa.update(tables.concerns)
        .where(concerns.case_id.in_(found.values()), concerns.state == "open")
        .values(state="answered")
    )
    return found


def _answer(ruling: Ruling) -> Ruling:
    reason = "Eine Stelle antwortet auf ein Schreiben dieses Vorgangs. Bitte sehen Sie die Antwort an."
    decision = dataclasses.replace(ruling.decision, state=State.KEPT, kind="answer", concerns=(), reason=reason)
    return Ruling(ruling.stored, decision, ())


def _cases_of_messages(connection: Connection, rulings: Sequence[Ruling]) -> dict[int, int]:
    ids = [ruling.stored.id for ruling in rulings]
    query = sa.select(tables.cases.c.message_id, tables.cases.c.id).where(tables.cases.c.message_id.in_(ids))
    return {row.message_id: row.id for row in connection.execute(query)}


def _cases_followed(connection: Connection, rulings: Sequence[Ruling]) -> dict[bytes, int]:
    """The cases that these messages supplement, by the identity of the message that opened them."""
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


def _opens_case(ruling: Ruling, known: dict[int, int], followed: dict[bytes, int], rulings: Sequence[Ruling]) -> bool:
    if ruling.decision.state is State.KEPT or ruling.stored.id in known:
        return False
    follows = ruling.stored.message.follows
    if not follows:
        return True
    beside = any(
        other.stored.message.identity == follows and other.decision.state is not State.KEPT for other in rulings
    )
    return follows not in followed and not beside


def _open_cases(connection: Connection, opening: Sequence[Ruling], now: datetime) -> dict[int, int]:
    if not opening:
        return {}
    ids = storage.reserve_ids(connection, tables.cases, len(opening))
    numbers = _case_numbers(connection, wording.local(now).year, len(opening))
    rows = [
        {"id": case_id, "number": number, "opened_at": now, "message_id": ruling.stored.id}
        for case_id, number, ruling in zip(ids, numbers, opening, strict=True)
    ]
    connection.execute(sa.insert(tables.cases), rows)
    return {ruling.stored.id: case_id for case_id, ruling in zip(ids, opening, strict=True)}


def _case_numbers(connection: Connection, year: int, count: int) -> list[str]:
    last = count_up(connection, f"KOD-{year}", count)
    return [f"KOD-{year}-{value:06d}" for value in range(last - count + 1, last + 1)]


def count_up(connection: Connection, name: str, count: int = 1) -> int:
    """Move the counter ``name`` on by ``count`` and return where it stands; the row's lock orders several daemons."""
    counters = tables.counters
    query = sa.update(counters).where(counters.c.name == name).values(value=counters.c.value + count)
    value = connection.scalar(query.returning(counters.c.value))
    if value is None:
        connection.execute(sa.insert(counters).values(name=name, value=count))
        return count
    return int(value)


def _withdraw(connection: Connection, case_ids: list[int]) -> None:
    """An earlier decision's plans that were not composed yet end here, and so do its concerns in review."""
    concerns = tables.concerns.c
    inside = list(connection.scalars(sa.select(concerns.id).where(concerns.case_id.in_(case_ids))))
    _cancel_planned(connection, inside)
    sent = sa.select(tables.forwards.c.concern_id).where(tables.forwards.c.state == "composed")
    connection.execute(
        sa.update(tables.concerns)
        .where(concerns.case_id.in_(case_ids), concerns.state.in_(["open", "review"]), concerns.id.not_in(sent))
        .values(state="replaced")
    )


def _untold(connection: Connection, rulings: Sequence[Ruling], known: dict[int, int]) -> list[Ruling]:
    """Judged again, a concern that its body has a letter about already is not opened and not sent once more."""
    if not known:
        return list(rulings)
    concerns, forwards = tables.concerns.c, tables.forwards.c
    query = (
        sa.select(concerns.case_id, concerns.category, forwards.recipient)
        .join(tables.forwards, forwards.concern_id == concerns.id)
        .where(concerns.case_id.in_(known.values()), forwards.state == "composed")
    )
    sent = {tuple(row) for row in connection.execute(query)}
    return [left for ruling in rulings if (left := _left(ruling, known.get(ruling.stored.id), sent)) is not None]


def _left(ruling: Ruling, case_id: int | None, sent: set[tuple[Any, ...]]) -> Ruling | None:
    """What of a ruling nobody has a letter about; None when nothing is left."""
    concerns = ruling.decision.concerns
    told = {
        index
        for index, concern in enumerate(concerns)
        if any((case_id, concern.category, name) in sent for name in concern.recipients)
    }
    if not told:
        return ruling
    left = [index for index in range(len(concerns)) if index not in told]
    if not left:
        return None
    planned = tuple(
        dataclasses.replace(plan, concern=left.index(plan.concern)) for plan in ruling.planned if plan.concern in left
    )
    decision = dataclasses.replace(ruling.decision, concerns=tuple(concerns[index] for index in left))
    return Ruling(ruling.stored, decision, planned)


def _insert_decisions(
    connection: Connection,
    rulings: Sequence[Ruling],
    cases: dict[int, int],
    fingerprint: str,
    now: datetime,
    actor: str,
) -> None:
    ids = storage.reserve_ids(connection, tables.decisions, len(rulings))
    rows = [
        {
            "id": number,
            "message_id": ruling.stored.id,
            "case_id": cases.get(ruling.stored.id),
            "at": now,
            "actor": actor,
            "state": ruling.decision.state,
            "kind": ruling.decision.kind,
            "category": ", ".join(dict.fromkeys(concern.category for concern in ruling.decision.concerns)),
            "urgency": ruling.decision.urgency or "",
            "recipients": list(ruling.decision.recipients),
            "reason": ruling.decision.reason,
            "detail": detail(ruling.decision),
            "fingerprint": fingerprint,
        }
        for number, ruling in zip(ids, rulings, strict=True)
    ]
    connection.execute(sa.insert(tables.decisions), rows)


def detail(decision: Decision) -> dict[str, Any]:
    """What an explanation needs, as plain JSON values."""
    return {
        "concerns": [
            _values(concern) | {"matches": [_values(m) for m in concern.matches]} for concern in decision.concerns
        ],
        "places": [_values(place) for place in decision.places],
        "near_misses": [_values(miss) for miss in decision.near_misses],
        "alert": decision.alert,
    }


def _values(value: Concern | Match | NearMiss | Place) -> dict[str, Any]:
    """A flat value's fields by name; ``dataclasses.asdict`` copies deeply and takes ten times as long."""
    return {name: getattr(value, name) for name in value.__slots__}


def _insert_concerns(
    connection: Connection, rulings: Sequence[Ruling], cases: dict[int, int], opened: dict[int, int], now: datetime
) -> None:
    taken = _positions(connection, [case for message, case in cases.items() if message not in opened])
    rows: Rows = []
    plans: Rows = []
    for ruling in rulings:
        case_id = cases.get(ruling.stored.id)
        if case_id is None or ruling.decision.state is State.KEPT:
            continue
        first = len(rows)
        rows += _concern_rows(ruling, case_id, taken, now)
        plans += [
            {
                "row": first + plan.concern,
                "recipient": plan.recipient,
                "urgency": plan.urgency,
                "template": plan.template,
                "planned_at": now,
                "due_at": plan.due_at,
                "state": "planned",
            }
            for plan in ruling.planned
        ]
    for number, row in zip(storage.reserve_ids(connection, tables.concerns, len(rows)), rows, strict=True):
        row["id"] = number
    for number, plan in zip(storage.reserve_ids(connection, tables.forwards, len(plans)), plans, strict=True):
        plan["id"] = number
        plan["concern_id"] = rows[plan.pop("row")]["id"]
    if rows:
        connection.execute(sa.insert(tables.concerns), rows)
    if plans:
        connection.execute(sa.insert(tables.forwards), plans)


def _supplements(ruling: Ruling, cases: dict[int, int], opened: dict[int, int]) -> bool:
    """A further report of a case's matter: it joins the case and is counted, unless it says something urgent."""
    joins = ruling.stored.id in cases and ruling.stored.id not in opened and bool(ruling.stored.message.follows)
    return joins and not _urgent(ruling.decision)


def _joined(ruling: Ruling) -> Ruling:
    reason = "Die Meldung ergänzt einen Vorgang, der schon besteht; sie wird dort gezählt."
    decision = dataclasses.replace(ruling.decision, state=State.KEPT, kind="supplement", concerns=(), reason=reason)
    return Ruling(ruling.stored, decision, ())


def _urgent(decision: Decision) -> bool:
    return decision.urgency is not None and decision.urgency.rank <= Urgency.SOFORT.rank


def _concern_rows(ruling: Ruling, case_id: int, taken: dict[int, int], now: datetime) -> Rows:
    place = main_place(ruling.stored, ruling.decision.places)
    shared = {
        "case_id": case_id,
        "message_id": ruling.stored.id,
        "place": place[0],
        "district": place[1],
        "opened_at": now,
    }
    rows: Rows = []
    states = {State.ROUTED: "open" if ruling.decision.state is State.ROUTED else "review", State.KEPT: "closed"}
    for concern in ruling.decision.concerns:
        taken[case_id] = taken.get(case_id, 0) + 1
        rows.append(
            shared
            | {
                "position": taken[case_id],
                "state": states.get(concern.state, "review"),
                "category": concern.category,
                "category_id": concern.category_id,
                "urgency": concern.urgency,
            }
        )
    if not rows:
        taken[case_id] = taken.get(case_id, 0) + 1
        rows.append(
            shared | {"position": taken[case_id], "state": "review", "category": "", "category_id": "", "urgency": ""}
        )
    return rows


def _positions(connection: Connection, case_ids: list[int]) -> dict[int, int]:
    if not case_ids:
        return {}
    concerns = tables.concerns.c
    query = (
        sa.select(concerns.case_id, sa.func.max(concerns.position).label("last"))
        .where(concerns.case_id.in_(case_ids))
        .group_by(concerns.case_id)
    )
    return {row.case_id: row.last for row in connection.execute(query)}


def main_place(stored: Stored, places: Sequence[Place]) -> tuple[str, str]:
    """Where it is, for subjects and sorting: the log's column or the most exact place of the text; the Stadtteil.

    A place with a house number is more exact than the same street without one.
    """
    district = next((place.district for place in places if place.district), "")
    if stored.message.place:
        return stored.message.place.removesuffix(f", {district}") if district else stored.message.place, district
    streets = [place for place in places if place.street]
    if not streets:
        return "", district
    best = next((place for place in streets if place.street == streets[0].street and place.number), streets[0])
    return f"{best.street} {best.number}".strip(), district


def replace(
    connection: Connection,
    ruling: Ruling,
    concern_id: int,
    case_id: int,
    fingerprint: str,
    now: datetime,
    *,
    actor: str,
) -> None:
    """A person's decision about one concern: it is open with what the ruling says, its old plans are cancelled."""
    concern = ruling.decision.concerns[0]
    _insert_decisions(connection, [ruling], {ruling.stored.id: case_id}, fingerprint, now, actor)
    _cancel_planned(connection, [concern_id])
    connection.execute(
        sa.update(tables.concerns)
        .where(tables.concerns.c.id == concern_id)
        .values(
            state="open",
            category=concern.category,
            category_id=concern.category_id,
            urgency=concern.urgency,
        )
    )
    ids = storage.reserve_ids(connection, tables.forwards, len(ruling.planned))
    rows = [
        {
            "id": number,
            "concern_id": concern_id,
            "recipient": plan.recipient,
            "urgency": plan.urgency,
            "template": plan.template,
            "planned_at": now,
            "due_at": plan.due_at,
            "state": "planned",
        }
        for number, plan in zip(ids, ruling.planned, strict=True)
    ]
    if rows:
        connection.execute(sa.insert(tables.forwards), rows)


def close(connection: Connection, case_id: int, position: int | None) -> None:
    """Close the case's concerns, or the one at ``position``; what is planned for them is cancelled."""
    concerns = tables.concerns.c
    query = sa.select(concerns.id).where(concerns.case_id == case_id)
    if position is not None:
        query = query.where(concerns.position == position)
    ids = list(connection.scalars(query))
    _cancel_planned(connection, ids)
    connection.execute(sa.update(tables.concerns).where(concerns.id.in_(ids)).values(state="closed"))


def _cancel_planned(connection: Connection, concern_ids: list[int]) -> None:
    """What is planned or parked for these concerns ends, letters about them alone included."""
    forwards, deliveries = tables.forwards, tables.deliveries
    mine = forwards.c.concern_id.in_(concern_ids)
    connection.execute(
        sa.update(forwards).where(mine, forwards.c.state.in_(["planned", "parked"])).values(state="cancelled")
    )
    others = sa.select(forwards.c.letter_id).where(forwards.c.letter_id.is_not(None), ~mine)
    letters = sa.select(forwards.c.letter_id).where(mine, forwards.c.letter_id.is_not(None))
    connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.letter_id.in_(letters),
            deliveries.c.letter_id.not_in(others),
            deliveries.c.state.in_(["planned", "parked"]),
        )
        .values(state="cancelled")
    )
