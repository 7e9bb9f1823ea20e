"""What the words of a text may be: a phrase around its rarest word.

``Targets`` gives one literal for every form of every phrase's rarest word, each with its endings and targets;
``around`` looks whether a target's other words stand where they must.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from routing.text.keywords import inflection
from routing.text.keywords.folding import word_list
from routing.text.keywords.outline import Outline
from routing.text.keywords.values import Keyword, Phrase, Slot

MOST_BLANKS = 4  # between neighbours, besides the one that always is there (" ... ")
_FREQUENT = word_list(
    """
    abend aendern alles anderen anwohner auto autos bereich bild bitte dort ecke etwas fahren fehlt foto frau ganz
    gehen geht gehweg gerade gestern gibt grosse haus hause heute hier immer jahr jahre jahren jemand kann kaputt
    kind kinder koennen kommen kommt laesst leute liegen liegt machen macht mann meine mensch menschen moechte
    morgen muss nachbar nachbarn nachmittag nacht offen ort person platz schnell schon seite seiten sollte stadt
    stehen steht stelle stellen strasse tag tage tagen teil teile teilen uhr vielen wagen wasser weg weitere woche
    wochen zeit zufahrt
    """
)
"""Words of ordinary letters: seldom worth looking for first."""

Endings = frozenset[str] | None
"""The endings that a literal may have; None: anything."""
_Literals = dict[str, list[tuple[Endings, "Target"]]]


class Words:
    """A slot made quick to ask: does this word fit? Its forms are spelled out when it is first asked."""

    __slots__ = ("_exact", "_infixes", "_listed", "_prefixes", "_slot", "_suffixes", "often")

    def __init__(self, slot: Slot) -> None:
        """``slot`` as ``patterns`` gives it; ``often``: how often it may be expected."""
        self.often = _commonness(slot)
        self._slot: Slot | None = slot
        self._exact: frozenset[str] = frozenset()
        self._suffixes: tuple[str, ...] = ()
        self._prefixes: tuple[str, ...] = ()
        self._infixes: tuple[str, ...] = ()
        self._listed: frozenset[str] | None = None

    @property
    def listed(self) -> frozenset[str] | None:
        """The set of words that fit, where they can be listed; None where not."""
        if self._slot is not None:
            self._spell_out(self._slot)
        return self._listed

    def fit(self, word: str) -> bool:
        """Whether the word is one of the slot's."""
        if self._slot is not None:
            self._spell_out(self._slot)
        if word in self._exact:
            return True
        if self._prefixes and word.startswith(self._prefixes):
            return True
        if self._suffixes and word.endswith(self._suffixes):
            return True
        return bool(self._infixes) and any(infix in word for infix in self._infixes)

    def _spell_out(self, slot: Slot) -> None:
        exact: set[str] = set()
        suffixes: list[str] = []
        prefixes: list[str] = []
        infixes: list[str] = []
        for literal, endings, open_start in slot:
            if endings is None:
                (infixes if open_start else prefixes).append(literal)
            elif open_start:
                suffixes += [literal + ending for ending in endings]
            else:
                exact.update([literal + ending for ending in endings])
        self._exact = frozenset(exact)
        self._suffixes, self._prefixes, self._infixes = tuple(suffixes), tuple(prefixes), tuple(infixes)
        self._listed = None if prefixes or suffixes or infixes else self._exact
        self._slot = None


class Target:
    """A phrase of a part, of which the word number ``anchor`` was found."""

    __slots__ = ("anchor", "gaps", "part", "words")

    def __init__(self, part: int, phrase: Phrase, anchor: int, words: tuple[Words, ...]) -> None:
        """``part``: whose phrase it is; ``words``: its slots where there are several, else nothing."""
        self.part = part
        self.gaps = phrase.gaps
        self.anchor = anchor
        self.words = words

    @property
    def apart(self) -> frozenset[str] | None:
        """The set of words of which one must stand in the text, but not right beside the anchor.

        None where not listed.
        """
        for number, word in enumerate(self.words):
            beside = abs(number - self.anchor) < 2 and not self.gaps[min(number, self.anchor, len(self.gaps) - 1)]
            if not beside and number != self.anchor and word.listed is not None:
                return word.listed
        return None

    @property
    def following(self) -> frozenset[str] | None:
        """The set of words that may stand right behind, where they can be listed; None where not."""
        behind = self.anchor + 1
        return None if behind == len(self.words) or self.gaps[self.anchor] else self.words[behind].listed

    @property
    def before(self) -> frozenset[str] | None:
        """The set of words that may stand right before, where they can be listed; None where not."""
        return None if not self.anchor or self.gaps[self.anchor - 1] else self.words[self.anchor - 1].listed


