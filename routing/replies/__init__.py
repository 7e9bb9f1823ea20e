"""What comes back on our letters: which letter it answers, and what that means for its concerns.

``find`` ties a mail to a letter: by the Message-ID that it answers, else by the number in its subject. Only mail from
a recipient's configured domains is an answer, and a body can speak only of concerns that it got a letter about.
``judged`` is the decision about such a mail (kept with its case, never forwarded), ``record`` what follows from it:
an answer changes the concern, a hand-back or anything unclear waits for a person, a bounce stops the address. All
within the caller's transaction; nothing is sent here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from routing.model.settings import Settings
from routing.planning.plan import Ruling
from routing.replies import apply, bounces, correlate, decide
from routing.replies.apply import acknowledge, enter
from routing.replies.correlate import Reply
from routing.text.redaction import CityWords

__all__ = ("Reply", "acknowledge", "enter", "find", "judged", "record")


def find(connection: Connection, rulings: Sequence[Ruling], settings: Settings) -> dict[int, Reply]:
    """The mails among these that answer a letter of ours, keyed by message id; a new emergency is no mere answer.

    Raises SQLAlchemy's errors, which ``storage.reading`` translates.
    """
    return correlate.find(connection, rulings, settings)


def judged(ruling: Ruling, reply: Reply | None, settings: Settings) -> Ruling:
    """The ruling as it stands once it is known what the mail answers, and who wrote it."""
    if reply is not None:
        return decide.of_reply(ruling, reply, settings)
    return decide.of_a_body(ruling, settings)


def record(
    connection: Connection, found: Mapping[int, Reply], settings: Settings, city: CityWords, now: datetime
) -> None:
    """What the answers and bounces change; ``found`` is keyed by message id, ``now`` aware.

    In the caller's transaction: all of it or nothing.
    """
    for message_id, reply in found.items():
        if reply.kind == "bounce":
            bounces.record(connection, message_id, reply, now)
        else:
            apply.record(connection, message_id, reply, settings, city, now)
