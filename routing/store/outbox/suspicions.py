"""What a doubtful emergency rests on, from the decision about its message: for the letter "Bitte sofort ansehen"."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from routing.model.decision import Urgency
from routing.model.forward import Suspicion
from routing.store import tables

MOST_WORDS = 8


def of_forwards(connection: Connection, rows: Sequence[Any]) -> dict[int, Suspicion]:
    """What doubtful emergencies rest on, keyed by forward id.

    ``rows`` are tuples (forward_id, urgency, category, id of the message); those of other urgencies are left out.
    """
    doubtful = [row for row in rows if row.urgency == Urgency.PRUEFEN]
    if not doubtful:
        return {}
    decisions = tables.decisions.c
    query = sa.select(decisions.message_id, decisions.detail).where(
        decisions.message_id.in_({row.id for row in doubtful})
    )
    details = {row.message_id: row.detail for row in connection.execute(query.order_by(decisions.id))}  # the newest
    found = {}
    for row in doubtful:
        concerns = details.get(row.id, {}).get("concerns", ())
        for concern in concerns:
            if concern["category"] == row.category:
                found[row.forward_id] = _suspicion(concern)
                break
    return found


def _suspicion(concern: Mapping[str, Any]) -> Suspicion:
    doubt = concern.get("doubt", "")  # decisions of earlier versions have none
    words = dict.fromkeys(" ".join(match["found"].split()) for match in concern["matches"])
    return Suspicion(tuple(word for word in words if f"„{word}“" not in doubt)[:MOST_WORDS], doubt)
