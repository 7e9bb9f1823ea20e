"""Which rules a message meets, and with which words; which ones it misses narrowly.

Looks at subject and new text only, one after the other. Masks (places, names, ``except``, things that are gone) take
single matches away and leave a near miss behind; ``unless`` takes the whole rule.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from intake.message import Message
from routing.model.decision import Match, NearMiss
from routing.model.library import EMPTY
from routing.rules.engine import weighing, where
from routing.rules.engine.evidence import Found
from routing.rules.engine.mentions import hidden, location_mentions, masks
from routing.rules.engine.signs import report
from routing.rules.engine.signs.marks import Mark, Sort, is_foreign
from routing.rules.engine.values import Field, FieldName, Findings, Role, RuleSet, Span
from routing.text import places
from routing.text.clauses import Clauses
from routing.text.keywords import folding
from routing.text.keywords.folding import Folded
from routing.text.keywords.matching import Hit
from routing.text.places import scenes

LONGEST_FIELD = 200_000
MOST_MATCHES = 20
MOST_NEAR_MISSES = 5


def evaluate(message: Message, rule_set: RuleSet) -> Findings:
    """All rules against a message."""
    return evaluate_all((message,), rule_set)[0]


def evaluate_all(messages: Sequence[Message], rule_set: RuleSet) -> list[Findings]:
    """All rules against each message, in order; the same as one by one.

    Each step is done for all before the next: what one step needs stays in the processor's cache, which holds no more.
    """
    folded = [[(name, folding.fold(text)) for name, text in _looked_at(message)] for message in messages]
    found = [[(name, text, rule_set.index.find(text)) for name, text in fields] for fields in folded]
    return [_evaluate(message, fields, rule_set) for message, fields in zip(messages, found, strict=True)]


def _looked_at(message: Message) -> Iterator[tuple[FieldName, str]]:
    if message.subject:
        yield "subject", message.subject[:LONGEST_FIELD]
    if message.new_text:
        yield "new_text", message.new_text[:LONGEST_FIELD]


def _evaluate(message: Message, found: Iterable[tuple[FieldName, Folded, list[Hit]]], rule_set: RuleSet) -> Findings:
    findings = Findings()
    vetoes: dict[int, str] = {}
    fields = [_read(name, folded, hits, message.from_name, rule_set, vetoes) for name, folded, hits in found]
    findings.shortened = any(len(text) > LONGEST_FIELD for text in (message.subject, message.new_text))
    for hits in fields:
        findings.scenes[hits.name] = hits.places, hits.clauses
        _evaluate_field(hits, rule_set, findings, weak=False)
    if not _is_clear(message, rule_set, findings, vetoes):
        mistyped = [other for hits in fields if (other := _mistyped(hits, message.from_name, rule_set))]
        for hits in mistyped:
            _evaluate_field(hits, rule_set, findings, weak=False)
        if not (mistyped and _is_clear(message, rule_set, findings, vetoes)):
            for hits in (*fields, *mistyped):
                _evaluate_field(hits, rule_set, findings, weak=True)
    if rule_set.library is not EMPTY:
        weighing.weigh(fields, findings, rule_set)
        where.settle(findings, rule_set)
    for told, _ in findings.scenes.values():
        findings.places.extend(places.distinct(_scenes(told)))
        findings.homes.extend(places.distinct(hit for hit in told if hit.role is places.Role.HOME))
    if message.place:
        in_column = places.find(f"in {message.place}", rule_set.names.gazetteer)
        findings.places.extend(in_column)
        if any(place.street for place in in_column):
            findings.report = {**findings.report, report.STREET: 1.0}
    for rule, veto in vetoes.items():
        dropped = findings.matches.pop(rule, [])
        if dropped:
            why = f"Die Regel gilt nicht, weil „{veto}“ im Text vorkommt."
            findings.near_misses.insert(0, _near_miss(rule_set, rule, dropped[0].keyword, dropped[0].found, why))
    return findings


def _scenes(hits: Sequence[places.PlaceHit]) -> list[places.PlaceHit]:
    """Where it is; what lies on the way there only where nothing else is named."""
    found = [hit for hit in hits if hit.role in places.SCENES]
    return [hit for hit in found if hit.role is not places.Role.WAY] or found


def _is_clear(message: Message, rule_set: RuleSet, findings: Findings, vetoes: Container[int]) -> bool:
    """Whether a rule applies that no weak one can stand beside, so that those need no look.

    Beside an alarm one may: it may know whose the dangerous thing is.
    """
    return any(
        rule_set.is_urgent(rule) or not all(location_mentions.mentions(match, message) for match in matches)
        for rule, matches in findings.matches.items()
        if rule < rule_set.first_kind and rule not in vetoes and rule_set.rules[rule].name not in rule_set.light
        if rule_set.library is EMPTY or not rule_set.alarms(rule)
    )


def _read(
    name: FieldName, folded: Folded, found: Iterable[Hit], sender: str, rule_set: RuleSet, vetoes: dict[int, str]
) -> Field:
    """What was found in a field; the words that switch a rule off go to ``vetoes``, by the rule's number."""
    keywords: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    exceptions: dict[int, list[Span]] = defaultdict(list)
    place_hits: list[tuple[int, int, int]] = []
    signs: list[int] = []
    marks = _emoji(folded.text, rule_set.library.emoji)
    several = len(folded.words.split(maxsplit=2)) > 2  # "Familie Rauch" alone is a name, "Frau Messer am Hals" is none
    first_place, first_sign, owners = rule_set.first_place, rule_set.first_sign, rule_set.owners
    first_mark, weak = rule_set.first_mark, rule_set.library.weak
    for number, start, end in found:
        if number >= first_mark:
            sort, meaning = rule_set.meanings[number - first_mark]
            if sort is not Sort.DANGER or meaning in weak or not masks.is_name(folded, start, end, urgent=several):
                marks.append(Mark(sort, meaning, start, end))
            continue
        if number >= first_sign:
            signs.append(start)
            continue
        if number >= first_place:
            place_hits.append((number - first_place, start, end))
            continue
        rule, role = owners[number]
        if role is Role.KEYWORD:
            keywords[rule].append((start, -end, number))
        elif role is Role.EXCEPT:
            exceptions[rule].append((start, end))
        elif rule not in vetoes:
            vetoes[rule] = folded.original[slice(*folded.span(start, end))]
    found_places = places.read(folded, place_hits, rule_set.names)
    if any(hit.is_guess for hit in found_places):
        found_places = _without_keywords(found_places, keywords)
    clauses, foreign = Clauses(folded.text), is_foreign(marks)
    if found_places:
        told = [(mark.name, mark.start, mark.end) for mark in marks if mark.sort is Sort.PLACE]
        found_places = scenes.judged(folded, found_places, told, rule_set.labels, clauses)
    signatures = _signatures(folded, sender) if keywords else ()
    return Field(name, folded, keywords, exceptions, found_places, signatures, signs, marks, clauses, foreign)


