"""Looking for the case that a message belongs to, and for an earlier concern that it is like.

The rules stand in ``routing.store.cases.matching``; here are the questions to the database. Whatever was linked and
not in another letter to a body comes back into line when the earlier concern ends without having been sent.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy.engine import Connection

from intake import reference, storage
from intake.message import Message
from intake.storage import tables as stored_tables
from intake.storage.queries import WANTED, pieces
from routing.model.decision import State, Urgency
from routing.model.settings import LinkingSettings
from routing.planning.plan import Ruling
from routing.store import tables
from routing.store.cases import cases, matching
from routing.store.cases.matching import FOLLOW_UP, REPEAT

REFERENCES = 20  # of one message: the newest ones name the case
_ALIKE = (
    sa.select(tables.concerns.c.likeness, tables.concerns.c.case_id, tables.concerns.c.urgency)
    .where(
        tables.concerns.c.likeness.in_(WANTED),
        tables.concerns.c.state.in_(sa.bindparam("states", expanding=True)),
        tables.concerns.c.waits_for == "",
        tables.concerns.c.opened_at >= sa.bindparam("since"),
        sa.exists().where(
            tables.forwards.c.concern_id == tables.concerns.c.id,
            tables.forwards.c.state.in_(["planned", "composed", "parked"]),
        ),
    )
    .order_by(tables.concerns.c.id)
)

_OF_MAILS = (
    sa.select(stored_tables.messages.c.mail_id, tables.decisions.c.case_id)
    .join(tables.decisions, tables.decisions.c.message_id == stored_tables.messages.c.id)
    .where(stored_tables.messages.c.mail_id.in_(WANTED), tables.decisions.c.case_id.is_not(None))
    .order_by(tables.decisions.c.id)
)
_OF_ACKNOWLEDGEMENTS = (
    sa.select(tables.letters.c.mail_id, tables.acknowledgements.c.case_id)
    .join(tables.acknowledgements, tables.acknowledgements.c.letter_id == tables.letters.c.id)
    .where(tables.letters.c.mail_id.in_(WANTED))
)


class Anchor(Struct, frozen=True):
    """What a repeat belongs to: a case, or a message of the same batch, whose case is still to be opened."""

    case_id: int = 0
    message_id: int = 0

    def among(self, case_of: Mapping[int, int]) -> int:
        """The case, when those of the batch are known by message."""
        return self.case_id or case_of[self.message_id]


def follow_ups(connection: Connection, rulings: Sequence[Ruling]) -> dict[int, int]:
    """The cases that citizens write about once more, by message. Message id → case id."""
    numbers = {ruling.stored.id: _numbers(ruling.stored.message) for ruling in rulings}
    by_number = _cases_by_number(connection, {number for named in numbers.values() for number in named})
    mails = {ruling.stored.id: ruling.stored.message.references[-REFERENCES:] for ruling in rulings}
    by_mail = _cases_by_mail(connection, {mail for named in mails.values() for mail in named})
    meant: dict[int, list[int]] = {}
    for ruling in rulings:
        one = ruling.stored.id
        answered = [by_mail[mail] for mail in reversed(mails[one]) if mail in by_mail]
        found = [*(by_number[number] for number in numbers[one] if number in by_number), *answered]
        if found:
            meant[one] = list(dict.fromkeys(found))
    writers = _writers(connection, {case for found in meant.values() for case in found})
    joined: dict[int, int] = {}
    for ruling in rulings:
        for case in meant.get(ruling.stored.id, []):
            if matching.fits(ruling.stored.message, writers.get(case, ())):
                joined[ruling.stored.id] = case
                break
    return joined


def _numbers(message: Message) -> list[str]:
    """The cases in the subject, of any city: only those that are found among ours count."""
    return [found.case for found in reference.find_cases(message.subject, reference.ANY)]


def without_known(connection: Connection, rulings: Sequence[Ruling], joined: Mapping[int, int]) -> list[Ruling]:
    """Follow-ups, in order, without what their case says already; one that says nothing else is kept with the case.

    ``joined`` maps to case ids, keyed by message id.
    """
    if not joined:
        return list(rulings)
    concerns = tables.concerns.c
    known: dict[int, list[tuple[str, str, str]]] = {}
    query = sa.select(concerns.case_id, concerns.category, concerns.place, concerns.urgency).where(
        concerns.case_id.in_(set(joined.values())), concerns.state == "open"
    )
    for row in connection.execute(query):
        known.setdefault(row.case_id, []).append((row.category, row.place, row.urgency))
    return [
        _without(ruling, known.get(joined[ruling.stored.id], [])) if ruling.stored.id in joined else ruling
        for ruling in rulings
    ]


def _without(ruling: Ruling, known: Sequence[tuple[str, str, str]]) -> Ruling:
    decision = ruling.decision
    if decision.state is not State.ROUTED or not decision.concerns:
        return ruling
    places = [cases.main_place(ruling.stored, one.places)[0] for one in decision.concerns]
    left = [
        index
        for index, (one, place) in enumerate(zip(decision.concerns, places, strict=True))
        if not matching.same_matter(one, place, known)
    ]
    if left:
        return cases.only(ruling, left)
    reason = "Die Nachricht ergänzt einen Vorgang, der schon läuft; sie steht dort und geht nicht noch einmal hinaus."
    kept = structs.replace(decision, state=State.KEPT, kind=FOLLOW_UP, concerns=(), reason=reason)
    return Ruling(ruling.stored, kept, ())


def repeats(
    connection: Connection,
    rulings: Sequence[Ruling],
    settings: LinkingSettings,
    now: datetime,
    *,
    own: Collection[int],
    judged_again: Collection[int],
) -> dict[int, Anchor]:
    """The messages that tell of something known already, and where that belongs; never those with a case of their own.

    Every concern of a message must be like one of a single earlier case: what is only partly known goes out whole.
    Nothing belongs to what a case said before it is ``judged_again``. Message id → anchor; ``now``: aware, UTC.
    """
    if not settings.days:
        return {}
    keys = {ruling.stored.id: _keys(ruling, settings) for ruling in rulings}
    since = now - timedelta(days=settings.days)
    found = _known(connection, {key for several in keys.values() for key, _ in several}, since, settings)
    known = {key: [one for one in several if one[1].case_id not in judged_again] for key, several in found.items()}
    repeated: dict[int, Anchor] = {}
    for ruling in rulings:
        one = ruling.stored.id
        first = {_first(known.get(key, ()), rank) for key, rank in keys[one]}
        anchor = first.pop() if len(first) == 1 else None
        if anchor is not None and one not in own:
            repeated[one] = anchor
        else:
            for key, rank in keys[one]:
                known.setdefault(key, []).append((rank, Anchor(message_id=one)))
    return repeated


def _first(known: Sequence[tuple[int, Anchor]], rank: int) -> Anchor | None:
    """The earliest that is at least as urgent: a matter that has become more urgent goes out at once."""
    return next((anchor for earlier, anchor in known if earlier <= rank), None)


def _keys(ruling: Ruling, settings: LinkingSettings) -> list[tuple[str, int]]:
    """The keys of all concerns that go out, with their urgency; none when one of them is like no other."""
    going = [concern for concern in ruling.decision.concerns if concern.state is State.ROUTED]
    found = [matching.likeness(ruling.stored, ruling.decision, concern, settings.place) for concern in going]
    return [(key, one.urgency.rank) for key, one in zip(found, going, strict=True)] if all(found) else []


def as_repeat(ruling: Ruling) -> Ruling:
    """The ruling on a message that repeats a case: it is kept, without concerns of its own. Raises nothing."""
    reason = (
        "Dasselbe ist schon gemeldet: gleiche Art, gleicher Ort, oder derselbe Text. Die Meldung wird in jenem "
        "Vorgang gezählt und nicht noch einmal weitergeleitet."
    )
    decision = structs.replace(ruling.decision, state=State.KEPT, kind=REPEAT, concerns=(), reason=reason)
    return Ruling(ruling.stored, decision, ())


def release(connection: Connection, concern_ids: Collection[int]) -> None:
    """These concerns have ended: what was counted with them, and never sent by them, is judged once more."""
    if not concern_ids:
        return
    forwards, concerns, decisions = tables.forwards.c, tables.concerns.c, tables.decisions
    sent = sa.select(forwards.concern_id).where(forwards.concern_id.in_(concern_ids), forwards.state == "composed")
    ended = sa.select(concerns.case_id).where(concerns.id.in_(concern_ids), concerns.id.not_in(sent))
    counted = sa.select(decisions.c.message_id).where(decisions.c.case_id.in_(ended), decisions.c.kind == REPEAT)
    newest = (
        sa.select(sa.func.max(decisions.c.id))
        .where(decisions.c.message_id.in_(counted))
        .group_by(decisions.c.message_id)
    )
    still = sa.select(decisions.c.message_id).where(
        decisions.c.id.in_(newest), decisions.c.case_id.in_(ended), decisions.c.kind == REPEAT
    )
    for message_id in connection.scalars(still).all():
        storage.put_in_line(connection, message_id)


def _known(
    connection: Connection, keys: Collection[str], since: datetime, settings: LinkingSettings
) -> dict[str, list[tuple[int, Anchor]]]:
    """The cases that each of these keys belongs to, the earliest first, with the concern's urgency.

    Its concern is open and on its way; one that the body has commissioned counts where further reports are told.
    """
    states = ("open", "answered") if settings.further_hours else ("open",)
    found: dict[str, list[tuple[int, Anchor]]] = {}
    for some in pieces(sorted(keys)):
        alike = connection.execute(_ALIKE, {"wanted": some, "states": states, "since": since}).all()
        for likeness, case_id, urgency in alike:
            found.setdefault(likeness, []).append((Urgency(urgency).rank, Anchor(case_id=case_id)))
    return found


def _cases_by_number(connection: Connection, numbers: Collection[str]) -> dict[str, int]:
    if not numbers:
        return {}
    query = sa.select(tables.cases.c.number, tables.cases.c.id).where(tables.cases.c.number.in_(numbers))
    return {row.number: row.id for row in connection.execute(query)}


def _cases_by_mail(connection: Connection, mail_ids: Collection[str]) -> dict[str, int]:
    """The newest case of each mail that was answered: a citizen's own, or our acknowledgement."""
    found: dict[str, int] = {}
    for some in pieces(sorted(mail_ids)):
        for question in (_OF_MAILS, _OF_ACKNOWLEDGEMENTS):
            found.update((row.mail_id, row.case_id) for row in connection.execute(question, {"wanted": some}))
    return found


def _writers(connection: Connection, case_ids: Collection[int]) -> dict[int, set[str]]:
    """Who wrote in each of these cases: citizens, not the bodies that answered, nor any machine."""
    if not case_ids:
        return {}
    messages, decisions = stored_tables.messages.c, tables.decisions.c
    query = (
        sa.select(decisions.case_id, messages.from_addr, messages.reply_to)
        .join(stored_tables.messages, messages.id == decisions.message_id)
        .where(decisions.case_id.in_(case_ids), decisions.kind.not_in(["answer", "bounce"]), messages.automatic == "")
    )
    found: dict[int, set[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.case_id, set()).add((row.reply_to or row.from_addr).strip().casefold())
    return found
