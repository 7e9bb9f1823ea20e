"""What a body said on the telephone, or in a reply that nobody but a person understood; and "we take care of it"."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import errors, german
from routing import replies
from routing.desk import case_numbers, changing
from routing.model.settings import Settings
from routing.replies.reading import AnswerKind
from routing.store import tables

WORDS = {
    "erledigt": AnswerKind.DONE,
    "beauftragt": AnswerKind.COMMISSIONED,
    "nicht-zuständig": AnswerKind.REFUSED,
    "offen": AnswerKind.RECEIVED,
}
"""What a person may enter for a body; "offen": its question is answered, the body goes on."""


def acknowledge(engine: Engine, number: str, now: datetime, *, actor: str) -> str:
    """Somebody takes care of a case: urgent letters are not repeated any more. Raises UnknownCaseError.

    That decides nothing and tells nobody anything, so a restricted message is no reason to refuse it. ``now``: aware,
    UTC.
    """
    with storage.writing(engine) as connection:
        case_id, position = case_numbers.find(connection, number)
        ended = replies.acknowledge(connection, case_id, now, position=position)
        if ended:
            detail = f"{actor} hat bestätigt, dass sich jemand kümmert."
            storage.note(connection, now, "acknowledged", actor=actor, case_id=case_id, detail=detail)
    if not ended:
        return "Zu diesem Vorgang wartet kein Schreiben auf eine Antwort."
    return f"{number.upper()}: Es wird nicht mehr nachgefragt."


def answer(
    engine: Engine, settings: Settings, number: str, word: str, now: datetime, *, actor: str, body: str = ""
) -> str:
    """Enter what a body said of a concern, as if it had replied. Raises UsageError, and as ``changing.one``.

    ``now``: aware, UTC.
    """
    outcome = WORDS[word]
    with storage.writing(engine) as connection:
        meant = changing.one(connection, number)
        [concern] = meant.rows
        row = _forward(connection, concern, body, settings)
        replies.enter(connection, row, outcome, settings, now, actor=actor)
        if word == "offen":
            change = sa.update(tables.concerns).where(tables.concerns.c.id == concern.id)
            connection.execute(change.values(state="open", waits_for=""))
    name = settings.body_name(row.recipient)
    return f"{meant.names[0]}: {name}, {word}."


def _forward(connection: Connection, concern: Any, body: str, settings: Settings) -> Any:
    """The newest letter about the concern, to ``body`` or to the only body that has one."""
    forwards, concerns = tables.forwards.c, tables.concerns.c
    query = (
        sa.select(
            forwards.id,
            forwards.concern_id,
            forwards.recipient,
            concerns.case_id,
            concerns.position,
            tables.cases.c.number,
        )
        .join(tables.concerns, concerns.id == forwards.concern_id)
        .join(tables.cases, tables.cases.c.id == concerns.case_id)
        .where(forwards.concern_id == concern.id, forwards.state == "composed", forwards.report_id.is_(None))
        .order_by(forwards.id.desc())
    )
    rows = connection.execute(query).all()
    told = dict.fromkeys(row.recipient for row in rows)
    others = [name for name in told if name != settings.city.duty_desk] or list(told)
    wanted = body or (others[0] if len(others) == 1 else "")
    found = next((row for row in rows if row.recipient == wanted), None)
    if found is None:
        if not told:
            raise errors.UsageError("Zu diesem Hinweis hat noch keine Stelle ein Schreiben bekommen.")
        raise errors.UsageError(f"Ein Schreiben dazu hat: {german.listed(told)}. Nennen Sie eine mit --recipient.")
    return found
