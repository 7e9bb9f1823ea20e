"""Telling bodies of further reports about what they have a letter on already: sparingly, and never of a closed matter.

A message that was counted with a case (a repeat, a supplement of the phone log, the citizen's own follow-up) when the
letter had left becomes a forward of its own, marked with that message (``forwards.report_id``). At most one waits for
each concern and body, and not before ``[linking] further_hours`` have passed since the body's last letter about it.
Those that come meanwhile are counted, and the newest one's words are told. Nothing urgent comes this way: it has its
own letter at once. A corrected place is told without delay. An answer other than "commissioned", and whatever ends
the concern, cancels it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.storage.queries import WANTED, pieces
from routing.model.decision import Urgency
from routing.model.settings import Settings
from routing.planning import schedule
from routing.planning.plan import Ruling
from routing.store import tables
from routing.store.cases.matching import EDIT, FOLLOW_UP, REPEAT, SUPPLEMENT

KINDS = (REPEAT, SUPPLEMENT, FOLLOW_UP)
_COUNTED = (
    sa.select(tables.decisions.c.message_id, tables.decisions.c.case_id)
    .where(
        tables.decisions.c.message_id.in_(WANTED),
        tables.decisions.c.kind.in_((*KINDS, EDIT)),
        tables.decisions.c.case_id.is_not(None),
    )
    .order_by(tables.decisions.c.message_id, tables.decisions.c.id)
)


def tell_further(
    connection: Connection,
    judged: Sequence[Ruling],
    written: Sequence[Ruling],
    corrected: Mapping[int, set[int]],
    settings: Settings,
    now: datetime,
) -> None:
    """Plan what bodies are to hear of the messages among ``written`` that were counted with a case.

    ``judged`` are the same rulings before that: they know what each message is about. ``corrected`` are the concerns
    that a message has given another place.
    """
    counted = {ruling.stored.id for ruling in written if ruling.decision.kind in KINDS} | corrected.keys()
    hours = settings.linking.further_hours
    if not counted or not hours:
        return
    about = {
        ruling.stored.id: {concern.category for concern in ruling.decision.concerns}
        for ruling in judged
        if ruling.stored.id in counted
    }
    case_of = _cases(connection, counted)
    told = _told(connection, set(case_of.values()), settings)
    planned: dict[tuple[int, str], tuple[int, Any]] = {}
    for message_id, case_id in case_of.items():  # the newest last
        for row in told:
            if message_id in corrected:
                is_meant = row.concern_id in corrected[message_id]
            else:
                is_about = not about[message_id] or row.category in about[message_id]
                is_meant = row.case_id == case_id and is_about
            if is_meant:
                planned[row.concern_id, row.recipient] = message_id, row
    if not planned:
        return
    waiting = _waiting(connection, {concern_id for concern_id, _ in planned})
    new = []
    for key, (message_id, row) in planned.items():
        wrong_place = message_id in corrected
        earliest = now if wrong_place else max(now, row.last + timedelta(hours=hours))
        urgency = Urgency(row.urgency)
        if not wrong_place:
            urgency = max(urgency, Urgency.HEUTE, key=lambda one: one.rank)
        values = _forward(message_id, row, settings, urgency, earliest, now)
        if key in waiting:
            kept = values if wrong_place else {"report_id": message_id}
            connection.execute(sa.update(tables.forwards).where(tables.forwards.c.id == waiting[key]).values(kept))
        else:
            new.append(values)
    for number, values in zip(storage.reserve_ids(connection, tables.forwards, len(new)), new, strict=True):
        values["id"] = number
    if new:
        connection.execute(sa.insert(tables.forwards), new)


def _forward(
    message_id: int, row: Any, settings: Settings, urgency: Urgency, earliest: datetime, now: datetime
) -> dict[str, Any]:
    recipient = settings.recipients[row.recipient]
    return {
        "concern_id": row.concern_id,
        "report_id": message_id,
        "recipient": row.recipient,
        "urgency": urgency,
        "template": row.template,
        "planned_at": now,
        "due_at": schedule.due(urgency, recipient, settings.office, earliest),
        "state": "planned",
    }


def _cases(connection: Connection, message_ids: set[int]) -> dict[int, int]:
    """The case that each of these messages was counted with by its newest decision, in the order of arrival."""
    found: dict[int, int] = {}
    for some in pieces(sorted(message_ids)):
        found.update((row.message_id, row.case_id) for row in connection.execute(_COUNTED, {"wanted": some}))
    return found


def _told(connection: Connection, case_ids: set[int], settings: Settings) -> list[Any]:
    """For each living concern of these cases and each body that has a letter about it: when the last one was made."""
    forwards, concerns, letters = tables.forwards.c, tables.concerns.c, tables.letters.c
    query = (
        sa.select(
            concerns.case_id,
            concerns.category,
            forwards.concern_id,
            forwards.recipient,
            sa.func.min(forwards.urgency).label("urgency"),
            sa.func.min(forwards.template).label("template"),
            sa.func.max(letters.composed_at).label("last"),
        )
        .join(tables.concerns, concerns.id == forwards.concern_id)
        .join(tables.letters, letters.id == forwards.letter_id)
        .where(concerns.case_id.in_(case_ids), concerns.state.in_(["open", "answered"]), forwards.state == "composed")
        .group_by(concerns.case_id, concerns.category, forwards.concern_id, forwards.recipient)
    )
    return [row for row in connection.execute(query) if row.recipient in settings.recipients]


def _waiting(connection: Connection, concern_ids: set[int]) -> dict[tuple[int, str], int]:
    """What is planned already, by concern and body."""
    forwards = tables.forwards.c
    query = sa.select(forwards.id, forwards.concern_id, forwards.recipient).where(
        forwards.concern_id.in_(concern_ids), forwards.report_id.is_not(None), forwards.state == "planned"
    )
    return {(row.concern_id, row.recipient): row.id for row in connection.execute(query)}
