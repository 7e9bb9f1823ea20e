"""The one place that writes forwards: a row for each concern and body that is to get it.

A forward is planned (``due_at``), then composed into a letter, or cancelled, or parked when no letter could be made.
Once composed it waits for the body's answer; ``chase_at`` is when somebody asks again, ``call_at`` when the duty desk
is called. All within the caller's transaction; moments are aware, UTC. Who gets what is decided elsewhere.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage import UtcDateTime, bulk_insert
from routing.model.decision import URGENT, Urgency
from routing.store import tables
from routing.store.desk_mail import Ongoing

LONGEST_REASON = 500
UNSENT = ("planned", "parked", "held")
"""States of deliveries that have not gone out, and that a new decision ends."""

_FORWARDS = tables.forwards
_C = tables.forwards.c


class NewForward(Struct, frozen=True):
    """A concern (by id) that a body is to get; ``report_id`` is the message that tells of it once more.

    ``photos``: a person released them for this body.
    """

    concern_id: int
    recipient: str
    urgency: Urgency
    template: str
    due_at: datetime
    report_id: int | None = None
    photos: bool = False


def plan(connection: Connection, new: Sequence[NewForward], now: datetime) -> None:
    """Plan forwards; nothing happens without any. ``now``: aware, UTC."""
    ids = storage.reserve_ids(connection, _FORWARDS, len(new))
    rows = [
        {
            "id": number,
            "concern_id": one.concern_id,
            "recipient": one.recipient,
            "urgency": one.urgency,
            "template": one.template,
            "report_id": one.report_id,
            "photos": one.photos,
            "planned_at": now,
            "due_at": one.due_at,
            "state": "planned",
            "call_at": now if one.urgency.is_alarm and one.report_id is None else None,
        }
        for number, one in zip(ids, new, strict=True)
    ]
    bulk_insert.insert(connection, _FORWARDS, rows)


def report_newer(connection: Connection, forward: int, report_id: int) -> None:
    """A planned forward about a further report tells of this newer one instead, when it was due."""
    _change(connection, _C.id == forward, report_id=report_id)


def plan_anew(connection: Connection, forward: int, new: NewForward, now: datetime) -> None:
    """A planned forward about a further report becomes ``new``. ``now``: aware, UTC."""
    _change(
        connection,
        _C.id == forward,
        report_id=new.report_id,
        urgency=new.urgency,
        template=new.template,
        planned_at=now,
        due_at=new.due_at,
    )


def urgent_at_once(connection: Connection, now: datetime) -> int:
    """Planned forwards that are urgent and due later than ``now`` are due now; how many. ``now``: aware, UTC."""
    return _change(connection, (_C.state == "planned") & _C.urgency.in_(URGENT) & (_C.due_at > now), due_at=now)


def urgent_after(moment: sa.ColumnElement[datetime]) -> sa.Select[int]:
    """The planned forwards (ids) that are urgent and due after ``moment``: for a query."""
    return sa.select(_C.id).where(_C.state == "planned", _C.urgency.in_(URGENT), _C.due_at > moment)


def due_now(connection: Connection, ids: Collection[int], now: datetime) -> None:
    """These planned forwards are due. ``now``: aware, UTC."""
    for number in ids:
        _change(connection, (_C.id == number) & (_C.state == "planned"), due_at=now)


def park(connection: Connection, ids: Collection[int], reason: str) -> None:
    """No letter can be made of these forwards: set them aside, visibly, until a person puts them back."""
    _change(connection, _C.id.in_(ids), state="parked", reason=reason[:LONGEST_REASON])


def unpark(connection: Connection, now: datetime, case_id: int | None = None) -> int:
    """Parked forwards, of one case or all, are due now; how many. ``now``: aware, UTC."""
    which = _C.state == "parked"
    if case_id is not None:
        which &= _C.concern_id.in_(_concerns_of(case_id))
    return _change(connection, which, state="planned", due_at=now)


def release_photos(connection: Connection, concern_ids: Collection[int]) -> list[str]:
    """A person released the photos for what is planned for these concerns; a list of the bodies, sorted."""
    which = _C.concern_id.in_(concern_ids) & _C.state.in_(["planned", "parked"])
    bodies = sorted(set(connection.scalars(sa.select(_C.recipient).where(which))))
    _change(connection, which, photos=True)
    return bodies


def cancel(connection: Connection, concern_ids: Collection[int]) -> None:
    """What is planned or parked for these concerns ends."""
    _change(connection, _C.concern_id.in_(concern_ids) & _C.state.in_(["planned", "parked"]), state="cancelled")


def cancel_with_letters(connection: Connection, concern_ids: Sequence[int]) -> None:
    """What is planned or parked for these concerns ends, letters about them alone included, also those held."""
    cancel(connection, concern_ids)
    columns, deliveries = tables.forwards.c, tables.deliveries
    mine = columns.concern_id.in_(concern_ids)
    others = sa.select(columns.letter_id).where(columns.letter_id.is_not(None), ~mine)
    letters = sa.select(columns.letter_id).where(mine, columns.letter_id.is_not(None))
    connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.letter_id.in_(letters),
            deliveries.c.letter_id.not_in(others),
            deliveries.c.state.in_(UNSENT),
        )
        .values(state="cancelled", held="")
    )


def cancel_reports(connection: Connection, report_ids: Collection[int]) -> None:
    """What bodies were to hear of these further reports (messages by id) ends."""
    _change(connection, _C.report_id.in_(report_ids) & _C.state.in_(["planned", "parked"]), state="cancelled")


def cancel_further(connection: Connection, concern_id: int, recipient: str) -> None:
    """What the body was to hear of further reports about the concern ends."""
    which = (_C.concern_id == concern_id) & (_C.recipient == recipient)
    _change(connection, which & _C.report_id.is_not(None) & (_C.state == "planned"), state="cancelled")


def composed(connection: Connection, letter_of: Sequence[tuple[int, int, datetime | None]]) -> None:
    """Forwards are in letters from here on: a list of (forward, letter, when to ask again), aware."""
    if letter_of:
        values = [{"forward": forward, "letter": letter, "chase": at} for forward, letter, at in letter_of]
        connection.execute(_COMPOSED, values)


_COMPOSED = (
    sa.update(_FORWARDS)
    .where(_C.id == sa.bindparam("forward"))
    .values(state="composed", letter_id=sa.bindparam("letter"), chase_at=sa.bindparam("chase"))
)


def moved(connection: Connection, letter: int, instead: int) -> None:
    """The forwards of a letter are in another one ``instead``, which repeats it."""
    _change(connection, _C.letter_id == letter, letter_id=instead)
    letters = tables.letters
    held = sa.select(letters.c.forwards).where(letters.c.id == letter).scalar_subquery()
    connection.execute(sa.update(letters).where(letters.c.id == instead).values(forwards=held))
    connection.execute(sa.update(letters).where(letters.c.id == letter, held.is_not(None)).values(forwards=0))


def ask_at(connection: Connection, ids: Collection[int], at: datetime | None, asked: int | None = None) -> None:
    """Ask again about these then, or (None) never; with ``asked``, so many times it was done. ``at``: aware, UTC."""
    if ids:
        _change(connection, _C.id.in_(ids), chase_at=at, **({} if asked is None else {"chased": asked}))


def ask_urgent_at(connection: Connection, letter: int, now: datetime) -> None:
    """An urgent letter came back: whoever waits for an answer to it asks now. ``now``: aware, UTC."""
    _change(connection, (_C.letter_id == letter) & _C.urgency.in_(URGENT) & _C.chase_at.is_not(None), chase_at=now)


def answered(connection: Connection, forward: int, now: datetime, answer: str = "") -> None:
    """The body gave a sign, which ends the asking; the first one counts. ``answer`` is what it said, if anything.

    ``now``: aware, UTC.
    """
    first = sa.func.coalesce(_C.answered_at, sa.literal(now, UtcDateTime))
    said: dict[str, Any] = {"answer": answer} if answer else {}
    _change(connection, _C.id == forward, answered_at=first, chase_at=None, call_at=None, **said)


def acknowledged(connection: Connection, case_id: int, now: datetime, *, position: int | None = None) -> int:
    """Somebody takes care of the case (or one concern of it): nobody asks or calls any more.

    Returns for how many forwards that ends it.

    ``now``: aware, UTC.
    """
    which = _C.concern_id.in_(_concerns_of(case_id, position))
    calls = _change(connection, which & _C.call_at.is_not(None), call_at=None)
    letters = _change(
        connection, which & (_C.state == "composed") & _C.answered_at.is_(None), answered_at=now, chase_at=None
    )
    return max(calls, letters)


def ongoing(connection: Connection, concern_id: int) -> Ongoing:
    """What of the concern is planned, waits for an answer, or has not gone out."""
    mine = _C.concern_id == concern_id
    waits = sa.or_(_C.state.in_(["planned", "parked"]), sa.and_(_C.state == "composed", _C.answered_at.is_(None)))
    rows = connection.execute(sa.select(_C.id, _C.state, _C.chase_at).where(mine, waits).order_by(_C.id))
    deliveries = tables.deliveries.c
    letters = sa.select(_C.letter_id).where(mine, _C.letter_id.is_not(None))
    unsent = sa.select(deliveries.id, deliveries.state, deliveries.held).where(
        deliveries.letter_id.in_(letters), deliveries.state.in_(UNSENT)
    )
    return Ongoing(
        tuple((row.id, row.state, row.chase_at) for row in rows),
        tuple((row.id, row.state, row.held) for row in connection.execute(unsent.order_by(deliveries.id))),
    )


def go_on(connection: Connection, before: Ongoing) -> None:
    """What was under way is so again, unless a body has answered meanwhile."""
    for number, state, chase_at in before.forwards:
        this = _C.id == number
        if state == "composed":
            _change(connection, this & (_C.answer == ""), answered_at=None, chase_at=chase_at)
        else:
            _change(connection, this & (_C.state == "cancelled"), state=state)
    deliveries = tables.deliveries
    for number, state, held in before.deliveries:
        ended = sa.and_(deliveries.c.id == number, deliveries.c.state == "cancelled")
        connection.execute(sa.update(deliveries).where(ended).values(state=state, held=held))


def _concerns_of(case_id: int, position: int | None = None) -> sa.Select[int]:
    concerns = tables.concerns.c
    query = sa.select(concerns.id).where(concerns.case_id == case_id)
    return query if position is None else query.where(concerns.position == position)


def _change(connection: Connection, which: sa.ColumnElement[bool], **values: Any) -> int:
    return connection.execute(sa.update(_FORWARDS).where(which).values(values)).rowcount
