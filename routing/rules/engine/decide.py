"""From the rules that a message meets to what becomes of it."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from intake.base import german
from intake.message import Kind, Message
from routing.model.decision import Concern, Decision, NearMiss, Place, State
from routing.model.library import EMPTY
from routing.model.settings import Rule
from routing.rules.engine import evidence, match, outcomes, precedence, weights, where
from routing.rules.engine.mentions import location_mentions
from routing.rules.engine.outcomes import Judgement
from routing.rules.engine.signs import emergencies, worry
from routing.rules.engine.signs.danger import Level
from routing.rules.engine.values import Findings, RuleSet
from routing.text import places, web_forms

TOGETHER = 100  # messages evaluated side by side: more are no faster, and memory stays bounded

INVITATION = "text/calendar"
"""A part of that type makes a mail an appointment (RFC 6047): what it names is a topic, no report."""
_LINES = frozenset({Kind.UNREAD_LINES, Kind.HANDED_BACK, Kind.BESIDE_CALLS})


def judge(message: Message, rule_set: RuleSet) -> Judgement:
    """What becomes of a message."""
    return judge_all((message,), rule_set)[0]


def judge_all(messages: Sequence[Message], rule_set: RuleSet) -> list[Judgement]:
    """What becomes of each message, in order; the same as one by one, and faster (see ``match.evaluate_all``)."""
    judged: list[Judgement] = []
    for start in range(0, len(messages), TOGETHER):
        some = messages[start : start + TOGETHER]
        forms = [web_forms.read(message, rule_set.forms) for message in some]
        looked_at = [_without_form(message, form) for message, form in zip(some, forms, strict=True)]
        found = match.evaluate_all(looked_at, rule_set)
        each = [_judge(message, findings, rule_set) for message, findings in zip(looked_at, found, strict=True)]
        judged += [outcomes.of_form(one, form) if form else one for one, form in zip(each, forms, strict=True)]
    return judged


def _without_form(message: Message, form: web_forms.Reading | None) -> Message:
    """The message as rules look at it: without a form's labels and contact data, and without choices nobody ticked."""
    text = form.judged if form else web_forms.unchecked(message.new_text)
    return message if text is message.new_text else replace(message, new_text=text)


def _judge(message: Message, findings: Findings, rule_set: RuleSet) -> Judgement:
    rules = [number for number in sorted(findings.matches) if number < rule_set.first_kind]
    kinds = [number for number in sorted(findings.matches) if number >= rule_set.first_kind]
    found = weights.weighed(_concerns(rules, rule_set, findings), rule_set, findings)
    if rule_set.library is not EMPTY:
        found = emergencies.with_danger(found, findings, rule_set)
        if message.kind in _LINES:
            found = emergencies.looked_at(found, rule_set)
    concerns = _by_precedence(found, rule_set, message, findings)
    if len(concerns) < len(found):
        findings.near_misses.extend(_given_way(found, concerns))
    concerns, nobodys = outcomes.nobodys(concerns, findings)
    unclear = {rule for concern in concerns if concern.state is State.REVIEW for rule in concern.rules}
    names = frozenset(rule_set.rules[number].name for number in rules) - unclear
    urgent = any(concern.urgency.is_urgent for concern in concerns)
    if message.automatic is not None or message.kind is not Kind.ORDINARY:
        judgement = outcomes.not_a_citizen(message, concerns, names, rule_set.duty_desk)
    elif concerns and any(one.content_type == INVITATION for one in message.attachments):
        judgement = Judgement(outcomes.no_report(concerns, rule_set.duty_desk), names)
    elif any(concern.urgency.is_alarm for concern in concerns) or (
        urgent and _is_report(findings, rule_set, urgent=True)
    ):
        owners = [concern for concern in concerns if emergencies.owns(concern, findings, rule_set)]
        judgement = Judgement(outcomes.routed(concerns, owners), names)
    elif kinds:
        judgement = outcomes.kind(kinds, rule_set, findings, concerns, names)
    elif (concerns or nobodys) and emergencies.somebody_may_need_help(findings.danger, rule_set.library):
        judgement = Judgement(outcomes.seen_first((*concerns, *nobodys)), names)
    elif (concerns or nobodys) and not _is_report(findings, rule_set):
        judgement = Judgement(outcomes.no_report((*concerns, *nobodys), rule_set.duty_desk), names)
    elif nobodys and all(concern.state is State.KEPT for concern in concerns):
        beside = [one for one in concerns if not all(location_mentions.mentions(it, message) for it in one.matches)]
        judgement = Judgement(outcomes.not_forwarded(nobodys, beside), names)
    elif concerns and _is_worrying(concerns, findings, rule_set):
        judgement = Judgement(outcomes.seen_first(concerns), names)
    elif concerns:
        judgement = Judgement(outcomes.routed(concerns), names)
    else:
        judgement = Judgement(outcomes.nothing(rule_set, findings), frozenset())
    if not urgent and (town := places.elsewhere(findings.places, rule_set.names.home)):
        judgement = Judgement(outcomes.elsewhere(judgement.decision, town, rule_set.names.home), judgement.taking_part)
    return Judgement(_completed(judgement.decision, findings, rule_set), judgement.taking_part)


