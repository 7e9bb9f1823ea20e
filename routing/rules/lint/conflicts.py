"""Rules that say different things about the same: one keyword in two rules, one identity with two categories."""

import re
from collections.abc import Iterator, Sequence

from intake.base import german
from routing.model.decision import State
from routing.model.settings import KindRule, Rule
from routing.rules.lint.hint import Hint
from routing.rules.lint.probe import Probe, Written

_TWO_BODIES = (
    "Streichen Sie es in einer der beiden Regeln, oder sagen Sie mit priority, welche das Wort haben soll. Ist es so "
    "gewollt, schreiben Sie zu dieser Regel ein Beispiel mit dem Wort; dann entfällt der Hinweis."
)
_LETTERS = re.compile(r"\w+")


def hints(probe: Probe) -> Iterator[Hint]:
    """Keywords that stand in several rules, then categories with one identity and several names, in order."""
    earlier: dict[int, Written] = {}
    mutual: dict[int, frozenset[int]] = {}
    for written in probe.keywords():
        mutual[written.number] = hits = probe.hits(next(iter(probe.sample_texts_of(written, most=1)), ""))
        same = [
            earlier[number]
            for number in sorted(hits & earlier.keys())
            if written.number in mutual[number] and _shape(earlier[number]) == _shape(written)
        ]
        yield from _twice(probe, same, written)
        earlier[written.number] = written
    yield from _identities(probe)


def _shape(written: Written) -> str:
    """A keyword without its letters: stars, gaps, lists, and how many words."""
    return _LETTERS.sub("w", written.source)


def _twice(probe: Probe, earlier: Sequence[Written], later: Written) -> Iterator[Hint]:
    settings = probe.settings(later.rule)
    for first in earlier:
        other = probe.settings(first.rule)
        word = f"„{later.source}“"
        if first.rule == later.rule:
            if not _is_alike(probe, first, later):
                continue  # "ampel" and "ampeln": one would do, and no harm is done
            what = f"{word} steht zweimal in derselben Regel (auch als „{first.source}“)."
            yield Hint(settings.name, "keywords", later.source, what, "Streichen Sie eines davon.")
        elif isinstance(settings, KindRule) and isinstance(other, KindRule):
            what = f"{word} steht auch in „{other.name}“; die weiter oben stehende Regel gewinnt immer."
            yield Hint(settings.name, "keywords", later.source, what, "Streichen Sie es in einer der beiden Regeln.")
        elif isinstance(settings, Rule) and isinstance(other, Rule):
            yield from _two_rules(probe, later, settings, other)


def _is_alike(probe: Probe, one: Written, other: Written) -> bool:
    return probe.rule_set.keywords[one.number].parts == probe.rule_set.keywords[other.number].parts


def _two_rules(probe: Probe, later: Written, settings: Rule, other: Rule) -> Iterator[Hint]:
    if _is_meant(probe, later, (settings, other)):
        return
    word = f"„{later.source}“"
    if set(settings.recipient) != set(other.recipient):
        decision = probe.decision(next(iter(probe.sample_texts_of(later, most=1)), ""))
        going = {rule for one in decision.concerns if one.state is State.ROUTED for rule in one.rules}
        if decision.state is State.REVIEW or going >= {settings.name, other.name}:
            what = f"{word} steht auch in der Regel „{other.name}“, die an {german.listed(other.recipient)} geht: " + (
                "Steht sonst nichts da, entscheidet ein Mensch." if not going else "Beide bekommen ein Schreiben."
            )
            yield Hint(settings.name, "keywords", later.source, what, _TWO_BODIES)
    elif settings.urgency is not other.urgency and _category(settings) == _category(other):
        what = (
            f"{word} steht auch in der Regel „{other.name}“, mit anderer Dringlichkeit ({other.urgency} statt "
            f"{settings.urgency}); die höhere gilt."
        )
        yield Hint(settings.name, "keywords", later.source, what, "Streichen Sie es in einer der beiden Regeln.")


def _is_meant(probe: Probe, written: Written, rules: tuple[Rule, ...]) -> bool:
    """Whether an example shows that somebody wants both rules to find the word."""
    examples = (test.text for rule in rules for test in rule.tests if test.matches)
    return any(written.number in probe.hits(text) for text in examples)


def _category(rule: Rule) -> str:
    return rule.id or rule.category


def _subject(rule: Rule) -> str:
    """The wider of a category's two names: "Abfall" of "Abfall / Gebühren"."""
    return rule.category.partition(" / ")[0]


def _identities(probe: Probe) -> Iterator[Hint]:
    names: dict[str, Rule] = {}
    for rule in probe.rule_set.rules:
        if not isinstance(rule, Rule) or not rule.id:
            continue
        first = names.setdefault(rule.id, rule)
        if _subject(first) != _subject(rule) and not set(first.recipient) & set(rule.recipient):
            what = (
                f"Die Kennung {rule.id} heißt hier „{rule.category}“, bei der Regel „{first.name}“ aber "
                f"„{first.category}“, und die geht an andere. Treffen beide zu, wird daraus ein einziger Hinweis an "
                "alle mit nur einer der beiden Kategorien."
            )
            yield Hint(rule.name, "category", "", what, "Nehmen Sie dieselbe Kategorie oder eine eigene Kennung.")
