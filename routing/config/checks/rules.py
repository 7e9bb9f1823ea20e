"""What the keyword language, the rules' own examples and the linter say of config.toml, each where it stands."""

from collections.abc import Callable, Iterator

from routing.config import library
from routing.config.problems import Fault, KeyPath, Severity
from routing.config.rulebook.sources import Sources
from routing.model.gazetteer import Gazetteer
from routing.model.settings import KindRule, Rule, Settings
from routing.rules.engine.compile import build
from routing.rules.engine.values import RuleSet
from routing.rules.examples import run_tests
from routing.rules.lint import urgent
from routing.rules.lint.hint import Hint
from routing.rules.lint.probe import Probe

Aside = Callable[[Callable[[], list[Fault]]], list[Fault]]


def faults(rulebook: Sources, gazetteer: Gazetteer, *, examples: bool, aside: Aside) -> list[Fault]:
    """Every keyword that is not one and what else does not hold of the rules, which are those that will be in force.

    With ``examples`` also every example that does not come out as it says (one of the library's is a warning, as the
    city may have meant it so, but of an urgent rule an error) and every urgent word that a mask keeps from alarming.
    Examples are tried only when all keywords are good: without one of them they would fail for no fault of
    theirs; ``aside`` calls what tries them.
    """
    settings, vocabulary = rulebook.settings, rulebook.merged.vocabulary
    signs = library.load(library.signs(settings.files.library))
    rule_set, problems = build(settings, vocabulary, gazetteer, signs)
    found = [Fault(_keyword(settings, problem.rule, problem.keyword), problem.what) for problem in problems]
    if not examples or found:
        return found
    return aside(lambda: _tried(rule_set, rulebook))


def _tried(rule_set: RuleSet, rulebook: Sources) -> list[Fault]:
    found = []
    settings = rulebook.settings
    urgent_rules = {rule.name for rule in settings.rules if rule.urgency.is_urgent}
    for failure in run_tests(rule_set, settings):
        advice = "Ändern Sie die Schlüsselwörter oder das Beispiel; kod-intake explain zeigt, was gefunden wird."
        what = failure.why.replace("\n", "\n    ")
        severity: Severity = "error"
        origin = rulebook.origin(failure.rule)
        if origin is not None and origin.is_of_the_library(failure.text) and failure.rule not in urgent_rules:
            severity = "warning"
            what = f"Ein Beispiel der Bibliothek stimmt nach den Änderungen der Stadt nicht mehr: {what}"
            advice = _instead(failure.rule, changed=bool(origin.changes))
        found.append(Fault(_example(settings, failure.rule, failure.text), what, advice, severity))
    hints = urgent.silenced(Probe(rule_set, rulebook.merged.vocabulary))
    return found + [placed(settings, hint) for hint in hints]


def _instead(rule: str, *, changed: bool) -> str:
    """What to do where a change of the city breaks an example of the library, which nobody edits."""
    whose = f"an der Regel „{rule}“" if changed else "an einer anderen Regel oder einer Wortliste"
    return (
        f"Das kommt von Ihrer Änderung {whose}. Soll es so sein, dann halten Sie es dort mit einem eigenen Beispiel "
        "fest ([[changes.tests]]); sonst ändern Sie die Änderung. Die Beispiele der Bibliothek bleiben, wie sie sind."
    )


def placed(settings: Settings, hint: Hint) -> Fault:
    """A hint of the linter where it belongs in config.toml; only a grave one is an error."""
    severity: Severity = "error" if hint.is_grave else "warning"
    if hint.item:
        return Fault(_keyword(settings, hint.rule, hint.item), hint.what, hint.advice, severity)
    path = next((path for path, _ in _named(settings, hint.rule)), ("rules",))
    key = (hint.key,) if hint.key else ()
    return Fault((*path, *key), hint.what, hint.advice, severity, is_about_table=not hint.key)


def _keyword(settings: Settings, name: str, keyword: str) -> KeyPath:
    for path, rule in _named(settings, name):
        for key, words in (("keywords", rule.keywords), ("except", rule.except_), ("unless", rule.unless)):
            if keyword in words:
                return (*path, key, words.index(keyword))
    return ("rules",)


def _example(settings: Settings, name: str, text: str) -> KeyPath:
    for path, rule in _named(settings, name):
        for index, example in enumerate(rule.tests):
            if example.text == text:
                return (*path, "tests", index, "text")
    return ("rules",)


def _named(settings: Settings, name: str) -> Iterator[tuple[KeyPath, Rule | KindRule]]:
    yield from ((("rules", index), rule) for index, rule in enumerate(settings.rules) if rule.name == name)
    yield from ((("kinds", index), kind) for index, kind in enumerate(settings.kinds) if kind.name == name)
