"""What of a message may leave the city, judged once before anything is planned. Pure.

The sender's home is no place of a concern: a place that redaction removes from his words is dropped, or, where it is
the only one, loses its house number, unless he says himself that it is before his door. Where nothing but a home is
named, what would leave the city waits for a person. Where somebody may still be recognised after redaction, concerns
that would leave the city wait for a person; urgent ones do not wait (promise P4), and bodies inside the city get
theirs.
"""

from collections.abc import Callable, Iterable

from msgspec import structs

from intake.message import Message
from routing.model.decision import Concern, Decision, Place, State
from routing.model.settings import Settings
from routing.text import citizen, redaction
from routing.text.redaction import CityWords, limits

PERSON = "Im Text ist vielleicht noch eine Person erkennbar. Bitte sehen Sie ihn an, bevor er die Stadt verlässt."

HOME_ALONE = "Genannt ist nur, wo jemand wohnt, und nicht, wo es ist. Bitte klären Sie den Ort."


def guarded(decision: Decision, message: Message, settings: Settings, city: CityWords) -> Decision:
    """``decision`` without the sender's home, and with what a person should see before it leaves in review.

    Raises nothing.
    """
    if decision.homes and not message.place and _leaves(filter(_has_no_place, decision.concerns), settings):
        decision = _held_back(decision, settings, HOME_ALONE, _has_no_place)
    if not decision.concerns:
        return decision
    own = citizen.written(message, city)
    found = (one.start for concern in decision.concerns for one in concern.matches if one.field == "new_text")
    said = limits.shortened(own.words, own.offsets(found))
    exact = any(place.number for place in decision.places)  # only a house number makes a home of a street
    leaving = decision.state is State.ROUTED and _leaves(decision.concerns, settings)
    if not (exact or (leaving and redaction.may_be_doubtful(said, city))):
        return decision  # most messages; redacting costs as much as all rules
    redacted = redaction.redact(said, city, own_names=own.names, own_addresses=citizen.senders(message))
    if redacted.count and exact:
        kept = _line(redacted.text)
        written = _line(redaction.clean(said))
        homes = {place for place in decision.places if _is_gone(place, written, kept)}
        decision = _without_homes(decision, homes)
    if redacted.doubtful and leaving:
        return _held_back(decision, settings, PERSON)
    return decision


def _without_homes(decision: Decision, homes: set[Place]) -> Decision:
    """The decision, and each of its concerns, without these; where nothing else is named, without their numbers."""
    concerns = tuple(structs.replace(concern, places=_others(concern.places, homes)) for concern in decision.concerns)
    return structs.replace(decision, places=_others(decision.places, homes), concerns=concerns)


def _others(places: tuple[Place, ...], homes: set[Place]) -> tuple[Place, ...]:
    others = tuple(place for place in places if place not in homes)
    if any(place.street for place in others):
        return others
    return tuple(structs.replace(place, number="") if place in homes else place for place in places)


def _is_gone(place: Place, written: str, kept: str) -> bool:
    """Whether redaction has removed it; a home that its owner calls the scene is needed there all the same."""
    return not place.is_home and _line(place.found) in written and _line(place.found) not in kept


def _line(text: str) -> str:
    return " ".join(text.split())


def _has_no_place(concern: Concern) -> bool:
    return not concern.places


def _any(_concern: Concern) -> bool:
    return True


def _held_back(decision: Decision, settings: Settings, why: str, wanted: Callable[[Concern], bool] = _any) -> Decision:
    """With those of the concerns that are ``wanted``, would leave the city and may wait in review."""
    concerns = tuple(
        structs.replace(concern, state=State.REVIEW) if wanted(concern) and _may_wait(concern, settings) else concern
        for concern in decision.concerns
    )
    state = State.ROUTED if any(concern.state is State.ROUTED for concern in concerns) else State.REVIEW
    return structs.replace(decision, state=state, concerns=concerns, reason=f"{decision.reason} {why}".strip())


def _leaves(concerns: Iterable[Concern], settings: Settings) -> bool:
    return any(_may_wait(concern, settings) for concern in concerns)


def _may_wait(concern: Concern, settings: Settings) -> bool:
    """Whether it would leave the city and is not urgent."""
    return (
        concern.state is State.ROUTED
        and not concern.urgency.is_urgent
        and any(not settings.recipients[name].inside for name in concern.recipients)
    )
