"""Removing from mail servers what was deleted here; one that is out is told, and the others are asked all the same."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from intake.base import errors
from routing.privacy.deletion import server
from routing.privacy.deletion.protocol import Run
from routing.privacy.deletion.server import Cleared

if TYPE_CHECKING:
    from routing.service.channels import Channel, Clearing, Surroundings

    Boxes = Sequence[tuple[Channel, Clearing]]

log = structlog.get_logger(__name__)


def clear_mailboxes(
    surroundings: "Surroundings", boxes: "Boxes", rule: str, run: Run
) -> tuple[list[Cleared], list[str]]:
    """Remove from every mail server what is deleted here: (what went, what could not be asked, in German)."""
    cleared, troubles = [], []
    for channel, opener in boxes:
        try:
            with opener(surroundings) as box:
                cleared.append(server.clear(surroundings.engine, box, rule, run))
        except errors.IntakeError as error:
            log.warning("mail server not cleared", mailbox=channel.name, error=str(error))
            troubles.append(error.german)
    return cleared, troubles
