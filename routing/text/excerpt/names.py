"""Names by what stands around them: a word that is also a thing, a season or a colour may be somebody's surname.

What a sentence says of somebody decides: a title, a trade, kinship or a role before it, an initial, a first name, a
verb of speaking, "laut", "von" or "bei" without an article, a genitive, the head of a note. Such a word goes, whatever
the dictionary says. An article, an adjective or a preposition of place before it make it a thing.
"""

from collections.abc import Sequence

from routing.text.excerpt.known import PHRASE_KEY, Known, Sort
from routing.text.excerpt.tokens import MIXED, NUMBER, ODD, SIGN, WORD, Token
from routing.text.excerpt.wordlists import BIT
from routing.text.keywords import folding

_NAMED = frozenset({Sort.MATTER, Sort.THING, Sort.BRAND, Sort.SMALL, Sort.GROUP})
_BARE = frozenset({Sort.FUNCTION, Sort.NUMBER, Sort.PLACE})
_QUOTES = frozenset({"„", '"', "»", "."})
_DASHES = frozenset({":", "/", "&", "-", "–"})
_TITLE, _FAREWELL, _NOMINAL, _SIMPLE = BIT["title"], BIT["farewells"], BIT["nominal"], BIT["simple"]
_ARTICLE, _DETERMINER, _SPEAKING, _DOING = BIT["article"], BIT["determiner"], BIT["speaking"], BIT["doing"]
_BEFORE_NAMES, _STRICT, _WEATHER, _FUSED = BIT["before_names"], BIT["strict"], BIT["weather"], BIT["fused"]
_NUMBERS = frozenset({"nr", "nummer", "hausnummer", "hnr", "hs", "lp", "lsa"})
_WHO = frozenset({"das", "es", "schuld", "dabei", "zeuge", "zeugin"})
_ALSO_WITH_S = frozenset({"gas", "glas", "gras", "kies", "haus", "eis", "kreis", "moos"})


class Around:
    """A word and what stands around it."""

    __slots__ = ("after", "at_head", "before", "beyond", "index", "token", "tokens")

    def __init__(self, tokens: Sequence[Token], index: int, before: Token | None, *, at_head: bool) -> None:
        self.tokens, self.index, self.token, self.before, self.at_head = tokens, index, tokens[index], before, at_head
        self.after = tokens[index + 1] if index + 1 < len(tokens) else None
        self.beyond = tokens[index - 2] if before is not None and before.low in _DASHES and index > 1 else before

    @property
    def ends(self) -> bool:
        """Whether its clause ends with it."""
        return self.after is None or self.after.kind == SIGN

    @property
    def clause(self) -> Sequence[Token]:
        """The tokens between the nearest signs."""
        begin = end = self.index
        while begin and self.tokens[begin - 1].kind != SIGN:
            begin -= 1
        while end < len(self.tokens) and self.tokens[end].kind != SIGN:
            end += 1
        return self.tokens[begin:end]


def judge(tokens: Sequence[Token], *, at_head: bool) -> None:
    """Mark the words of a list, a sentence's in order, that are, or may be, somebody's name; raises nothing.

    ``at_head``: it begins the text or a line.
    """
    farewell = False
    for index, token in enumerate(tokens):
        if token.kind != WORD:
            token.gap = token.gap or token.kind == ODD
            continue
        sort = token.sort
        if farewell:
            token.gap = True
        elif sort in _BARE:
            token.gap = token.is_capital and sort is Sort.FUNCTION and len(token.low) == 1
        elif sort is Sort.PERSON or sort is Sort.SENSITIVE:
            token.gap = True
        else:
            before = _before(tokens, index)
            if sort is Sort.UNKNOWN:
                token.gap = not is_place(tokens, index, before)
                if not token.gap:
                    token.sort = Sort.PLACE
            elif before is not None and before.bits & _TITLE:
                token.gap = True
            elif sort is Sort.SMALL and not token.is_capital:
                continue
            elif sort is Sort.SMALL and not token.first:
                token.gap = not token.bits & _NOMINAL
            else:
                token.gap = is_somebody(Around(tokens, index, before, at_head=at_head))
        farewell = farewell or bool(token.bits & _FAREWELL)


def is_somebody(here: Around) -> bool:
    """Whether a word that is also a thing's, or begins a sentence, stands where a name does."""
    simple = bool(here.token.bits & _SIMPLE) and here.token.low not in _NUMBERS
    if here.beyond is not None and here.beyond.sort is Sort.PERSON and (simple or here.before is here.beyond):
        return True
    if simple and here.before is not None and here.before.sort is Sort.GROUP and here.token.is_capital:
        return True
    if simple and (_is_beside_somebody(here) or _is_behind_a_name_word(here) or _is_said_to_be(here)):
        return True
    if _is_led(here.before):
        return False
    if here.after is not None and (
        here.after.bits & _SPEAKING
        or (
            here.after.bits & BIT["has"]
            and any(one.bits & _SPEAKING for one in here.tokens[here.index + 1 : here.index + 12])
        )
    ):
        return True
    return (simple and (_acts(here) or _heads(here))) or _is_genitive(here)


