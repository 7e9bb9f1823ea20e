"""The linter: what in the rules works, but hardly as somebody meant it. Pure; German texts for staff.

It asks the rules themselves, with short texts made from each keyword, so it stays true whatever the way they decide:
keywords and rules that never do anything, keywords in two rules with different consequences, own keywords that the
library has already, keywords that find everyday words, surnames or places. ``silenced`` is grave and refuses a file: a
mask keeps an urgent word from alarming. Everything else is a hint. Most hints end when somebody writes an example that
shows it is meant. ``past`` adds what only the stored history can tell. Nothing here fails.
"""

from routing.model.gazetteer import Gazetteer
from routing.model.settings import Vocabulary
from routing.rules.engine.values import RuleSet
from routing.rules.lint import claims, conflicts, false_matches, unreachable, urgent
from routing.rules.lint.hint import Hint
from routing.rules.lint.probe import Probe

__all__ = ["Hint", "look", "silenced"]


def look(
    rule_set: RuleSet, vocabulary: Vocabulary, gazetteer: Gazetteer, own: claims.Words = frozenset()
) -> tuple[Hint, ...]:
    """All hints about the rules, except the grave ones, in order of the checks.

    ``own`` are the keywords that the city wrote itself, each with its rule: (rule, keyword).
    Single words are asked about as if the library had no signs: with them a word alone is no report.
    """
    probe = Probe(rule_set, vocabulary)
    words = probe.without_signs()
    found = (
        *unreachable.hints(words),
        *conflicts.hints(words),
        *false_matches.hints(words, gazetteer),
        *urgent.hints(probe),
    )
    told = {(hint.rule, hint.item) for hint in found}
    claimed = (hint for hint in claims.hints(words, own) if (hint.rule, hint.item) not in told)
    return tuple(dict.fromkeys((*found, *claimed)))


def silenced(rule_set: RuleSet, vocabulary: Vocabulary) -> tuple[Hint, ...]:
    """Words of urgent rules that a mask keeps from alarming, in order of the rules."""
    return tuple(urgent.silenced(Probe(rule_set, vocabulary)))
