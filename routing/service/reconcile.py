"""Reconciling a configured mailbox: the comparison itself, when the night's one is due, and what an alert says.

The night's run is due at 03:30 in Krefeld, an hour that every day has once; one that was missed (the machine was off)
is made up for at the next look, but never between 02:00 and 02:59.
"""

from datetime import datetime

from dateutil.relativedelta import relativedelta

from intake import reconcile, storage
from intake.base import german
from intake.mailbox import Survey
from routing.service.runtime import Runtime

NIGHT = relativedelta(hour=3, minute=30, second=0, microsecond=0)
CONDITION = "reconcile {name}"
"""The heartbeat of a mailbox's last reconciliation, and the condition that holds while something is unexplained."""
TODO = (
    "Welche es sind, zeigt: kod-intake reconcile. Was im Ordner für Gelesenes liegt und nicht gespeichert ist, hat "
    "jemand von Hand dorthin gelegt, oder die Datenbank wurde aus einer älteren Sicherung geholt. Verschieben Sie es "
    "zurück in den Eingang; dann wird es abgeholt. Nichts davon ist weitergeleitet worden."
)


def compare(runtime: Runtime, survey: Survey) -> reconcile.Comparison:
    """Connect, compare with the store, close. Raises TemporaryError."""
    with survey:
        return reconcile.mailbox(survey, runtime.engine)


def settle(runtime: Runtime, found: reconcile.Comparison, now: datetime) -> None:
    """Remember that a mailbox was reconciled; what is unexplained is told to the operator, once."""
    condition = CONDITION.format(name=found.mailbox)
    with storage.writing(runtime.engine) as connection:
        storage.beat(connection, condition, now)
    if found.unexplained:
        many = german.counted(found.unexplained, "Nachricht", "Nachrichten")
        what = f"Im Postfach „{found.mailbox}“ sind {many} auf dem Server nicht gespeichert.\n\n{told(found)}"
        runtime.alerts.begin(condition, what, TODO, now)
    else:
        runtime.alerts.end(condition, now)


def told(found: reconcile.Comparison) -> str:
    """A comparison for staff, in lines."""
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
