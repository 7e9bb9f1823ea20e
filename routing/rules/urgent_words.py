"""The words of what is urgent, for a quick look before anything is judged (``intake.mail.urgent_look``)."""

from routing.rules.engine.values import Role, RuleSet
from routing.text.keywords.values import Keyword

Words = tuple[tuple[str, ...], ...]
"""Of a keyword the words that must all be there, each in one of several forms (folded beginnings)."""


def of(rule_set: RuleSet) -> tuple[Words, ...]:
    """The words of all keywords of urgent rules, each keyword once."""
    found = {
        words: None
        for number, (rule, role) in enumerate(rule_set.owners)
        if role is Role.KEYWORD and rule_set.is_urgent(rule)
        if (words := _words(rule_set.keywords[number]))
    }
    return tuple(found)


def _words(keyword: Keyword) -> Words:
    slots = (slot for phrases in keyword.parts for phrase in phrases[:1] for slot in phrase.slots)
    return tuple(tuple(sorted({form.literal for form in slot if form.literal})) for slot in slots)
