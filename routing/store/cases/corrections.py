"""Another place than before: of a row of the phone log that was written anew, or by the citizen's next mail.

The concerns have the new place from then on. A letter that is still to be composed names it; the bodies that have a
letter are told by ``further_reports``. A mail corrects what its writer's case says when it names that case, or comes
within the hour after it; where it does not tell clearly which place is the right one, a person reads it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.engine import Connection

from intake.message import Kind
from intake.storage import tables as stored_tables
from routing.model.decision import State
from routing.planning.plan import Ruling
from routing.store import tables
from routing.store.cases import cases, matching
from routing.store.cases.matching import EDIT
from routing.text.places import said_anew

SOON = timedelta(hours=1)
"""So long after his report a citizen's correction needs no number of the case."""
_LIVING = ("review", "open", "answered")


def correct(connection: Connection, judged: Sequence[Ruling], written: Sequence[Ruling]) -> dict[int, set[int]]:
    """Put the places of edited rows among ``written`` right; returns the concerns that have a new one, by message.

    Message id → set of concern ids. ``judged`` are the same rulings before they were counted with their cases: they
    know which of several places belongs to which concern.
    """
    edited = {ruling.stored.id for ruling in written if ruling.decision.kind == EDIT}
    found: dict[int, set[int]] = {}
    for ruling in judged:
        if ruling.stored.id not in edited:
            continue
        if not ruling.stored.message.follows:
            for concern_id, place in _of_mail(connection, ruling, _case_of(connection, ruling)).items():
                move(connection, concern_id, place, "")
                found.setdefault(ruling.stored.id, set()).add(concern_id)
            continue
        own = {concern.category: concern.places for concern in ruling.decision.concerns}
        for row in _concerns(connection, ruling):
            place, district = cases.main_place(ruling.stored, own.get(row.category, ruling.decision.places))
            if _differs(place, row.place, ruling):
                move(connection, row.id, place, district)
                found.setdefault(ruling.stored.id, set()).add(row.id)
    return found


def of_mails(
    connection: Connection, rulings: Sequence[Ruling], follow_ups: Mapping[int, int], now: datetime
) -> dict[int, int]:
    """The mails among ``rulings`` that correct the place of a case, and that case. Message id → case id.

    ``follow_ups`` are those that name one; ``now`` is aware, UTC.
    """
    saying = [ruling for ruling in rulings if _may_correct(ruling)]
    if not saying:
        return {}
    lately = _lately(connection, [ruling for ruling in saying if ruling.stored.id not in follow_ups], now)
    meant = {ruling.stored.id: follow_ups.get(ruling.stored.id) or lately.get(ruling.stored.id) for ruling in saying}
    return {
        ruling.stored.id: case_id
        for ruling in saying
        if (case_id := meant[ruling.stored.id]) and _of_mail(connection, ruling, case_id)
    }


def as_correction(ruling: Ruling) -> Ruling:
    """The ruling on a mail that corrects its case: it is kept there, without concerns of its own."""
    reason = "Die Nachricht berichtigt den Ort eines Vorgangs; von nun an gilt der neue."
    decision = structs.replace(ruling.decision, state=State.KEPT, kind=EDIT, concerns=(), reason=reason)
    return Ruling(ruling.stored, decision, ())


def _may_correct(ruling: Ruling) -> bool:
    message, decision = ruling.stored.message, ruling.decision
    return (
        bool(message.from_addr)
        and message.automatic is None
        and message.kind is Kind.ORDINARY
        and not decision.alert
        and not any(concern.urgency.is_urgent for concern in decision.concerns)
        and said_anew.is_said(message.new_text)
    )


def _lately(connection: Connection, rulings: Sequence[Ruling], now: datetime) -> dict[int, int]:
    """The newest case that each writer has opened within the hour. Message id → case id."""
    if not rulings:
        return {}
    messages, opened = stored_tables.messages.c, tables.cases.c
    query = (
        sa.select(opened.id, messages.from_addr, messages.reply_to)
        .join(stored_tables.messages, messages.id == opened.message_id)
        .where(opened.opened_at >= now - SOON, messages.automatic == "")
        .order_by(opened.id)
    )
    newest = {(row.reply_to or row.from_addr).strip().casefold(): row.id for row in connection.execute(query)}
    wrote = {ruling.stored.id: matching.writer(ruling.stored.message) for ruling in rulings}
    return {message_id: newest[writer] for message_id, writer in wrote.items() if writer and writer in newest}


def _of_mail(connection: Connection, ruling: Ruling, case_id: int) -> dict[int, str]:
    """The new places of the case's living concerns, by concern; empty where the mail does not tell them clearly."""
    concerns, decision = tables.concerns.c, ruling.decision
    query = sa.select(concerns.id, concerns.category, concerns.place).where(
        concerns.case_id == case_id, concerns.state.in_(_LIVING), concerns.message_id != ruling.stored.id
    )
    rows = connection.execute(query).all()
    about = {concern.category for concern in decision.concerns}
    if not about <= {row.category for row in rows}:
        return {}  # it tells of something else, too
    meant = [row for row in rows if row.place and (not about or row.category in about)]
    text = ruling.stored.message.new_text
    found = {row.id: new for row in meant if (new := said_anew.place(text, decision.places, row.place))}
    before = {row.place for row in meant}
    return found if len(before) == 1 and len(found) == len(meant) else {}


def _case_of(connection: Connection, ruling: Ruling) -> int:
    """The case with which the mail was counted."""
    decisions = tables.decisions.c
    query = sa.select(decisions.case_id).where(decisions.message_id == ruling.stored.id).order_by(decisions.id.desc())
    return connection.scalars(query.limit(1)).first() or 0


def move(connection: Connection, concern_id: int, place: str, district: str) -> None:
    """The concern (by id) is there from now on."""
    change = {"place": place, "district": district, "likeness": ""}  # its key held the old place
    connection.execute(sa.update(tables.concerns).where(tables.concerns.c.id == concern_id).values(change))


def _concerns(connection: Connection, ruling: Ruling) -> Sequence[Any]:
    """The living concerns that the row brought when it was first read."""
    concerns, messages = tables.concerns.c, stored_tables.messages.c
    query = (
        sa.select(concerns.id, concerns.category, concerns.place)
        .join(stored_tables.messages, messages.id == concerns.message_id)
        .where(messages.identity == ruling.stored.message.follows, concerns.state.in_(_LIVING))
    )
    return connection.execute(query).all()


def _differs(place: str, before: str, ruling: Ruling) -> bool:
    """Whether the place is another; one that the words alone tell less exactly than before is not."""
    if not place or place == before:
        return False
    return bool(ruling.stored.message.place) or not before.startswith(place)
