"""Words of the city's own that another rule has already: which of the two decides, and how to say what is meant."""

from collections.abc import Iterator

from intake.base import german
from routing.model.decision import State
from routing.model.settings import Rule
from routing.rules.engine.values import Role
from routing.rules.lint.hint import Hint
from routing.rules.lint.probe import Probe, Written

Words = frozenset[tuple[str, str]]
"""(rule, keyword): what a city wrote itself, be it in a rule of its own or as a change to one of the library."""


def hints(probe: Probe, own: Words) -> Iterator[Hint]:
    """One for each own keyword that finds what a rule of another category does, unless an example shows that."""
    for written in probe.keywords():
        settings = probe.settings(written.rule)
        if isinstance(settings, Rule) and (settings.name, written.source) in own:
            other = _other(probe, written, settings)
            if other is not None and not _is_meant(probe, written, settings):
                yield _hint(probe, written, settings, *other)


def _other(probe: Probe, written: Written, settings: Rule) -> tuple[Rule, str] | None:
    """The first rule of another category that finds the keyword's sample text by no lesser keyword."""
    text = next(iter(probe.sample_texts_of(written, most=1)), "")
    for number in sorted(probe.hits(text)):
        if number >= probe.rule_set.first_place:
            break
        rule, role = probe.rule_set.owners[number]
        other, source = probe.settings(rule), probe.rule_set.keywords[number].source
        if role is not Role.KEYWORD or rule == written.rule or not isinstance(other, Rule) or other.yields == "any":
            continue
        if _main(other) != _main(settings) and len(source.split()) >= len(written.source.split()):
            return other, source
    return None


def _main(rule: Rule) -> str:
    return rule.id or rule.category


def _is_meant(probe: Probe, written: Written, settings: Rule) -> bool:
    return any(written.number in probe.hits(test.text) for test in settings.tests)


def _hint(probe: Probe, written: Written, settings: Rule, other: Rule, source: str) -> Hint:
    decision = probe.decision(next(iter(probe.sample_texts_of(written, most=1))))
    going = {rule for concern in decision.concerns if concern.state is State.ROUTED for rule in concern.rules}
    if decision.state is not State.ROUTED:
        ends = "Steht sonst nichts da, entscheidet ein Mensch."
    elif going >= {settings.name, other.name}:
        ends = "Beide zählen."
    else:
        ends = f"Es entscheidet „{settings.name if settings.name in going else other.name}“."
    who = german.listed(other.recipient) or "niemanden"
    what = (
        f"„{written.source}“ hat schon die Regel „{other.name}“ ({other.category}, an {who}; Schlüsselwort "
        f"„{source}“). {ends}"
    )
    advice = (
        f'Soll sie das Wort nicht mehr haben, schreiben Sie [[changes]] mit rule = "{other.name}" und '
        f'except = ["{written.source}"]. Ist es so gewollt, schreiben Sie zu Ihrer Regel ein Beispiel mit dem Wort; '
        "dann entfällt der Hinweis."
    )
    return Hint(settings.name, "keywords", written.source, what, advice)
