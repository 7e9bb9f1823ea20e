"""What members of the desk order by mail: done, or refused with the reason; taken back as long as nothing went out.

Each order is about one number of the list that was answered, and is done by the same acts as on the command line and
the pages, with the member's name in the timeline. A concern that is not as the list showed it is left alone: somebody
else was there. All in the caller's transaction, each order in a part of its own; nothing is sent here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import storage
from intake.base import errors, german
from intake.message import Stored
from intake.storage.queries import WANTED, pieces
from routing.desk import actions, case_numbers, case_views, changing
from routing.model.decision import Urgency
from routing.model.settings import Configuration
from routing.store import cases, desk_mail, forwards, tables
from routing.store.cases.matching import SUPPLEMENT
from routing.store.desk_mail import Did, Numbered

if TYPE_CHECKING:
    from routing.replies.desk import Order

GONE = ("sending", "sent", "bounced")
"""States of a delivery that may have reached somebody."""


class Outcome(Struct, frozen=True):
    """What became of an order: German, without the number in front. ``did``: what can be taken back."""

    number: int
    text: str
    done: bool
    did: Did | None = None
    shown: Stored | None = None  # the message whose text was asked for
    name: str = ""  # of the concern


def perform(
    connection: Connection,
    configuration: Configuration,
    items: Sequence[Numbered],
    orders: "Sequence[Order]",
    now: datetime,
    *,
    actor: str,
) -> list[Outcome]:
    """Each order done or refused, in order; ``items`` are those of the list, whose first is number 1.

    ``now``: aware, UTC; ``actor`` is the member's name.
    """
    found = []
    for order in orders:
        try:
            with connection.begin_nested():
                found.append(_done(connection, configuration, items, order, now, actor))
        except errors.UsageError as error:
            found.append(Outcome(order.number, error.german, done=False))
    return found


def _done(
    connection: Connection,
    configuration: Configuration,
    items: Sequence[Numbered],
    order: "Order",
    now: datetime,
    actor: str,
) -> Outcome:
    row = concern(connection, items[order.number - 1].concern)
    changing.allowed(connection, {row.message_id})
    if order.act == "text":
        return Outcome(
            order.number,
            f"{row.name}: der ganze Text steht unten.",
            done=True,
            shown=_message(connection, row),
            name=row.name,
        )
    _unchanged(connection, row, items[order.number - 1])
    then, planned = _newest(connection, row.message_id), _last_forward(connection, row.id)
    ended = forwards.ongoing(connection, row.id)
    if order.act == "assign":
        said = _assign(connection, configuration, row, order, now, actor)
    elif order.act == "close":
        said = actions.close_in(connection, row.exact, now, actor=actor, reason=order.reason)
    else:
        said = _join(connection, row, concern(connection, items[order.target - 1].concern), now, actor)
    after = concern(connection, row.id)
    before = {name: getattr(row, name) for name in ("state", "waits_for", "category", "category_id", "urgency")}
    since = (planned, _last_forward(connection, row.id))
    did = Did(order.number, row.id, row.name, before, then, desk_mail.look(after), since, ended)
    return Outcome(order.number, said, done=True, did=did)


def concern(connection: Connection, concern_id: int) -> Any:
    """The row of a concern with its case's number; ``name`` as people name it, ``exact`` always with its position.

    Raises UsageError for one that was deleted.
    """
    row = connection.execute(_NAMED, {"wanted": [concern_id]}).one_or_none()
    if row is None:
        raise errors.UsageError("Diesen Hinweis gibt es nicht mehr; er ist gelöscht.")
    return row


def _named() -> sa.Select[Any]:
    """The question for ``concern``, of the ids "wanted"."""
    concerns, siblings = tables.concerns, tables.concerns.alias("siblings")
    several = sa.exists().where(siblings.c.case_id == concerns.c.case_id, siblings.c.position > 1)
    exact = tables.cases.c.number + "-" + sa.cast(concerns.c.position, sa.Text)
    return (
        sa.select(concerns, exact.label("exact"), sa.case((several, exact), else_=tables.cases.c.number).label("name"))
        .join(tables.cases, tables.cases.c.id == concerns.c.case_id)
        .where(concerns.c.id.in_(WANTED))
    )


_NAMED = _named()


def _unchanged(connection: Connection, row: Any, item: Numbered) -> None:
    """Raises UsageError when the concern is not as the list showed it."""
    if row.state == "review" and desk_mail.look(row) == item.look:
        return
    last = case_views.read(connection, row.case_id).timeline[-1]
    when = german.short_moment(last.at)
    if row.state == "review":
        raise errors.UsageError(
            f"{row.name} hat sich seit dieser Liste geändert ({when}): {row.waits_for or last.what}"
        )
    raise errors.UsageError(f"{row.name} wartet nicht mehr ({when}): {last.what}")


def _assign(
    connection: Connection, configuration: Configuration, row: Any, order: "Order", now: datetime, actor: str
) -> str:
    said = actions.assign_in(
        connection, configuration, row.exact, order.bodies, now, actor=actor, urgency=order.urgency
    )
    names = [configuration.settings.recipients[one].name for one in order.bodies]
    planned = sa.select(tables.forwards.c.urgency).where(tables.forwards.c.concern_id == row.id)
    urgency = connection.scalar(planned.order_by(tables.forwards.c.id.desc()).limit(1)) or ""
    left = said.partition(" Noch in Klärung:")[2]
    more = f" Noch in Klärung:{left}" if left else ""
    return f"{row.name} geht an {german.listed(names)}, Dringlichkeit {Urgency(urgency).value}.{more}"


def _join(connection: Connection, row: Any, other: Any, now: datetime, actor: str) -> str:
    """The concern ends; its message is counted with the other's case where it brought nothing else."""
    if row.id == other.id:
        raise errors.UsageError("Ein Hinweis kann nicht derselbe Fall sein wie er selbst.")
    changing.allowed(connection, {other.message_id})
    if other.state in case_numbers.ENDED:
        raise errors.UsageError(f"{other.name} ist geschlossen. Soll {row.name} auch geschlossen werden?")
    cases.close(connection, row.case_id, row.position)
    forwards.acknowledged(connection, row.case_id, now, position=row.position)
    concerns = tables.concerns.c
    alone = connection.scalar(sa.select(sa.func.count()).where(concerns.message_id == row.message_id)) == 1
    if alone and row.case_id != other.case_id:
        newest = sa.select(tables.decisions).where(tables.decisions.c.id == _newest(connection, row.message_id))
        old = connection.execute(newest).mappings().one()
        [number] = storage.reserve_ids(connection, tables.decisions, 1)
        counted = {
            "id": number,
            "case_id": other.case_id,
            "at": now,
            "actor": actor,
            "state": "kept",
            "kind": SUPPLEMENT,
            "reason": f"{actor}: derselbe Fall wie {other.name}.",
        }
        connection.execute(sa.insert(tables.decisions).values({**old, **counted}))
    for case_id, detail in (
        (row.case_id, f"{actor} hat den Hinweis geschlossen: derselbe Fall wie {other.name}."),
        (other.case_id, f"{actor}: {row.name} ist derselbe Fall."),
    ):
        storage.note(connection, now, "joined", actor=actor, case_id=case_id, detail=detail)
    return f"{row.name} ist geschlossen: derselbe Fall wie {other.name}."


