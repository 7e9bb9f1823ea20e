"""From signs of danger to the concern that the duty desk hears of: an alarm, or a request to look at once.

An urgent rule is the surer, the more the signs agree: without any it waits for a person, with a trace it is looked at,
and so is what is only heard or supposed; with less danger than signs need by themselves it alarms. Danger alarms
without a rule, too.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from routing.model.decision import Concern, Match, State, Urgency
from routing.model.library import Library
from routing.rules.engine.signs.danger import LOOK, PERSON, RULE, WITH_RULE, Danger, Level
from routing.rules.engine.signs.marks import Mark, Sort
from routing.rules.engine.values import FieldName, Findings, RuleSet
from routing.text.keywords import folding
from routing.text.keywords.folding import Folded

CATEGORY, CATEGORY_ID = "Akute Gefahr für Menschen", "N01"
MOST_WORDS = 8
_ASKED, _DENIED = "gefragt", "verneint"  # the library's doubts about a question and about what is denied
_FAINT = frozenset({"vergangen", "sache"})  # they count in the sum, but cast no doubt by themselves
_OF_WORDS = frozenset({_DENIED, "verglichen"})  # "bekommt keine Luft", "wie ein Tier": such words deny little
_TOLD = frozenset({"gehoert", "unsicher"})  # they speak of a danger, though not for certain
_TOO_MANY = 2
"""So many sorts of doubt leave nothing certain ("gestern soll …")."""
_CALL = 3
"""A message of so few words is a call ("Hilfe!"), whatever it lacks."""
_RAISED = {Level.ALARM: Urgency.NOTFALL, Level.LOOK: Urgency.PRUEFEN}


def with_danger(concerns: Sequence[Concern], findings: Findings, rule_set: RuleSet) -> tuple[Concern, ...]:
    """The concerns with that of danger in front, if there is any; one that is in doubt says why."""
    danger = findings.danger
    concerns = [_doubted(concern, findings, rule_set) for concern in concerns]
    others = [concern for concern in concerns if not concern.urgency.is_alarm]
    named = [concern for concern in concerns if concern.urgency.is_alarm]
    urgency = _RAISED.get(danger.level)
    if urgency is Urgency.NOTFALL and len(_doubts(danger, rule_set.library) - _OF_WORDS) >= _TOO_MANY:
        urgency = Urgency.PRUEFEN
    sure = any(not _is_to_be_seen(one) for one in named)  # a misspelt word is a guess
    if sure and danger.sum >= rule_set.library.danger.levels[WITH_RULE] and not _doubts(danger, rule_set.library):
        urgency = Urgency.NOTFALL
    if named and urgency is None:
        unclear = findings.words > _CALL and _is_groundless(danger, rule_set.library)
        if unclear and not any(_is_to_be_seen(one) for one in named):
            return (*[replace(one, urgency=Urgency.HEUTE, state=State.REVIEW) for one in named], *others)
        urgency = Urgency.PRUEFEN
    if urgency is None or (not named and _is_told(others, findings, rule_set, certain=urgency is Urgency.NOTFALL)):
        return tuple(concerns)
    doubt = _doubt(findings, rule_set.library) if urgency is Urgency.PRUEFEN else ""
    if named:
        rules = tuple(dict.fromkeys(rule for concern in named for rule in concern.rules))
        matches = tuple(match for concern in named for match in concern.matches)
        clear = [one for one in others if not _is_weak(one, rule_set) or owns(one, findings, rule_set)]
        return (replace(named[0], urgency=urgency, rules=rules, matches=matches, doubt=doubt), *clear)
    return (replace(_concern(findings, urgency, rule_set.duty_desk), doubt=doubt), *others)


def looked_at(concerns: Sequence[Concern], rule_set: RuleSet) -> tuple[Concern, ...]:
    """The concerns of lines that are no one's story: an urgent rule's word is looked at, whatever stands beside it.

    "Ohne" in one line of a file says nothing of the next.
    """
    return tuple(
        replace(one, urgency=Urgency.PRUEFEN)
        if not one.urgency.is_urgent and any(rule_set.calls(name) for name in one.rules)
        else one
        for one in concerns
    )


def _is_groundless(danger: Danger, library: Library) -> bool:
    """Whether nothing but an urgent rule's keyword speaks for danger: no trace, no grave sign that is not in doubt."""
    doubts = _doubts(danger, library)
    grave = any(sign.name not in library.who and sign.name not in library.weak for sign in danger.signs)
    return danger.level is Level.NONE and _TOLD.isdisjoint(doubts) and (bool(doubts) or not grave)


def somebody_may_need_help(danger: Danger, library: Library) -> bool:
    """Whether somebody is named beside so much trouble, and no more, that no ordinary letter should go out."""
    if danger.level is not Level.TRACE or danger.sum < library.danger.levels[PERSON]:
        return False
    return any(sign.name in library.who for sign in danger.signs)


def _is_to_be_seen(concern: Concern) -> bool:
    """Whether a person looks at it, whatever the signs say: a guess, or a rule that asks for that (``pruefen``)."""
    return bool(concern.doubt) or concern.urgency is Urgency.PRUEFEN


