"""What the linter says about a loaded configuration, with lines: only ``check`` asks, so only it pays for it."""

from collections.abc import Iterable

from routing import rules
from routing.config import files, paths
from routing.config.checks import responsible
from routing.config.checks import rules as rule_checks
from routing.config.problems import Problem, in_order
from routing.config.rulebook import sources
from routing.config.rulebook.sources import Sources
from routing.config.toml import document
from routing.model.rule_files import ConfigFile
from routing.model.settings import Configuration
from routing.rules import lint


def hints(configuration: Configuration, further: Iterable[lint.Hint] = ()) -> tuple[Problem, ...]:
    """The linter's hints and the ``further`` ones, as warnings in order of their lines; raises nothing."""
    settings = configuration.settings
    rule_set, _ = rules.compiled(configuration)
    found = (*lint.look(rule_set, configuration.vocabulary, configuration.gazetteer), *further)
    rulebook = sources.of_configuration(configuration)
    problems = rulebook.located(tuple(rule_checks.placed(settings, hint) for hint in found))
    return in_order(_left_behind(rulebook) + problems)


def _left_behind(rulebook: Sources) -> tuple[Problem, ...]:
    """What goes elsewhere than as shipped, while what belongs to it does not."""
    path = paths.shipped_config()
    shipped = document.read(files.content(path), path.name, ConfigFile).value
    found = responsible.faults(rulebook.config, rulebook.merged, shipped) if shipped is not None else ()
    return rulebook.located(found, placed=True)
