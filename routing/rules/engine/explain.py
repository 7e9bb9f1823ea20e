"""A decision told in German to somebody at the desk: what, why, with which words, and what nearly happened."""

from collections.abc import Iterator

from intake.message import Message
from routing.model.decision import Concern, Decision, Match, State, Urgency

STATES = {State.ROUTED: "wird weitergeleitet", State.REVIEW: "zur Klärung", State.KEPT: "nur gespeichert"}
URGENCIES = {
    Urgency.NOTFALL: "Notfall, sofort an den KOD",
    Urgency.SOFORT: "sofort, Tag und Nacht",
    Urgency.HEUTE: "heute, innerhalb der Dienstzeit",
    Urgency.SAMMEL: "mit der nächsten Sammelliste",
    Urgency.LISTE: "mit der Wochenliste",
}
_AROUND = 60


def explain(decision: Decision, message: Message) -> str:
    """The decision as plain text of several lines, without a line break at its end."""
    return "\n".join(_lines(decision, message))


def _lines(decision: Decision, message: Message) -> Iterator[str]:
    yield f"Ergebnis: {STATES[decision.state]}. {decision.reason}"
    if decision.alert:
        yield "Achtung: dringendes Wort in einer Nachricht, die nicht weitergeleitet wird. Bitte gleich ansehen."
    for number, concern in enumerate(decision.concerns, 1):
        yield from _concern(number, concern, decision, message)
    if decision.places:
        found = (
            " ".join(filter(None, (place.street, place.number, place.district, place.town)))
            for place in decision.places
        )
        yield f"Ort: {'; '.join(found)}"
    if decision.near_misses:
        yield "Knapp nicht zugetroffen:"
        for miss in decision.near_misses:
            yield f"  „{miss.found}“ für die Regel „{miss.rule}“ (Schlüsselwort {miss.keyword}): {miss.why}"


def _concern(number: int, concern: Concern, decision: Decision, message: Message) -> Iterator[str]:
    identity = f"{concern.category_id} " if concern.category_id else ""
    yield f"{number}. {identity}{concern.category} → {', '.join(concern.recipients)} ({URGENCIES[concern.urgency]})"
    if concern.state is State.REVIEW:
        yield "   Noch nicht weitergeleitet: wartet auf Klärung."
    if concern.state is State.KEPT:
        served = set(concern.recipients) <= set(decision.recipients)
        why = "Ein anderes Anliegen dieser Nachricht geht schon an dieselbe Stelle" if served else "hier nur erwähnt"
        yield f"   Kein eigenes Schreiben: {why}."
    for match in concern.matches[:5]:
        where = "Betreff" if match.field == "subject" else "Text"
        yield f"   {where}: {_in_context(match, message)}"
        yield f"   gefunden „{match.found}“, Schlüsselwort „{match.keyword}“ der Regel „{match.rule}“"


def _in_context(match: Match, message: Message) -> str:
    text = message.subject if match.field == "subject" else message.new_text
    before = text[max(0, match.start - _AROUND) : match.start]
    after = text[match.end : match.end + _AROUND]
    left = "…" if match.start > _AROUND else ""
    right = "…" if match.end + _AROUND < len(text) else ""
    return " ".join(f"{left}{before}[{match.found}]{after}{right}".split())
