"""Further reports about what a body has a letter on: it is notified sparingly, and never of a closed matter.

A message that was counted with a case (a repeat, a supplement of the phone log, the citizen's own follow-up) when the
letter had left becomes a forward of its own, marked with that message (``forwards.report_id``). At most one waits for
each concern and body, and not before ``[linking] further_hours`` have passed since the body's last letter about it.
Those that come meanwhile are counted, and the letter has the newest one's words. Nothing urgent comes this way: it
has its own letter at once. A corrected place goes out without delay. An answer other than "commissioned", and
whatever ends the concern, cancels it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.storage.queries import WANTED, pieces
from routing.model.decision import Urgency
from routing.model.settings import Settings
from routing.planning import schedule
from routing.planning.plan import Ruling
from routing.store import forwards, held, tables
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


class _Notified(Struct):
    """A body that has a letter about a living concern: how urgent the gravest was, when the last one was composed."""

    case_id: int
    category: str
    concern_id: int
    recipient: str
    urgency: Urgency
    template: str
    last: datetime


def plan_further(
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
    hours = settings.linking.further_hours
    told = {ruling.stored.id for ruling in written if ruling.decision.kind in KINDS} if hours else set()
    counted = told | corrected.keys()
    counted -= held.active(connection, counted, held.Kind.RESTRICTED)
    if not counted or not (hours or corrected):
        return
    about = {
        ruling.stored.id: {concern.category for concern in ruling.decision.concerns}
        for ruling in judged
        if ruling.stored.id in counted
    }
    case_of = _cases(connection, counted)
    bodies = _notified(connection, set(case_of.values()), settings)
    planned: dict[tuple[int, str], tuple[int, _Notified]] = {}
    for message_id, case_id in case_of.items():  # the newest last
        for one in bodies:
            if message_id in corrected:
                is_meant = one.concern_id in corrected[message_id]
            else:
                is_about = not about[message_id] or one.category in about[message_id]
                is_meant = one.case_id == case_id and is_about
            if is_meant:
                planned[one.concern_id, one.recipient] = message_id, one
    if not planned:
        return
    waiting = _waiting(connection, {concern_id for concern_id, _ in planned})
    new = []
    for (concern_id, recipient), (message_id, notified) in planned.items():
        corrects_place = message_id in corrected
        forward = _forward(message_id, notified, settings, now, at_once=corrects_place)
        already = waiting.get((concern_id, recipient))
        if already is None:
            new.append(forward)
        elif corrects_place:
            forwards.plan_anew(connection, already, forward, now)
        else:
            forwards.report_newer(connection, already, message_id)
    forwards.plan(connection, new, now)


def _forward(
    message_id: int, notified: _Notified, settings: Settings, now: datetime, *, at_once: bool
) -> forwards.NewForward:
    """What the body is to hear of the message: ``at_once``, or when enough time has passed, and never as urgent."""
    earliest, urgency = now, notified.urgency
    if not at_once:
        earliest = max(now, notified.last + timedelta(hours=settings.linking.further_hours))
        urgency = max(urgency, Urgency.HEUTE, key=lambda one: one.rank)
    due_at = schedule.due(urgency, settings.recipients[notified.recipient], settings.office, earliest)
    return forwards.NewForward(
        notified.concern_id, notified.recipient, urgency, notified.template, due_at, report_id=message_id
    )


def _cases(connection: Connection, message_ids: set[int]) -> dict[int, int]:
    """The case that each of these messages was counted with by its newest decision, in the order of arrival."""
    found: dict[int, int] = {}
    for some in pieces(sorted(message_ids)):
        found.update((row.message_id, row.case_id) for row in connection.execute(_COUNTED, {"wanted": some}))
    return found


def _notified(connection: Connection, case_ids: set[int], settings: Settings) -> list[_Notified]:
    """For each living concern of these cases, each body that has a letter about it."""
    composed, concerns, letters = tables.forwards.c, tables.concerns.c, tables.letters.c
    query = (
        sa.select(
            concerns.case_id,
            concerns.category,
            composed.concern_id,
            composed.recipient,
            composed.urgency,
            composed.template,
            letters.composed_at,
        )
        .join(tables.concerns, concerns.id == composed.concern_id)
        .join(tables.letters, letters.id == composed.letter_id)
        .where(concerns.case_id.in_(case_ids), concerns.state.in_(["open", "answered"]), composed.state == "composed")
        .order_by(composed.concern_id, composed.recipient, composed.id)
    )
    found: dict[tuple[int, str], _Notified] = {}
    for row in connection.execute(query):
        one = found.setdefault((row.concern_id, row.recipient), _Notified(*row[:4], Urgency(row.urgency), *row[5:]))
        if Urgency(row.urgency).rank < one.urgency.rank:
            one.urgency, one.template = Urgency(row.urgency), row.template
        one.last = max(one.last, row.composed_at)
    return [one for one in found.values() if one.recipient in settings.recipients]


def _waiting(connection: Connection, concern_ids: set[int]) -> dict[tuple[int, str], int]:
    """What is planned already, by concern and body."""
    planned = tables.forwards.c
    query = sa.select(planned.id, planned.concern_id, planned.recipient).where(
        planned.concern_id.in_(concern_ids), planned.report_id.is_not(None), planned.state == "planned"
    )
    return {(row.concern_id, row.recipient): row.id for row in connection.execute(query)}
