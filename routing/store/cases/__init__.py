"""Decisions, cases and concerns, as dispatch and the desk write them.

``record`` turns rulings into rows within the caller's transaction: a decision each, a case with its number where there
is something to do, its concerns, and the forwards that are planned. Decisions are append-only. What was sent is never
touched; what was planned by an earlier decision and is not composed yet is cancelled when a new decision comes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy.engine import Connection

from intake import __version__
from routing.model.settings import Configuration, LinkingSettings
from routing.planning.plan import Ruling
from routing.store import tables
from routing.store.cases import cases, corrections, reopening, rows, updates
from routing.store.cases import linking as links
from routing.store.cases.cases import count_up, main_place
from routing.store.cases.corrections import correct
from routing.store.cases.further_reports import plan_further
from routing.store.cases.rows import numbers
from routing.store.cases.updates import close, replace, take_back

__all__ = [
    "close",
    "correct",
    "count_up",
    "keep_snapshot",
    "main_place",
    "numbers",
    "plan_further",
    "record",
    "replace",
    "take_back",
]

NOT_LINKED = LinkingSettings(days=0)
_KNOWN = sa.select(tables.snapshots.c.fingerprint).where(tables.snapshots.c.fingerprint == sa.bindparam("fingerprint"))


def keep_snapshot(connection: Connection, configuration: Configuration, now: datetime) -> None:
    """Store the configuration that decisions refer to, once. ``now``: aware, UTC."""
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
    prefix: str,
) -> Sequence[Ruling]:
    """Write the rulings with their cases, concerns and planned forwards; returns them as written.

    ``now`` is aware, UTC. ``answers`` names the case (by id) that a message joins because it answers one of its
    letters; ``prefix`` is that of the city's case numbers.

    The order matters. What belongs to a case is known first, so that no number is spent on it; then cases are opened,
    because later messages of the batch may join them; only then is known what is new in those that join.
    """
    if not rulings:
        return rulings
    rulings = updates.restrained(connection, rulings)
    known = _find_cases(connection, rulings, answers)
    corrected = corrections.of_mails(connection, _free(rulings, known), known.follow_ups, now)
    known = structs.replace(known, follow_ups={**known.follow_ups, **corrected})
    rulings = [corrections.as_correction(one) if one.stored.id in corrected else one for one in rulings]
    rulings = reopening.with_history(connection, rulings, known.follow_ups)
    rulings = links.without_known(connection, rulings, known.follow_ups)
    judged_again = set(known.judged_before.values())
    repeated = links.repeats(connection, rulings, linking, now, own=known.messages, judged_again=judged_again)
    rulings = [links.as_repeat(ruling) if ruling.stored.id in repeated else ruling for ruling in rulings]

    opened = cases.open_new(connection, [one for one in rulings if _opens(one, known, rulings)], now, prefix)
    if known.judged_before:  # what was planned for them, and nobody composed, ends before it is planned anew
        updates.withdraw(connection, list(known.judged_before))
    case_of = _cases_of(connection, rulings, known, opened, repeated)

    rulings = cases.news(connection, rulings, case_of, opened)
    rulings = [
        cases.as_supplement(ruling) if cases.supplements(ruling, case_of, opened) else ruling for ruling in rulings
    ]
    rows.insert_decisions(connection, rulings, case_of, fingerprint, now, actor)
    new = updates.not_yet_notified(connection, rulings, known.judged_before)
    rows.insert_concerns(connection, new, case_of, opened, linking.place, now)
    return rulings


class _Known(Struct, frozen=True):
    """The cases that were there before the batch, as far as its messages belong to them; cases by id."""

    judged_before: Mapping[int, int]  # by message: the one that it opened when it was judged before
    answers: Mapping[int, int]  # by message: the one whose letter it answers
    follow_ups: Mapping[int, int]  # by message: the one that its citizen writes about once more
    supplementing: frozenset[int]  # messages that are a further row about one of a phone log
    rows: Mapping[bytes, int]  # by the identity of that first row

    @property
    def messages(self) -> set[int]:
        """The messages that belong to one of these cases, or will to that of a row in the batch."""
        return {*self.judged_before, *self.answers, *self.follow_ups, *self.supplementing}


def _find_cases(connection: Connection, rulings: Sequence[Ruling], answers: Mapping[int, int]) -> _Known:
    """Whoever is known already (judged before, an answer, a further row) is not looked for among follow-ups."""
    judged_before = cases.of_messages(connection, rulings)
    supplementing = frozenset(ruling.stored.id for ruling in rulings if ruling.stored.message.follows)
    free = [ruling for ruling in rulings if ruling.stored.id not in {*judged_before, *answers, *supplementing}]
    follow_ups = links.follow_ups(connection, free)
    return _Known(judged_before, answers, follow_ups, supplementing, cases.followed(connection, rulings))


def _free(rulings: Sequence[Ruling], known: _Known) -> list[Ruling]:
    """Those that are neither judged once more nor an answer nor a further row."""
    taken = {*known.judged_before, *known.answers, *known.supplementing}
    return [ruling for ruling in rulings if ruling.stored.id not in taken]


def _opens(ruling: Ruling, known: _Known, rulings: Sequence[Ruling]) -> bool:
    """Whether a message begins a case of its own."""
    return ruling.stored.id not in known.follow_ups and cases.opens(ruling, known.judged_before, known.rows, rulings)


def _cases_of(
    connection: Connection,
    rulings: Sequence[Ruling],
    known: _Known,
    opened: Mapping[int, int],
    repeated: Mapping[int, links.Anchor],
) -> dict[int, int]:
    """Each message's case, by its id; of several reasons the one named last counts."""
    called_back = cases.called_back(connection, rulings)
    case_of: dict[int, int] = {**known.judged_before, **opened, **called_back, **known.follow_ups, **known.answers}
    identities = {ruling.stored.message.identity: ruling.stored.id for ruling in rulings}
    for ruling in rulings:  # a further row joins the case of the first, which the batch itself may have opened
        follows = ruling.stored.message.follows
        if ruling.stored.id not in case_of and follows:
            case_id = known.rows.get(follows) or case_of.get(identities.get(follows, 0))
            if case_id:
                case_of[ruling.stored.id] = case_id
    return case_of | {message_id: anchor.among(case_of) for message_id, anchor in repeated.items()}
