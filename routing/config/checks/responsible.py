"""What a city's change in [responsible] leaves behind: a part of a category, a rule of the same words elsewhere.

The shipped config.toml says what belongs together: rules that it sends to one body, and that share a category or a
word. Where a city sends one of them elsewhere and the other not, a report may go either way, and somebody should know.
"""

from collections.abc import Iterator
from itertools import combinations

from intake.base import german
from routing.config.problems import Fault
from routing.config.rulebook.merge import Merged
from routing.model.rule_files import ConfigFile
from routing.model.settings import Rule

_ADVICE = "Ist es so gewollt, ist nichts zu tun; sonst ändern Sie auch diese Zeile."


def faults(config: ConfigFile, merged: Merged, shipped: ConfigFile) -> Iterator[Fault]:
    """Warnings, each with the path of the line that was changed."""
    yield from _parts(config, shipped)
    yield from _same_words(config, merged, shipped)


def _parts(config: ConfigFile, shipped: ConfigFile) -> Iterator[Fault]:
    """Lines of one main category ("I06", "I06-baenke") that no longer share a body."""
    for one, other in combinations(config.responsible, 2):
        if one.partition("-")[0] == other.partition("-")[0] and _torn(config, shipped, one, other):
            changed, left = _changed_first(config, shipped, one, other)
            bodies = german.listed(config.responsible[left].recipient)
            name = config.responsible[left].name or left
            what = f"Ein Teil der Kategorie geht weiter an {bodies}: {left} („{name}“)."
            yield Fault(("responsible", changed, "recipient"), what, _ADVICE, "warning")


def _same_words(config: ConfigFile, merged: Merged, shipped: ConfigFile) -> Iterator[Fault]:
    """Rules of different categories with a word in common."""
    told: dict[tuple[str, str], tuple[Rule, Rule, str]] = {}
    pairs = [
        (rule, origin.category, frozenset(rule.keywords))
        for rule, origin in zip(merged.rules, merged.rule_origins, strict=True)
        if origin.category in config.responsible
    ]
    for (one, first, words), (other, second, more) in combinations(pairs, 2):
        if first.partition("-")[0] != second.partition("-")[0] and (shared := words & more):
            told.setdefault((first, second), (one, other, min(shared)))
    for (first, second), (one, other, word) in told.items():
        if _torn(config, shipped, first, second):
            changed, left = _changed_first(config, shipped, first, second)
            stays = other if left == second else one
            what = (
                f"Die Regel „{stays.name}“ ({left}) kennt dasselbe Wort „{word}“ und geht weiter an "
                f"{german.listed(stays.recipient)}."
            )
            yield Fault(("responsible", changed, "recipient"), what, _ADVICE, "warning")


def _torn(config: ConfigFile, shipped: ConfigFile, one: str, other: str) -> bool:
    """Whether both went to a common body as shipped and no longer do."""
    before = [shipped.responsible.get(category) for category in (one, other)]
    now = [set(config.responsible[category].recipient) for category in (one, other)]
    together = before[0] and before[1] and set(before[0].recipient) & set(before[1].recipient)
    return bool(together) and not now[0] & now[1]


def _changed_first(config: ConfigFile, shipped: ConfigFile, one: str, other: str) -> tuple[str, str]:
    """The two categories, that which is not as shipped first."""
    is_as_shipped = config.responsible[one].recipient == shipped.responsible[one].recipient
    return (other, one) if is_as_shipped else (one, other)
