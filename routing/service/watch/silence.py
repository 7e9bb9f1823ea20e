"""The silence: a channel through which nothing comes for longer than it ever does is an alarm, once.

What is usual is learned from the store (``routing.planning.silence``) once a day for each channel; until there is
enough, ``[operator] silence_hours`` counts. A channel that was not asked with success lately is not judged: that is
another alarm. For a mailbox counts when the server received a mail, for a folder when its list was read.
"""

import functools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import drop_folder, storage
from intake.storage import tables
from routing.planning import holidays
from routing.planning.silence import HISTORY, Habit, learned
from routing.service import outage_texts

if TYPE_CHECKING:
    from routing.service.channels import Channel
    from routing.service.runtime import Runtime

ASKED_LATELY = timedelta(minutes=15)
LEARN_EVERY = timedelta(days=1)
_A, _M = tables.arrivals.c, tables.messages.c


class _Known(Struct):
    """What is known of a channel: its habit as of ``learned_at``, the last arrival and that one's id."""

    learned_at: datetime
    habit: Habit | None
    last: datetime | None
    last_id: int


class Silence:
    """Watches all channels; ``look`` is cheap but for once a day."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._known: dict[str, _Known] = {}

    def look(self, known: Sequence["Channel"]) -> None:
        """Notify the operator of a channel among ``known`` that is silent now, or heard again."""
        runtime, now = self._runtime, self._runtime.clock()
        if not runtime.settings.operator.silence_hours:
            return
        for channel in known:
            with storage.reading(runtime.engine) as connection:
                asked = storage.heartbeats(connection).get(channel.source)
                if channel.has_thread and (asked is None or abs(now - asked) > ASKED_LATELY):
                    continue
                since = self._silent_since(connection, channel, now)
            condition = f"silence {channel.source}"
            if since is None:
                runtime.alerts.end(condition, now)
            else:
                text = outage_texts.silence(channel.name, since)
                runtime.alerts.begin(condition, text.what, text.todo, now)

    def _silent_since(self, connection: Connection, channel: "Channel", now: datetime) -> datetime | None:
        """When the last came through a channel that is silent for too long; None when it is not."""
        known = self._refreshed(connection, channel, now)
        last = known.last or (storage.first_read(connection, channel.name) if channel.has_thread else None)
        if last is None or last >= now:
            return None
        if known.habit is not None:
            return last if known.habit.is_silent(last, now) else None
        limit = timedelta(hours=self._runtime.settings.operator.silence_hours)
        return last if now - last > limit else None

    def _refreshed(self, connection: Connection, channel: "Channel", now: datetime) -> _Known:
        known = self._known.get(channel.source)
        source = channel.name if channel.has_thread else f"{drop_folder.SOURCE}{channel.name}"
        moment = _M.received_at if channel.has_thread else _A.seen_at
        arrived = (
            sa.select(_A.id, moment.label("moment"))
            .join(tables.messages, _M.id == _A.message_id)
            .where(_A.source == source)
        )
        if known is None or not timedelta(0) <= now - known.learned_at < LEARN_EVERY:
            rows = connection.execute(arrived.where(_A.seen_at > now - HISTORY)).all()
            state = self._runtime.settings.city.holidays
            moments = sorted(row.moment for row in rows)
            habit = learned(moments, now, functools.cache(lambda day: _is_holiday(day, state)))
            known = _Known(now, habit, moments[-1] if moments else None, max((row.id for row in rows), default=0))
        else:
            for row in connection.execute(arrived.where(_A.id > known.last_id)):
                known.last = max(known.last or row.moment, row.moment)
                known.last_id = max(known.last_id, row.id)
        self._known[channel.source] = known
        return known


def _is_holiday(day: date, state: str) -> bool:
    return bool(state) and day in holidays.of(state, day.year)
