"""The German words for what a back-test found: the command and the daemon's mail say the same. Pure."""

from collections.abc import Iterator

from intake.base import german
from routing.model import words
from routing.model.decision import State
from routing.rules.backtest import Group, Routing, Tally

STATES = {State.REVIEW: words.CONCERN["review"], State.KEPT: words.DECISION[State.KEPT]}
CHANGES = {"new": "trifft jetzt zu", "gone": "trifft nicht mehr zu", "changed": "geändert"}
MOST_CAUSES = 3


def urgent_first(tally: Tally) -> list[Group]:
    """A list of the groups: those with something urgent before the others, and of each the largest first."""
    return sorted(tally.groups.values(), key=lambda group: (not group.is_urgent, -group.count))


def title(group: Group) -> str:
    """One line: how many, from what to what."""
    urgent = "dringend: " if group.is_urgent else ""
    return f"{german.number(group.count):>6}  {urgent}{_outcome(group.before)} → {_outcome(group.after)}"


def causes(group: Group) -> Iterator[str]:
    """The rules that make the difference, a line each, in order of how often."""
    for cause, count in group.causes.most_common(MOST_CAUSES):
        keyword = f" (Schlüsselwort „{cause.keyword}“)" if cause.keyword else ""
        yield f"        Regel „{cause.rule}“ {CHANGES[cause.change]}{keyword}: {german.number(count)}-mal"


def _outcome(outcome: Routing) -> str:
    kind = f" ({outcome.kind})" if outcome.kind and outcome.kind != "unclear" else ""
    if not outcome.going:
        return f"{STATES[outcome.state]}{kind}"
    return german.listed(f"{name} ({urgency})" for name, urgency in outcome.going) + kind
