"""What only the stored history can tell of the rules: never used, often corrected. Pure: the record is handed in."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, field

from intake.base import german
from routing.model.settings import Rule
from routing.rules.engine.values import RuleSet
from routing.rules.lint.hint import Hint

FEW_MESSAGES = 500
"""With less history than that it means nothing that a keyword has not come up yet."""
FEW_CORRECTIONS = 3
MANY_CORRECTED = 0.2
MOST_SHOWN = 8


class Record(Struct):
    """What the rules found in past messages: how many, since when, and how often each rule and keyword."""

    messages: int = 0
    since: datetime | None = None
    rules: Counter[str] = field(default_factory=Counter)
    keywords: Counter[tuple[str, str]] = field(default_factory=Counter)
    corrected: Counter[str] = field(default_factory=Counter)
    misled: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, at: datetime, matches: frozenset[tuple[str, str]], *, is_corrected: bool) -> None:
        """One message that was judged at ``at`` (aware); ``is_corrected``: a person sent it elsewhere.

        ``matches`` are pairs of (rule, keyword).
        """
        self.messages += 1
        self.since = at if self.since is None else min(self.since, at)
        rules = {rule for rule, _ in matches}
        self.keywords.update(matches)
        self.rules.update(rules)
        if is_corrected:
            self.corrected.update(rules)
            self.misled.update(matches)


class Misleading(Struct, frozen=True):
    """A keyword that often stood in messages which a person then sent elsewhere."""

    rule: str
    keyword: str
    corrected: int
    matched: int


def misleading(record: Record) -> list[Misleading]:
    """The keywords that mislead, a list sorted with the worst first."""
    found = [
        Misleading(rule, keyword, count, record.keywords[rule, keyword])
        for (rule, keyword), count in record.misled.items()
        if _is_often_corrected(count, record.keywords[rule, keyword])
    ]
    return sorted(found, key=lambda one: (-one.corrected, one.rule, one.keyword))


def _is_often_corrected(corrected: int, matched: int) -> bool:
    return corrected >= FEW_CORRECTIONS and corrected >= MANY_CORRECTED * matched


def hints(rule_set: RuleSet, record: Record) -> Iterator[Hint]:
    """Rules that people often correct, rules that never matched, keywords that never matched, in order."""
    if record.since is None:
        return
    counted = german.counted(record.messages, "Nachricht", "Nachrichten")
    span = f"seit dem {german.local(record.since):%d.%m.%Y} ({counted})"
    for number, rule in enumerate(rule_set.rules):
        matched, corrected = record.rules[rule.name], record.corrected[rule.name]
        if _is_often_corrected(corrected, matched):
            what = f"{corrected} von {matched} Nachrichten dieser Regel hat ein Mensch anders zugewiesen, {span}."
            yield Hint(rule.name, "name", "", what, "kod-intake suggest zeigt, welche Wörter irreführen oder fehlen.")
        if record.messages < FEW_MESSAGES or rule_set.is_urgent(number):
            continue
        if not matched:
            what = f"Die Regel hat {span} nie zugetroffen."
            yield Hint(rule.name, "name", "", what, "Braucht sie noch jemand? Vielleicht fehlen ihr Wörter.")
        elif isinstance(rule, Rule):
            unused = [word for word in rule.keywords if not record.keywords[rule.name, word]]
            if unused and 2 * len(unused) <= len(rule.keywords):  # of a broad list most are rare: that tells nothing
                shown = [f"„{word}“" for word in unused[:MOST_SHOWN]]
                if len(unused) > MOST_SHOWN:
                    shown.append(german.counted(len(unused) - MOST_SHOWN, "weiteres", "weitere"))
                count = f"{len(unused)} von {len(rule.keywords)} Schlüsselwörtern"
                what = f"{count} haben {span} nie getroffen: {german.listed(shown)}."
                yield Hint(rule.name, "keywords", unused[0], what, "Kein Fehler; falsch geschriebene fallen hier auf.")
