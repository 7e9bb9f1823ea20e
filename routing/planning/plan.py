"""What becomes of a decision: which body gets which concern, and when it is due. Pure.

Recipients come from the configuration alone. An emergency, certain or doubtful (promise P12), goes to the duty desk
alone and at once, at any hour. An urgent match in a message that nobody may forward (automatic, a missed call) alerts
the desk while the concern waits in review: as an emergency where it is one, else with the request to look at once.
"""

from datetime import datetime

from msgspec import Struct

from intake.message import Stored
from routing.model.decision import Concern, Decision, State, Urgency
from routing.model.settings import Settings
from routing.planning import schedule

MATTER = "vorgang"  # the template for what is no concern: an objection, a data-protection request, the press


class Planned(Struct, frozen=True):
    """One body that gets one concern; ``due_at`` is aware, UTC."""

    concern: int  # index in the decision's concerns
    recipient: str
    urgency: Urgency
    template: str
    due_at: datetime


class Ruling(Struct, frozen=True):
    """A decision about a stored message, with its consequences."""

    stored: Stored
    decision: Decision
    planned: tuple[Planned, ...]


class Dates:
    """When each body gets what is planned at one moment, worked out once however much is planned then."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        """``now``: aware."""
        self.now = now
        self.settings = settings
        self._known: dict[tuple[str, Urgency], datetime] = {}

    def due(self, name: str, urgency: Urgency) -> datetime:
        """When the recipient ``name`` gets a concern of this urgency (aware, UTC)."""
        due = self._known.get((name, urgency))
        if due is None:
            due = schedule.due(urgency, self.settings.recipients[name], self.settings.office, self.now)
            self._known[name, urgency] = due
        return due


def plan(stored: Stored, decision: Decision, dates: Dates) -> Ruling:
    """Who gets what of this decision, and when; the moments in ``dates`` are aware."""
    planned: list[Planned] = []
    for index, concern in enumerate(decision.concerns):
        if decision.state is State.ROUTED and concern.state is State.ROUTED:
            planned += [_forward(index, concern, name, decision.kind, dates) for name in concern.recipients]
        elif decision.alert and concern.urgency.is_urgent:
            planned.append(_alert(index, concern, dates))
    return Ruling(stored, decision, tuple(planned))


def _alert(index: int, concern: Concern, dates: Dates) -> Planned:
    desk, urgency = dates.settings.city.duty_desk, concern.urgency
    if not urgency.is_alarm:
        urgency = Urgency.PRUEFEN
    return Planned(index, desk, urgency, dates.settings.recipients[desk].template, dates.due(desk, urgency))


def _forward(index: int, concern: Concern, name: str, kind: str, dates: Dates) -> Planned:
    template = dates.settings.recipients[name].template if kind == "concern" else MATTER
    return Planned(index, name, concern.urgency, template, dates.due(name, concern.urgency))
