"""What the alarm clock is set to: the next moment of everything that has a time.

The due columns of the outbox (digests, retries, reminders), and the schedules of the desk's list and the operator's
summary. The nightly reconciliation is looked for with each heartbeat: nobody waits for it.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from intake import storage
from routing.pipeline import operator_summary
from routing.pipeline.desk_mail import lists
from routing.planning import schedule
from routing.store import outbox

if TYPE_CHECKING:
    from routing.service.runtime import Runtime


def upcoming(runtime: "Runtime", now: datetime) -> list[datetime]:
    """The moments after ``now`` (aware) at which something becomes due, as far as is known now; unsorted.

    Raises TemporaryError when the database does not answer.
    """
    settings = runtime.settings
    with storage.reading(runtime.engine) as connection:
        found = outbox.next_due(connection, now)
        done = storage.heartbeats(connection)
        news = lists.next_news(connection, settings, now)
    slots = {lists.WORK: settings.desk.schedule, operator_summary.WORK: settings.operator.summary}
    for work, texts in slots.items():
        if texts:
            found.append(schedule.next_slot(texts, settings.office, min(done.get(work, now), now)))
    return [moment for moment in (*found, *([news] if news else [])) if moment > now]
