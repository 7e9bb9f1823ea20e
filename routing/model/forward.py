"""A concern whose letter to one body is to be composed, as the outbox gives it and letters take it. Pure values."""

from datetime import datetime

from msgspec import Struct

from intake.message import Stored
from routing.model.decision import Urgency


class Further(Struct, frozen=True):
    """What a further report adds to: the body's first letter about the concern, and of which kind it is.

    ``sent`` is when that letter left, None as long as it has not arrived; ``cancelled``: it never will. ``kind`` is
    the decision's: see ``routing.store.cases.matching``. Moments are aware, UTC.
    """

    mail_id: str
    composed: datetime
    sent: datetime | None
    cancelled: bool
    kind: str


class Suspicion(Struct, frozen=True):
    """What a doubtful emergency rests on: the words that were found, and in German why they are no certainty.

    Both are as the decision has them: the words are the citizen's, not yet redacted.
    """

    found: tuple[str, ...]
    doubt: str


class DueForward(Struct, frozen=True):
    """A concern whose letter to ``recipient`` is to be composed now, with all that the letter may need."""

    id: int
    recipient: str
    urgency: Urgency
    template: str
    photos: bool  # released by a person for this recipient
    further: Further | None  # set when it tells of a further report; ``stored`` is that one
    due_at: datetime
    number: str  # KOD-2026-000123, or with -1, -2 … behind it where a case has several concerns
    single: bool  # the only concern of its case that has a letter or is to get one
    case_id: int
    category: str
    category_id: str
    place: str
    district: str
    reports: int
    opened_at: datetime  # when the case began
    stored: Stored
    suspicion: Suspicion | None = None  # of one that somebody is to look at at once (urgency pruefen)
    found: tuple[int, ...] = ()  # of a long text: where in ``new_text`` the words stand that make it this concern

    @property
    def adds(self) -> bool:
        """Whether it adds to a letter; where the first letter was cancelled it is the first one itself."""
        return self.further is not None and not self.further.cancelled


class Enclosed(Struct, frozen=True):
    """What goes along: cleaned photos (JPEG), where the first was taken (latitude, longitude), and what does not.

    ``stays`` is a German sentence about files that stay here, or "".
    """

    photos: tuple[bytes, ...] = ()
    spot: tuple[float, float] | None = None
    stays: str = ""

    @property
    def size(self) -> int:
        """How many bytes go along."""
        return sum(map(len, self.photos))


NOTHING = Enclosed()
