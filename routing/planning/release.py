"""What of a message may leave the city, judged once before anything is planned. Pure.

The sender's home is no place of a concern: a place that redaction removes from his words is dropped, or, where it is
the only one, loses its house number. Where somebody may still be recognised after redaction, concerns that would leave
the city wait for a person; urgent ones do not wait (promise P4), and bodies inside the city get theirs.
"""

from msgspec import structs

from intake.message import Message
from routing.model.decision import Concern, Decision, Place, State
from routing.model.settings import Settings
from routing.text import citizen, redaction
from routing.text.redaction import CityWords, limits

PERSON = "Im Text ist vielleicht noch eine Person erkennbar. Bitte sehen Sie ihn an, bevor er die Stadt verlässt."


def guarded(decision: Decision, message: Message, settings: Settings, city: CityWords) -> Decision:
    """``decision`` without the sender's home, and with what a person should see before it leaves in review."""
    said = limits.shortened(citizen.words(message))
    exact = any(place.number for place in decision.places)  # only a house number makes a home of a street
    leaving = decision.state is State.ROUTED and any(_may_wait(concern, settings) for concern in decision.concerns)
    if not decision.concerns or not (exact or (leaving and redaction.may_be_doubtful(said, city))):
        return decision  # most messages; redacting costs as much as all rules
    redacted = redaction.redact(said, city, own_names=(message.from_name,), own_addresses=citizen.senders(message))
    if redacted.count and exact:
        kept = _line(redacted.text)
        places = _without_homes(decision.places, _line(redaction.clean(said)), kept)
        decision = structs.replace(decision, places=places)
    if redacted.doubtful and leaving:
        return _held_back(decision, settings)
    return decision


def _without_homes(places: tuple[Place, ...], said: str, kept: str) -> tuple[Place, ...]:
    homes = {place for place in places if _line(place.found) in said and _line(place.found) not in kept}
    others = tuple(place for place in places if place not in homes)
    if any(place.street for place in others):
        return others
    return tuple(structs.replace(place, number="") if place in homes else place for place in places)


def _line(text: str) -> str:
    return " ".join(text.split())


def _held_back(decision: Decision, settings: Settings) -> Decision:
    concerns = tuple(
        structs.replace(concern, state=State.REVIEW) if _may_wait(concern, settings) else concern
        for concern in decision.concerns
    )
    state = State.ROUTED if any(concern.state is State.ROUTED for concern in concerns) else State.REVIEW
    return structs.replace(decision, state=state, concerns=concerns, reason=f"{decision.reason} {PERSON}".strip())


def _may_wait(concern: Concern, settings: Settings) -> bool:
    """Whether it would leave the city and is not urgent."""
    return (
        concern.state is State.ROUTED
        and not concern.urgency.is_urgent
        and any(not settings.recipients[name].inside for name in concern.recipients)
    )
