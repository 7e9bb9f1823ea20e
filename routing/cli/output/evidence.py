"""What a message says for a rule, in words for staff: the part of the sentence, the thing, and what is wrong with it.

The same terms tell why one concern goes before the next and why an expected rule does not. Pure; it asks the rules
once more, so that nothing of this need be stored.
"""

from collections.abc import Iterator

from msgspec import Struct

from intake.message import Message
from routing.cli.output import printable
from routing.model.decision import Concern, Decision
from routing.model.settings import KindRule, Rule
from routing.rules import RuleSet
from routing.rules.engine import evidence, explain, match
from routing.rules.engine.evidence import Found, Strength
from routing.rules.engine.signs.danger import Looked
from routing.rules.engine.signs.marks import Sort
from routing.rules.engine.values import Findings
from routing.text.keywords.folding import Folded

LONGEST = 90


class Reading(Struct, frozen=True):
    """What speaks for a rule most clearly: a match with its part of the sentence and the state beside it."""

    rule: int
    weight: float
    clause: str
    thing: str
    state: str
    found: Found
    is_short: bool
    asks: bool
    is_whole: bool  # the clause is all of its sentence

    def told(self) -> str:
        """In a sentence, without a full stop; with its part of the sentence, where that is not the whole."""
        said = f"{self._said()}; als Frage zählt es weniger" if self.asks else self._said()
        return said if self.is_whole else f"{said} (Satzteil „{self.clause}“)"

    def _said(self) -> str:
        thing = f"„{self.thing}“"
        if self.found.only_where:
            return f"{thing} sagt hier nur, wo etwas ist"
        if self.found.is_phrase and " " in self.thing:
            return f"die Wendung {thing} sagt beides, Sache und Zustand"
        if self.found.is_phrase and not self.state:
            return f"{thing} zusammen mit einem zweiten Wort des Satzes"
        if self.state and self.state in self.thing:
            return f"{thing} sagt selbst, was nicht stimmt"
        if self.found.wanted is None and not self.found.is_phrase:
            return f"{thing} ist für sich schon ein Hinweis"
        if self.state:
            return f"Sache {thing}, Zustand „{self.state}“"
        return f"Sache {thing}, ohne Zustand{', in einer kurzen Nachricht' if self.is_short else ''}"


class Evidence:
    """The readings of a message, rule by rule."""

    def __init__(self, message: Message, rule_set: RuleSet) -> None:
        self._rule_set = rule_set
        self._of: dict[int, Reading] = {}
        self._findings = match.evaluate(message, rule_set)
        for reading in _readings(self._findings, rule_set):
            if reading.rule not in self._of or reading.weight > self._of[reading.rule].weight:
                self._of[reading.rule] = reading

    def of_rule(self, rule: Rule | KindRule) -> Reading | None:
        """What speaks for this rule."""
        return self._of.get(self._rule_set.rules.index(rule))

    def of_concern(self, concern: Concern) -> Reading | None:
        """The clearest of its rules' readings."""
        rules = (self._rule_set.by_name.get(name) for name in concern.rules)
        found = [reading for rule in rules if rule is not None and (reading := self.of_rule(rule)) is not None]
        return max(found, key=lambda reading: reading.weight, default=None)

    def lines(self, concern: Concern) -> Iterator[str]:
        """What speaks for a concern, and why it is clearer than the next one."""
        reading = self.of_concern(concern)
        if reading is None:
            return
        yield f"Warum: {reading.told()}."
        if concern.urgency.is_urgent:
            return
        other = self._next(reading, concern)
        if other is not None:
            name = self._rule_set.rules[other.rule].name
            yield f"Deutlicher als „{name}“: {other.told()}."

    def words(self, decision: Decision) -> Iterator[str]:
        """Which single words made a danger likely, or a look before the letter."""
        return explain.single_words(decision, self._findings, self._rule_set, printable.line)

    def clearest(self, decision: Decision) -> Reading | None:
        """What speaks most clearly for one of the decision's concerns."""
        found = [reading for one in decision.concerns if (reading := self.of_concern(one)) is not None]
        return max(found, key=lambda reading: reading.weight, default=None)

    def _next(self, mine: Reading, concern: Concern) -> Reading | None:
        """The clearest for another category, where that is less clear."""
        best: dict[str, Reading] = {}
        for number, reading in self._of.items():
            rule = self._rule_set.rules[number]
            key = (rule.id or rule.category) if isinstance(rule, Rule) else ""
            if key and (key not in best or reading.weight > best[key].weight):
                best[key] = reading
        best.pop(concern.category_id or concern.category, None)
        weaker = (reading for reading in best.values() if reading.weight < mine.weight)
        return max(weaker, key=lambda reading: reading.weight, default=None)


def _readings(findings: Findings, rule_set: RuleSet) -> Iterator[Reading]:
    strengths = iter(findings.strengths)
    for (name, folded), looked in zip(findings.fields, findings.looked, strict=True):
        found = [each for field, each in findings.found if field == name]
        for one, strength in zip(found, strengths, strict=False):
            thing = _thing(one, findings, folded)
            if thing:
                state = _state(one, strength, looked, folded, rule_set)
                clause = looked.clauses.clause_span(strength.clause)
                yield Reading(
                    one.rule,
                    strength.weight,
                    _line(folded, *clause),
                    thing,
                    state,
                    one,
                    is_short=findings.words <= evidence.SHORT_NOTE,
                    asks=looked.clauses.asks(strength.sentence),
                    is_whole=clause == looked.clauses.span(strength.sentence),
                )


def _thing(one: Found, findings: Findings, folded: Folded) -> str:
    """The words that the rule found there."""
    at = folded.span(one.start, one.start + 1)[0]
    there = (found.found for found in findings.matches.get(one.rule, ()) if found.start == at)
    return printable.line(" ".join(next(there, "").split()))


def _state(one: Found, strength: Strength, looked: Looked, folded: Folded, rule_set: RuleSet) -> str:
    """The word that says what is wrong with the thing: of its part of the sentence, else of the sentence."""
    begin, end = looked.clauses.clause_span(strength.clause)
    marks = [mark for mark in looked.marks if mark.sort is Sort.STATE]
    wanted = [mark for mark in marks if one.wanted is None or rule_set.bits[mark.name] & one.wanted]
    beside = [mark for mark in wanted if looked.clauses.sentence(mark.start) == strength.sentence]
    beside.sort(key=lambda mark: (not begin <= mark.start < end, abs(mark.start - one.start)))
    return _line(folded, beside[0].start, beside[0].end) if beside else ""


def _line(folded: Folded, begin: int, end: int) -> str:
    """The original words of a stretch of folded text, on one line and short."""
    start, stop = folded.span(begin, end)
    text = printable.line(" ".join(folded.original[start:stop].split())).strip(" ,;:.!?–-()")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
