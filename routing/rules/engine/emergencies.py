"""From signs of danger to the concern that the duty desk hears of: an alarm, or a request to look at once.

An urgent rule is the surer, the more the signs agree: without any sign it is a matter for a person, with a trace it is
looked at, with danger it alarms. Danger alarms without a rule, too.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from routing.model.decision import Concern, Match, Urgency
from routing.rules.engine.danger import Level
from routing.rules.engine.marks import Mark
from routing.rules.engine.values import FieldName, Findings, RuleSet
from routing.text.keywords.folding import Folded

RULE = "Zeichen von Gefahr"
"""Under this name the signs stand in a decision, as a rule's matches do."""
CATEGORY, CATEGORY_ID = "Akute Gefahr für Menschen", "N01"
MOST_WORDS = 8
_RAISED = {Level.ALARM: Urgency.NOTFALL, Level.LOOK: Urgency.PRUEFEN}


def with_danger(concerns: Sequence[Concern], findings: Findings, rule_set: RuleSet) -> tuple[Concern, ...]:
    """The concerns with that of danger in front, if there is any."""
    danger = findings.danger
    others = [concern for concern in concerns if concern.urgency is not Urgency.NOTFALL]
    named = [concern for concern in concerns if concern.urgency is Urgency.NOTFALL]
    urgency = _RAISED.get(danger.level)
    if named and urgency is None:
        urgency = Urgency.PRUEFEN
    if urgency is None:
        return tuple(concerns)
    if named:
        first = named[0]
        return (replace(first, urgency=urgency), *others)
    return (_concern(findings, urgency, rule_set.duty_desk), *others)


def _concern(findings: Findings, urgency: Urgency, duty_desk: str) -> Concern:
    field, folded = findings.fields[findings.danger.field]
    matches = tuple(
        _match(mark, field, folded) for mark in (*findings.danger.signs[:MOST_WORDS], *findings.danger.doubts[:2])
    )
    return Concern(CATEGORY, CATEGORY_ID, (duty_desk,), urgency, (RULE,), matches)


def _match(mark: Mark, field: FieldName, folded: Folded) -> Match:
    start, end = folded.span(mark.start, mark.end)
    return Match(RULE, mark.name, folded.original[start:end], field, start, end)
