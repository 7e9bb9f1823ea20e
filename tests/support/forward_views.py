"""Views of concerns as letters take them, from a few plain values."""

from datetime import date, datetime

from intake.message import Message, Stored
from routing import letters
from routing.model.decision import Concern, Urgency
from routing.model.forward import DueForward, Enclosed, Further, Suspicion
from routing.store.cases import main_place
from routing.text.redaction import NO_CITY


def due(stored: Stored, concern: Concern, recipient: str, position: int = 0, *, single: bool = True) -> DueForward:
    """What is due to a body of a concern that was just decided, the only one of its message or one of several."""
    place, district = main_place(stored, concern.places)
    return DueForward(
        id=position,
        recipient=recipient,
        urgency=concern.urgency,
        template="forward",
        photos=False,
        further=None,
        due_at=stored.received_at,
        number=f"KOD-2026-{position + 1:06}",
        single=single,
        case_id=1,
        category=concern.category,
        category_id=concern.category_id,
        place=place,
        district=district,
        reports=1,
        opened_at=stored.received_at,
        stored=stored,
        found=tuple(match.start for match in concern.matches if match.field == "new_text"),
    )


def view(
    *,
    number: str,
    category: str,
    urgency: Urgency,
    received: datetime,
    channel: str,
    text: str,
    code: str = "",
    place: str = "",
    district: str = "",
    spot: tuple[float, float] | None = None,
    contact: str = "",
    reports: int = 1,
    first: datetime | None = None,
    further: str = "",
    told: datetime | None = None,
    photos: int = 0,
    kept: str = "",
    confirm: int = 0,
    reply_by: date | None = None,
    name: str = "",
    address: str = "",
    home: str = "",
    single: bool = True,
    suspicion: Suspicion | None = None,
) -> letters.ForwardView:
    """The view; ``name``, ``address`` and ``home`` are what the citizen gave of himself."""
    message = Message(channel=channel, identity=b"", new_text=text, from_name=name, from_addr=address, contact=home)
    before = Further("1@kod.invalid", received, told, cancelled=False, kind="repeat") if further or told else None
    forward = DueForward(
        id=1,
        recipient="gsak",
        urgency=urgency,
        template="forward",
        photos=False,
        further=before,
        due_at=received,
        number=number,
        single=single,
        case_id=1,
        category=category,
        category_id=code,
        place=place,
        district=district,
        reports=reports,
        opened_at=first or received,
        stored=Stored(1, "kod", received, message),
        suspicion=suspicion,
    )
    policy = letters.Policy("full", contact, further, confirm, reply_by)
    return letters.view(forward, NO_CITY, policy, Enclosed((b"",) * photos, spot, kept))