def _doubted(concern: Concern, findings: Findings, rule_set: RuleSet) -> Concern:
    """What is urgent by a sign of danger ("Spritze") is looked at first where that sign is in doubt.

    What is denied is not in doubt here: ``resolved`` judges it. What is stated is not in doubt for the question behind
    it ("Da friert ein Mann. Können Sie nach ihm sehen?").
    """
    danger, library = findings.danger, rule_set.library
    doubts = _doubts(danger, library)
    if concern.urgency is not Urgency.SOFORT or danger.sum >= library.danger.levels[LOOK] or _DENIED in doubts:
        return concern
    signs = _signs_of(concern, findings)
    if not doubts or not signs or (doubts == {_ASKED} and not _is_asked(signs, findings)):
        return concern
    doubt = _doubt(findings, library)
    return replace(concern, urgency=Urgency.PRUEFEN, recipients=(rule_set.duty_desk,), doubt=doubt)


def _doubts(danger: Danger, library: Library) -> frozenset[str]:
    """The sorts of doubt in the danger's window that a letter can tell."""
    told = {mark.name for mark in danger.doubts if mark.sort is Sort.DOUBT and mark.name in library.why} - _FAINT
    return frozenset({*told, _ASKED} if danger.asks else told)


def _is_told(concerns: Sequence[Concern], findings: Findings, rule_set: RuleSet, *, certain: bool) -> bool:
    """Whether somebody hears at once of the same signs anyway: the duty desk ("Spritze" on a playground).

    Of what is in doubt it is enough that a rule tells whose it is ("Ölspur"). A danger that is certain is one of
    its own as soon as somebody is named, and one in doubt is then for the duty desk.
    """
    somebody = any(sign.name in rule_set.library.who for sign in findings.danger.signs)
    if certain and somebody:
        return False
    return any(
        concern.urgency is Urgency.SOFORT
        and (rule_set.duty_desk in concern.recipients or not (certain or somebody))
        and _signs_of(concern, findings)
        for concern in concerns
    )


def _signs_of(concern: Concern, findings: Findings) -> list[Mark]:
    """The danger's signs that a match of the concern is one of."""
    field, folded = findings.fields[findings.danger.field]
    spans = [(match.start, match.end) for match in concern.matches if match.field == field]
    return [
        sign
        for sign in findings.danger.signs
        for begin, behind in (folded.span(sign.start, sign.end),)
        if any(start < behind and begin < end for start, end in spans)
    ]


def _is_asked(signs: Iterable[Mark], findings: Findings) -> bool:
    """Whether a sign stands in a question, or in a sentence that asks without its mark."""
    clauses = findings.looked[findings.danger.field].clauses
    asking = {clauses.sentence(mark.start) for mark in findings.danger.doubts if mark.name == _ASKED}
    said = {clauses.sentence(sign.start) for sign in signs}
    return not asking.isdisjoint(said) or any(map(clauses.asks, said))


def owns(concern: Concern, findings: Findings, rule_set: RuleSet) -> bool:
    """Whether the danger comes from the thing that the concern is clearly about, so that its owner must hear of it."""
    beside = {rule_set.rules[rule].name for rule in findings.beside_danger}
    if concern.urgency.is_alarm or beside.isdisjoint(concern.rules):
        return False
    library, danger = rule_set.library, findings.danger
    named = [folding.plain(match.found) for match in concern.matches]
    if not any(word in found for word in library.owned_words for found in named):
        return False
    text = findings.fields[danger.field][1].text
    if any(sign.name in library.owned_lists for sign in danger.signs):
        return True
    alarming = [text[sign.start : sign.end] for sign in danger.signs]
    alarming += [
        folding.plain(match.found)
        for rule, matches in findings.matches.items()
        for match in matches
        if rule_set.alarms(rule)
    ]
    return any(word in said for word in library.owned_words for said in alarming)


def _is_weak(concern: Concern, rule_set: RuleSet) -> bool:
    """Whether only words speak for it that count where nothing clearer is said."""
    return all(rule in rule_set.by_name and rule_set.by_name[rule].yields == "any" for rule in concern.rules)


def _doubt(findings: Findings, library: Library) -> str:
    """Why a person must look first, in German: "wird verneint („kein“); ist nur gehört oder gelesen („soll“)"."""
    danger = findings.danger
    if not danger.signs or danger.level is Level.NONE:
        return "außer einem Schlüsselwort spricht nichts für eine Gefahr"
    folded = findings.fields[danger.field][1]
    said: dict[str, str] = {}
    for sign in danger.signs:
        if sign.mistyped:
            said.setdefault("ist vielleicht anders gemeint oder verschrieben", _found(sign, folded))
    for mark in danger.doubts:
        if mark.name in library.why:
            said.setdefault(library.why[mark.name], _found(mark, folded))
    reasons = [f"{why} („{found}“)" for why, found in said.items()]
    if danger.asks and (asked := library.why.get(_ASKED)) and asked not in said:
        reasons.append(asked)
    return "; ".join(reasons) or "es spricht etwas dafür, aber nicht genug"


def _found(mark: Mark, folded: Folded) -> str:
    return " ".join(folded.original[slice(*folded.span(mark.start, mark.end))].split())


def _concern(findings: Findings, urgency: Urgency, duty_desk: str) -> Concern:
    field, folded = findings.fields[findings.danger.field]
    matches = tuple(
        _match(mark, field, folded) for mark in (*findings.danger.signs[:MOST_WORDS], *findings.danger.doubts[:2])
    )
    return Concern(CATEGORY, CATEGORY_ID, (duty_desk,), urgency, (RULE,), matches)


def _match(mark: Mark, field: FieldName, folded: Folded) -> Match:
    start, end = folded.span(mark.start, mark.end)
    return Match(RULE, mark.name, folded.original[start:end], field, start, end)
