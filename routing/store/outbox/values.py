"""What the outbox deals in: due forwards, letters, deliveries and outcomes, as values."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from routing.model.decision import Urgency
from routing.store.desk_mail import DeskLetter

DeliveryState = Literal["sent", "planned", "parked", "cancelled"]
"""What a delivery can be after an attempt."""

CITIZEN = "citizen"
"""The recipient of an automatic answer to a citizen."""


class Held(StrEnum):
    """Why a letter is held: it goes out only when a person says so."""

    BRAKE = "brake"  # more letters in an hour than [brake] allows
    LEARNED = "learned"  # far more letters than usual at this hour
    SENDER = "sender"  # more letters because of one sender than [brake] allows
    ADDRESS = "address"  # the address was reported as unknown
    TRIAL = "trial"  # [smtp] send = false
    RESTORE = "restore"  # it may have gone out after the backup that was restored
    PERSON = "person"


class NewLetter(Struct, frozen=True):
    """A composed letter, ready to be frozen."""

    mail_id: str
    recipient: str
    urgency: Urgency
    sender: str
    subject: str
    raw: bytes
    addresses: tuple[str, ...]
    forwards: tuple[int, ...]
    chase_at: datetime | None = None  # without an answer until then somebody must do something
    held: str = ""  # see Held
    resend_of: int | None = None
    token: str = ""  # behind the number in the subject: who answers bears it
    listed: tuple[int, ...] = ()  # the forwards that an answer to it is about, in the order of its list
    desk: DeskLetter | None = None  # of a letter to the desk: what its numbers mean


class DueLetter(Struct, frozen=True):
    """A frozen letter of which something is to be sent now."""

    id: int
    sender: str
    composed_at: datetime


class Claimed(Struct, frozen=True):
    """A frozen letter with the deliveries of it that this instance may send now."""

    letter: DueLetter
    raw: bytes
    deliveries: dict[str, int]  # address → id
    attempts: dict[str, int]


class Result(Struct, frozen=True):
    """What one attempt to deliver came to; ``reply`` is the server's answer, cleaned."""

    delivery_id: int
    state: DeliveryState
    due_at: datetime
    reply: str
    in_doubt: bool = False
