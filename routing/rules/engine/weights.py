"""How sure a concern is, and which of two rules has the word that both found.

**Sure enough.** Each different word that a concern found counts what its field counts ([weights]: subject, text)
times its rule's ``weight``; what comes to less than ``enough`` is not sure. Beside a sure concern it is a near miss;
alone it goes to review.

**The same word.** Of two concerns that found the same words, the one whose rule has the higher ``priority`` has them,
then the one with the longer match ("tote Taube" before "Taube"; words with a gap between them win over none), then the
one whose keyword says more ("schild + defekt" before "schild"). The other needs no letter of its own (KEPT). Do both
say the same, but to different bodies, then a person decides (REVIEW).

None of this touches an urgent concern.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from routing.model.decision import Concern, Match, NearMiss, State
from routing.rules.engine.values import Findings, RuleSet
from routing.text.keywords import folding

_MOST = 8  # of more concerns than that a person looks at the message anyway


def weighed(concerns: Sequence[Concern], rule_set: RuleSet, findings: Findings) -> tuple[Concern, ...]:
    """The concerns in their order: ROUTED ones are sure, REVIEW ones are not, KEPT ones left their words to others."""
    unsure = [concern for concern in concerns if _may_be_unsure(concern, rule_set) and not _is_sure(concern, rule_set)]
    sure = [concern for concern in concerns if concern not in unsure] if unsure else list(concerns)
    if not sure:
        return tuple(replace(concern, state=State.REVIEW) for concern in unsure)
    for concern in unsure:
        why = "Dieses Wort allein genügt der Regel nicht."
        findings.near_misses += [NearMiss(one.rule, one.keyword, one.found, why) for one in concern.matches[:1]]
    if not 2 <= len(sure) <= _MOST:
        return tuple(sure)
    return tuple(_apart(concern, sure, rule_set) for concern in sure)


def _may_be_unsure(concern: Concern, rule_set: RuleSet) -> bool:
    return not concern.urgency.is_urgent and not rule_set.light.isdisjoint(concern.rules)


def _is_sure(concern: Concern, rule_set: RuleSet) -> bool:
    weights = rule_set.weights
    words: dict[str, float] = {}
    for match in concern.matches:
        field = weights.subject if match.field == "subject" else weights.text
        word = folding.plain(match.found)
        words[word] = max(words.get(word, 0.0), field * rule_set.by_name[match.rule].weight)
    return sum(words.values()) >= weights.enough


def _apart(concern: Concern, others: Sequence[Concern], rule_set: RuleSet) -> Concern:
    if concern.urgency.is_urgent or _is_weak(concern, rule_set):
        return concern
    for other in others:
        if other is concern or _is_weak(other, rule_set):
            continue
        if all(any(_beats(theirs, mine, rule_set) for theirs in other.matches) for mine in concern.matches):
            return replace(concern, state=State.KEPT)
        if not other.urgency.is_urgent and _is_tie(concern, other, rule_set):
            return replace(concern, state=State.REVIEW)
    return concern


def _is_weak(concern: Concern, rule_set: RuleSet) -> bool:
    """Whether it gives way to everything, see ``precedence``."""
    return all(rule_set.by_name[rule].yields == "any" for rule in concern.rules)


def _beats(one: Match, other: Match, rule_set: RuleSet) -> bool:
    """Whether ``one`` has the words that ``other`` found too."""
    if one.field != other.field or one.start >= other.end or other.start >= one.end:
        return False
    priorities = rule_set.by_name[one.rule].priority, rule_set.by_name[other.rule].priority
    if priorities[0] != priorities[1]:
        return priorities[0] > priorities[1]
    if not (one.start <= other.start and other.end <= one.end):
        return False
    if (one.start, one.end) != (other.start, other.end):
        return not _has_gap(one.keyword)
    return _says(one.keyword) > _says(other.keyword)


def _has_gap(keyword: str) -> bool:
    return "..." in keyword or "…" in keyword or keyword.startswith("/")


def _says(keyword: str) -> int:
    """In how many words a keyword says what it means."""
    return len(keyword.split())


def _is_tie(one: Concern, other: Concern, rule_set: RuleSet) -> bool:
    """Whether two concerns for different bodies found the very same words with nothing to choose between them."""
    if set(one.recipients) == set(other.recipients):
        return False
    spans = {(match.field, match.start, match.end) for match in one.matches}
    if spans != {(match.field, match.start, match.end) for match in other.matches}:
        return False
    return not any(
        _beats(mine, theirs, rule_set) or _beats(theirs, mine, rule_set)
        for mine in one.matches
        for theirs in other.matches
    )
