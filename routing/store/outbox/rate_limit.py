"""The rate limit ([brake]): too many letters at once are held until a person says so, whoever is to blame.

Two limits of config.toml: letters in an hour, and letters that one sender causes in a day (which also ends any loop
between us and another machine). A third one is learned: what is far more than usual at this hour
(``routing.store.outbox.baseline``). An emergency is never held, certain or in doubt (promises P4, P12). Another urgent
letter is held by the hour's limit only when the urgent ones alone are more than it allows and its sender never wrote
before. A letter of today ("heute") is not held for a storm of others, up to the limit once more: when a few senders
cause it, those alone are held, and when nobody stands out, those who never wrote before. Held letters are frozen like
the others.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy.engine import Connection

from intake.storage import tables as stored_tables
from routing.model.decision import Urgency
from routing.model.settings import Settings
from routing.model.transport import outgoing
from routing.model.watching import BrakeSettings
from routing.store import tables
from routing.store.outbox import baseline
from routing.store.outbox.values import Held, NewLetter

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEW = 3  # letters that somebody with a real matter causes in an hour


def hold(
    connection: Connection, letters: Sequence[NewLetter], senders: Mapping[int, str], settings: Settings, now: datetime
) -> list[NewLetter]:
    """The letters, those marked as held that go beyond a limit; ``senders`` are the addresses by forward.

    ``senders``: forward id → address; ``now``: aware, UTC.
    """
    if not outgoing(settings).sends:
        return [structs.replace(letter, held=Held.TRIAL) for letter in letters]
    allowed = _by_sender(connection, letters, senders, settings.brake.letters_per_sender, now)
    return _by_hour(connection, allowed, senders, settings.brake, now)


def _by_sender(
    connection: Connection, letters: Sequence[NewLetter], senders: Mapping[int, str], limit: int, now: datetime
) -> list[NewLetter]:
    if not limit:
        return list(letters)
    known = {sender for letter in letters if (sender := _sender(letter, senders))}
    caused = Counter(_caused(connection, known, now - DAY)) if known else Counter[str]()
    checked = []
    for letter in letters:
        sender = _sender(letter, senders)
        caused[sender] += bool(sender)
        over = bool(sender) and caused[sender] > limit and not letter.urgency.is_alarm
        checked.append(structs.replace(letter, held=Held.SENDER) if over and not letter.held else letter)
    return checked


def _sender(letter: NewLetter, senders: Mapping[int, str]) -> str:
    """Who caused a single letter; a digest has many causes, a row of the telephone log no address."""
    return senders.get(letter.forwards[0], "") if len(letter.forwards) == 1 else ""


def _caused(connection: Connection, senders: set[str] | None, since: datetime) -> dict[str, int]:
    """How many forwards of the messages of these senders (None: of all) are in letters composed since then."""
    messages, concerns, forwards, letters = stored_tables.messages.c, tables.concerns, tables.forwards, tables.letters
    cause = sa.func.coalesce(forwards.c.report_id, concerns.c.message_id)
    query = (
        sa.select(messages.from_addr, sa.func.count())
        .select_from(letters)
        .join(forwards, forwards.c.letter_id == letters.c.id)
        .join(concerns, concerns.c.id == forwards.c.concern_id)
        .join(stored_tables.messages, messages.id == cause)
        .where(letters.c.composed_at > since, messages.from_addr.in_(senders) if senders else messages.from_addr != "")
        .group_by(messages.from_addr)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _by_hour(
    connection: Connection, letters: list[NewLetter], senders: Mapping[int, str], brake: BrakeSettings, now: datetime
) -> list[NewLetter]:
    limit = brake.letters_per_hour
    if not limit or not letters:
        return letters
    gone, urgent = _gone(connection, now - HOUR, limit)
    why = Held.BRAKE
    if brake.learn and gone + len(letters) > baseline.FLOOR:  # asked only when there may be a storm
        learned = baseline.learned(connection, now)
        if learned is not None and learned.limit < limit:
            limit, why = learned.limit, Held.LEARNED
    checked = []
    storm: _Storm | None = None
    for letter in letters:
        if letter.urgency.is_alarm or letter.held:
            checked.append(letter)
            continue
        is_urgent = letter.urgency is Urgency.SOFORT
        over = urgent >= limit and _is_unknown(connection, letter, senders, now) if is_urgent else gone >= limit
        if over and letter.urgency is Urgency.HEUTE and gone < 2 * limit:
            storm = storm or _Storm.of(connection, letters, senders, now)
            over = storm.causes(_sender(letter, senders)) or (
                not storm.senders and _is_unknown(connection, letter, senders, now)
            )
        checked.append(structs.replace(letter, held=why) if over else letter)
        urgent += is_urgent and not over
        gone += not over
    return checked


class _Storm(Struct, frozen=True):
    """Who causes the letters of this hour: ``senders`` are those who stand out, ``counts`` how many each caused."""

    senders: frozenset[str]
    counts: Mapping[str, int]

    @classmethod
    def of(
        cls, connection: Connection, letters: Sequence[NewLetter], senders: Mapping[int, str], now: datetime
    ) -> Self:
        counts = Counter(_caused(connection, None, now - HOUR))
        counts.update(sender for letter in letters if (sender := _sender(letter, senders)))
        least = max(FEW + 1, sum(counts.values()) // 10)
        return cls(frozenset(sender for sender, count in counts.items() if count >= least), counts)

    def causes(self, sender: str) -> bool:
        """Whether this one belongs to it; somebody on the telephone does not."""
        return bool(sender) and (sender in self.senders or self.counts[sender] > FEW)


def _gone(connection: Connection, since: datetime, limit: int) -> tuple[int, int]:
    """How many letters went out since then, and how many of them urgent; counts no further than it needs to."""
    letters = tables.letters.c
    held = sa.exists().where(tables.deliveries.c.letter_id == letters.id, tables.deliveries.c.held != "")
    query = sa.select(letters.urgency).where(letters.composed_at > since, ~held)
    found: Sequence[Any] = connection.scalars(query.order_by(letters.id.desc()).limit(4 * limit)).all()
    return len(found), sum(1 for urgency in found if urgency == Urgency.SOFORT)


def _is_unknown(connection: Connection, letter: NewLetter, senders: Mapping[int, str], now: datetime) -> bool:
    """Whether the sender of an urgent mail has never written before today; somebody on the telephone is known."""
    sender = _sender(letter, senders)
    messages = stored_tables.messages.c
    query = sa.select(messages.id).where(messages.from_addr == sender, messages.received_at < now - DAY).limit(1)
    return bool(sender) and connection.scalar(query) is None
