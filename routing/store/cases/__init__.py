"""The casebook: decisions, cases and concerns, as dispatch and the desk write them.

``record`` turns rulings into rows within the caller's transaction: a decision each, a case with its number where there
is something to do, its concerns, and the forwards that are planned. Decisions are append-only. What was sent is never
touched; what was planned by an earlier decision and is not composed yet is cancelled when a new decision comes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import __version__, reference
from routing.model.settings import Configuration, LinkingSettings
from routing.planning.plan import Ruling
from routing.store import tables
from routing.store.cases import cases, lookup, rows, updates
from routing.store.cases.cases import count_up, main_place
from routing.store.cases.corrections import correct
from routing.store.cases.further_reports import tell_further
from routing.store.cases.updates import close, replace

__all__ = ["close", "correct", "count_up", "keep_snapshot", "main_place", "record", "replace", "tell_further"]

NOT_LINKED = LinkingSettings(days=0)
_KNOWN = sa.select(tables.snapshots.c.fingerprint).where(tables.snapshots.c.fingerprint == sa.bindparam("fingerprint"))


def keep_snapshot(connection: Connection, configuration: Configuration, now: datetime) -> None:
    """Store the configuration that decisions refer to, once."""
    if connection.scalar(_KNOWN, {"fingerprint": configuration.fingerprint}) is None:
        connection.execute(
            sa.insert(tables.snapshots).values(
                fingerprint=configuration.fingerprint,
                version=__version__,
                texts=configuration.texts,
                first_used=now,
            )
        )


def record(
    connection: Connection,
    rulings: Sequence[Ruling],
    fingerprint: str,
    now: datetime,
    *,
    actor: str = "daemon",
    answers: Mapping[int, int] = MappingProxyType({}),
    linking: LinkingSettings = NOT_LINKED,
    prefix: str = reference.DEFAULT_PREFIX,
) -> Sequence[Ruling]:
    """Write the rulings with their cases, concerns and planned forwards; returns them as written.

    ``answers`` names the case (by id) that a message joins because it answers one of its letters; ``prefix`` is that
    of the city's case numbers.
    """
    if not rulings:
        return rulings
    known_cases = cases.of_messages(connection, rulings)
    followed = cases.followed(connection, rulings)
    supplementing = {ruling.stored.id for ruling in rulings if ruling.stored.message.follows}
    free = [ruling for ruling in rulings if ruling.stored.id not in {*known_cases, *answers, *supplementing}]
    joined = lookup.follow_ups(connection, free)
    rulings = lookup.without_known(connection, rulings, joined)
    own = {*known_cases, *answers, *supplementing, *joined}
    repeated = lookup.repeats(connection, rulings, linking, now, own=own, judged_again=set(known_cases.values()))
    rulings = [lookup.as_repeat(ruling) if ruling.stored.id in repeated else ruling for ruling in rulings]
    opening = [
        ruling
        for ruling in rulings
        if ruling.stored.id not in joined and cases.opens(ruling, known_cases, followed, rulings)
    ]
    opened = cases.open_new(connection, opening, now, prefix)
    if known_cases:
        updates.withdraw(connection, list(known_cases))
    identities = {ruling.stored.message.identity: ruling.stored.id for ruling in rulings}
    case_of: dict[int, int] = {**known_cases, **opened, **cases.called_back(connection, rulings), **joined, **answers}
    for ruling in rulings:
        follows = ruling.stored.message.follows
        if ruling.stored.id not in case_of and follows:
            case_id = followed.get(follows) or case_of.get(identities.get(follows, 0))
            if case_id:
                case_of[ruling.stored.id] = case_id
    case_of.update({message_id: anchor.among(case_of) for message_id, anchor in repeated.items()})
    rulings = cases.news(connection, rulings, case_of, opened)
    rulings = [
        cases.as_supplement(ruling) if cases.supplements(ruling, case_of, opened) else ruling for ruling in rulings
    ]
    rows.insert_decisions(connection, rulings, case_of, fingerprint, now, actor)
    left = updates.untold(connection, rulings, known_cases)
    rows.insert_concerns(connection, left, case_of, opened, linking.place, now)
    return rulings
