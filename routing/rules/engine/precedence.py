"""One heap, one letter: which concerns of a message need no letter of their own.

**What a message is about goes before what it only mentions.** A concern is *weak* when all its rules say
``yields = "any"``, and it *only says where* when every one of its words stands behind "neben", "vor", "auf" and the
like ("Müll neben der Laterne"). Of concerns to different bodies the strong ones go; without one, what says where and
what is wrong there ("gehweg + kaputt"); then the weak one with the highest ``priority``, else the one mentioned first;
and only without that what says nothing but where. Urgent concerns are always strong, and what has a ``priority``
(people, before things) never only says where. Where more than two bodies remain, those go whose rules have the higher
``priority``, then those that most words speak for, then those mentioned first; of the others a person looks at what
has a sentence of its own. When nothing but their order tells them apart, a person decides about all.

**One letter a heap.** A rule may say ``yields`` also for less: its concern gives way to another one whose letter goes
to the same bodies anyway, either when both stand in one sentence ("Matratze und Sperrmüll") or anywhere in the message
(words that only name the place: "Spritzen auf dem Spielplatz").

What gives way stays in the decision with the state KEPT, so that it is found and counted, but for the weak ones, which
are not worth it; the other one takes over its urgency where that is higher and the bodies are the same. One always
remains.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from intake.message import Message
from routing.model.decision import Concern, State
from routing.rules.engine import evidence
from routing.rules.engine.mentions import location_mentions
from routing.rules.engine.values import Findings, RuleSet
from routing.text.keywords.sentences import Stops

STRONG, PARTLY, WEAK, PLACE = range(4)
FEW_BODIES = 2
ENOUGH = 2.4
"""So strong a concern gets a letter beside a stronger one ..."""
NEARLY = 1.1
"""... as does one that is only so much weaker."""


def apply(
    concerns: tuple[Concern, ...], rule_set: RuleSet, message: Message, findings: Findings
) -> tuple[Concern, ...]:
    """The concerns, the most urgent first, the covered ones KEPT, the weak ones that give way left out."""
    if len(concerns) < 2:
        return concerns
    ways = {
        _key(concern): {str(rule_set.by_name[rule].yields) for rule in concern.rules if rule in rule_set.by_name}
        for concern in concerns
    }
    remaining, mentioned = _apart(concerns, ways, rule_set, message, findings)
    leading = _most_said(remaining, rule_set)
    if not leading:
        return tuple(replace(concern, state=State.REVIEW) for concern in concerns)
    stops = Stops(message.new_text)
    result: dict[str, Concern] = {}
    for concern in remaining:
        if concern in leading:
            continue
        if any(_beside(concern, other, stops) for other in leading):
            mentioned.append(concern)
        else:
            result[_key(concern)] = replace(concern, state=State.REVIEW)
    remaining = leading
    for concern in mentioned:
        if ways[_key(concern)] == {"any"}:
            continue
        result[_key(concern)] = replace(concern, state=State.KEPT)
        same = next((other for other in remaining if _serves(other, concern)), None)
        if same is not None:
            _take_over(remaining, same, concern)
    for concern in tuple(remaining):
        if not ways[_key(concern)].isdisjoint({"", "any"}) or concern.urgency.is_alarm:
            continue
        others = [other for other in remaining if _key(other) != _key(concern) and _serves(other, concern)]
        if "sentence" in ways[_key(concern)]:
            others = [other for other in others if _beside(concern, other, stops)]
        if others:
            mine = next(other for other in remaining if _key(other) == _key(concern))
            remaining.remove(mine)
            result[_key(mine)] = replace(mine, state=State.KEPT)
            _take_over(remaining, others[0], mine)
    result |= {_key(concern): concern for concern in remaining}
    counting = (result[_key(concern)] for concern in concerns if _key(concern) in result)
    return tuple(sorted(counting, key=lambda concern: concern.urgency.rank))


def _apart(
    concerns: Sequence[Concern], ways: dict[str, set[str]], rule_set: RuleSet, message: Message, findings: Findings
) -> tuple[list[Concern], list[Concern]]:
    """What the message is about, and what it only mentions; beside an emergency a person looks at everything."""
    if any(concern.urgency.is_alarm for concern in concerns):
        return list(concerns), []
    where = _only_where(concerns, rule_set, message, findings)
    ranks = [_rank(concern, ways[_key(concern)], rule_set, where) for concern in concerns]
    if PARTLY in ranks and WEAK in ranks:
        said = {rule_set.rules[one.rule].name for one in findings.strengths if one.said}
        if any(rank == WEAK and not said.isdisjoint(one.rules) for one, rank in zip(concerns, ranks, strict=True)):
            ranks = [PLACE if rank == PARTLY else rank for rank in ranks]
    first = min(ranks)
    about = [concern for concern, rank in zip(concerns, ranks, strict=True) if rank == first]
    if first == WEAK:
        said = {rule_set.rules[one.rule].name for one in findings.strengths if one.said}
        leading = min(about, key=lambda concern: _place_in_line(concern, rule_set, said))
        about = [concern for concern in about if set(concern.recipients) <= set(leading.recipients)]
    elif findings.strengths and len(about) > 1:
        about = _clearest(about, rule_set, findings)
    return about, [concern for concern in concerns if concern not in about]


def _most_said(concerns: list[Concern], rule_set: RuleSet) -> list[Concern]:
    """All of them when they are for few bodies or one is urgent; else as many as few bodies get, the clearest first.

    None when several bodies are equally spoken for.
    """
    if len(_bodies(concerns)) <= FEW_BODIES or any(concern.urgency.is_urgent for concern in concerns):
        return concerns
    said = [_said(concern, rule_set) for concern in concerns]
    if len(set(said)) == 1:
        return []
    leading: list[Concern] = []
    for _, _, concern in sorted(zip(said, map(_place_of, concerns), concerns, strict=True), key=lambda one: one[:2]):
        if len(_bodies([*leading, concern])) <= FEW_BODIES:
            leading.append(concern)
    return leading


def _said(concern: Concern, rule_set: RuleSet) -> tuple[int, int]:
    """How much speaks for a concern, the most first: its rules' ``priority``, then how many different words."""
    words = {match.found.lower() for match in concern.matches}
    return -_priority(concern, rule_set), -len(words)


