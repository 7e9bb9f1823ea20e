"""From a composed letter to one in the outbox; everybody who makes letters comes through here.

``addressed`` adds to a letter for whom it is and what it is about, ``freeze`` stores it with its deliveries: to be
sent, or held where the rate limit or trial operation says so (``routing.store.outbox.rate_limit``).
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from routing.model.decision import Urgency
from routing.model.settings import Settings
from routing.store import outbox
from routing.store.desk_mail import DeskLetter
from routing.store.outbox import NewLetter, rate_limit

if TYPE_CHECKING:
    from routing.letters import Letter

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
TOKEN = 6  # of 31 letters: one in 900 million
NOBODY: Mapping[int, str] = MappingProxyType({})


def new_token() -> str:
    """What the subject of a new letter bears behind its number: nobody can guess it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN))


def addressed(
    letter: "Letter",
    recipient: str,
    urgency: Urgency,
    *,
    forwards: Sequence[int] = (),
    listed: Sequence[int] = (),
    chase_at: datetime | None = None,
    resend_of: int | None = None,
    desk: DeskLetter | None = None,
) -> NewLetter:
    """The letter as the outbox takes it; ``recipient`` is a name in config.toml, "operator" or ``outbox.CITIZEN``.

    ``forwards`` are the ids of those that it tells of, ``listed`` those that an answer is about, in the order of the
    letter (default: the same). Without an answer until ``chase_at`` (aware, UTC) somebody asks
    again. ``resend_of`` is the id of the letter that it repeats; ``desk`` says what its numbers mean.
    """
    return NewLetter(
        mail_id=letter.message_id,
        recipient=recipient,
        urgency=urgency,
        sender=letter.return_path,
        subject=letter.subject,
        raw=letter.raw,
        addresses=letter.to,
        forwards=tuple(forwards),
        chase_at=chase_at,
        resend_of=resend_of,
        token=letter.token,
        listed=tuple(listed),
        desk=desk,
    )


def freeze(
    connection: Connection,
    new: Sequence[NewLetter],
    settings: Settings,
    now: datetime,
    senders: Mapping[int, str] = NOBODY,
) -> Sequence[int]:
    """Store the letters, those held that go beyond a limit, within the caller's transaction; gives their ids.

    ``now`` is aware, UTC; ``senders`` are the addresses of those who caused the forwards in them, by forward.
    """
    return outbox.freeze(connection, rate_limit.hold(connection, new, senders, settings, now), now)
