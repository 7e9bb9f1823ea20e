"""What a letter rests on, from the decision about its message: a doubtful emergency's words, a long text's places."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from routing.model.decision import Urgency
from routing.model.forward import Suspicion
from routing.store import tables
from routing.text.redaction import limits

MOST_WORDS = 8


def of_forwards(connection: Connection, rows: Sequence[Any]) -> dict[int, Suspicion]:
    """What doubtful emergencies rest on, keyed by forward id.

    ``rows`` are tuples (forward_id, urgency, category, id of the message); those of other urgencies are left out.
    """
    doubtful = [row for row in rows if row.urgency == Urgency.PRUEFEN]
    return {forward: _suspicion(concern) for forward, concern in _concerns(connection, doubtful).items()}


def words_of_long_texts(connection: Connection, rows: Sequence[Any]) -> dict[int, tuple[int, ...]]:
    """Where the words of the matter begin in texts that a letter cannot show whole, keyed by forward id.

    ``rows`` are tuples (forward_id, category, id of the message, new_text); short texts are left out.
    """
    long = [row for row in rows if len(row.new_text) > limits.LONGEST]
    return {
        forward: tuple(match["start"] for match in concern["matches"] if match["field"] == "new_text")
        for forward, concern in _concerns(connection, long).items()
    }


def _concerns(connection: Connection, rows: Sequence[Any]) -> dict[int, Mapping[str, Any]]:
    """The concern of each of these forwards as the newest decision has it, keyed by forward id."""
    if not rows:
        return {}
    decisions = tables.decisions.c
    query = sa.select(decisions.message_id, decisions.detail).where(decisions.message_id.in_({row.id for row in rows}))
    details = {row.message_id: row.detail for row in connection.execute(query.order_by(decisions.id))}
    found: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        for concern in details.get(row.id, {}).get("concerns", ()):
            if concern["category"] == row.category:
                found[row.forward_id] = concern
                break
    return found


def _suspicion(concern: Mapping[str, Any]) -> Suspicion:
    doubt = concern.get("doubt", "")  # decisions of earlier versions have none
    words = dict.fromkeys(" ".join(match["found"].split()) for match in concern["matches"])
    return Suspicion(tuple(word for word in words if f"„{word}“" not in doubt)[:MOST_WORDS], doubt)
