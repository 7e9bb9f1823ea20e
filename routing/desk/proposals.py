"""Which bodies a concern is probably for, the likeliest first: what a person is offered who has to decide.

From what was stored with the decision: the bodies that the rules named, those of the rules that nearly applied, those
that people have chosen for the same category before; then all others as config.toml has them. Reading only.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from routing.desk.case_views import Case
from routing.model.settings import Settings
from routing.store import tables

_BEFORE = 200  # decisions of people that are looked through


def bodies(engine: Engine, settings: Settings, case: Case, concern: Any) -> list[str]:
    """The ids of all bodies, the likeliest first."""
    with storage.reading(engine) as connection:
        chosen = _chosen_before(connection, concern.category)
    found = [*_named(case, concern, settings), *chosen, *settings.recipients]
    return [name for name in dict.fromkeys(found) if name in settings.recipients]


def _named(case: Case, concern: Any, settings: Settings) -> Iterator[str]:
    own = [row for row in case.decisions if row.message_id == concern.message_id]
    of_rule = {rule.name: rule.recipient for rule in settings.rules}
    for row in reversed(own):
        for one in row.detail.get("concerns", ()):
            if one.get("category") == concern.category:
                yield from one.get("recipients", ())
        for miss in row.detail.get("near_misses") or ():
            yield from of_rule.get(miss.get("rule", ""), ())


def _chosen_before(connection: Connection, category: str) -> list[str]:
    """What people have chosen for this category, most often first."""
    if not category:
        return []
    decisions = tables.decisions.c
    query = (
        sa.select(decisions.recipients)
        .where(decisions.category == category, decisions.actor != "daemon", decisions.state == "routed")
        .order_by(decisions.id.desc())
        .limit(_BEFORE)
    )
    counted: dict[str, int] = {}
    for recipients in connection.scalars(query):
        for name in recipients:
            counted[name] = counted.get(name, 0) + 1
    return sorted(counted, key=lambda name: -counted[name])
