"""The rules of config.toml, compiled once: every keyword of every rule in one index."""

import re
from collections.abc import Iterator, Mapping, Sequence
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
from routing.text.keywords.values import Keyword, Written
from routing.text.places import forms


def build(
    settings: Settings,
    vocabulary: Vocabulary,
    gazetteer: Gazetteer,
    library: Library = EMPTY,
    kept: bytes = b"",
) -> tuple[RuleSet, tuple[RuleProblem, ...]]:
    """Everything compiled, and what is wrong with single keywords (which are then left out).

    The two latest results are remembered: config.toml is compiled when it is checked and again when it is used.
    ``kept``: what ``RuleSet.index.to_keep`` gave for the same, when nothing was wrong; it spares taking each keyword
    apart.
    """
    return _compiled(
        settings.rules,
        settings.kinds,
        settings.weights,
        tuple(vocabulary.items()),
        gazetteer,
        settings.city,
        _Beside(library, web_forms.of(library, settings.forms), kept),
    )


@lru_cache(maxsize=2)
def _compiled(
    concerns: tuple[Rule, ...],
    kinds: tuple[KindRule, ...],
    weights: Weights,
    vocabulary: tuple[tuple[str, tuple[str, ...]], ...],
    gazetteer: Gazetteer,
    city: CitySettings,
    beside: "_Beside",
) -> tuple[RuleSet, tuple[RuleProblem, ...]]:
    library, kept = beside.library, beside.kept
    rules: tuple[Rule | KindRule, ...] = (*concerns, *kinds)
    listed = tuple(signs.written(library))
    sources = () if kept else (*_sources(rules), *(word.source for word, _ in listed))
    lists = patterns.Lists(dict(vocabulary), sources)
    keywords, owners, problems = _keywords(rules, lists, check=not kept)
    names = places.Names(gazetteer)
    all_keywords = patterns.Keywords(
        (*keywords, *names.keywords, *resolved.SIGNS, *(word for word, _ in listed)),
        lists,
    )
    try:
        index = matching.Index(all_keywords, kept)
    except ValueError:  # whatever befell the file that it was kept in
        return _compiled(concerns, kinds, weights, vocabulary, gazetteer, city, _Beside(library, beside.forms, b""))
    bits = signs.bits(library.states)
    rule_set = RuleSet(
        rules,
        len(concerns),
        all_keywords,
        owners,
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
        tuple(meaning for _, meaning in listed),
        bits,
        _wanted(concerns, bits),
        forms.labels(library.fields),
        _somebody(library.persons),
        beside.forms,
    )
    return rule_set, problems


def _keywords(
    rules: Sequence[Rule | KindRule], lists: patterns.Lists, *, check: bool
) -> tuple[list[Keyword | Written], tuple[tuple[int, Role], ...], tuple[RuleProblem, ...]]:
    """The rules' keywords, whose each is (rule number, role), and what is wrong with others, if that is checked."""
    keywords: list[Keyword | Written] = []
    owners: list[tuple[int, Role]] = []
    problems: list[RuleProblem] = []
    for number, rule in enumerate(rules):
        tolerant = isinstance(rule, Rule) and rule.typos and _may_guess(rule)
        sorts = ((Role.KEYWORD, rule.keywords), (Role.EXCEPT, rule.except_), (Role.UNLESS, rule.unless))
        for role, sources in sorts:
            for source in dict.fromkeys(sources):
                written = Written(source, typos=tolerant and role is Role.KEYWORD)
                try:
                    keywords.append(patterns.taken(written, lists) if check else written)
                    owners.append((number, role))
                except KeywordError as error:
                    problems.append(RuleProblem(rule.name, source, str(error)))
    return keywords, tuple(owners), tuple(problems)


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


class _Beside:
    """A library and what was kept, as a key of what is remembered: the library by identity, for its words are many."""

    def __init__(self, library: Library, forms: web_forms.Known, kept: bytes) -> None:
        self.library = library
        self.forms = forms
        self.kept = kept

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Beside)
            and other.library is self.library
            and other.forms is self.forms
            and other.kept == self.kept
        )

    def __hash__(self) -> int:
        return hash((id(self.library), self.kept))
