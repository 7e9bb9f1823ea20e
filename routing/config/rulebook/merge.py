"""Library + [responsible] + [[changes]] + own rules → the rules in force. Pure; what does not fit is a fault.

A category's identity is that of its line in [responsible]; up to the hyphen it is that of the main category, by which
concerns are one ("I06-baenke" is a part of "I06" that a city may send elsewhere). A category that nobody gets is found
like any other and only kept. Without [responsible] there are only the city's own rules.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from intake.base import did_you_mean, umlauts
from intake.settings import meanings_of
from routing.config.problems import Fault, KeyPath, shown
from routing.config.rulebook.changes import Changes
from routing.config.rulebook.origins import Origin
from routing.model.decision import Urgency
from routing.model.rule_files import ConfigFile, LibraryFile, LibraryRule, OwnRule, Responsible
from routing.model.settings import KindRule, KindWording, Rule, RuleWording, Vocabulary

_RULE_KEYS = tuple(RuleWording.model_fields)
_KIND_KEYS = tuple(KindWording.model_fields)


class Merged(Struct):
    """The rules and word lists in force; ``origins`` go with rules and kinds; ``faults`` are those of config.toml."""

    rules: list[Rule] = field(default_factory=list)
    kinds: list[KindRule] = field(default_factory=list)
    rule_origins: list[Origin] = field(default_factory=list)
    kind_origins: list[Origin] = field(default_factory=list)
    vocabulary: Vocabulary = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def merged(config: ConfigFile, library: Sequence[tuple[str, LibraryFile]], lists: Vocabulary) -> Merged:
    """The rules in force. ``library``: its files by name; ``lists``: the city's own, which replace those so named."""
    used = library if config.responsible else ()
    return _Merge(config, used, lists).result


