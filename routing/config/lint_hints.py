"""What the linter says about a loaded configuration, with lines: only ``check`` asks, so only it pays for it."""

from collections.abc import Iterable, Iterator

from routing import rules
from routing.config import files, paths
from routing.config.checks import responsible
from routing.config.checks import rules as rule_checks
from routing.config.problems import Fault, Problem, in_order
from routing.config.rulebook import sources
from routing.config.rulebook.sources import Sources
from routing.config.toml import document
from routing.model.rule_files import ConfigFile
from routing.model.settings import Configuration
from routing.rules import lint


def hints(configuration: Configuration, further: Iterable[lint.Hint] = ()) -> tuple[Problem, ...]:
    """The linter's hints and the ``further`` ones, as warnings in the order of their lines; never fails.

    The library that comes with the program is not the city's to mend: of its rules only changed ones are spoken of.
    """
    rule_set, _ = rules.compiled(configuration)
    rulebook = sources.of_configuration(configuration)
    own = frozenset(_own_words(rulebook))
    found = (*lint.look(rule_set, configuration.vocabulary, configuration.gazetteer, own), *further)
    problems: tuple[Problem, ...] = ()
    for hint in found:
        problems += _located(rulebook, hint)
    return in_order(_left_behind(rulebook) + problems)


def _own_words(rulebook: Sources) -> Iterator[tuple[str, str]]:
    """(rule, keyword) of all that stands in config.toml."""
    for number, rule in enumerate(rulebook.settings.rules):
        for index, keyword in enumerate(rule.keywords):
            if not rulebook.place(("rules", number, "keywords", index))[0]:
                yield rule.name, keyword


def _located(rulebook: Sources, hint: lint.Hint) -> tuple[Problem, ...]:
    fault = rule_checks.placed(rulebook.settings, hint)
    origin = rulebook.origin(hint.rule)
    if rulebook.place(fault.path)[0] and rulebook.settings.files.library is None and origin is not None:
        if not origin.changes:
            return ()
        there = Fault(("changes", origin.changes[-1], "rule"), fault.what, fault.advice, fault.severity)
        return rulebook.located((there,), placed=True)
    return rulebook.located((fault,))


def _left_behind(rulebook: Sources) -> tuple[Problem, ...]:
    """What goes elsewhere than as shipped, while what belongs to it does not."""
    path = paths.shipped_config()
    shipped = document.read(files.content(path), path.name, ConfigFile).value
    found = responsible.faults(rulebook.config, rulebook.merged, shipped) if shipped is not None else ()
    return rulebook.located(found, placed=True)