def _is_worrying(concerns: Iterable[Concern], findings: Findings, rule_set: RuleSet) -> bool:
    """Whether a person should look before this leaves the city; whom the duty desk's own people hear of, they see."""
    levels = rule_set.library.worry.levels
    if not levels or all(rule_set.duty_desk in one.recipients for one in concerns if one.state is State.ROUTED):
        return False
    return worry.total(findings.looked, findings.report, rule_set.library) >= levels[worry.LEVEL]


def _by_precedence(
    concerns: tuple[Concern, ...], rule_set: RuleSet, message: Message, findings: Findings
) -> tuple[Concern, ...]:
    going = tuple(concern for concern in concerns if concern.state is State.ROUTED)
    if len(going) == len(concerns):
        return precedence.apply(concerns, rule_set, message, findings)
    held = (concern for concern in concerns if concern.state is not State.ROUTED)
    together = (*precedence.apply(going, rule_set, message, findings), *held)
    return tuple(sorted(together, key=lambda concern: concern.urgency.rank))


def _completed(decision: Decision, findings: Findings, rule_set: RuleSet) -> Decision:
    reason = decision.reason
    concerns = where.located(decision.concerns, findings, rule_set)
    if findings.shortened:
        limit = german.number(match.LONGEST_FIELD)
        reason += f" Der Text ist sehr lang; geprüft wurden die ersten {limit} Zeichen."
    taking_part = {rule for concern in decision.concerns for rule in concern.rules}
    misses: list[NearMiss] = []
    for miss in findings.near_misses:
        if len(misses) < match.MOST_NEAR_MISSES and miss.rule not in taking_part and miss not in misses:
            misses.append(miss)
    return Decision(
        decision.state,
        decision.kind,
        tuple(replace(concern, places=_distinct(concern.places, rule_set.names)) for concern in concerns),
        reason,
        _distinct(findings.places, rule_set.names),
        tuple(misses),
        decision.alert,
        _distinct(findings.homes, rule_set.names),
    )


def _distinct(found: Iterable[Place], names: places.Names) -> tuple[Place, ...]:
    """Each place once; the first one with its district, where the gazetteer knows it and the text says none."""
    distinct: dict[tuple[str, str, str, str], Place] = {}
    for place in found:
        if place.town != names.home:
            distinct.setdefault((place.street, place.number, place.district, place.town), place)
        elif place.street:
            distinct.setdefault((place.street, place.number, "", ""), replace(place, town=""))
    listed = list(distinct.values())[: places.MOST_PLACES]
    if listed and not any(place.district or place.town for place in listed):
        listed[0] = replace(listed[0], district=names.district_of.get(listed[0].street, ""))
    return tuple(listed)


def _concerns(rules: Iterable[int], rule_set: RuleSet, findings: Findings) -> tuple[Concern, ...]:
    """One concern per category, the most urgent first."""
    together: dict[str, Concern] = {}
    for number in rules:
        rule = rule_set.rules[number]
        if not isinstance(rule, Rule):
            continue
        key = rule.id or rule.category
        recipients = (rule_set.duty_desk,) if rule.urgency.is_alarm else tuple(dict.fromkeys(rule.recipient))
        new = Concern(rule.category, rule.id, recipients, rule.urgency, (rule.name,), tuple(findings.matches[number]))
        together[key] = _merged(together[key], new) if key in together else new
    if len(together) < 2:
        return tuple(together.values())
    return tuple(sorted(together.values(), key=lambda concern: concern.urgency.rank))


def _given_way(found: Iterable[Concern], concerns: Iterable[Concern]) -> Iterable[NearMiss]:
    """The weak words that do not count beside something clearer."""
    remaining = {concern.category_id or concern.category for concern in concerns}
    for concern in found:
        if (concern.category_id or concern.category) not in remaining:
            match = concern.matches[0]
            why = "Ein schwaches Wort; die Nachricht nennt Deutlicheres."
            yield NearMiss(match.rule, match.keyword, match.found, why)


def _merged(one: Concern, other: Concern) -> Concern:
    urgency = min(one.urgency, other.urgency, key=lambda urgency: urgency.rank)
    recipients = tuple(dict.fromkeys((*one.recipients, *other.recipients)))
    if urgency.is_alarm:  # it goes to the duty desk alone
        recipients = one.recipients if one.urgency.is_alarm else other.recipients
    first = one if (not one.recipients, one.urgency.rank) <= (not other.recipients, other.urgency.rank) else other
    return replace(
        one,
        category=first.category,
        recipients=recipients,
        urgency=urgency,
        rules=(*one.rules, *other.rules),
        matches=(*one.matches, *other.matches),
    )


def _is_report(findings: Findings, rule_set: RuleSet, *, urgent: bool = False) -> bool:
    """Whether enough says that the message reports something; a trace of danger asks for more of what can wait."""
    levels = rule_set.library.report.levels
    if not levels:
        return True
    if not urgent and evidence.only_names_a_place(findings.strengths, findings.words):
        return False
    doubtful = findings.danger.level is Level.TRACE and not urgent
    return rule_set.library.report.of(findings.report) >= levels["in_doubt" if doubtful else "report"]
