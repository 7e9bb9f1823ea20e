"""What a changed configuration would do to messages of the past: each judged twice, the differences grouped. Pure.

``Tally.add`` takes one message after the other and keeps counts and a few examples of each kind of difference, so that
memory does not grow with the history. A difference is one of routing when somebody else would get the message, or with
another urgency, or when it would go to review or be kept instead; a new category alone is counted apart.
"""

from collections import Counter

from msgspec import Struct, field

from intake.message import Message
from routing.model.decision import Concern, Decision, State, Urgency

MOST_EXAMPLES = 3

Going = tuple[tuple[str, Urgency], ...]
"""Who gets it, each with the urgency, in the order of their names."""


class Routing(Struct, frozen=True):
    """What a decision comes to for the message; ``kind`` is empty for a concern."""

    state: State
    kind: str
    going: Going


class Cause(Struct, frozen=True):
    """A rule that makes the difference: ``change`` is new, gone or changed; ``keyword`` one that it matched with."""

    change: str
    rule: str
    keyword: str


class Example(Struct, frozen=True):
    """A message of the group: ``name`` tells it to staff, ``found`` is the word that made the difference."""

    name: str
    message: Message
    found: str


class Group(Struct):
    """Messages that would all go from one outcome to another."""

    before: Routing
    after: Routing
    count: int = 0
    causes: Counter[Cause] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    @property
    def is_urgent(self) -> bool:
        """Whether something in them was urgent, or would be."""
        return any(urgency.is_urgent for _, urgency in (*self.before.going, *self.after.going))


class Tally(Struct):
    """Everything compared so far; of each group so many examples are kept."""

    most_examples: int = MOST_EXAMPLES
    total: int = 0
    renamed: int = 0  # only the category differs
    groups: dict[tuple[Routing, Routing], Group] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """How many messages would be routed otherwise."""
        return sum(group.count for group in self.groups.values())

    def add(self, name: str, message: Message, old: Decision, new: Decision) -> None:
        """Compare two decisions about one message."""
        self.total += 1
        before, after = outcome(old), outcome(new)
        if before == after:
            self.renamed += _categories(old) != _categories(new)
            return
        group = self.groups.setdefault((before, after), Group(before, after))
        group.count += 1
        causes = _causes(old, new)
        group.causes.update(cause for cause, _ in causes)
        if len(group.examples) < self.most_examples:
            group.examples.append(Example(name, message, causes[0][1] if causes else ""))


def outcome(decision: Decision) -> Routing:
    """Who gets the message and how urgently, or why nobody does: recipients are sorted."""
    kind = "" if decision.kind == "concern" else decision.kind
    if decision.state is not State.ROUTED:
        return Routing(decision.state, kind, ())
    best: dict[str, Urgency] = {}
    for concern in decision.concerns:
        if concern.state is State.ROUTED:
            for name in concern.recipients:
                best[name] = min(best.get(name, concern.urgency), concern.urgency, key=lambda urgency: urgency.rank)
    return Routing(decision.state, kind, tuple(sorted(best.items())))


def _categories(decision: Decision) -> set[str]:
    return {concern.category for concern in decision.concerns}


def _causes(old: Decision, new: Decision) -> list[tuple[Cause, str]]:
    """The rules that differ, each with a keyword that matched and the words found; what is new first."""
    before, after = _rules(old), _rules(new)
    found = [_cause("new", rule, after[rule]) for rule in after if rule not in before]
    found += [_cause("gone", rule, before[rule]) for rule in before if rule not in after]
    if found:
        return found
    changed = [rule for rule in after if _consequence(after[rule]) != _consequence(before[rule])]
    return [_cause("changed", rule, after[rule]) for rule in changed]


def _rules(decision: Decision) -> dict[str, Concern]:
    return {rule: concern for concern in decision.concerns for rule in concern.rules}


def _consequence(concern: Concern) -> tuple[State, tuple[str, ...], Urgency]:
    return concern.state, concern.recipients, concern.urgency


def _cause(change: str, rule: str, concern: Concern) -> tuple[Cause, str]:
    match = next((match for match in concern.matches if match.rule == rule), None)
    return Cause(change, rule, match.keyword if match else ""), match.found if match else ""
