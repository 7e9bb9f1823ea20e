"""Calling the duty desk by ``[operator] urgent_command``: for alarms, again and again until somebody acknowledges.

What is due stands in the database (``forwards.call_at``): a restart forgets no call, and of several daemons one makes
it. A call is noted before it is made, so that one whose process dies in it is made again a minute later. It tells the
urgency, the number and a place that stands in the gazetteer: no word of anybody. Without a command, and in trial
operation, what comes due is let go, so that a command that is named later calls for nothing old.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from msgspec import structs

from intake import storage
from intake.base import errors
from routing.model import words
from routing.service.alerts import commands
from routing.store.outbox import calls
from routing.store.outbox.calls import Call

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

AT_ONCE = 10  # of half a minute each at most: the watchdog gives a thread ten
AGAIN = timedelta(minutes=1)
"""After a call that failed, or whose process died in it."""
MOST_NOTES = 10
"""So many calls of a concern stand in its case's timeline; the others in the log."""
_NUMBER = re.compile(r"\s+(\d{1,4}\s?[a-z]?)\b", re.ASCII | re.IGNORECASE)


def make_due(runtime: "Runtime") -> tuple[int, errors.TemporaryError | None]:
    """Make every call that is due: how many went well, and why the last one that failed did.

    Raises TemporaryError when the database does not answer.
    """
    settings, ways = runtime.settings, runtime.active.configuration.gazetteer.ways
    command = settings.operator.urgent_command if settings.smtp.send else ()
    with storage.reading(runtime.engine) as connection:
        due = calls.due(connection, runtime.clock(), AT_ONCE)
    made, failed = 0, None
    for call in due:
        claimed = _claimed(runtime, call, is_wanted=bool(command))
        if claimed is None:
            continue
        where = place(call.place, ways)
        try:
            commands.run(command, text(call, where), {**runtime.environ, **_told(call, where)})
        except errors.TemporaryError as error:
            log.warning("duty desk not called", number=call.number, error=str(error))
            failed = error
        else:
            log.info("duty desk called", number=call.number, times=call.times + 1)
            made += 1
            _made(runtime, claimed)
    return made, failed


def text(call: Call, where: str) -> str:
    """What the program gets on its standard input: "NOTFALL KOD-2026-000123, Ostwall 12", one line for an SMS."""
    again = f" ({call.times + 1}. Ruf)" if call.times else ""
    return f"{words.URGENCY[call.urgency]} {call.number}, {where or 'Ort unbekannt'}{again}\n"


def place(said: str, ways: Iterable[str]) -> str:
    """The longest way of the gazetteer that a place begins with, and its house number; "" for anything else.

    A place of a phone log may be any words.
    """
    folded = said.strip().casefold()
    mine = [way for way in ways if re.match(rf"{re.escape(way.casefold())}(?!\w)", folded)]
    if not mine:
        return ""
    way = max(mine, key=len)
    number = _NUMBER.match(said.strip()[len(way) :])
    return f"{way} {number[1]}" if number else way


def _told(call: Call, where: str) -> dict[str, str]:
    return {
        "INTAKE_URGENCY": call.urgency.value,
        "INTAKE_NUMBER": call.number,
        "INTAKE_PLACE": where,
        "INTAKE_CALL": str(call.times + 1),
    }


def _claimed(runtime: "Runtime", call: Call, *, is_wanted: bool) -> Call | None:
    """The call as it stands now that it is ours to make; None when it is not, or no more."""
    now = runtime.clock()
    next_at = None if call.is_over or not is_wanted else now + AGAIN
    with storage.writing(runtime.engine) as connection:
        is_ours = calls.move(connection, call, next_at, made=next_at is not None)
    return structs.replace(call, at=next_at, times=call.times + 1) if is_ours and next_at is not None else None


def _made(runtime: "Runtime", call: Call) -> None:
    """The next one comes after the usual pause, unless somebody has acknowledged meanwhile."""
    now, pause = runtime.clock(), timedelta(minutes=runtime.settings.operator.urgent_minutes)
    with storage.writing(runtime.engine) as connection:
        calls.move(connection, call, now + pause)
        if call.times <= MOST_NOTES:
            detail = f"Die Rufbereitschaft wurde gerufen ({call.times}.)."
            storage.note(connection, now, "called", case_id=call.case_id, detail=detail)
