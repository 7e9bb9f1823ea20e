"""The rules of config.toml, compiled once: every keyword of every rule in one index."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from routing.model.decision import Urgency
from routing.model.gazetteer import Gazetteer
from routing.model.library import EMPTY, Library
from routing.model.settings import CitySettings, KindRule, Rule, Settings, Vocabulary, Weights
from routing.rules.engine.mentions import resolved
from routing.rules.engine.signs import vocabulary as signs
from routing.rules.engine.values import Role, RuleProblem, RuleSet
from routing.text import places, web_forms
from routing.text.keywords import folding, matching, patterns
from routing.text.keywords.patterns import KeywordError
from routing.text.keywords.values import Keyword
from routing.text.places import forms


def build(
    settings: Settings, vocabulary: Vocabulary, gazetteer: Gazetteer, library: Library = EMPTY
) -> tuple[RuleSet, tuple[RuleProblem, ...]]:
    """Everything compiled, and what is wrong with single keywords (which are then left out).

    The two latest results are remembered: config.toml is compiled when it is checked and again when it is used.
    """
    return _compiled(
        settings.rules,
        settings.kinds,
        settings.weights,
        tuple(vocabulary.items()),
        gazetteer,
        settings.city,
        _Same(library, web_forms.of(library, settings.forms)),
    )


@lru_cache(maxsize=2)
def _compiled(
    concerns: tuple[Rule, ...],
    kinds: tuple[KindRule, ...],
    weights: Weights,
    lists: tuple[tuple[str, tuple[str, ...]], ...],
    gazetteer: Gazetteer,
    city: CitySettings,
    same: "_Same",
) -> tuple[RuleSet, tuple[RuleProblem, ...]]:
    library = same.library
    rules: tuple[Rule | KindRule, ...] = (*concerns, *kinds)
    known_lists = patterns.Lists(dict(lists), (*_sources(rules), *signs.words(library)))
    keywords: list[Keyword] = []
    owners: list[tuple[int, Role]] = []
    problems: list[RuleProblem] = []
    tolerant = {number for number, rule in enumerate(concerns) if rule.typos and _may_guess(rule)}
    for number, rule in enumerate(rules):
        written = ((Role.KEYWORD, rule.keywords), (Role.EXCEPT, rule.except_), (Role.UNLESS, rule.unless))
        for role, sources in written:
            for source in dict.fromkeys(sources):
                try:
                    keyword = patterns.parse(source, known_lists)
                    keywords.append(
                        keyword._replace(typos=True) if number in tolerant and role is Role.KEYWORD else keyword
                    )
                    owners.append((number, role))
                except KeywordError as error:
                    problems.append(RuleProblem(rule.name, source, str(error)))
    names = places.Names(gazetteer)
    listed = signs.compiled(library, known_lists)
    all_keywords = (*keywords, *names.keywords, *resolved.SIGNS, *listed.keywords)
    bits = signs.bits(library.states)
    index = matching.Index(all_keywords)
    rule_set = RuleSet(
        rules,
        len(concerns),
        all_keywords,
        tuple(owners),
        len(keywords),
        len(keywords) + len(names.keywords),
        names,
        index,
        weights,
        {rule.name: rule for rule in concerns},
        frozenset(rule.name for rule in concerns if rule.weight * min(weights.subject, weights.text) < weights.enough),
        frozenset(number for number, rule in enumerate(concerns) if rule.yields == "any"),
        city.duty_desk,
        library,
        len(keywords) + len(names.keywords) + len(resolved.SIGNS),
        listed.meanings,
        bits,
        _wanted(concerns, bits),
        forms.labels(library.fields),
        _somebody(library.persons),
        same.forms,
    )
    return rule_set, tuple(problems)


def _wanted(concerns: tuple[Rule, ...], bits: Mapping[str, int]) -> dict[int, int]:
    """The states that make a rule's things a report, as bits, by the rule's number."""
    stated = ((number, rule.states) for number, rule in enumerate(concerns) if bits and rule.states)
    return {number: sum(bits[name] for name in states) for number, states in stated}


def _may_guess(rule: Rule) -> bool:
    """A guessed word raises no alarm; a person may look at it."""
    return not rule.urgency.is_urgent or rule.urgency is Urgency.PRUEFEN


def _somebody(words: tuple[str, ...]) -> re.Pattern[str] | None:
    written = [folding.plain(word) for word in words]
    forms_of = "|".join(re.escape(word.removesuffix("-")) + (r"\w*" if word.endswith("-") else "") for word in written)
    return re.compile(rf"\b(?:{forms_of})\b") if words else None


def _sources(rules: tuple[Rule | KindRule, ...]) -> Iterator[str]:
    for rule in rules:
        yield from rule.keywords
        yield from rule.except_
        yield from rule.unless


class _Same:
    """A library as a key of what is remembered: by identity, for its words are many and it is read once."""

    def __init__(self, library: Library, forms: web_forms.Known) -> None:
        self.library = library
        self.forms = forms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.library is self.library and other.forms is self.forms

    def __hash__(self) -> int:
        return id(self.library)
