"""What the rules make of the linter's short texts. One value of rules and words that all of its questions share."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from intake.message import Message
from routing.model.decision import Decision
from routing.model.library import EMPTY
from routing.model.settings import KindRule, Rule, Vocabulary
from routing.rules.engine import decide, match
from routing.rules.engine.values import Findings, Role, RuleSet
from routing.rules.lint import sample_texts
from routing.text.keywords import folding


class Written(Struct, frozen=True):
    """A keyword where it stands: its number in the index, its rule's number and what it does there."""

    number: int
    rule: int
    source: str


class Probe(Struct, frozen=True):
    """The compiled rules with their word lists, ready to be tried."""

    rule_set: RuleSet
    vocabulary: Vocabulary

    def without_signs(self) -> "Probe":
        """The rules as they would judge by their words alone, so that only a mask keeps one from counting."""
        return replace(self, rule_set=replace(self.rule_set, library=EMPTY))

    def keywords(self) -> Iterator[Written]:
        """Everything under ``keywords``, rule by rule, in order."""
        for number, (rule, role) in enumerate(self.rule_set.owners):
            if role is Role.KEYWORD:
                yield Written(number, rule, self.rule_set.keywords[number].source)

    def settings(self, rule: int) -> Rule | KindRule:
        """The rule with this number."""
        return self.rule_set.rules[rule]

    def hits(self, text: str) -> frozenset[int]:
        """The set of numbers of the keywords (of any role, places too) that stand in the text, masks left aside."""
        return frozenset(number for number, _, _ in self.rule_set.index.find(folding.fold(text)))

    def may_hide(self, hits: frozenset[int], rule: int) -> bool:
        """Whether one of the hits could keep a keyword of the rule from counting: its own exception, or a place."""
        first_place, first_mark, owners = self.rule_set.first_place, self.rule_set.first_mark, self.rule_set.owners
        return any(
            first_place <= number < first_mark
            or (number < first_place and owners[number][0] == rule and owners[number][1] is not Role.KEYWORD)
            for number in hits
        )

    def sample_texts_of(self, written: Written, *, most: int = sample_texts.MOST_ENTRIES) -> Iterator[str]:
        """Texts in which the keyword stands, at most ``most``, in order."""
        for text in sample_texts.texts(written.source, self.vocabulary, most=most):
            if written.number in self.hits(text):
                yield text

    def by_rule(self) -> dict[int, list[Written]]:
        """What stands under ``keywords``, lists keyed by the rules' numbers."""
        found: dict[int, list[Written]] = {}
        for written in self.keywords():
            found.setdefault(written.rule, []).append(written)
        return found

    def found(self, text: str) -> Findings:
        """Which rules the text meets."""
        return match.evaluate(message(text), self.rule_set)

    def decision(self, text: str) -> Decision:
        """What would become of the text."""
        return decide.judge(message(text), self.rule_set).decision


def message(text: str) -> Message:
    """A text as if a citizen had written it in a mail without a subject."""
    return Message(channel="Test", identity=b"", new_text=text)
