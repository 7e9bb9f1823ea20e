"""[[changes]]: what a city changes in rules and word lists of the library. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from intake.base import did_you_mean
from routing.config.problems import Fault, KeyPath, shown
from routing.model.decision import Urgency
from routing.model.rule_files import Change, ConfigFile, LibraryFile
from routing.model.settings import Vocabulary, Wording

AnyWording = TypeVar("AnyWording", bound=Wording)
_WORDS = (("add", "keywords"), ("except_", "except_"), ("unless", "unless"))
_VALUES = ("category", "urgency", "states", "yields", "weight", "priority", "typos")


class Changes:
    """The changes by rule; ``lists`` are the word lists with theirs; ``faults`` what is wrong in [[changes]]."""

    def __init__(self, config: ConfigFile, library: Sequence[LibraryFile], lists: Vocabulary) -> None:
        self._changes = config.changes
        self._own = {rule.name for rule in config.rules} | {kind.name for kind in config.kinds}
        self.lists = dict(lists)
        self.faults: list[Fault] = []
        self._of: dict[str, list[int]] = {}
        self._rules: dict[str, Wording] = {}
        for file in library:
            self._rules |= {rule.name: rule for rule in (*file.rules, *file.kinds)}
        for index, change in enumerate(config.changes):
            self.faults += self._read(index, change, has_library=bool(library))

    def applied(self, written: AnyWording) -> tuple[AnyWording | None, tuple[int, ...]]:
        """The rule as the city has it, None for not at all, and the numbers of the changes that made it so.

        A pair (rule, numbers from 0 in order of the file).
        """
        numbers = tuple(self._of.get(written.name, ()))
        if not numbers:
            return written, ()
        values: dict[str, Any] = {key: getattr(written, key) for key in type(written).model_fields}
        for change in (self._changes[number] for number in numbers):
            if change.off:
                return None, numbers
            gone = set(change.remove)
            for key, target in _WORDS:
                kept = [word for word in values[target] if word not in gone]
                values[target] = tuple(dict.fromkeys((*kept, *getattr(change, key))))
            values["tests"] += change.tests
            new = {key: getattr(change, key) for key in _VALUES if key in values}
            values |= {key: value for key, value in new.items() if value is not None}
        return type(written).model_construct(**values), numbers

    def urgency(self, numbers: Sequence[int]) -> Urgency | None:
        """The urgency that the last of these changes gives, whatever that of the category is."""
        given = [self._changes[number].urgency for number in numbers]
        return next((urgency for urgency in reversed(given) if urgency is not None), None)

    def _read(self, index: int, change: Change, *, has_library: bool) -> Iterator[Fault]:
        path: KeyPath = ("changes", index)
        if not has_library:
            advice = "Sie ändern Regeln der Bibliothek; die gilt erst, wenn es die Tabelle [responsible] gibt."
            yield Fault(path, "Diese Änderung wirkt nicht.", advice, is_about_table=True)
        elif bool(change.rule) is bool(change.list):
            what = "Es ist nicht klar, was hier geändert werden soll."
            advice = "Schreiben Sie rule = mit dem Namen einer Regel oder list = mit dem einer Wortliste."
            yield Fault(path, what, advice, is_about_table=True)
        elif change.list:
            yield from self._list(path, change)
        elif (rule := self._rules.get(change.rule)) is None:
            yield self._unknown((*path, "rule"), change.rule)
        else:
            self._of.setdefault(rule.name, []).append(index)
            yield from self._rule(path, change, rule)

    def _unknown(self, path: KeyPath, name: str) -> Fault:
        if name in self._own:
            return Fault(path, f"{shown(name)} ist eine eigene Regel.", "Ändern Sie diese Regel selbst, weiter unten.")
        what = f"Eine Regel {shown(name)} gibt es in der Bibliothek nicht.{did_you_mean.sentence(name, self._rules)}"
        return Fault(path, what, "Alle Regeln zeigt: kod-intake rules; wo ein Wort steht: kod-intake rules find WORT.")

    def _rule(self, path: KeyPath, change: Change, rule: Wording) -> Iterator[Fault]:
        words = {*rule.keywords, *rule.except_, *rule.unless}
        yield from _missing(path, change.remove, words, "dieser Regel")
        yield from _there(path, change.add, rule.keywords, "dieser Regel")
        if not set(rule.keywords) - set(change.remove) | set(change.add):
            advice = "Soll die Regel nicht gelten, schreiben Sie stattdessen off = true."
            yield Fault((*path, "remove"), "Der Regel bleibt kein Schlüsselwort.", advice)
        fields = type(rule).model_fields
        for key in _VALUES:
            if key not in fields and getattr(change, key) is not None:
                what = "„" + rule.name + "“ ist eine Art von Nachricht; dort gibt es diesen Schlüssel nicht."
                yield Fault((*path, key), what, "Löschen Sie die Zeile.")

    def _list(self, path: KeyPath, change: Change) -> Iterator[Fault]:
        words = self.lists.get(change.list)
        if words is None:
            guess = did_you_mean.sentence(change.list, self.lists)
            what = f"Eine Wortliste {shown(change.list)} gibt es nicht.{guess}"
            yield Fault((*path, "list"), what, "Der Name steht hier ohne @ und ohne Umlaute.")
            return
        yield from _missing(path, change.remove, words, "dieser Liste")
        yield from _there(path, change.add, words, "dieser Liste")
        for key in sorted(change.model_fields_set - {"list", "add", "remove"}):
            yield Fault(
                (*path, key.rstrip("_")), "Bei einer Wortliste gibt es nur add und remove.", "Löschen Sie die Zeile."
            )
        kept = [word for word in words if word not in change.remove]
        self.lists[change.list] = tuple(dict.fromkeys((*kept, *change.add)))


def _missing(
    path: KeyPath, removed: Sequence[str], words: Mapping[str, Any] | Sequence[str] | set[str], where: str
) -> Iterator[Fault]:
    for index, word in enumerate(removed):
        if word not in words:
            what = f"{shown(word)} steht nicht in {where}.{did_you_mean.sentence(word, words)}"
            advice = "Das Wort muss so dastehen wie in der Bibliothek; kod-intake rules find WORT zeigt es."
            yield Fault((*path, "remove", index), what, advice)


def _there(path: KeyPath, added: Sequence[str], words: Sequence[str], where: str) -> Iterator[Fault]:
    for index, word in enumerate(added):
        if word in words:
            yield Fault(
                (*path, "add", index), f"{shown(word)} steht schon in {where}.", "Löschen Sie es hier.", "warning"
            )
