"""From the rules that a message meets to what becomes of it."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from intake.base import german
from intake.message import Automatic, Kind, Message
from routing.model.decision import Concern, Decision, NearMiss, Place, State, Urgency
from routing.model.library import EMPTY
from routing.model.settings import KindRule, Rule
from routing.rules.engine import match, precedence, weights, where
from routing.rules.engine.signs import emergencies
from routing.rules.engine.signs.danger import Level
from routing.rules.engine.values import Findings, RuleSet
from routing.text import places

MOST_CATEGORIES = 4
TOGETHER = 100  # messages evaluated side by side: more are no faster, and memory stays bounded

INVITATION = "text/calendar"
"""A part of that type makes a mail an appointment (RFC 6047): what it names is a topic, no report."""

_KIND_URGENCY = Urgency.HEUTE


class Judgement(Struct, frozen=True):
    """A decision with the names of the rules and kinds that took part in it."""

    decision: Decision
    taking_part: frozenset[str]


def judge(message: Message, rule_set: RuleSet) -> Judgement:
    """What becomes of a message."""
    return judge_all((message,), rule_set)[0]


def judge_all(messages: Sequence[Message], rule_set: RuleSet) -> list[Judgement]:
    """What becomes of each message; the same as one by one, and faster (see ``match.evaluate_all``)."""
    judged: list[Judgement] = []
    for start in range(0, len(messages), TOGETHER):
        some = messages[start : start + TOGETHER]
        found = match.evaluate_all(some, rule_set)
        judged += [_judge(message, findings, rule_set) for message, findings in zip(some, found, strict=True)]
    return judged


def _judge(message: Message, findings: Findings, rule_set: RuleSet) -> Judgement:
    rules = [number for number in sorted(findings.matches) if number < rule_set.first_kind]
    kinds = [number for number in sorted(findings.matches) if number >= rule_set.first_kind]
    found = weights.weighed(_concerns(rules, rule_set, findings), rule_set, findings)
    if rule_set.library is not EMPTY:
        found = emergencies.with_danger(found, findings, rule_set)
    concerns = _by_precedence(found, rule_set, message, findings)
    if len(concerns) < len(found):
        findings.near_misses.extend(_given_way(found, concerns))
    unclear = {rule for concern in concerns if concern.state is State.REVIEW for rule in concern.rules}
    names = frozenset(rule_set.rules[number].name for number in rules) - unclear
    urgent = any(concern.urgency.is_urgent for concern in concerns)
    if message.automatic is not None or message.kind is not Kind.ORDINARY:
        judgement = _not_a_citizen(message, concerns, names, rule_set.duty_desk)
    elif concerns and any(one.content_type == INVITATION for one in message.attachments):
        judgement = Judgement(_no_report(concerns, rule_set.duty_desk), names)
    elif any(concern.urgency.is_alarm for concern in concerns) or (
        urgent and _is_report(findings, rule_set, urgent=True)
    ):
        owners = [concern for concern in concerns if emergencies.owns(concern, findings, rule_set)]
        judgement = Judgement(_routed(concerns, owners), names)
    elif kinds:
        judgement = _kind(kinds, rule_set, findings, concerns, names)
    elif concerns and not _is_report(findings, rule_set):
        judgement = Judgement(_no_report(concerns, rule_set.duty_desk), names)
    elif concerns:
        judgement = Judgement(_routed(concerns), names)
    else:
        judgement = Judgement(_nothing(rule_set, findings), frozenset())
    if not urgent and (town := places.elsewhere(findings.places, rule_set.names.home)):
        judgement = Judgement(_elsewhere(judgement.decision, town, rule_set.names.home), judgement.taking_part)
    return Judgement(_completed(judgement.decision, findings, rule_set), judgement.taking_part)


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
    reason, home = decision.reason, rule_set.names.home
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
        tuple(replace(concern, places=_distinct(concern.places, home)) for concern in concerns),
        reason,
        _distinct(findings.places, home),
        tuple(misses),
        decision.alert,
        _distinct(findings.homes, home),
    )


def _elsewhere(decision: Decision, town: str, home: str) -> Decision:
    """What goes to a body of this city is for a person when it happens in another one."""
    if decision.state is not State.ROUTED or decision.kind != "concern":
        return decision
    reason = f"Der Ort liegt nicht in {home}: {town}. Ein Mensch entscheidet."
    return replace(decision, state=State.REVIEW, concerns=_in_review(decision.concerns), reason=reason)


def _distinct(found: Iterable[Place], home: str) -> tuple[Place, ...]:
    distinct: dict[tuple[str, str, str, str], Place] = {}
    for place in found:
        if place.town != home:
            distinct.setdefault((place.street, place.number, place.district, place.town), place)
        elif place.street:
            distinct.setdefault((place.street, place.number, "", ""), replace(place, town=""))
    return tuple(distinct.values())[: places.MOST_PLACES]


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
    return replace(
        one,
        category=one.category if one.urgency.rank <= other.urgency.rank else other.category,
        recipients=recipients,
        urgency=urgency,
        rules=(*one.rules, *other.rules),
        matches=(*one.matches, *other.matches),
    )


def _in_review(concerns: Iterable[Concern]) -> tuple[Concern, ...]:
    return tuple(
        replace(concern, state=State.REVIEW) if concern.state is State.ROUTED else concern for concern in concerns
    )


def _alarmed(concerns: Sequence[Concern], owners: Sequence[Concern]) -> Decision:
    """An emergency, certain or in doubt, goes to the duty desk alone; everything else waits until a person decides.

    When it is certain, what is urgent by itself goes out too, and whose thing is the danger (``owners``) hears of it.
    """
    alarms = [concern for concern in concerns if concern.urgency.is_alarm]
    certain = any(concern.urgency is Urgency.NOTFALL for concern in alarms)
    going, waiting = [], []
    for concern in concerns:
        if concern.urgency.is_alarm:
            continue
        if certain and concern.state is State.ROUTED and (concern.urgency.is_urgent or concern in owners):
            going.append(replace(concern, urgency=Urgency.SOFORT))
        else:
            waiting.append(concern)
    what = "Notfall" if certain else "Bitte sofort ansehen"
    listed = german.listed(concern.category for concern in alarms)
    reason = f"{what}: {listed}. Geht sofort und allein an die Leitstelle."
    if going:
        reason += f" Dringend außerdem: {german.listed(concern.category for concern in going)}."
    if names := german.listed(concern.category for concern in waiting if concern.state is State.ROUTED):
        reason += f" In Klärung bleibt: {names}."
    return Decision(State.ROUTED, "concern", (*alarms, *going, *_in_review(waiting)), reason)


def _routed(concerns: Sequence[Concern], owners: Sequence[Concern] = ()) -> Decision:
    if any(concern.urgency.is_alarm for concern in concerns):
        return _alarmed(concerns, owners)
    going = [concern for concern in concerns if concern.state is State.ROUTED]
    covered = [concern for concern in concerns if concern.state is State.KEPT]
    doubtful = [concern for concern in concerns if concern.state is State.REVIEW]
    listed = german.listed(concern.category for concern in going)
    unclear = german.listed(concern.category for concern in doubtful)
    if not going:
        reason = f"Nicht eindeutig: {unclear}. Ein Mensch entscheidet."
        return Decision(State.REVIEW, "concern", tuple(concerns), reason)
    if (
        len(going) > MOST_CATEGORIES
        and len({name for concern in going for name in concern.recipients}) > precedence.FEW_BODIES
    ):
        urgent = [concern for concern in concerns if concern.urgency.is_urgent]
        rest = _in_review(concern for concern in concerns if not concern.urgency.is_urgent)
        reason = f"Die Nachricht nennt viele Anliegen ({listed})."
        if urgent:
            reason += " Das Dringende wird weitergeleitet, über den Rest entscheidet ein Mensch."
            return Decision(State.ROUTED, "concern", (*urgent, *rest), reason)
        return Decision(State.REVIEW, "concern", rest, reason + " Ein Mensch entscheidet.")
    reason = f"{german.counted(len(going), 'Anliegen erkannt', 'Anliegen erkannt')}: {listed}."
    bodies = {name for concern in going for name in concern.recipients}
    served = [concern.category for concern in covered if bodies.issuperset(concern.recipients)]
    mentioned = [concern.category for concern in covered if not bodies.issuperset(concern.recipients)]
    if served:
        reason += f" Ohne eigenes Schreiben, weil dieselbe Stelle schon eines bekommt: {german.listed(served)}."
    if mentioned:
        reason += f" Nur erwähnt: {german.listed(mentioned)}."
    if doubtful:
        reason += f" In Klärung bleibt: {unclear}."
    return Decision(State.ROUTED, "concern", tuple(concerns), reason)


def _is_report(findings: Findings, rule_set: RuleSet, *, urgent: bool = False) -> bool:
    """Whether enough says that the message reports something; a trace of danger asks for more of what can wait."""
    if not rule_set.library.report.levels:
        return True
    levels = rule_set.library.report.levels
    doubtful = findings.danger.level is Level.TRACE and not urgent
    least = levels["in_doubt"] if doubtful else levels["report"]
    return rule_set.library.report.of(findings.report) >= least


def _no_report(concerns: Sequence[Concern], desk: str) -> Decision:
    listed = german.listed(concern.category for concern in concerns)
    reason = f"Es ist nicht zu erkennen, dass hier etwas gemeldet wird (genannt: {listed}). Ein Mensch entscheidet."
    looked_at, alert = _looked_at(concerns, "vielleicht wird hier nichts gemeldet", desk)
    if alert:
        reason += " Die Leitstelle wird verständigt, weil ein dringendes Wort vorkommt."
    return Decision(State.REVIEW, "unclear", _in_review(looked_at), reason, alert=alert)


def _looked_at(concerns: Iterable[Concern], doubt: str, desk: str) -> tuple[tuple[Concern, ...], bool]:
    """The concerns of a message that nobody may forward: what is urgent is to be looked at, if it is no alarm anyway.

    ``doubt`` says why. With it, whether anything is urgent, so that the desk is to be alerted.
    """
    found = tuple(
        replace(
            concern,
            urgency=Urgency.PRUEFEN,
            recipients=(desk,),
            doubt="; ".join(filter(None, (doubt, concern.doubt))),
        )
        if concern.urgency.is_urgent and concern.urgency is not Urgency.NOTFALL
        else concern
        for concern in concerns
    )
    return found, any(concern.urgency.is_urgent for concern in found)


def _not_a_citizen(message: Message, concerns: Sequence[Concern], names: frozenset[str], desk: str) -> Judgement:
    """Automatic mail, missed calls and the like: never forwarded by the program."""
    urgent = any(concern.urgency.is_urgent for concern in concerns)
    if message.automatic is not None:
        kind, what = message.automatic.value, "Automatisch erzeugte Nachricht"
        if message.automatic is Automatic.OWN:  # an alert would come back as well, and so on for ever
            reason = "Ein eigenes Schreiben, das zurückgekommen ist."
            return Judgement(Decision(State.KEPT, kind, (), reason), frozenset())
        if not concerns:
            return Judgement(Decision(State.KEPT, kind, (), f"{what}, kein Hinweis darin erkannt."), frozenset())
    else:
        kind, what = message.kind.value, "Kein Hinweis laut Telefonliste"
        if not urgent:
            return Judgement(Decision(State.KEPT, kind, (), f"{what} ({_KINDS[message.kind]})."), frozenset())
    reason = f"{what}, aber eine Regel trifft zu. Ein Mensch entscheidet."
    if urgent:
        reason = (
            f"{what}, aber ein dringendes Wort kommt vor. Die Leitstelle wird verständigt, ein Mensch entscheidet."
        )
    doubt = f"laut Telefonliste {_KINDS[message.kind]}" if message.automatic is None else "steht in automatischer Post"
    looked_at, alert = _looked_at(concerns, doubt, desk)
    return Judgement(Decision(State.REVIEW, kind, _in_review(looked_at), reason, alert=alert), names)


_KINDS = {
    Kind.ORDINARY: "",
    Kind.MISSED_CALL: "verpasster Anruf",
    Kind.WRONG_NUMBER: "falsch verbunden",
    Kind.OUTGOING_CALL: "eigener Anruf",
}


def _kind(
    kinds: Sequence[int], rule_set: RuleSet, findings: Findings, concerns: Sequence[Concern], names: frozenset[str]
) -> Judgement:
    """A message that is no concern by its kind; one that also reports something is for a person."""
    rule = rule_set.rules[kinds[0]]
    assert isinstance(rule, KindRule)
    taking_part = frozenset({rule.name})
    looked_at, alert = _looked_at(concerns, f"steht in einer Nachricht der Art „{rule.name}“", rule_set.duty_desk)
    if rule.state == "routed" and rule.recipient:
        matches = tuple(findings.matches[kinds[0]])
        concern = Concern(rule.name, "", tuple(dict.fromkeys(rule.recipient)), _KIND_URGENCY, (rule.name,), matches)
        also = _in_review(looked_at)
        reason = f"Art der Nachricht: {rule.name}."
        if also:
            reason += " Darin genannte Hinweise bleiben in Klärung."
        return Judgement(Decision(State.ROUTED, rule.kind, (concern, *also), reason, alert=alert), taking_part | names)
    if rule.state == "kept" and not concerns:
        return Judgement(Decision(State.KEPT, rule.kind, (), f"Art der Nachricht: {rule.name}."), taking_part)
    reason = f"Art der Nachricht: {rule.name}. Ein Mensch entscheidet."
    if concerns:
        listed = german.listed(concern.category for concern in concerns)
        reason = f"Art der Nachricht: {rule.name}, zugleich ein Hinweis ({listed}). Ein Mensch entscheidet."
    return Judgement(
        Decision(State.REVIEW, rule.kind, _in_review(looked_at), reason, alert=alert), taking_part | names
    )


def _nothing(rule_set: RuleSet, findings: Findings) -> Decision:
    resolved = [number for number, matches in findings.resolved.items() if matches]
    if not resolved:
        return Decision(State.REVIEW, "unclear", (), "Keine Regel trifft zu. Ein Mensch entscheidet.")
    if any(rule_set.is_urgent(number) for number in resolved):
        reason = "Ein dringendes Thema wird genannt, aber verneint oder als erledigt gemeldet. Ein Mensch entscheidet."
        return Decision(State.REVIEW, "erledigt", (), reason)
    return Decision(State.KEPT, "erledigt", (), "Die Nachricht meldet, dass etwas erledigt ist.")
