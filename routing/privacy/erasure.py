"""Forgetting a person (Art. 17 GDPR): the chosen messages lose every word, wherever it stands; what remains is listed.

The message's row stays as an empty one, so that its case and the books hold; retention turns it into figures later.
With it go its bytes, its letters' bytes, the desk's lists that name it, the bodies' replies in its case (they quote
it), and the phone log that it came by. A hold wins: what it names stays, and is told.
"""

import email
import email.policy
import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import drop_folder, reference
from intake.storage import tables as stored
from intake.storage.queries import WANTED, pieces
from routing.privacy import holds
from routing.privacy.deletion import forgetting, linked, protocol
from routing.privacy.deletion.protocol import Run
from routing.store import held, tables

RULE = "Löschverlangen"
_M, _D, _L, _F, _C = (
    stored.messages.c,
    tables.decisions.c,
    tables.letters.c,
    tables.forwards.c,
    tables.concerns.c,
)
QUOTING = ("answer",)
"""Kinds of decisions about mails of bodies, which quote our letters."""


class Told(Struct, frozen=True):
    """A letter about the person that a body has: whom to ask to delete it."""

    recipient: str
    number: str
    sent: datetime


class Erased(Struct, frozen=True):
    """What was emptied (messages and letters by id), what a hold kept, who has letters, which cases are still open."""

    messages: tuple[int, ...]
    kept: tuple[int, ...]
    letters: int
    told: tuple[Told, ...]
    open_cases: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    """Of rows of phone logs: (source, SHA-256 of the file in hexadecimal digits)."""


def erase(connection: Connection, messages: Collection[int], run: Run) -> Erased:
    """Empty these messages (ids) and what quotes them, in the caller's transaction. Raises nothing of its own."""
    wanted = set(messages) | _quoting(connection, messages)
    kept = held.active(connection, wanted, held.Kind.HOLD)
    groups = linked.of_messages(connection, wanted)
    for group in groups:
        if group.messages & held.active(connection, group.messages, held.Kind.HOLD):
            kept |= wanted & group.messages
    going = sorted(wanted - kept)
    told = tuple(_told(connection, going))
    files = tuple(_files(connection, going))
    rows = connection.execute(sa.select(_M.stored_at).where(_M.id.in_(going))).scalars().all()
    span = min(rows, default=None), max(rows, default=None)
    lists = sorted(_lists(connection, going, min(rows))) if rows else []
    before = _letters_of(connection, going)
    forgetting.empty_messages(connection, going, run.at)
    forgetting.empty_letters(connection, lists)
    for group in groups:
        if group.messages <= set(going):
            _empty_timeline(connection, group.cases)
    protocol.note(connection, run, RULE, "Nachrichten mit allem, was sie sagten", len(going), span)
    protocol.note(connection, run, RULE, "Schreiben", len(before) + len(lists), (None, None))
    holds.end(connection, going, run.at, actor=run.actor)
    return Erased(tuple(going), tuple(sorted(kept)), len(before) + len(lists), told, _open(connection, going), files)


def _quoting(connection: Connection, messages: Collection[int]) -> set[int]:
    """Replies of bodies in the cases of these messages, and bounces."""
    inside = {number for group in linked.of_messages(connection, messages) for number in group.messages}
    found: set[int] = set()
    for some in pieces(sorted(inside)):
        found.update(connection.scalars(sa.select(_D.message_id).where(_D.message_id.in_(some), _D.kind.in_(QUOTING))))
        found.update(connection.scalars(sa.select(_M.id).where(_M.id.in_(some), _M.automatic == "bounce")))
    return found