def _priority(concern: Concern, rule_set: RuleSet) -> int:
    return max(rule_set.by_name[rule].priority for rule in concern.rules)


def _place_of(concern: Concern) -> tuple[bool, int]:
    """Where a concern is mentioned first; the subject comes before the text."""
    first = concern.matches[0]
    return first.field != "subject", first.start


def _bodies(concerns: Sequence[Concern]) -> set[str]:
    return {name for concern in concerns for name in concern.recipients}


def _place_in_line(concern: Concern, rule_set: RuleSet, said: set[str]) -> tuple[bool, bool, int, bool, int]:
    """Which of several weak concerns leads: one with a state of its own, by ``priority``, the one mentioned first.

    What has a negative ``priority`` comes last. ``said``: the rules of which something is said.
    """
    priority = _priority(concern, rule_set)
    return priority < 0, said.isdisjoint(concern.rules), -priority, *_place_of(concern)


def _only_where(concerns: Sequence[Concern], rule_set: RuleSet, message: Message, findings: Findings) -> set[str]:
    """The concerns that only say where something is, by their keys."""
    if not findings.strengths:
        return {
            _key(one) for one in concerns if all(location_mentions.mentions(match, message) for match in one.matches)
        }
    clear = {rule_set.rules[one.rule].name for one in findings.strengths if not one.where}
    return {_key(one) for one in concerns if clear.isdisjoint(one.rules)}


def _rank(concern: Concern, ways: set[str], rule_set: RuleSet, where: set[str]) -> int:
    if concern.urgency.is_urgent:
        return STRONG
    if ways == {"any"}:
        return WEAK
    if _priority(concern, rule_set) > 0:
        return STRONG
    if _key(concern) not in where:
        return STRONG
    return PARTLY if any(" + " in match.keyword for match in concern.matches) else PLACE


def _key(concern: Concern) -> str:
    return concern.category_id or concern.category


def _serves(one: Concern, other: Concern) -> bool:
    """Whether the letter of ``one`` goes wherever that of ``other`` would; an emergency's is an alarm, no letter."""
    return not one.urgency.is_alarm and set(other.recipients) <= set(one.recipients)


def _take_over(remaining: list[Concern], one: Concern, covered: Concern) -> None:
    if covered.recipients and covered.urgency.rank < one.urgency.rank:
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


def _clearest(concerns: Sequence[Concern], rule_set: RuleSet, findings: Findings) -> list[Concern]:
    """Of several that a message is about, those that are clear, and those nearly as clear as the clearest."""
    strengths = {_key(concern): _strength(concern, rule_set, findings) for concern in concerns}
    least = min(ENOUGH, max(strengths.values()) - NEARLY)
    return [one for one in concerns if one.urgency.is_urgent or strengths[_key(one)] >= least]


def _strength(concern: Concern, rule_set: RuleSet, findings: Findings) -> float:
    names = set(concern.rules)
    found = (one.weight for one in findings.strengths if rule_set.rules[one.rule].name in names)
    return max(found, default=evidence.FULL)
