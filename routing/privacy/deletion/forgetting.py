"""What deletion does to rows: take bytes out, take whole cases out and leave figures, or empty what is about a person.

Each function works in the caller's transaction and asks nobody: what is due, and what is held, was judged before. The
account of the books still adds up afterwards.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake.storage import forgotten
from intake.storage import tables as stored
from intake.storage.queries import WANTED, pieces
from routing.privacy.deletion.linked import Linked
from routing.store import figures, history, tables

GONE = history.EMPTIED

_M, _D, _C, _F = stored.messages.c, tables.decisions.c, tables.concerns.c, tables.forwards.c
_L, _V, _A = tables.letters.c, tables.deliveries.c, tables.acknowledgements.c
_EMPTY_MESSAGE: dict[str, Any] = {
    "subject": "",
    "from_name": "",
    "from_addr": "",
    "reply_to": "",
    "contact": "",
    "place": "",
    "text": GONE,
    "new_text": GONE,
    "attachments": [],
    "mail_id": "",
    "references": [],
    "case_number": "",
    "returned": sa.null(),
    "problems": [],
    "consent": None,
    "date": None,
}
_KEPT_OF_CONCERN = ("state", "category", "category_id", "recipients", "urgency", "rules")
"""What of a decided concern is of no person; the books and the figures read it."""


def take_bytes(connection: Connection, messages: Collection[int], now: datetime) -> None:
    """The raw bytes of these messages (ids), with all attachments. ``now``: aware, UTC."""
    for some in pieces(sorted(messages)):
        connection.execute(sa.delete(stored.raw_messages).where(stored.raw_messages.c.message_id.in_(some)))
        change = sa.update(stored.messages).where(_M.id.in_(some), _M.bytes_gone_at.is_(None))
        connection.execute(change.values(bytes_gone_at=now))


def empty_letters(connection: Connection, letters: Collection[int]) -> None:
    """The bytes and subject of these letters (ids), and citizens' addresses; what has not gone out never will."""
    for some in pieces(sorted(letters)):
        connection.execute(sa.update(tables.letters).where(_L.id.in_(some)).values(raw=b"", subject="", desk=None))
        mine = sa.update(tables.deliveries).where(_V.letter_id.in_(some))
        connection.execute(mine.where(_V.state.in_(["planned", "parked", "held"])).values(state="cancelled"))
        connection.execute(mine.values(reply=""))
        answers = sa.select(_A.letter_id).where(_A.letter_id.in_(some))
        connection.execute(mine.where(_V.letter_id.in_(answers)).values(address=""))
        connection.execute(sa.update(tables.forwards).where(_F.letter_id.in_(some)).values(chase_at=None))


def take_letters(connection: Connection, letters: Collection[int]) -> None:
    """These letters (ids), which no forward and no answer names, with their deliveries."""
    for some in pieces(sorted(letters)):
        connection.execute(sa.delete(tables.deliveries).where(_V.letter_id.in_(some)))
        connection.execute(sa.update(tables.letters).where(_L.resend_of.in_(some)).values(resend_of=None))
        connection.execute(sa.delete(tables.letters).where(_L.id.in_(some)))


def take_cases(connection: Connection, groups: Sequence[Linked], now: datetime, why: forgotten.Why) -> None:
    """Whole groups of cases and messages: figures stay, and the hashes by which nothing of them comes back.

    ``now``: aware, UTC.
    """
    cases = sorted({case for group in groups for case in group.cases})
    messages = sorted({message for group in groups for message in group.messages})
    figures.keep(connection, figures.of(connection, cases, messages))
    remember(connection, messages, why, now)
    concerns = _ids(connection, sa.select(_C.id).where(_C.case_id.in_(WANTED)), cases)
    letters = set(_ids(connection, sa.select(_F.letter_id).where(_F.concern_id.in_(WANTED)), concerns))
    letters |= set(_ids(connection, sa.select(_A.letter_id).where(_A.message_id.in_(WANTED)), messages))
    for table, column, numbers in (
        (tables.acknowledgements, _A.message_id, messages),
        (tables.forwards, _F.concern_id, concerns),
        (tables.concerns, _C.id, concerns),
        (tables.decisions, _D.message_id, messages),
        (stored.events, stored.events.c.case_id, cases),
        (stored.events, stored.events.c.message_id, messages),
        (tables.cases, tables.cases.c.id, cases),
    ):
        _delete(connection, table, column, numbers)
    _let_go_of(connection, letters)
    for table, column in (
        (stored.raw_messages, stored.raw_messages.c.message_id),
        (stored.arrivals, stored.arrivals.c.message_id),
        (stored.waiting, stored.waiting.c.message_id),
        (tables.holds, tables.holds.c.message_id),
        (stored.messages, _M.id),
    ):
        _delete(connection, table, column, messages)


