"""An alarm as a mail to the operator, straight to the server: it waits in no outbox and needs no database."""

import contextlib
import secrets
from collections.abc import Callable
from datetime import datetime

from intake.base import errors
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
    """Mail the operator. ``now``: aware. Raises TemporaryError unless the server takes it for one of his addresses."""
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
        outcomes = opened.send(mail.raw, sender=mail.return_path, to=mail.to).values()
    if not any(one.state == "sent" for one in outcomes):
        said = "; ".join(f"{one.code} {one.text}" for one in outcomes)
        raise errors.TemporaryError(f"Der Mailserver hat die Meldung nicht angenommen: {said}")
