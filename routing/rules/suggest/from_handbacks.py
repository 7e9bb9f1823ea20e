"""What a hand-back asks of the rules: the rule that sent the concern, and words that would have kept it back. Pure.

A proposal is an ``unless`` word for that rule: a word of the citizen's message, best one that the body's reply names
too ("Privatgrund"). It is never put into force by itself: staff see what it would have done to the past, and decide.
For an urgent rule there is none, since a veto may silence an emergency.
"""

from collections.abc import Iterable

from msgspec import Struct

from intake.message import Message
from routing.model.settings import Configuration, Rule
from routing.rules.suggest.terms import Reader

MOST = 5


class Change(Struct, frozen=True):
    """A word for ``unless`` of the rule; ``named`` when the body's reply holds it too."""

    rule: str
    word: str
    named: bool

    def toml(self, rule: Rule) -> str:
        """The line as it would stand in config.toml."""
        words = ", ".join(f'"{word}"' for word in (*rule.unless, self.word))
        return f"unless = [{words}]"


def changes(rule: Rule, message: Message, reply: Message | None, reader: Reader) -> tuple[Change, ...]:
    """The words to try, in order: those that the reply names too, without any all others; none for an urgent rule."""
    if rule.urgency.is_urgent:
        return ()
    matched = {word.strip("*@/") for word in rule.keywords}
    named = {term.key for term in reader.terms(reply)} if reply is not None else set()
    terms = [term for term in reader.terms(message) if matched.isdisjoint(term.written.split())]
    ordered = sorted(terms, key=lambda term: (" " in term.written, -len(term.written)))
    both = [term for term in ordered if term.key in named]
    return tuple(Change(rule.name, term.written, term.key in named) for term in (both or ordered)[:MOST])


def with_change(configuration: Configuration, change: Change) -> Configuration:
    """The configuration as it would be with the word in the rule."""
    rules = tuple(
        rule.model_copy(update={"unless": (*rule.unless, change.word)}) if rule.name == change.rule else rule
        for rule in configuration.settings.rules
    )
    settings = configuration.settings.model_copy(update={"rules": rules})
    return configuration.model_copy(update={"settings": settings})


def touched(change: Change, messages: Iterable[tuple[str, Message]]) -> Iterable[tuple[str, Message]]:
    """Only the pairs of (name, message) that hold the word: no others can be judged otherwise."""
    words = change.word.casefold().split()
    for name, message in messages:
        text = f"{message.subject} {message.new_text}".casefold()
        if all(word[:4] in text for word in words):
            yield name, message