def _without_keywords(
    found: tuple[places.PlaceHit, ...], keywords: Mapping[int, list[tuple[int, int, int]]]
) -> tuple[places.PlaceHit, ...]:
    """The places but those guessed in words that a rule looks for: a guess takes no word from a rule."""
    spans = [(start, -minus_end) for candidates in keywords.values() for start, minus_end, _ in candidates]
    return tuple(
        hit for hit in found if not hit.is_guess or all(end <= hit.start or start >= hit.end for start, end in spans)
    )


def _mistyped(hits: Field, sender: str, rule_set: RuleSet) -> Field | None:
    """The field with nothing but the words that are keywords with a typing mistake; None without any.

    Those that are signs of danger are added to the field's own marks.
    """
    found = [] if hits.foreign else rule_set.index.find_mistyped(hits.folded)
    if not found:
        return None
    keywords: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for number, start, end in found:
        if number >= rule_set.first_mark:
            sort, name = rule_set.meanings[number - rule_set.first_mark]
            hits.marks.append(Mark(sort, name, start, end, mistyped=True))
        else:
            keywords[rule_set.owners[number][0]].append((start, -end, number))
    return replace(hits, keywords=keywords, signatures=hits.signatures or _signatures(hits.folded, sender))


def _signatures(folded: Folded, sender: str) -> tuple[tuple[int, int, bool], ...]:
    return (*masks.signatures(folded), *masks.own_names(folded.original, sender))


def _emoji(text: str, signs: Mapping[str, str]) -> list[Mark]:
    if text.isascii() or not signs:
        return []
    return [Mark(Sort.DANGER, signs[char], at, at + 1) for at, char in enumerate(text) if char in signs]


def _evaluate_field(hits: Field, rule_set: RuleSet, findings: Findings, *, weak: bool) -> None:
    """The weak rules, or all the others."""
    for rule, candidates in hits.keywords.items():
        if (rule in rule_set.weak) is not weak:
            continue
        covered = 0  # a match within a longer one of the same rule tells nothing new
        exceptions = hidden.merged(hits.exceptions[rule]) if rule in hits.exceptions else []
        counted: list[Match] = []
        candidates.sort()
        for start, minus_end, keyword in candidates:
            end = -minus_end
            if end <= covered:
                continue
            match = _match(hits, rule_set, rule, keyword, (start, end))
            why = hidden.why(hits, rule_set, rule, keyword, (start, end), match.start, exceptions=exceptions)
            if why:
                if len(findings.near_misses) < 4 * MOST_NEAR_MISSES:
                    findings.near_misses.append(_near_miss(rule_set, rule, match.keyword, match.found, why))
                continue
            covered = end
            if hidden.is_resolved(hits, rule_set, rule, (start, end)):
                if len(findings.resolved[rule]) < MOST_MATCHES:
                    findings.resolved[rule].append(match)
                    why = "Der Satz sagt, dass es erledigt oder nicht da ist."
                    findings.near_misses.append(_near_miss(rule_set, rule, match.keyword, match.found, why))
                continue
            counted.append(match)
            findings.found.append((hits.name, _found(hits, rule_set, rule, keyword, start, match.start)))
            if len(counted) + len(findings.matches.get(rule, ())) >= MOST_MATCHES:
                break
        if counted:
            findings.matches[rule].extend(counted)


def _match(hits: Field, rule_set: RuleSet, rule: int, keyword: int, span: Span) -> Match:
    start, end = hits.folded.span(*span)
    found = hits.folded.original[start:end]
    return Match(rule_set.rules[rule].name, rule_set.keywords[keyword].source, found, hits.name, start, end)


def _near_miss(rule_set: RuleSet, rule: int, keyword: str, found: str, why: str) -> NearMiss:
    return NearMiss(rule_set.rules[rule].name, keyword, found, why)


def _found(hits: Field, rule_set: RuleSet, rule: int, keyword: int, start: int, at: int) -> Found:
    source = rule_set.keywords[keyword].source.strip()
    only_where = location_mentions.only_where(hits.folded.original, at)
    return Found(
        rule,
        start,
        only_where,
        " " in source or source.startswith("/"),
        rule_set.wanted.get(rule),
        rule in rule_set.weak,
    )
