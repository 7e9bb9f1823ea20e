"""What the linter says about a loaded configuration, with lines: only ``check`` asks, so only it pays for it."""

from collections.abc import Iterable

from routing import rules
from routing.config.checks import rules as rule_checks
from routing.config.problems import Problem, in_order
from routing.config.toml import document
from routing.model.settings import Configuration, Settings
from routing.rules import lint


def hints(configuration: Configuration, further: Iterable[lint.Hint] = ()) -> tuple[Problem, ...]:
    """The linter's hints and the ``further`` ones, as warnings in the order of their lines; never fails."""
    settings = configuration.settings
    rule_set, _ = rules.build(settings, configuration.vocabulary, configuration.gazetteer)
    found = (*lint.look(rule_set, configuration.vocabulary, configuration.gazetteer), *further)
    name = configuration.path.name
    read = document.read(configuration.texts[name].encode(), name, Settings)
    return in_order(read.located(tuple(rule_checks.placed(settings, hint) for hint in found)))