def _before(tokens: Sequence[Token], index: int) -> Token | None:
    """The word before, over an opening quote or a full stop behind an abbreviation."""
    at = index - 1
    while at >= 0 and tokens[at].low in _QUOTES:
        at -= 1
    return tokens[at] if at >= 0 else None


def _is_led(before: Token | None) -> bool:
    """Whether an article, a number, an adjective or a preposition makes it a thing."""
    if before is None:
        return False
    if before.bits & _DETERMINER or before.sort is Sort.NUMBER or (before.kind == NUMBER and not before.gap):
        return True
    return before.sort is Sort.SMALL and (before.first or not (before.is_capital or before.bits & _SPEAKING))


def _is_beside_somebody(here: Around) -> bool:
    """A first name, an initial or an unknown word next to it; "Batista und Schwarz"; "Zeugen: A, B"."""
    before, after = here.before, here.after
    if before is not None and before.kind == WORD:
        if before.sort in {Sort.UNKNOWN, Sort.SENSITIVE} and before.gap:
            return True  # "2. OG Lampe"
        if before.is_capital and len(before.low) < 2:
            return True
        if before.bits & BIT["businesses"] and before.is_capital:
            return True
    unknown = (
        after is not None and after.kind == WORD and after.is_capital and after.sort in {Sort.UNKNOWN, Sort.SMALL}
    )
    if (
        unknown
        and here.token.is_capital
        and (before is None or not (before.bits & _ARTICLE or before.sort is Sort.SMALL))
    ):
        return True
    if before is None:
        return after is not None and after.kind == WORD and after.sort is Sort.UNKNOWN
    index, tokens = here.index, here.tokens
    if index > 1 and tokens[index - 1].low in {"und", "&", "/", "u"}:
        other = tokens[index - 2]
        if other.gap and other.is_capital and other.kind == WORD:
            return True
    return _is_in_a_list(tokens, index)


def _is_in_a_list(tokens: Sequence[Token], index: int) -> bool:
    for at in range(1, index):
        if tokens[at].low == ":" and any(one.sort is Sort.PERSON or one.bits & _SPEAKING for one in tokens[:at]):
            return all(one.kind in {SIGN, NUMBER, MIXED} or one.gap or one.low == "und" for one in tokens[at:index])
    return False


def _is_behind_a_name_word(here: Around) -> bool:
    """Behind "laut", "von", "bei", "gehört" without an article: but "bei Regen", "von Laub verstopft"."""
    before, token = here.before, here.token
    if before is None or not before.bits & _BEFORE_NAMES or token.sort is Sort.BRAND:
        return False
    participle = here.after is not None and here.after.sort is Sort.SMALL and before.low in {"von", "durch"}
    if participle or (token.bits & _WEATHER and before.bits & _STRICT):
        return False
    return not before.bits & _FUSED or token.sort is Sort.SMALL


def _is_said_to_be(here: Around) -> bool:
    """So: "X war das", "als X", "seit X hier wohnt"."""
    before, after = here.before, here.after
    following = here.tokens[here.index + 2].low if here.index + 2 < len(here.tokens) else ""
    if after is not None and after.low in {"war", "ist"} and following in _WHO:
        return True
    if before is None:
        return False
    if before.low == "als" and here.token.is_capital:
        return True
    return before.low == "seit" and any(one.bits & BIT["lives"] for one in here.clause)


def _acts(here: Around) -> bool:
    """Whether it does what only people do, or is the last word behind a place, "ist" or a verb of speaking."""
    before, after, token = here.before, here.after, here.token
    if after is not None and after.bits & _DOING:
        return True
    if before is not None:
        if before.bits & _SPEAKING and before.kind == WORD:
            return True
        if before.bits & BIT["throwing"] and not token.bits & _WEATHER:
            return True
        if before.bits & BIT["being"] and not token.bits & _WEATHER and here.ends:
            return True
        if before.sort is Sort.PLACE and before.kind == WORD and here.ends and token.is_capital:
            return True
    clause = here.clause
    return any(one.low == "name" for one in clause) or (here.ends and any(one.bits & BIT["writes"] for one in clause))