class _Merge:
    """One merge: what it knows of the files, and ``result``, which it fills."""

    def __init__(self, config: ConfigFile, library: Sequence[tuple[str, LibraryFile]], lists: Vocabulary) -> None:
        self._config = config
        self._library = library
        self._names = {key: name for _, file in library for key, name in file.categories.items()}
        self._missing: dict[str, str] = {}
        given = {name: words for _, file in library for name, words in file.lists.items()} | lists
        self._changes = Changes(config, [file for _, file in library], given)
        self.result = result = Merged(vocabulary=self._changes.lists, faults=self._changes.faults)
        for index, own_kind in enumerate(config.kinds):
            result.kinds.append(own_kind)
            result.kind_origins.append(Origin("", ("kinds", index), own_kind))
        for name, file in library:
            for index, rule in enumerate(file.rules):
                self._library_rule(name, ("rules", index), rule)
            for index, kind in enumerate(file.kinds):
                self._library_kind(name, ("kinds", index), kind)
        taken = {rule.name: origin.file for rule, origin in zip(result.rules, result.rule_origins, strict=True)}
        for index, own in enumerate(config.rules):
            self._own_rule(index, own, taken)
        result.faults += [*self._lines_to_add(), *self._unknown_categories()]
        if not config.rules and not config.responsible:
            advice = (
                "Schreiben Sie [responsible] und darunter je Kategorie eine Zeile; siehe mitgelieferte config.toml."
            )
            result.faults.append(
                Fault(("responsible",), "Die Tabelle [responsible] fehlt.", advice, is_about_table=True)
            )

    def _library_rule(self, file: str, path: KeyPath, written: LibraryRule) -> None:
        rule, changes = self._changes.applied(written)
        if rule is None:
            return
        line = self._config.responsible.get(rule.category)
        if line is None:
            self._missing.setdefault(rule.category, (rule.urgency or Urgency.SAMMEL).value)
            return
        origin = Origin(file, path, written, changes, rule.category)
        change_urgency = self._changes.urgency(changes)
        self._add(rule, line, origin, change_urgency or _more_urgent(rule.urgency, line.urgency))

    def _add(self, rule: RuleWording, line: Responsible, origin: Origin, urgency: Urgency | None) -> None:
        """A rule of a category in [responsible]."""
        category = origin.category
        if urgency is None and line.recipient:
            advice = 'Zum Beispiel: urgency = "sammel"; möglich sind notfall, sofort, heute, sammel und liste.'
            path: KeyPath = ("responsible", category, "urgency")
            self.result.faults.append(Fault(path, "Der Schlüssel urgency fehlt.", advice, is_about_table=True))
        urgency = urgency or Urgency.LISTE
        if urgency.is_urgent and not line.recipient:
            what = f"Die Kategorie {category} ist dringend und braucht eine Stelle."
            advice = (
                "Nennen Sie mindestens eine; wer eine einzelne Regel nicht will, schreibt [[changes]] mit off = true."
            )
            self.result.faults.append(Fault(("responsible", category, "recipient"), what, advice))
        values: dict[str, Any] = {key: getattr(rule, key) for key in _RULE_KEYS}
        values |= {"id": category.partition("-")[0], "category": line.name or self._names.get(category, category)}
        values |= {"recipient": tuple(dict.fromkeys(line.recipient)), "urgency": urgency}
        self.result.rules.append(Rule.model_construct(**values))
        self.result.rule_origins.append(origin)

    def _library_kind(self, file: str, path: KeyPath, written: KindWording) -> None:
        kind, changes = self._changes.applied(written)
        if kind is None:
            return
        line, state = self._config.responsible.get(kind.kind), kind.state
        if line is None and state == "routed":
            self._missing.setdefault(kind.kind, "")
            return
        recipient = tuple(dict.fromkeys(line.recipient)) if line else ()
        if line is not None:
            state = "routed" if recipient else "review" if state == "routed" else state
        values = {key: getattr(kind, key) for key in _KIND_KEYS} | {"state": state}
        self.result.kinds.append(KindRule.model_construct(**values, recipient=recipient))
        self.result.kind_origins.append(Origin(file, path, written, changes, kind.kind if line else ""))

    def _own_rule(self, index: int, own: OwnRule, taken: dict[str, str]) -> None:
        path: KeyPath = ("rules", index)
        if own.name in taken:
            what = f"Den Namen {shown(own.name)} hat schon eine Regel der Bibliothek ({taken[own.name]})."
            advice = "Nehmen Sie einen anderen Namen; was Sie an ihr ändern wollen, steht in [[changes]]."
            self.result.faults.append(Fault((*path, "name"), what, advice))
            return
        line = self._config.responsible.get(own.category)
        if line is not None and not own.recipient:
            self._add(own, line, Origin("", path, own, (), own.category), own.urgency or line.urgency)
            return
        if not own.recipient or own.urgency is None:
            self.result.faults += self._incomplete(path, own, line)
        values: dict[str, Any] = {key: getattr(own, key) for key in _RULE_KEYS}
        values |= {"id": own.id, "category": own.category, "recipient": own.recipient}
        if line is not None:
            values |= {"id": own.category.partition("-")[0], "category": line.name or own.category}
        values["urgency"] = own.urgency or (line.urgency if line else None) or Urgency.LISTE
        self.result.rules.append(Rule.model_construct(**values))
        self.result.rule_origins.append(Origin("", path, own))

    def _incomplete(self, path: KeyPath, own: OwnRule, line: Responsible | None) -> Iterator[Fault]:
        known = self._config.responsible
        if known and not own.recipient and line is None:
            guess = did_you_mean.sentence(own.category, known)
            what = f"Die Kategorie {shown(own.category)} steht nicht in [responsible].{guess}"
            yield Fault((*path, "category"), what, _line_for(own, has_guess=bool(guess)))
            return
        for key, value in (("recipient", own.recipient), ("urgency", own.urgency or (line and line.urgency))):
            if not value and key == "recipient" and key in own.model_fields_set:
                yield Fault((*path, key), "Die Liste der Stellen ist leer.", "Nennen Sie mindestens eine.")
            elif not value:
                meaning = meanings_of(OwnRule)[key]
                advice = f"Schreiben Sie eine Zeile {key} = … dazu. Gemeint ist: {meaning}"
                yield Fault((*path, key), f"Der Schlüssel {key} fehlt.", advice, is_about_table=True)

    def _lines_to_add(self) -> Iterator[Fault]:
        """A category of the library for which nobody is named: which line to add."""
        for category, urgency in self._missing.items():
            name = self._names.get(category, "")
            told = f" („{name}“)" if name else ""
            what = f"Für die Kategorie {category}{told} der Bibliothek ist niemand zuständig."
            guess = did_you_mean.sentence(category, set(self._config.responsible) - self._known_categories())
            advice = f"Ergänzen Sie unter [responsible]: {_line(category, name, urgency)}"
            yield Fault(("responsible",), what + guess, advice, is_about_table=True)

    def _known_categories(self) -> set[str]:
        of_rules = {rule.category for _, file in self._library for rule in file.rules}
        of_kinds = {kind.kind for _, file in self._library for kind in file.kinds}
        changed = {change.category for change in self._config.changes if change.category}
        return of_rules | of_kinds | changed | {own.category for own in self._config.rules}

    def _unknown_categories(self) -> Iterator[Fault]:
        known = self._known_categories()
        for category in self._config.responsible:
            if self._library and category not in known:
                what = f"Zur Kategorie {shown(category)} gibt es keine Regel.{did_you_mean.sentence(category, known)}"
                advice = (
                    "Löschen Sie die Zeile, oder schreiben Sie eine eigene Regel ([[rules]]) mit dieser Kategorie."
                )
                yield Fault(("responsible", category), what, advice, is_about_table=True)


def _more_urgent(one: Urgency | None, other: Urgency | None) -> Urgency | None:
    given = [urgency for urgency in (one, other) if urgency is not None]
    return min(given, key=lambda urgency: urgency.rank) if given else None


def _line_for(own: OwnRule, *, has_guess: bool) -> str:
    """What to do about a rule whose category has no line."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", umlauts.transliterated(own.category)).strip("-") or "X"
    line = _line(plain, own.name, "sammel")
    if plain != own.category:
        what = f"Kennungen bestehen aus a–z, 0–9, _ und -. Schreiben Sie hier {shown(plain)}"
        return f"{what} und ergänzen Sie unter [responsible]: {line}"
    return f"{'Berichtigen Sie die Kennung, oder ergänzen' if has_guess else 'Ergänzen'} Sie dort: {line}"


def _line(category: str, name: str, urgency: str) -> str:
    """The line of [responsible] for a category, as somebody would add it."""
    speed = f', urgency = "{urgency}"' if urgency else ""
    named = f'name = "{name}", ' if name or urgency else ""
    return f'{category} = {{ {named}recipient = "…"{speed} }}'
