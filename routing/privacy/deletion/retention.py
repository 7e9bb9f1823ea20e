"""Deletion by age: every kind of data by its key of [retention], in batches, with a protocol, beside the service.

Each batch is a transaction that deletes, writes figures and hashes, and adds to the protocol; ended anywhere, the next
run goes on. The order matters: what nobody answered is closed first, bytes and letters go before the cases they belong
to. Open cases, and what a hold names, stay. ``now`` is a parameter, nothing reads a clock.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.storage import forgotten
from routing.model.retention import RetentionSettings
from routing.privacy.deletion import due, forgetting, linked, others, protocol
from routing.privacy.deletion.protocol import Run
from routing.store import cases, held, tables

BATCH = 100
DAEMON = "daemon"

Ids = Sequence[int]
Told = Callable[[str, int], None]
"""What hears of progress: the place, in German, and how many are gone so far."""


class Due(Struct, frozen=True):
    """What is due: the key of [retention] with its days, the place (German), how many, and the oldest (aware, UTC)."""

    key: str
    days: int
    place: str
    count: int
    oldest: datetime | None


class Stage(Struct, frozen=True):
    """One kind of data: its key, its place, what is due (a page of ids with their time), and how they go.

    ``take`` gives how many went; it may leave some of a page where they belong to something that stays.
    """

    key: str
    place: str
    page: sa.Select[Any]
    take: Callable[[Connection, Ids, datetime, datetime], int]


def _close(connection: Connection, concerns: Ids, now: datetime, cutoff: datetime) -> int:
    del cutoff
    columns = tables.concerns.c
    for row in connection.execute(sa.select(columns.case_id, columns.position).where(columns.id.in_(concerns))).all():
        cases.close(connection, row.case_id, row.position)
        detail = f"Hinweis {row.position} ohne weitere Nachricht nach Frist geschlossen."
        storage.note(connection, now, "closed", case_id=row.case_id, detail=detail)
    return len(concerns)


def _bytes(connection: Connection, messages: Ids, now: datetime, cutoff: datetime) -> int:
    del cutoff
    forgetting.take_bytes(connection, messages, now)
    return len(messages)


def _letters(connection: Connection, letters: Ids, now: datetime, cutoff: datetime) -> int:
    del now, cutoff
    forgetting.empty_letters(connection, letters)
    return len(letters)


def _lists(connection: Connection, letters: Ids, now: datetime, cutoff: datetime) -> int:
    del now, cutoff
    forgetting.take_letters(connection, letters)
    return len(letters)


def _cases(connection: Connection, found: Ids, now: datetime, cutoff: datetime) -> int:
    groups = _free(connection, linked.of_cases(connection, found), cutoff)
    forgetting.take_cases(connection, groups, now, forgotten.Why.AGE)
    return sum(len(group.cases) for group in groups)


def _kept(connection: Connection, messages: Ids, now: datetime, cutoff: datetime) -> int:
    groups = [group for group in linked.of_messages(connection, messages) if not group.cases]
    free = _free(connection, groups, cutoff)
    forgetting.take_cases(connection, free, now, forgotten.Why.AGE)
    return len(free)


def _free(connection: Connection, groups: list[linked.Linked], cutoff: datetime) -> list[linked.Linked]:
    """Those groups of which every case is over and no message is held."""
    every_case = sorted({case for group in groups for case in group.cases})
    every_message = sorted({message for group in groups for message in group.messages})
    over = set(connection.scalars(due.OVER_AMONG, {"wanted": every_case, "cutoff": cutoff}))
    kept = held.active(connection, every_message)
    return [group for group in groups if group.cases <= over and not group.messages & kept]


STAGES: tuple[Stage, ...] = (
    Stage("silent", "Hinweise, die geschlossen werden", due.SILENT, _close),
    Stage("raw", "Urschriften mit Anhängen", due.RAW, _bytes),
    Stage("raw", "Schreiben über Vorgänge", due.LETTERS, _letters),
    Stage("raw", "Listen, Erinnerungen, Übersichten", due.LISTS, _lists),
    Stage("cases", "Vorgänge mit ihren Nachrichten", due.CASES, _cases),
    Stage("kept", "Nachrichten ohne Vorgang", due.KEPT, _kept),
    *(Stage(one.key, one.place, one.page, one.take) for one in others.STAGES),
)
"""In this order."""


def look(connection: Connection, settings: RetentionSettings, now: datetime) -> list[Due]:
    """What ``run`` would begin with, stage by stage; nothing changes. ``now``: aware, UTC."""
    return [
        Due(stage.key, days, stage.place, sum(map(_many, found)), min((row.at for row in found), default=None))
        for stage, days, cutoff in _in_force(settings, now)
        for found in [[row for page in _pages(connection, stage, cutoff) for row in page]]
    ]


def _many(row: Any) -> int:
    """How many rows a row of a page stands for: one, or what ``others`` takes at once."""
    return int(getattr(row, others.MANY, 1))


def run(
    engine: Engine,
    settings: RetentionSettings,
    now: datetime,
    *,
    actor: str = DAEMON,
    told: Told | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> list[Due]:
    """Delete what is due; what went, by stage. ``stop`` is asked between batches. Raises TemporaryError.

    ``now``: aware, UTC.
    """
    this = Run(now, actor)
    gone = []
    for stage, days, cutoff in _in_force(settings, now):
        count, oldest, after = 0, None, 0
        while not stop():
            with storage.writing(engine) as connection:
                page = connection.execute(stage.page, _asked(cutoff, after)).all()
                if not page:
                    break
                after = page[-1].id
                went = stage.take(connection, [row.id for row in page], now, cutoff)
                span = min(row.at for row in page), max(row.at for row in page)
                protocol.note(connection, this, f"{stage.key} = {days}", stage.place, went, span)
            count += went
            oldest = min(filter(None, (oldest, span[0])))
            if told:
                told(stage.place, count)
        gone.append(Due(stage.key, days, stage.place, count, oldest if count else None))
    return gone


def _in_force(settings: RetentionSettings, now: datetime) -> Iterator[tuple[Stage, int, datetime]]:
    """The stages whose key is not 0 ("never"), with its days and the moment before which things are due."""
    for stage in STAGES:
        if days := getattr(settings, stage.key):
            yield stage, days, now - timedelta(days=days)


def _pages(connection: Connection, stage: Stage, cutoff: datetime) -> Iterator[Sequence[Any]]:
    after = 0
    while page := connection.execute(stage.page, _asked(cutoff, after)).all():
        yield page
        after = page[-1].id


def _asked(cutoff: datetime, after: int) -> dict[str, Any]:
    return {"cutoff": cutoff, "after": after, "limit": BATCH}
