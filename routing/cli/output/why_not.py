"""Why a rule that somebody expected does not apply to a message: what of it stands there, and what is missing."""

from collections.abc import Iterator

from intake.base import did_you_mean, errors, german
from intake.message import Message
from routing.cli.output import printable
from routing.cli.output.evidence import Evidence
from routing.model.decision import Decision
from routing.model.settings import KindRule, Rule, Vocabulary
from routing.rules import RuleSet
from routing.rules.engine import explain, match
from routing.text.keywords import folding, inflection, matching, patterns
from routing.text.keywords.values import Keyword

MOST_PARTLY = 3
JOINTS = frozenset({"+", "...", "…"})


def lines(
    name: str, message: Message, decision: Decision, rule_set: RuleSet, vocabulary: Vocabulary, evidence: Evidence
) -> Iterator[str]:
    """German sentences, in order, about the rule with this name. Raises UsageError when there is none."""
    rule = _rule(name, rule_set)
    if any(rule.name in concern.rules for concern in decision.concerns):
        yield f"Die Regel „{rule.name}“ trifft zu, siehe oben."
        return
    found = match.evaluate(message, rule_set)
    if rule_set.rules.index(rule) in found.matches:
        yield from _overruled(rule, decision, evidence)
        return
    yield f"Die Regel „{rule.name}“ trifft nicht zu."
    misses = [miss for miss in found.near_misses if miss.rule == rule.name]
    yield from explain.near_misses(misses, printable.line)
    partly = list(_partly(rule, message, vocabulary))
    yield from partly
    if not misses and not partly:
        count = german.counted(len(rule.keywords), "Schlüsselwort", "Schlüsselwörtern")
        yield f"  Von ihren {count} steht keines im Text."


def _overruled(rule: Rule | KindRule, decision: Decision, evidence: Evidence) -> Iterator[str]:
    """A rule that applies and does not decide: what speaks for it, and what more clearly for another."""
    mine, other = evidence.of_rule(rule), evidence.clearest(decision)
    yield f"Die Regel „{rule.name}“ trifft zu, aber eine andere geht vor."
    if mine is not None:
        yield f"  Für sie spricht: {mine.told()}."
        wanted = rule.states if isinstance(rule, Rule) else ()
        if wanted and not mine.state and not mine.found.is_phrase:
            yield f"  Deutlicher wäre es mit einem Zustand: {german.listed(wanted, 'oder')}."
    if other is not None:
        yield f"  Für die andere spricht mehr: {other.told()}."
    else:
        yield f"  {decision.reason}"


def _rule(name: str, rule_set: RuleSet) -> Rule | KindRule:
    known = {rule.name.casefold(): rule for rule in rule_set.rules}
    rule = known.get(name.casefold())
    if rule is None:
        guess = did_you_mean.sentence(name, [rule.name for rule in rule_set.rules])
        raise errors.UsageError(f"Eine Regel „{name}“ gibt es nicht.{guess}")
    return rule


def _partly(rule: Rule | KindRule, message: Message, vocabulary: Vocabulary) -> Iterator[str]:
    """Keywords of several words of which some stand in the text: those come nearest of which most does."""
    words = {word for source in rule.keywords if not source.startswith("/") for word in _words(source)}
    there = _standing(sorted(words), message, vocabulary)
    nearest: list[tuple[float, str]] = []
    for source in rule.keywords:
        parts = [] if source.startswith("/") else _words(source)
        standing = [word for word in parts if word in there]
        if len(parts) > 1 and standing:
            shown = german.listed(f"„{printable.line(there[word])}“" for word in standing)
            missing = [_named(word) for word in parts if word not in there]
            lack = f"es fehlt {german.listed(missing)}" if missing else "aber nicht so, wie es verlangt ist"
            verb = "steht" if len(standing) == 1 else "stehen"
            nearest.append((len(standing) / len(parts), f"  „{source}“: {shown} {verb} da, {lack}."))
    nearest.sort(key=lambda item: -item[0])
    yield from (line for _, line in nearest[:MOST_PARTLY])


def _named(word: str) -> str:
    return f"ein Wort der Liste {word}" if word.startswith("@") else f"„{word}“"


def _words(source: str) -> list[str]:
    """The words that matter: the, on and with stand in every text."""
    return [word for word in source.split() if word not in JOINTS and folding.plain(word) not in inflection.NEVER]


def _standing(words: list[str], message: Message, vocabulary: Vocabulary) -> dict[str, str]:
    """Which of these words stand in the message, each as written there."""
    keywords = []
    for word in words:
        try:
            keywords.append(patterns.parse(word, vocabulary))
        except patterns.KeywordError:  # a word that is only part of one: too short for itself
            keywords.append(Keyword(word))
    folded = folding.fold(f"{message.subject}\n{message.new_text}")
    found: dict[str, str] = {}
    for number, start, end in matching.Index(tuple(keywords)).find(folded):
        found.setdefault(words[number], folded.original[slice(*folded.span(start, end))])
    return found
