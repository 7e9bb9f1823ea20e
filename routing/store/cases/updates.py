"""What a later decision or a person changes: plans end, concerns are replaced or closed; what was sent stays."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.engine import Connection

from intake import storage
from routing.model.decision import State
from routing.planning.plan import Ruling
from routing.store import forwards, held, tables
from routing.store.cases import linking, rows
from routing.store.forwards import NewForward

Rows = list[dict[str, Any]]


def restrained(connection: Connection, rulings: Sequence[Ruling]) -> list[Ruling]:
    """The rulings in order; those on messages that nobody works on (Art. 18 GDPR) only wait in review.

    What is urgent goes out all the same: an emergency never waits.
    """
    restricted = held.active(connection, {one.stored.id for one in rulings}, held.Kind.RESTRICTED)
    return [_restrained(one) if one.stored.id in restricted else one for one in rulings]


def _restrained(ruling: Ruling) -> Ruling:
    decision = ruling.decision
    if decision.state is State.KEPT or (decision.urgency is not None and decision.urgency.is_urgent):
        return ruling
    concerns = tuple(structs.replace(concern, state=State.REVIEW) for concern in decision.concerns)
    return Ruling(
        ruling.stored, structs.replace(decision, state=State.REVIEW, concerns=concerns, reason=held.WAITS_FOR), ()
    )


def withdraw(connection: Connection, message_ids: list[int]) -> None:
    """What an earlier decision about these messages planned and nobody composed ends here, with its concerns.

    A frozen letter goes out, for its body counts as notified (``not_yet_notified``). What other messages brought into
    the same case stays.
    """
    concerns = tables.concerns.c
    inside = list(connection.scalars(sa.select(concerns.id).where(concerns.message_id.in_(message_ids))))
    forwards.cancel(connection, inside)
    sent = sa.select(tables.forwards.c.concern_id).where(tables.forwards.c.state == "composed")
    connection.execute(
        sa.update(tables.concerns)
        .where(concerns.id.in_(inside), concerns.state.in_(["open", "review"]), concerns.id.not_in(sent))
        .values(state="replaced")
    )
    linking.release(connection, inside)


def not_yet_notified(connection: Connection, rulings: Sequence[Ruling], known: Mapping[int, int]) -> list[Ruling]:
    """Judged again, a concern that its body has a letter about already is not opened and not sent once more.

    The rulings in order; ``known`` maps to case ids, keyed by message id.
    """
    if not known:
        return list(rulings)
    concerns, composed = tables.concerns.c, tables.forwards.c
    query = (
        sa.select(concerns.case_id, concerns.category, composed.recipient)
        .join(tables.forwards, composed.concern_id == concerns.id)
        .where(concerns.case_id.in_(known.values()), composed.state == "composed")
    )
    sent = {tuple(row) for row in connection.execute(query)}
    return [left for ruling in rulings if (left := _left(ruling, known.get(ruling.stored.id), sent)) is not None]


def _left(ruling: Ruling, case_id: int | None, sent: set[tuple[Any, ...]]) -> Ruling | None:
    """What of a ruling nobody has a letter about; None when nothing is left."""
    concerns = ruling.decision.concerns
    notified = {
        index
        for index, concern in enumerate(concerns)
        if any((case_id, concern.category, name) in sent for name in concern.recipients)
    }
    if not notified:
        return ruling
    left = [index for index in range(len(concerns)) if index not in notified]
    if not left:
        return None
    planned = tuple(
        structs.replace(plan, concern=left.index(plan.concern)) for plan in ruling.planned if plan.concern in left
    )
    decision = structs.replace(ruling.decision, concerns=tuple(concerns[index] for index in left))
    return Ruling(ruling.stored, decision, planned)


def replace(
    connection: Connection,
    ruling: Ruling,
    concern_id: int,
    case_id: int,
    fingerprint: str,
    now: datetime,
    *,
    actor: str,
    photos: bool = False,
) -> None:
    """A person's decision about one concern: it is open with what the ruling says, its old plans are cancelled.

    With ``photos`` the person released them for these bodies. ``now``: aware, UTC.
    """
    concern = ruling.decision.concerns[0]
    rows.insert_decisions(connection, [ruling], {ruling.stored.id: case_id}, fingerprint, now, actor)
    forwards.cancel_with_letters(connection, [concern_id])
    connection.execute(
        sa.update(tables.concerns)
        .where(tables.concerns.c.id == concern_id)
        .values(
            state="open",
            waits_for="",
            category=concern.category,
            category_id=concern.category_id,
            urgency=concern.urgency,
        )
    )
    new = [
        NewForward(concern_id, one.recipient, one.urgency, one.template, one.due_at, photos=photos)
        for one in ruling.planned
    ]
    forwards.plan(connection, new, now)


def close(connection: Connection, case_id: int, position: int | None) -> None:
    """Close the case's concerns, or the one at ``position``; what is planned for them is cancelled.

    ``position`` counts from 1.
    """
    concerns = tables.concerns.c
    query = sa.select(concerns.id).where(concerns.case_id == case_id)
    if position is not None:
        query = query.where(concerns.position == position)
    ids = list(connection.scalars(query))
    forwards.cancel_with_letters(connection, ids)
    connection.execute(sa.update(tables.concerns).where(concerns.id.in_(ids)).values(state="closed"))
    linking.release(connection, ids)


def take_back(
    connection: Connection, concern_id: int, before: Mapping[str, str], decision_id: int, now: datetime, *, actor: str
) -> None:
    """A concern is what it was ``before`` (columns of ``concerns``); what was planned since and not sent ends.

    The decision that held then is written once more, as the newest. ``now``: aware, UTC.
    """
    forwards.cancel_with_letters(connection, [concern_id])
    connection.execute(sa.update(tables.concerns).where(tables.concerns.c.id == concern_id).values(dict(before)))
    old = connection.execute(sa.select(tables.decisions).where(tables.decisions.c.id == decision_id)).mappings().one()
    [number] = storage.reserve_ids(connection, tables.decisions, 1)
    connection.execute(sa.insert(tables.decisions).values({**old, "id": number, "at": now, "actor": actor}))