class Targets:
    """The phrases of parts by what to look for; a part is looked at when it is first asked for."""

    def __init__(self, part: Callable[[int], tuple[Phrase, ...]]) -> None:
        """``part`` gives the phrases of the part with a number."""
        self._part = part
        self._known: dict[int, tuple[tuple[Phrase, ...], _Literals]] = {}
        self._words: dict[int, Words] = {}  # by the slot's identity: to compare them takes longer than all else

    def of(self, number: int) -> "_Literals":
        """What to look for to find the part, each literal with what it may be there."""
        known = self._known.get(number)
        if known is None:
            part = self._part(number)
            known = self._known[number] = part, self._literals(number, part)
        return known[1]

    def _literals(self, number: int, part: tuple[Phrase, ...]) -> "_Literals":
        found: _Literals = {}
        for phrase in part:
            slots = phrase.slots
            anchor = 0
            words: tuple[Words, ...] = ()
            if len(slots) > 1:
                words = tuple([self._words.get(id(slot)) or self._new(slot) for slot in slots])
                often = [word.often for word in words]
                anchor = often.index(min(often))
            target = Target(number, phrase, anchor, words)
            for literal, endings, open_start in slots[anchor]:
                found.setdefault(literal if open_start else " " + literal, []).append((endings, target))
        return found

    def _new(self, slot: Slot) -> Words:
        self._words[id(slot)] = words = Words(slot)
        return words


class _Beginnings:
    """Of a part no more than the literals that ``Targets`` has for it: of all keywords at once that is far quicker."""

    def __init__(self) -> None:
        self._often: dict[int, float] = {}  # by the slot's identity, as there
        self._literals: dict[int, tuple[str, ...]] = {}

    def of(self, part: tuple[Phrase, ...]) -> Iterable[str]:
        """Its literals, each once, in order; the slots of ``part`` must outlive this object."""
        found = [self._of_slot(self._rarest(phrase.slots)) for phrase in part]
        return found[0] if len(found) == 1 else dict.fromkeys(chain.from_iterable(found))

    def _rarest(self, slots: tuple[Slot, ...]) -> Slot:
        return slots[0] if len(slots) == 1 else min(slots, key=self._commonness)

    def _commonness(self, slot: Slot) -> float:
        often = self._often.get(id(slot))
        if often is None:
            often = self._often[id(slot)] = _commonness(slot)
        return often

    def _of_slot(self, slot: Slot) -> tuple[str, ...]:
        known = self._literals.get(id(slot))
        if known is None:
            written = [literal if open_start else f" {literal}" for literal, _, open_start in slot]
            known = self._literals[id(slot)] = tuple(dict.fromkeys(written))
        return known


def outline(keywords: Sequence[Keyword]) -> Outline:
    """The outline of keywords, whose numbers count from 0."""
    parts: list[tuple[Phrase, ...]] = []
    numbers: dict[int, int] = {}  # of parts, by their identity: to compare them takes longer than all else
    parts_of: list[tuple[int, ...]] = []
    for keyword in keywords:
        for part in keyword.parts:
            if id(part) not in numbers:
                numbers[id(part)] = len(parts)
                parts.append(part)
        parts_of.append(tuple([numbers[id(part)] for part in keyword.parts]))
    beginnings = _Beginnings()
    literals: dict[str, list[int]] = defaultdict(list)
    for number, phrases in enumerate(parts):
        for literal in beginnings.of(phrases):
            literals[literal].append(number)
    together = {number: several for number, several in enumerate(parts_of) if len(several) > 1}
    often = {part: commonness(parts[part]) for several in together.values() for part in several}
    rarest = {number: min(several, key=often.__getitem__) for number, several in together.items()}
    return Outline({literal: tuple(found) for literal, found in literals.items()}, tuple(parts_of), rarest)


def commonness(part: Iterable[Phrase]) -> float:
    """How often a part may be expected."""
    return sum(min(map(_commonness, phrase.slots)) for phrase in part)


def _commonness(slot: Slot) -> float:
    """How often a slot may be expected to hit, by the length and number of its words."""
    often = 0.0
    for literal, _, _ in slot:
        if literal in inflection.NEVER:
            often += 0.1
        elif literal in _FREQUENT:
            often += 0.01
        else:
            often += _BY_LENGTH[len(literal)] if len(literal) < 8 else _BY_LENGTH[8]
    return often


_BY_LENGTH = tuple(26.0**-length for length in range(9))


def around(words: Sequence[str], target: Target, place: int) -> tuple[int, int] | None:
    """(first, last) number of the words of the phrase around its anchor ``words[place]``, or None.

    "" is one more blank.
    """
    last = place
    for number in range(target.anchor + 1, len(target.words)):
        last = _fitting(words, target.words[number], last, 1, target.gaps[number - 1])
        if last < 0:
            return None
    first = place
    for number in range(target.anchor - 1, -1, -1):
        first = _fitting(words, target.words[number], first, -1, target.gaps[number])
        if first < 0:
            return None
    return first, last


def _fitting(words: Sequence[str], slot: Words, place: int, step: int, gap: int) -> int:
    """Where the next word that fits stands, with at most ``gap`` others before it; -1 for nowhere."""
    fit = slot.fit
    blanks = 0
    while 0 <= (place := place + step) < len(words):
        word = words[place]
        if word:
            if fit(word):
                return place
            if not gap:
                break
            gap -= 1
            blanks = 0
        elif blanks == MOST_BLANKS:
            break
        else:
            blanks += 1
    return -1


def word_near(words: Sequence[str], place: int, step: int) -> str:
    """The next word (``step`` 1) or the one before (-1); empty when there is none near."""
    for _ in range(MOST_BLANKS + 1):
        place += step
        if not 0 <= place < len(words):
            break
        if words[place]:
            return words[place]
    return ""