def _letters_of(connection: Connection, messages: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for some in pieces(messages):
        concerns = sa.select(_C.id).where(_C.message_id.in_(some))
        query = sa.select(_F.letter_id).where(sa.or_(_F.report_id.in_(some), _F.concern_id.in_(concerns)))
        found.update(number for number in connection.scalars(query) if number is not None)
    return found


def _told(connection: Connection, messages: Sequence[int]) -> Iterator[Told]:
    """Bodies that a letter about these went to, each once a case."""
    sent = sa.exists().where(
        tables.deliveries.c.letter_id == _L.id, tables.deliveries.c.state.in_(["sent", "bounced", "sending"])
    )
    query = (
        sa.select(
            _F.recipient, tables.cases.c.number, sa.func.min(_L.composed_at, type_=_L.composed_at.type).label("at")
        )
        .join(tables.concerns, _C.id == _F.concern_id)
        .join(tables.cases, tables.cases.c.id == _C.case_id)
        .join(tables.letters, _L.id == _F.letter_id)
        .where(sent, sa.or_(_F.report_id.in_(WANTED), _C.message_id.in_(WANTED)))
        .group_by(_F.recipient, tables.cases.c.number)
    )
    found: dict[tuple[str, str], datetime] = {}
    for some in pieces(messages):
        found |= {(row.recipient, row.number): row.at for row in connection.execute(query, {"wanted": some})}
    for (recipient, number), at in sorted(found.items()):
        yield Told(recipient, number, at)


def _files(connection: Connection, messages: Sequence[int]) -> Iterator[tuple[str, str]]:
    arrivals = stored.arrivals.c
    found: set[tuple[str, str]] = set()
    for some in pieces(messages):
        query = sa.select(arrivals.source, arrivals.key).where(arrivals.message_id.in_(some))
        rows = connection.execute(query.where(arrivals.source.startswith(drop_folder.SOURCE)))
        found |= {(row.source, row.key.partition(":")[0]) for row in rows}
    yield from sorted(found)


def _lists(connection: Connection, messages: Sequence[int], since: datetime) -> Iterator[int]:
    """The desk's lists, reminders and summaries made since then that name one of these messages or its case."""
    numbers: set[str] = {reference.message_number(number) for number in messages}
    subjects: set[str] = set()
    for some in pieces(messages):
        cases = sa.select(tables.cases.c.number).join(tables.decisions, _D.case_id == tables.cases.c.id)
        numbers.update(connection.scalars(cases.where(_D.message_id.in_(some))))
        subjects.update(connection.scalars(sa.select(_M.subject).where(_M.id.in_(some))))
    wanted = numbers | {subject for subject in subjects if len(subject) > 6}
    plain = ~sa.exists().where(_F.letter_id == _L.id)
    query = sa.select(_L.id, _L.subject, _L.raw).where(_L.composed_at >= since, plain, sa.func.length(_L.raw) > 0)
    for row in connection.execute(query.order_by(_L.id)):
        text = row.subject + _text(row.raw)
        if any(one in text for one in wanted):
            yield row.id


def _text(raw: bytes) -> str:
    """What can be read of a letter of ours."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join(bytes(part.get_payload(decode=True)).decode("utf-8", "replace") for part in parts)


def _empty_timeline(connection: Connection, cases: Collection[int]) -> None:
    """The words of the timeline of cases that were the person's alone; who did what when stays."""
    for some in pieces(sorted(cases)):
        change = sa.update(stored.events).where(stored.events.c.case_id.in_(some))
        connection.execute(change.values(detail=forgetting.GONE))


def _open(connection: Connection, messages: Sequence[int]) -> tuple[str, ...]:
    """The cases of these messages on which somebody still works: their places stay."""
    found: set[str] = set()
    for some in pieces(messages):
        query = sa.select(tables.cases.c.number).join(tables.concerns, _C.case_id == tables.cases.c.id)
        found.update(connection.scalars(query.where(_C.message_id.in_(some), _C.state.in_(["open", "review"]))))
    return tuple(sorted(found))


def files_of(folder: Path, digests: Collection[str]) -> Iterator[Path]:
    """The filed phone logs below ``folder`` with one of these hashes (SHA-256, hex), and what lies beside each.

    Protocols and rows to mend have the file's name up to its extension. Raises OSError.
    """
    for sub in (drop_folder.DONE, drop_folder.UNREADABLE):
        there = sorted(path for path in (folder / sub).glob("*") if path.is_file())
        for path in there:
            if hashlib.sha256(path.read_bytes()).hexdigest() in digests:
                yield from (one for one in there if one == path or one.name.startswith(f"{path.stem}."))
