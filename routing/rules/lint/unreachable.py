"""Rules and keywords that never do anything: hidden by their own exceptions, or another rule always wins."""

from collections import Counter
from collections.abc import Iterator, Sequence

from routing.model.decision import Concern, Decision, State
from routing.model.settings import KindRule, Rule
from routing.rules.lint.hint import Hint
from routing.rules.lint.probe import Bench, Written

_TRIED = 3  # entries of a list that are enough to see whether a rule comes through


def hints(bench: Bench) -> Iterator[Hint]:
    """Keywords that never count, then rules that never decide."""
    for written in bench.keywords():
        yield from _dead(bench, written)
    for rule, keywords in bench.by_rule().items():
        yield from _overruled(bench, rule, keywords)


def _dead(bench: Bench, written: Written) -> Iterator[Hint]:
    """A keyword that does not count in any of its own witnesses."""
    why = ""
    for text in bench.witnesses(written):
        if not bench.may_hide(bench.hits(text), written.rule):
            return
        found = bench.found(text)
        if written.rule in found.matches or written.rule in found.settled:
            return
        name = bench.settings(written.rule).name
        why = why or next((miss.why for miss in found.near_misses if miss.rule == name), "")
    if why:
        yield Hint(
            bench.settings(written.rule).name,
            "keywords",
            written.source,
            f"Das Schlüsselwort „{written.source}“ zählt nie. {why}",
            "Streichen Sie das Schlüsselwort, oder ändern Sie die Ausnahme, die es verdeckt.",
        )


def _overruled(bench: Bench, rule: int, keywords: Sequence[Written]) -> Iterator[Hint]:
    """A rule whose keywords, each alone in a message, never bring about what it says."""
    settings = bench.settings(rule)
    winners: Counter[str] = Counter()
    covering: set[str] | None = None
    tried = 0
    for text in _samples(bench, rule, keywords):
        decision = bench.decision(text)
        tried += 1
        if isinstance(settings, KindRule):
            if decision.kind == settings.kind:
                return
            winners.update(_deciding(decision, bench) - {settings.name})
            continue
        own = next((concern for concern in decision.concerns if settings.name in concern.rules), None)
        if own is None or own.state is not State.ROUTED:
            winners.update(_deciding(decision, bench) - {settings.name})
            covering = set()
        else:
            others = _saying_the_same(own, settings, bench)
            covering = others if covering is None else covering & others
            if not covering and not winners:
                return
    if not tried:
        return
    if covering:
        other = min(covering)
        what = f"Die Regel ist überflüssig: Alles, was sie findet, findet auch „{other}“, und mit demselben Ergebnis."
        yield Hint(settings.name, "name", "", what, "Streichen Sie eine der beiden Regeln.")
    elif winners.total() >= tried:
        other = winners.most_common(1)[0][0]
        what = f"Die Regel kommt nie zum Zug: Trifft sie zu, entscheidet immer „{other}“."
        yield Hint(settings.name, "name", "", what, "Streichen Sie die Regel, oder nehmen Sie andere Schlüsselwörter.")


def _samples(bench: Bench, rule: int, keywords: Sequence[Written]) -> Iterator[str]:
    """Texts that the rule finds, or would if another one were not looked at first."""
    for written in keywords:
        for text in bench.witnesses(written, most=_TRIED):
            if not bench.may_hide(bench.hits(text), rule) or rule in bench.found(text).matches:
                yield text


def _deciding(decision: Decision, bench: Bench) -> set[str]:
    """The names of the rules and kinds that a decision goes by."""
    names = {rule for concern in decision.concerns if concern.state is State.ROUTED for rule in concern.rules}
    kinds = {rule.name for rule in bench.rule_set.rules if isinstance(rule, KindRule) and rule.kind == decision.kind}
    return names or kinds


def _saying_the_same(own: Concern, settings: Rule, bench: Bench) -> set[str]:
    """Rules of the same concern that send it as quickly and to all the same bodies."""
    same = set()
    for rule in bench.rule_set.rules:
        if isinstance(rule, Rule) and rule.name != settings.name and rule.name in own.rules:
            serves = set(settings.recipient) <= set(rule.recipient)
            if serves and rule.urgency.rank <= settings.urgency.rank and rule.category == settings.category:
                same.add(rule.name)
    return same
