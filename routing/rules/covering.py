"""One heap, one letter: which concerns of a message need no letter of their own.

A rule may say ``yields``: its concern gives way to another one whose letter goes to the same bodies anyway, either
when both stand in one sentence ("Matratze und Sperrmüll") or anywhere in the message (words that only name the place:
"Spritzen auf dem Spielplatz"). The concern stays in the decision with the state KEPT, so that it is found and counted;
the other one takes over its urgency where that is higher. One always remains, and nothing yields to fewer bodies.
"""

from collections.abc import Sequence
from dataclasses import replace

from intake.message import Message
from routing.concern import Concern, State, Urgency
from routing.keywords.sentences import Stops
from routing.rules.compiling import RuleSet
from routing.settings import Rule


def settled(concerns: tuple[Concern, ...], rule_set: RuleSet, message: Message) -> tuple[Concern, ...]:
    """The concerns, the most urgent first, the covered ones KEPT."""
    if len(concerns) < 2:
        return concerns
    yields = {rule.name: rule.yields for rule in rule_set.rules if isinstance(rule, Rule)}
    stops = Stops(message.new_text)
    remaining = list(concerns)
    result: dict[str, Concern] = {}
    for concern in concerns:
        ways = {yields.get(rule, "") for rule in concern.rules}
        if "" in ways or concern.urgency is Urgency.NOTFALL:
            continue
        others = [other for other in remaining if other is not concern and _serves(other, concern)]
        if "sentence" in ways:
            others = [other for other in others if _beside(concern, other, stops)]
        if others:
            remaining.remove(concern)
            result[_key(concern)] = replace(concern, state=State.KEPT)
            _take_over(remaining, others[0], concern)
    result |= {_key(concern): concern for concern in remaining}
    return tuple(sorted((result[_key(concern)] for concern in concerns), key=lambda concern: concern.urgency.rank))


def _key(concern: Concern) -> str:
    return concern.category_id or concern.category


def _serves(one: Concern, other: Concern) -> bool:
    """Whether the letter of ``one`` goes wherever that of ``other`` would; an emergency's is an alarm, no letter."""
    return one.urgency is not Urgency.NOTFALL and set(other.recipients) <= set(one.recipients)


def _take_over(remaining: list[Concern], one: Concern, covered: Concern) -> None:
    if covered.urgency.rank < one.urgency.rank:
        remaining[remaining.index(one)] = replace(one, urgency=covered.urgency)


def _beside(concern: Concern, other: Concern, stops: Stops) -> bool:
    """Whether every match of ``concern`` has one of ``other`` in its sentence; a subject belongs to every sentence."""
    if any(match.field == "subject" for match in other.matches):
        return True
    starts = [match.start for match in other.matches]
    sentences = [stops.sentence(match.start, match.end) for match in concern.matches if match.field == "new_text"]
    return all(_any_within(starts, begin, end) for begin, end in sentences)


def _any_within(starts: Sequence[int], begin: int, end: int) -> bool:
    return any(begin <= start < end for start in starts)
