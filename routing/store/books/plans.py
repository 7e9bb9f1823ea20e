"""Each routed concern, for each body that it is to go to, is one forward; and no forward is there that nobody decided.

What a decision owes is read from the decision itself, in the database (its detail is JSON), and compared with the
forwards that were planned at its moment for the concerns of its message. The few that differ are looked at one by one:
judged again, a concern that its body has a letter about already is not sent once more; an urgent word in what nobody
may forward owes the duty desk one.
"""

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from routing.model.decision import URGENT
from routing.store import tables
from routing.store.books.questions import SHOWN
from routing.store.books.values import Line, Wrong

MOST_LOOKED_AT = 10_000

_D, _C, _F = tables.decisions.c, tables.concerns.c, tables.forwards.c


Key = tuple[int, datetime, str]  # message, moment (aware, UTC), body


def line(connection: Connection) -> Line:
    """Owed by decisions against planned."""
    first = sa.select(sa.func.count()).select_from(tables.forwards).where(_F.report_id.is_(None))
    number = connection.scalar(first) or 0
    owed, planned = _owed(connection), _planned()
    missing = _left(connection, owed, planned)
    excess = _left(connection, planned, owed)
    missing, excess = missing - excess, excess - missing
    alerts = _settle_alerts(connection, missing, excess)
    explained = _settle_known(connection, missing)
    nobodys = sum(excess.values())
    wrong = (
        Wrong("decided, not planned", sum(missing.values()), _named(missing)),
        Wrong("planned, not decided", nobodys, _named(excess)),
    )
    parts = {"decided": number - nobodys - alerts, "alerts": alerts}
    return Line("plans", number, parts, wrong, {"was in a letter already": explained})


def _owed(connection: Connection) -> sa.Select[Any]:
    """Message, moment and body of what decisions say is to go out, and how often."""
    concern = _concerns(connection)
    body = concern.bodies
    name = sa.cast(body.c.value, sa.Text)
    return (
        sa.select(_D.message_id, _D.at, name.label("recipient"), sa.func.count().label("number"))
        .select_from(tables.decisions.join(concern.table, sa.true()).join(body, sa.true()))
        .where(_D.state == "routed", concern.state == "routed")
        .group_by(_D.message_id, _D.at, name)
    )


def _planned() -> sa.Select[Any]:
    """The same of the forwards; those of a further report are of no decision of their own."""
    message = sa.func.coalesce(_C.message_id, 0)
    return (
        sa.select(message.label("message_id"), _F.planned_at, _F.recipient, sa.func.count().label("number"))
        .select_from(tables.forwards.outerjoin(tables.concerns, _C.id == _F.concern_id))
        .where(_F.report_id.is_(None))
        .group_by(message, _F.planned_at, _F.recipient)
    )


class _Concerns(NamedTuple):
    """The concerns in a decision's detail, as a table beside it."""

    table: sa.FromClause
    bodies: sa.FromClause
    state: sa.ColumnElement[str]
    urgency: sa.ColumnElement[str]


def _concerns(connection: Connection) -> _Concerns:
    if connection.dialect.name == "postgresql":
        table = sa.func.json_array_elements(_D.detail["concerns"]).table_valued("value", name="concern").lateral()
        value = table.c.value
        bodies = sa.func.json_array_elements_text(value.op("->")("recipients")).table_valued("value", name="body")
        return _Concerns(table, bodies.lateral(), value.op("->>")("state"), value.op("->>")("urgency"))
    table = sa.func.json_each(_D.detail, "$.concerns").table_valued("value", name="concern")
    value = table.c.value
    bodies = sa.func.json_each(value, "$.recipients").table_valued("value", name="body")
    told = [sa.func.json_extract(value, path) for path in ("$.state", "$.urgency")]
    return _Concerns(table, bodies, *told)


def _left(connection: Connection, some: sa.Select[Any], others: sa.Select[Any]) -> "Counter[Key]":
    """What of ``some`` is not among ``others`` in the same number; the first of them when nearly all differ."""
    rows = connection.execute(some.except_(others).limit(MOST_LOOKED_AT))
    return Counter({(row.message_id, row[1], row.recipient): row.number for row in rows})


def _settle_alerts(connection: Connection, missing: "Counter[Key]", excess: "Counter[Key]") -> int:
    """Take out what an urgent word in what nobody may forward owes the duty desk, and put in what it did not get."""
    concern = _concerns(connection)
    alerting = (
        sa.cast(_D.detail["alert"].as_string(), sa.Text).in_(["true", "1"])
        if connection.dialect.name == "postgresql"
        else sa.func.json_extract(_D.detail, "$.alert") == 1
    )
    query = (
        sa.select(_D.message_id, _D.at, sa.func.count().label("number"))
        .select_from(tables.decisions.join(concern.table, sa.true()))
        .where(alerting, concern.urgency.in_(URGENT), sa.or_(_D.state != "routed", concern.state != "routed"))
        .group_by(_D.message_id, _D.at)
    )
    settled = 0
    planned: dict[tuple[int, datetime], list[Key]] = {}
    for key in excess:
        planned.setdefault(key[:2], []).append(key)
    for row in connection.execute(query):
        left = row.number
        for key in planned.get((row.message_id, row.at), []):
            taken = min(left, excess[key])
            excess[key] -= taken
            left -= taken
            settled += taken
        if left:
            missing[row.message_id, row.at, "alarm"] = left
    return settled


def _settle_known(connection: Connection, missing: "Counter[Key]") -> int:
    """Take out what a message that was judged again owes nobody: the body has a letter of its case already."""
    explained = 0
    earlier = tables.decisions.alias()
    for key in list(missing):
        message, at, body = key
        case = sa.select(_D.case_id).where(_D.message_id == message, _D.at == at)
        again = sa.exists().where(earlier.c.message_id == message, earlier.c.at < at)
        has_letter = sa.exists().where(
            _C.case_id.in_(case), _F.concern_id == _C.id, _F.recipient == body, _F.state == "composed"
        )
        if connection.scalar(sa.select(sa.and_(again, has_letter))):
            explained += missing.pop(key)
    return explained


def _named(found: "Counter[Key]") -> tuple[str, ...]:
    return tuple(f"{message}:{body}" for message, _, body in sorted(+found)[:SHOWN])
