"""An alarm as a mail to the operator, straight to the server: it waits in no outbox and needs no database."""

import contextlib
import secrets
from collections.abc import Callable
from datetime import datetime

from routing import letters
from routing.model.settings import Settings
from routing.model.transport import Outbound, outgoing
from routing.service.alerts.alarm import Alarm


def send(
    alarm: Alarm,
    now: datetime,
    settings: Settings,
    environment: letters.Templates,
    transport: Callable[[], Outbound],
) -> None:
    """Mail the operator. ``now``: aware. Raises TemporaryError when that is not possible now."""
    known = outgoing(settings)
    if not known.sends:
        return  # trial operation: nothing leaves the house; the second way tells
    envelope = letters.envelope(known, "alarm", settings.operator.address, now, secrets.token_hex(8))
    mail = letters.compose_alarm(
        envelope,
        environment,
        what=f"Neue Ursache: {alarm.what}" if alarm.kind == "cause" else alarm.what,
        todo=alarm.todo,
        since=alarm.since,
        resolved=alarm.resolved,
    )
    with contextlib.closing(transport()) as opened:
        opened.send(mail.raw, sender=mail.return_path, to=mail.to)
