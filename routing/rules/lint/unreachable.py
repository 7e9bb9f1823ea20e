"""Rules and keywords that never do anything: hidden by their own exceptions, or another rule always wins."""

from collections import Counter
from collections.abc import Iterator, Sequence

from routing.model.decision import Concern, Decision, State
from routing.model.settings import KindRule, Rule
from routing.rules.lint.hint import Hint
from routing.rules.lint.probe import Probe, Written

_TRIED = 3  # entries of a list that are enough to see whether a rule comes through


def hints(probe: Probe) -> Iterator[Hint]:
    """Keywords that never count, then rules that never decide, in order."""
    for written in probe.keywords():
        yield from _dead(probe, written)
    for rule, keywords in probe.by_rule().items():
        yield from _overruled(probe, rule, keywords)


def _dead(probe: Probe, written: Written) -> Iterator[Hint]:
    """A keyword that does not count in any of its own sample texts."""
    why = ""
    for text in probe.sample_texts_of(written):
        if not probe.may_hide(probe.hits(text), written.rule):
            return
        found = probe.found(text)
        if written.rule in found.matches or written.rule in found.resolved:
            return
        name = probe.settings(written.rule).name
        why = why or next((miss.why for miss in found.near_misses if miss.rule == name), "")
    if why:
        yield Hint(
            probe.settings(written.rule).name,
            "keywords",
            written.source,
            f"Das Schlüsselwort „{written.source}“ zählt nie. {why}",
            "Streichen Sie das Schlüsselwort, oder ändern Sie die Ausnahme, die es verdeckt.",
        )


def _overruled(probe: Probe, rule: int, keywords: Sequence[Written]) -> Iterator[Hint]:
    """A rule whose keywords, each alone in a message, never bring about what it says."""
    settings = probe.settings(rule)
    winners: Counter[str] = Counter()
    winning: set[str] | None = None
    tried = 0
    for text in _samples(probe, rule, keywords):
        decision = probe.decision(text)
        tried += 1
        if isinstance(settings, KindRule):
            if decision.kind == settings.kind:
                return
            winners.update(_deciding(decision, probe) - {settings.name})
            continue
        own = next((concern for concern in decision.concerns if settings.name in concern.rules), None)
        if own is None or own.state is not State.ROUTED:
            winners.update(_deciding(decision, probe) - {settings.name})
            winning = set()
        else:
            others = _saying_the_same(own, settings, probe)
            winning = others if winning is None else winning & others
            if not winning and not winners:
                return
    if not tried:
        return
    if winning:
        other = min(winning)
        what = f"Die Regel ist überflüssig: Alles, was sie findet, findet auch „{other}“, und mit demselben Ergebnis."
        yield Hint(settings.name, "name", "", what, "Streichen Sie eine der beiden Regeln.")
    elif winners.total() >= tried:
        other = winners.most_common(1)[0][0]
        what = f"Die Regel kommt nie zum Zug: Trifft sie zu, entscheidet immer „{other}“."
        yield Hint(settings.name, "name", "", what, "Streichen Sie die Regel, oder nehmen Sie andere Schlüsselwörter.")


def _samples(probe: Probe, rule: int, keywords: Sequence[Written]) -> Iterator[str]:
    """Texts that the rule finds, or would if another one were not looked at first."""
    for written in keywords:
        for text in probe.sample_texts_of(written, most=_TRIED):
            if not probe.may_hide(probe.hits(text), rule) or rule in probe.found(text).matches:
                yield text


def _deciding(decision: Decision, probe: Probe) -> set[str]:
    """The names of the rules and kinds that a decision goes by."""
    names = {rule for concern in decision.concerns if concern.state is State.ROUTED for rule in concern.rules}
    kinds = {rule.name for rule in probe.rule_set.rules if isinstance(rule, KindRule) and rule.kind == decision.kind}
    return names or kinds


def _saying_the_same(own: Concern, settings: Rule, probe: Probe) -> set[str]:
    """Rules of the same concern that send it as quickly and to all the same bodies."""
    same = set()
    for rule in probe.rule_set.rules:
        if isinstance(rule, Rule) and rule.name != settings.name and rule.name in own.rules:
            serves = set(settings.recipient) <= set(rule.recipient)
            if serves and rule.urgency.rank <= settings.urgency.rank and rule.category == settings.category:
                same.add(rule.name)
    return same