def take_back(connection: Connection, did: Sequence[Did], now: datetime, *, actor: str) -> list[Outcome]:
    """Each of these acts undone, the last one first, or why it cannot be. ``now``: aware, UTC."""
    found = []
    for one in reversed(did):
        try:
            with connection.begin_nested():
                found.append(Outcome(one.number, _taken_back(connection, one, now, actor), done=True))
        except errors.UsageError as error:
            found.append(Outcome(one.number, error.german, done=False))
    return found[::-1]


def _taken_back(connection: Connection, did: Did, now: datetime, actor: str) -> str:
    row = concern(connection, did.concern)
    changing.allowed(connection, {row.message_id})
    if desk_mail.look(row) != did.look or _last_forward(connection, row.id) != did.forwards[1]:
        raise errors.UsageError(f"{did.name} ist inzwischen anders entschieden; daran wurde nichts geändert.")
    gone = _gone(connection, row.id, did)
    if gone:
        raise errors.UsageError(
            f"{did.name}: Das Schreiben an {german.listed(gone)} ist schon hinaus und lässt sich nicht zurücknehmen. "
            "Bitte rufen Sie dort an; den Vorgang können Sie neu zuweisen."
        )
    cases.take_back(connection, row.id, did.before, did.then, now, actor=actor)
    forwards.go_on(connection, did.ended)
    detail = f"{actor} hat das zurückgenommen; der Hinweis ist wieder in Klärung."
    storage.note(connection, now, "taken back", actor=actor, case_id=row.case_id, detail=detail)
    return f"{did.name} ist wieder in Klärung."


def _gone(connection: Connection, concern_id: int, did: Did) -> list[str]:
    """The bodies whose letter about it may have gone out since, or stands in one with others."""
    planned, deliveries = tables.forwards.c, tables.deliveries.c
    mine = sa.select(planned.letter_id, planned.recipient).where(
        planned.concern_id == concern_id, planned.letter_id.is_not(None), planned.id > did.forwards[0]
    )
    found = []
    for letter_id, recipient in connection.execute(mine).all():
        others = sa.select(sa.func.count()).where(planned.letter_id == letter_id, planned.concern_id != concern_id)
        rows = sa.select(deliveries.state, deliveries.attempts).where(deliveries.letter_id == letter_id)
        sent = any(row.state in GONE or row.attempts for row in connection.execute(rows.with_for_update()))
        if sent or connection.scalar(others):
            found.append(recipient)
    return list(dict.fromkeys(found))


def _last_forward(connection: Connection, concern_id: int) -> int:
    planned = tables.forwards.c
    return connection.scalar(sa.select(sa.func.max(planned.id)).where(planned.concern_id == concern_id)) or 0


def _newest(connection: Connection, message_id: int) -> int:
    decisions = tables.decisions.c
    return connection.scalar(sa.select(sa.func.max(decisions.id)).where(decisions.message_id == message_id)) or 0


def _message(connection: Connection, row: Any) -> Stored | None:
    return storage.get(connection, row.message_id)


def numbers(connection: Connection, items: Sequence[Numbered]) -> Mapping[str, int]:
    """The number in the list by each name that a concern of it bears: of its case where that has but one."""
    rows: dict[int, Any] = {}
    for some in pieces(sorted({item.concern for item in items})):
        rows.update((row.id, row) for row in connection.execute(_NAMED, {"wanted": some}))
    found: dict[str, int] = {}
    for number, item in enumerate(items, start=1):
        if (row := rows.get(item.concern)) is not None:  # else it was deleted meanwhile
            found[row.exact] = number
            if row.name != row.exact:
                found[row.name] = number
    return found
