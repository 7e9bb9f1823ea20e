"""Which clauses of a sentence may leave the city, by what they are about."""

from collections.abc import Sequence

from msgspec import Struct

from routing.text.excerpt.known import Sort
from routing.text.excerpt.tokens import NUMBER, SIGN, WORD, Token
from routing.text.excerpt.wordlists import BIT

_THINGS = frozenset({Sort.THING, Sort.BRAND, Sort.GROUP})
_PRONOUN, _LIVING, _SPEAKING, _POLITE = BIT["pronoun"], BIT["living"], BIT["speaking"], BIT["polite"]
_WEAK, _STATE, _SIMPLE, _SOMEONE, _AUXILIARY = (
    BIT["weak"],
    BIT["state"],
    BIT["simple"],
    BIT["someone"],
    BIT["auxiliary"],
)


class Clause(Struct):
    """What a clause says, told by its words."""

    start: int
    end: int
    matters: int  # words that rules are about, and stay
    things: int
    places: int
    gaps: int
    words: int
    simple: bool  # one bare word alone
    is_name_like: bool  # a short one
    personal: bool
    sensitive: bool
    living: bool
    speaks: bool
    polite: bool
    small: int  # verbs and adjectives
    tells: bool  # something of the state, the time or the size
    someone: bool  # begins with "der hat", "er ist"

    @property
    def bears(self) -> bool:
        """Whether it says by itself what it is about."""
        if self.matters:
            return True
        if self.personal or self.sensitive or self.living or self.speaks:
            return False
        return self.things > 0 and (self.places > 0 or self.small > 0)


def read(tokens: Sequence[Token], span: tuple[int, int]) -> Clause:
    """What the clause says that a pair (first, behind the last) cuts out of a list of tokens; raises nothing."""
    start, end = span
    bits = matters = things = places = gaps = words = count = small = numbers = 0
    persons = sensitive = someone = False
    before = 0
    name_like = True
    for token in tokens[start:end]:
        if token.kind == SIGN:
            continue
        count += 1
        sort = token.sort
        if token.kind == WORD:
            words += 1
            bits |= token.bits
            persons = persons or sort is Sort.PERSON
            sensitive = sensitive or sort is Sort.SENSITIVE
            name_like = name_like and bool(token.bits & _SIMPLE)
            someone = someone or (words < 4 and before & _SOMEONE != 0 and token.bits & _AUXILIARY != 0)
            before = token.bits
        if token.gap:
            gaps += 1
        elif sort is Sort.MATTER:
            matters += not token.bits & _WEAK
            things += bool(token.bits & _WEAK)
        elif sort in _THINGS:
            things += not token.bits & _WEAK
            numbers += sort is Sort.THING
        elif sort is Sort.PLACE:
            places += 1
        elif sort is Sort.SMALL:
            small += 1
            numbers += token.bits & _STATE != 0
        elif sort is Sort.NUMBER or token.kind == NUMBER:
            numbers += 1
    return Clause(
        start, end, matters, things, places, gaps, count,
        simple=words == 1 and count == 1,
        is_name_like=name_like,
        personal=persons or bits & _PRONOUN != 0,
        sensitive=sensitive,
        living=bits & _LIVING != 0,
        speaks=bits & _SPEAKING != 0 and words > 1,  # "weiß" alone is a colour
        polite=bits & _POLITE != 0,
        small=small,
        tells=numbers > 0,
        someone=someone,
    )  # fmt: skip
