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
from routing.model.settings import Configuration, Settings
from routing.text import citizen, excerpt, redaction
from routing.text.redaction import city_words, limits

PERSON = "Im Text ist vielleicht noch eine Person erkennbar. Bitte sehen Sie ihn an, bevor er die Stadt verlässt."

NOTHING_LEFT = (
    "Ohne das, was Personen meinen könnte, sagt der Text einer Stelle außerhalb nichts. Bitte sehen Sie ihn an."
)

HOME_ALONE = "Genannt ist nur, wo jemand wohnt, und nicht, wo es ist. Bitte klären Sie den Ort."


def guarded(decision: Decision, message: Message, configuration: Configuration) -> Decision:
    """``decision`` without the sender's home, and with what a person should see before it leaves in review.

    Raises nothing.
    """
    settings = configuration.settings
    if decision.homes and not message.place and _leaves(filter(_has_no_place, decision.concerns), settings):
        decision = _held_back(decision, settings, HOME_ALONE, _has_no_place)
    if not decision.concerns:
        return decision
    city, known = city_words.of_configuration(configuration), excerpt.of_configuration(configuration)
    own = citizen.written(message, city)
    found = (one.start for concern in decision.concerns for one in concern.matches if one.field == "new_text")
    said = limits.shortened(own.words, own.offsets(found))
    decision = _without_their_homes(decision, message, settings, (said, known))
    decision = _saying_something(decision, settings, (said, known))
    exact = any(place.number for place in decision.places)  # only a house number makes a home of a street
    leaving = decision.state is State.ROUTED and _leaves(decision.concerns, settings, "full")
    if not decision.concerns or not (exact or (leaving and redaction.may_be_doubtful(said, city))):
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


def _without_their_homes(
    decision: Decision, message: Message, settings: Settings, words: tuple[str, excerpt.Known]
) -> Decision:
    """The decision without the places that the excerpt takes for somebody's; what then has none is held back."""
    if message.place or not decision.places or not _leaves(decision.concerns, settings, "excerpt"):
        return decision
    homes = _excerpt(decision, *words).homes
    if not homes:
        return decision
    gone = {place for place in decision.places if not place.is_home and any(place.found in home for home in homes)}
    if not gone:
        return decision
    concerns = tuple(structs.replace(one, places=_but(one.places, gone)) for one in decision.concerns)
    decision = structs.replace(decision, places=_but(decision.places, gone), concerns=concerns)
    return _held_back(decision, settings, HOME_ALONE, _has_no_place) if not decision.places else decision


def _but(places: tuple[Place, ...], gone: set[Place]) -> tuple[Place, ...]:
    return tuple(place for place in places if place not in gone)


def _excerpt(decision: Decision, text: str, known: excerpt.Known) -> excerpt.Excerpt:
    scenes = tuple(f"{place.street} {place.number}".strip() for place in decision.places)
    return excerpt.of_text(text, known, scenes)


def _saying_something(decision: Decision, settings: Settings, words: tuple[str, excerpt.Known]) -> Decision:
    """The decision, with what would leave the city as an excerpt that says nothing held back."""
    if not _leaves(decision.concerns, settings, "excerpt") or not words[0].strip() or _excerpt(decision, *words).says:
        return decision
    return _held_back(decision, settings, NOTHING_LEFT, lambda concern: _may_wait(concern, settings, "excerpt"))


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


def _leaves(concerns: Iterable[Concern], settings: Settings, wording: str = "") -> bool:
    return any(_may_wait(concern, settings, wording) for concern in concerns)


def _may_wait(concern: Concern, settings: Settings, wording: str = "") -> bool:
    """Whether it would leave the city, with so much of the text, and is not urgent."""
    bodies = (settings.recipients[name] for name in concern.recipients)
    return (
        concern.state is State.ROUTED
        and not concern.urgency.is_urgent
        and any(not body.inside and wording in {"", body.wording} for body in bodies)
    )
