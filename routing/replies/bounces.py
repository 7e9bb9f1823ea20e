"""A letter that came back: the delivery is marked, an address that does not exist gets no more ordinary letters.

Only a failure for good ("5.1.1", action failed) counts; a report of a delay is a line in the timeline. A full mailbox
(5.2.2) fails this letter and stops nothing. An urgent letter that came back is chased at once. Source: RFC 3463, 3464.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.message import Failure
from routing.replies.correlate import Reply
from routing.store import forwards, outbox, tables

MAILBOX_FULL = "5.2.2"
MOST_NOTES = 50


def record(connection: Connection, message_id: int, bounce: Reply, now: datetime) -> None:
    """Write what a bounce means for its letter, at ``now`` (aware).

    Addresses it names count only if the letter went there.
    """
    deliveries = tables.deliveries.c
    query = sa.select(deliveries.id, deliveries.address, deliveries.state).where(
        deliveries.letter_id == bounce.letter_id
    )
    sent = connection.execute(query).all()
    failures = bounce.bounced.failures if bounce.bounced else ()
    for failure in failures:
        named = [row for row in sent if row.address.casefold() == failure.address.casefold()]
        for row in named or (sent if len(sent) == 1 else []):
            if _failed(failure):
                _bounced(connection, row, failure, bounce, now)
            _note(connection, message_id, row, failure, bounce, now)
    if not failures:
        for row in sent if len(sent) == 1 else []:
            _note(connection, message_id, row, Failure(row.address, "", "", ""), bounce, now)


def _failed(failure: Failure) -> bool:
    return failure.status.startswith("5") and failure.action in {"failed", ""}


def _bounced(connection: Connection, row: Any, failure: Failure, bounce: Reply, now: datetime) -> None:
    deliveries, told, stopped = tables.deliveries, tables.forwards.c, tables.stopped
    reply = _said(failure)[:500]
    to_a_citizen = bounce.body == outbox.CITIZEN  # nobody can mend his address
    state = "cancelled" if to_a_citizen else "bounced"
    change = sa.update(deliveries).where(deliveries.c.id == row.id)
    connection.execute(change.values(state=state, reply=reply, finished_at=now))
    if to_a_citizen:
        return
    assert bounce.letter_id is not None  # a bounce is of a letter
    forwards.ask_urgent_at(connection, bounce.letter_id, now)
    to_a_body = connection.scalar(sa.select(told.id).where(told.letter_id == bounce.letter_id).limit(1))
    if failure.status == MAILBOX_FULL or to_a_body is None:
        return
    known = connection.scalar(sa.select(stopped.c.address).where(stopped.c.address == row.address))
    if known is None:
        connection.execute(sa.insert(stopped).values(address=row.address, since=now, reason=reply))


def _said(failure: Failure) -> str:
    """The server's words, with the status unless they hold it."""
    return (
        failure.diagnosis if failure.status in failure.diagnosis else f"{failure.status} {failure.diagnosis}".strip()
    )


def _note(connection: Connection, message_id: int, row: Any, failure: Failure, bounce: Reply, now: datetime) -> None:
    """A line in the timeline of every case in the letter."""
    what = "kam als unzustellbar zurück" if _failed(failure) else "meldet eine Störung der Zustellung"
    said = _said(failure)[:300]
    detail = f"Das Schreiben an {row.address} {what}{f' ({said})' if said else ''}."
    query = (
        sa.select(tables.concerns.c.case_id)
        .distinct()
        .join(tables.forwards, tables.forwards.c.concern_id == tables.concerns.c.id)
        .where(tables.forwards.c.letter_id == bounce.letter_id)
        .limit(MOST_NOTES)
    )
    for case_id in connection.scalars(query).all():
        storage.note(connection, now, "bounced", case_id=case_id, message_id=message_id, detail=detail)
