"""Probes at the door: sent on demand or each day, watched, and told of when one does not come through.

``send`` speaks to the mail server itself, over a connection of its own; the daemon (this one or another process) does
the rest. ``look_after`` is the daemon's part: it sends the daily one, settles those on their way, and notifies the
operator of one that is lost, once, until another comes through. Nothing here is in the way of the work.
"""

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from intake import storage
from intake.base import errors
from routing.pipeline import probe
from routing.planning import schedule
from routing.service import outage_texts

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

WORK = "probe"
"""The heartbeat of the last daily probe, and the first word of the condition that holds while one is lost."""


def send(runtime: "Runtime") -> list[str]:
    """Send a probe to each of our addresses now; gives their nonces.

    Raises PermanentError where this configuration can send none, or the server refuses it, and TemporaryError.
    """
    settings = runtime.settings
    if why := probe.refusal(settings):
        raise errors.PermanentError(why)
    made = probe.begin(runtime.engine, settings, runtime.clock())
    with contextlib.closing(runtime.transport()) as transport:
        for _, letter in made:
            outcomes = transport.send(letter.raw, sender=letter.return_path, to=letter.to)
            for address, outcome in outcomes.items():
                if outcome.state != "sent":
                    raise errors.PermanentError(
                        f"Der Mailserver nimmt die Probesendung an {address} nicht an: {outcome.code} {outcome.text}"
                    )
    log.info("probes sent", count=len(made))
    return [nonce for nonce, _ in made]


def look_after(runtime: "Runtime") -> None:
    """Send the daily probe when its time has come, and tell the operator of what is lost or comes through again."""
    now = runtime.clock()
    if runtime.settings.operator.probe and _is_due(runtime, now):
        try:
            send(runtime)
        except errors.IntakeError as error:  # begun all the same: what is not through in time is told
            log.warning("probe not sent", error=str(error))
    newest: dict[str, probe.Outcome] = {}
    for one in probe.look(runtime.engine, now):
        if not one.is_open:
            newest.setdefault(one.address, one)
    for address, one in newest.items():
        condition = f"{WORK} {address}"
        if one.state == "arrived":
            runtime.alerts.end(condition, now)
        else:
            text = outage_texts.probe(address, one.where)
            runtime.alerts.begin(condition, text.what, text.todo, now)


def _is_due(runtime: "Runtime", now: datetime) -> bool:
    """Whether the daily one is to be sent by us, now; written down, so that each is sent once."""
    settings = runtime.settings
    if probe.refusal(settings) or not runtime.leases.take(WORK):
        return False
    with storage.reading(runtime.engine) as connection:
        last = storage.heartbeats(connection).get(WORK)
    slots = [schedule.with_days(settings.operator.probe)]
    if last is not None and schedule.next_slot(slots, settings.office, min(last, now)) > now:
        return False
    with storage.writing(runtime.engine) as connection:
        storage.beat(connection, WORK, now)
    return last is not None  # the first time there was none to miss