def _ids(connection: Connection, query: sa.Select[Any], wanted: Collection[int]) -> list[int]:
    found: set[int] = set()
    for some in pieces(sorted(wanted)):
        found.update(number for number in connection.scalars(query, {"wanted": some}) if number is not None)
    return sorted(found)


def _delete(connection: Connection, table: sa.Table, column: sa.Column[Any], numbers: Sequence[int]) -> None:
    for some in pieces(numbers):
        connection.execute(sa.delete(table).where(column.in_(some)))


def _let_go_of(connection: Connection, letters: Collection[int]) -> None:
    """Letters whose forwards or answers went: with others still in them they lose their words, alone they go."""
    named = set(_ids(connection, sa.select(_F.letter_id).where(_F.letter_id.in_(WANTED)), letters))
    named |= set(_ids(connection, sa.select(_A.letter_id).where(_A.letter_id.in_(WANTED)), letters))
    empty_letters(connection, named)
    held = sa.select(sa.func.count()).where(_F.letter_id == _L.id).scalar_subquery()
    for some in pieces(sorted(named)):
        change = sa.update(tables.letters).where(_L.id.in_(some), _L.forwards.is_not(None))
        connection.execute(change.values(forwards=held))
    alone = set(letters) - named
    repeats = set(_ids(connection, sa.select(_L.id).where(_L.resend_of.in_(WANTED)), alone))
    repeats -= set(_ids(connection, sa.select(_F.letter_id).where(_F.letter_id.in_(WANTED)), repeats))
    take_letters(connection, alone | repeats)


def remember(connection: Connection, messages: Collection[int], why: forgotten.Why, now: datetime) -> None:
    """Note the hashes of these messages (ids), and of their mails on a server. ``now``: aware, UTC.

    A message that was emptied has lost its Message-ID, not never had one: its mail was noted then.
    """
    secret = forgotten.key(connection)
    query = sa.select(_M.identity, _M.mail_id, _M.size, _M.received_at, _M.text).where(_M.id.in_(WANTED))
    digests: list[bytes] = []
    for some in pieces(sorted(messages)):
        for row in connection.execute(query, {"wanted": some}):
            digests.append(forgotten.of_identity(secret, row.identity))
            if row.mail_id:
                digests += [forgotten.of_mail(secret, row.mail_id, size) for size in (row.size, None)]
            elif row.text != GONE:
                digests.append(forgotten.of_nameless(secret, row.size, row.received_at))
    forgotten.note(connection, digests, why, now)


def empty_messages(connection: Connection, messages: Collection[int], now: datetime) -> None:
    """Empty what these messages (ids) said, wherever it stands; what became of them stays as figures would have it.

    The place of a concern that is still open stays, for whoever is to go there. ``now``: aware, UTC.
    """
    remember(connection, messages, forgotten.Why.ERASED, now)
    take_bytes(connection, messages, now)
    letters: set[int] = set()
    for some in pieces(sorted(messages)):
        connection.execute(sa.update(stored.messages).where(_M.id.in_(some)).values(_EMPTY_MESSAGE))
        _empty_decisions(connection, some)
        mine = sa.update(tables.concerns).where(_C.message_id.in_(some))
        connection.execute(mine.values(likeness="", waits_for=""))
        connection.execute(mine.where(_C.state.not_in(["open", "review"])).values(place=""))
        events = sa.update(stored.events).where(stored.events.c.message_id.in_(some))
        connection.execute(events.values(detail=GONE))
        told = sa.or_(_F.report_id.in_(some), _F.concern_id.in_(sa.select(_C.id).where(_C.message_id.in_(some))))
        letters.update(connection.scalars(sa.select(_F.letter_id).where(told, _F.letter_id.is_not(None))))
        connection.execute(sa.update(tables.forwards).where(told).values(reason=""))
        answers = sa.select(_A.letter_id).where(_A.message_id.in_(some))
        letters.update(number for number in connection.scalars(answers) if number is not None)
    letters.update(_ids(connection, sa.select(_L.id).where(_L.resend_of.in_(WANTED)), letters))
    empty_letters(connection, letters)
    for some in pieces(sorted(messages)):
        connection.execute(sa.update(tables.acknowledgements).where(_A.message_id.in_(some)).values(address=""))


def _empty_decisions(connection: Connection, messages: Sequence[int]) -> None:
    rows = connection.execute(sa.select(_D.id, _D.detail).where(_D.message_id.in_(messages))).all()
    for row in rows:
        change = sa.update(tables.decisions).where(_D.id == row.id)
        connection.execute(change.values(reason="", detail=_structure(row.detail)))


def _structure(detail: dict[str, Any]) -> dict[str, Any]:
    """What of a decision's detail is of no person."""
    concerns = [
        {name: one[name] for name in _KEPT_OF_CONCERN if name in one} | {"matches": [], "places": []}
        for one in detail.get("concerns", ())
    ]
    return {"concerns": concerns, "places": [], "near_misses": [], "alert": detail.get("alert", False)}
