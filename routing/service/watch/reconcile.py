"""Reconciling a configured mailbox: the comparison itself, when the nightly one is due, and its report.

The nightly run is due at 03:30 in Krefeld, an hour that every day has once; one that was missed (the machine was off)
is made up for at the next look, but never between 02:00 and 02:59.
"""

from datetime import datetime

from dateutil.relativedelta import relativedelta
from sqlalchemy.engine import Engine

from intake import reconcile, storage
from intake.base import german
from intake.mailbox import ReadOnlyMailbox
from routing.service import outage_texts
from routing.service.alerts import Alerts

NIGHT = relativedelta(hour=3, minute=30, second=0, microsecond=0)
CONDITION = "reconcile {name}"
"""The heartbeat of a mailbox's last reconciliation, and the condition that holds while something is unexplained."""


def compare(engine: Engine, box: ReadOnlyMailbox) -> reconcile.Comparison:
    """Connect, compare with the store, close. Raises TemporaryError."""
    with box:
        return reconcile.mailbox(box, engine)


def record(engine: Engine, alerts: Alerts, found: reconcile.Comparison, now: datetime) -> None:
    """Write down that a mailbox was reconciled at ``now`` (aware).

    The operator is notified of what is unexplained, once.
    """
    condition = CONDITION.format(name=found.mailbox)
    with storage.writing(engine) as connection:
        storage.beat(connection, condition, now)
    if found.unexplained:
        text = outage_texts.unexplained(found.mailbox, found.unexplained, report(found))
        alerts.begin(condition, text.what, text.todo, now)
    else:
        alerts.end(condition, now)


def report(found: reconcile.Comparison) -> str:
    """A comparison for staff, lines in order."""
    lines = [found.summary]
    width = max((len(folder.name) for folder in found.folders), default=0)
    lines += [f"  {folder.name:<{width}}  {german.number(folder.on_server):>9}" for folder in found.folders]
    lines += [f"  – {sentence}" for sentence in found.explanations()]
    lines += [f"    {difference.sentence}" for difference in found.differences]
    if found.unexplained > len(found.differences):
        lines.append(f"    … und {german.number(found.unexplained - len(found.differences))} weitere")
    return "\n".join(lines)


def due(last: datetime | None, began: datetime | None, now: datetime) -> bool:
    """Whether a night has passed since ``last``, or since the mailbox ``began`` to be read; aware moments."""
    here = german.local(now)
    since = last if last is not None and last <= now else began  # one ahead is of a clock that was put back
    if since is None or here.hour == 2:
        return False
    slot = here + NIGHT
    return since < (slot if slot <= here else slot - relativedelta(days=1))
