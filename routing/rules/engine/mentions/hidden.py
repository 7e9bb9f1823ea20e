"""Why a word that a rule looks for does not count where it stands, in German."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from routing.model.settings import Rule
from routing.rules.engine.mentions import location_mentions, masks, resolved
from routing.rules.engine.values import Field, RuleSet, Span
from routing.text.keywords import dictionary


def why(
    hits: Field, rule_set: RuleSet, rule: int, keyword: int, span: Span, at: int, *, exceptions: list[Span]
) -> str:
    """Why a match, which begins at ``at`` of the original, does not count, in German; empty when it does."""
    start, end = span
    index = bisect_left(exceptions, (end, 0)) - 1
    if index >= 0 and start < exceptions[index][1]:
        begins, ends = exceptions[index]
        if not (start <= begins and ends <= end and span != (begins, ends)):
            return "Das Wort steht in der Ausnahmeliste der Regel."
    if hits.places and not rule_set.keywords[keyword].names_place:
        place = hits.places[bisect_right(hits.places, start, key=lambda hit: hit.start) - 1]
        if place.start <= start and end <= place.end:
            return "Das Wort gehört zu einer Orts- oder Straßenangabe."
    urgent = rule_set.is_urgent(rule)
    if hits.foreign and not urgent and dictionary.is_known(hits.folded.text[start:end]):
        return "Der Text ist in einer anderen Sprache geschrieben, das Wort ist deutsch."
    if hits.folded.original[at].isupper() and masks.is_name(hits.folded, start, end, urgent=urgent):
        return "Das Wort ist hier ein Name."
    if rule in rule_set.weak and location_mentions.only_where(hits.folded.original, at):
        return "Das Wort sagt hier nur, wo etwas ist."
    if hits.signatures:
        for begins, ends, only_name in hits.signatures:
            if begins <= at < ends and (only_name or not urgent):
                return "Das Wort steht in der Unterschrift."
    return ""


def is_resolved(hits: Field, rule_set: RuleSet, rule: int, span: Span) -> bool:
    """Whether the sentence says that what a rule found is gone or done; nothing of that ends an alarm."""
    settings = rule_set.rules[rule]
    if not isinstance(settings, Rule) or settings.urgency.is_alarm:
        return False
    if resolved.is_resolved(hits.folded, *span, hits.signs):
        return True
    return rule_set.is_urgent(rule) and resolved.is_denied(hits.folded, *span)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Stretches of a text in order, those that touch joined."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