def _heads(here: Around) -> bool:
    """Whether it is the name at the head of a note: "Tonne: …", "Hahn, Kempener Allee 91: …"."""
    token, after, index, tokens = here.token, here.after, here.index, here.tokens
    if (
        token.sort is Sort.SMALL
        and token.first
        and (after is None or after.kind != WORD or after.sort in {Sort.UNKNOWN, Sort.PERSON} or _is_pair(here))
    ):
        return True
    if not (here.at_head and token.first and after is not None):
        return False
    if (
        token.sort is not Sort.SMALL
        and after.sort is Sort.MATTER
        and after.is_capital
        and not after.bits & (BIT["numbered"] | _SIMPLE)
    ):
        return True
    if after.low in {":", "/", "("}:
        return not token.bits & BIT["head"]
    following = tokens[index + 2] if index + 2 < len(tokens) else None
    return (
        after.low in {",", "–", "-"}
        and following is not None
        and (following.sort in {Sort.UNKNOWN, Sort.PLACE} or following.kind == NUMBER)
    )


def _is_pair(here: Around) -> bool:
    """So: "Lange und Kurz": but "Verwaiste und kaputte Fahrräder"."""
    at = here.index + 2
    return here.after is not None and here.after.low == "und" and at < len(here.tokens) and here.tokens[at].is_capital


def _is_genitive(here: Around) -> bool:
    """So: "Hammers Garage": a thing's word with -s right before a thing, and no article before it."""
    after = here.after
    if after is None or after.kind != WORD or not after.is_capital or not here.token.low.endswith("s"):
        return False
    if here.token.sort is Sort.SMALL or here.token.low in _ALSO_WITH_S:
        return False
    return after.sort in _NAMED or after.sort is Sort.PERSON


_PHRASE, _WAY, _INTO, _STREET_WORD = BIT["phrase"], BIT["way"], BIT["into"], BIT["street_words"]
_LOOKED_AT = _PHRASE | _WAY | _INTO | _STREET_WORD
_AFTER_FUSED = ("haus", "kreuz", "spitz", "mühle", "burg", "eck", "turm", "tor")
_LONGEST_STREET = 4
_SHORTEST_NAME = 4


def mark_places(tokens: Sequence[Token], known: Known) -> None:
    """Give names of several words in a list of tokens the sort of a place ("Neue Linner Straße"); raises nothing."""
    for index, token in enumerate(tokens):
        bits = token.bits
        if not bits & _LOOKED_AT:
            continue
        if bits & _PHRASE:
            _phrase(tokens, index, known)
        if bits & _WAY:
            back = index - 1
            while back >= 0 and index - back < _LONGEST_STREET and _belongs(tokens[back], index - back):
                tokens[back].sort = token.sort = Sort.PLACE
                back -= 1
        if not token.is_capital or index + 1 >= len(tokens):
            continue
        following = tokens[index + 1]
        if bits & _STREET_WORD and token.sort is Sort.SMALL and following.sort is Sort.PLACE:
            token.sort = Sort.PLACE
        if bits & _INTO and not token.first and index + 2 < len(tokens) and following.low in {"der", "dem", "den"}:
            name = tokens[index + 2]
            if name.is_capital and name.sort is Sort.UNKNOWN:
                name.sort = Sort.PLACE


def is_place(tokens: Sequence[Token], index: int, before: Token | None) -> bool:
    """Whether an unknown capitalised word is named as a place: "am Egelsberg", "der Kita Weidenhof"."""
    token = tokens[index]
    if not token.is_capital or before is None or before.gap or len(token.low) < _SHORTEST_NAME:
        return False
    if not token.low.replace("-", "").isalpha():
        return False
    if before.bits & BIT["led_place"]:
        return True
    if before.bits & BIT["fused"]:
        return token.low.endswith(_AFTER_FUSED)
    if not before.bits & BIT["institutions"] or not before.is_capital:
        return False
    return before.low.endswith("richtung") or (index > 1 and tokens[index - 2].sort is Sort.FUNCTION)


def _phrase(tokens: Sequence[Token], index: int, known: Known) -> None:
    for parts in known.phrases[folding.plain(tokens[index].low)[:PHRASE_KEY]]:
        end = _follows(tokens, index, parts)
        for one in tokens[index:end]:
            one.sort = Sort.PLACE


def _follows(tokens: Sequence[Token], index: int, parts: tuple[str, ...]) -> int:
    """Where a name of several words ends that begins at ``index``, or 0; the last letters of adjectives may differ."""
    at = index
    for part in parts:
        while at < len(tokens) and tokens[at].low in {"-", "."}:
            at += 1
        if at >= len(tokens):
            return 0
        word = folding.plain(tokens[at].low)
        if word != part and not (word[:-1] == part[:-1] and len(part) > _SHORTEST_NAME):
            return 0
        at += 1
    return at


def _belongs(token: Token, distance: int) -> bool:
    """Whether a word belongs to the name of the street that stands so many words behind it."""
    if token.kind != WORD or not token.is_capital or token.sort is Sort.PERSON:
        return False
    if distance > 1:
        return bool(token.bits & BIT["part_of_way"])
    if token.bits & _STREET_WORD or token.sort is Sort.SMALL:
        return True
    return token.low.endswith("er") and len(token.low) > _SHORTEST_NAME
