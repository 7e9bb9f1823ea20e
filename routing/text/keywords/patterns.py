"""Keywords as staff write them, taken apart into what the index looks for.

``wort`` (with its inflections) · ``wort*`` begins with · ``*wort`` ends with · ``*wort*`` contains · ``zwei
wörter`` neighbours (a hyphen counts as a space) · ``tonne ... geleert`` up to four words between them · ``spritze +
spielplatz`` both in one sentence, in any order · ``@liste`` any word of a list, also within the others · ``/…/`` a
regular expression (RE2) over the folded text. A keyword that makes no sense raises ``KeywordError`` with a German
sentence for its writer.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, overload

import re2

from intake.base import did_you_mean
from routing.text.keywords import folding, inflection
from routing.text.keywords.values import Form, Keyword, Phrase, Slot, Written

if TYPE_CHECKING:
    from routing.model.settings import Vocabulary

SHORTEST_PREFIX = 4
SHORTEST_INFIX = 5
WIDEST_GAP = 4
MOST_VARIANTS = 200
_STREET = re.compile(r"(?:strasse|str|weg|platz|allee|wall|gasse|ring|markt|pfad|dyk)(?![^\s*-])")
_PLUS = re.compile(r"\s\+\s")
_PLAIN = re.compile(r"\*?[a-zA-ZäöüÄÖÜß]+\*?(?: \*?[a-zA-ZäöüÄÖÜß]+\*?)*")
_SPLIT = re.compile(r"[\s\-‐‑–]+")
_MOST_REMEMBERED = 32_768  # more than the library's words, else a file that is read again finds none of them


class KeywordError(ValueError):
    """What is wrong with a keyword, as a German sentence."""


class Lists:
    """The named word lists, each taken apart once, and the parts of keywords, each a single object."""

    def __init__(self, vocabulary: "Vocabulary", sources: Iterable[str] = ()) -> None:
        """``vocabulary``: the words by the lists' names; ``@Möbel`` finds "moebel" as well.

        ``sources``: the keywords that will be asked for, as far as they are known: folding them at once is faster.
        """
        self.vocabulary = vocabulary
        written = {text.strip() for texts in (sources, *vocabulary.values()) for text in texts}
        whole = set(filter(_PLAIN.fullmatch, written))
        words = {word for text in written - whole for word in text.split()}
        self.folded = folding.plain_lines(whole.union(filter(_PLAIN.fullmatch, words)))
        """Of texts and words that are nothing but German letters, single blanks and stars."""
        self._names = {folding.plain(name): name for name in reversed(vocabulary)}
        self._entries: dict[str, list[tuple[Slot, ...]]] = {}
        self._parts: dict[str, tuple[Phrase, ...]] = {}

    def part(self, text: str) -> tuple[Phrase, ...]:
        """All phrases, in order, that a part stands for. Raises KeywordError."""
        known = self._parts.get(text)
        if known is None:
            slots = self.slots(text)
            alone = slots is not None and Phrase(slots, (0,) * (len(slots) - 1))
            known = self._parts[text] = (alone,) if alone else tuple(_phrases(text, self))
        return known

    def slots(self, text: str) -> tuple[Slot, ...] | None:
        """The slots of a text that was folded before, one for each word; None for every other. Raises KeywordError."""
        folded = self.folded.get(text)
        if folded is None:
            return None
        if folded.isalpha():
            return (_slot(folded),)
        words = zip(text.split(" "), folded.split(" "), strict=True)
        return tuple([_slot(plain) if plain.isalpha() else _starred(word, plain) for word, plain in words])

    def entries(self, word: str, seen: frozenset[str] = frozenset()) -> list[tuple[Slot, ...]]:
        """A list's words in order: the single ones as one slot with many forms, the others as phrases of their own.

        ``seen`` are the lists around it. Raises KeywordError for one that is not there or is part of itself.
        """
        name = self._names.get(folding.plain(word[1:]), word[1:])
        if name not in self.vocabulary:
            raise KeywordError(f"Die Wortliste „@{name}“ gibt es nicht.{did_you_mean.sentence(name, self.vocabulary)}")
        if name in seen:
            raise KeywordError(f"Die Wortliste „@{name}“ enthält sich selbst.")
        known = self._entries.get(name)
        if known is None:
            known = self._entries[name] = self._taken_apart(name, seen)
        return known

    def _taken_apart(self, name: str, seen: frozenset[str]) -> list[tuple[Slot, ...]]:
        single: dict[Form, None] = {}
        several: list[tuple[Slot, ...]] = []
        for entry in self.vocabulary[name]:
            found = (
                self.entries(entry, seen | {name})
                if entry.startswith("@")
                else [self.slots(entry.strip()) or _word_slots(entry.strip())]
            )
            for slots in found:
                if len(slots) == 1:
                    single.update(dict.fromkeys(slots[0]))
                elif slots:
                    several.append(slots)
        return [*([(tuple(single),)] if single else []), *several]


def parse(source: str, vocabulary: "Vocabulary | Lists") -> Keyword:
    """A keyword of config.toml taken apart; raises KeywordError. Of many, pass them ``Lists``: that is much faster."""
    text = source.strip()
    if isinstance(vocabulary, Lists) and (folded := vocabulary.folded.get(text)) is not None:
        return Keyword(source, (vocabulary.part(text),), None, _STREET.search(folded) is not None)
    if not text.strip("*/ +.…"):
        raise KeywordError("Das Schlüsselwort ist leer.")
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        return Keyword(source, expression=_expression(text[1:-1]))
    lists = vocabulary if isinstance(vocabulary, Lists) else Lists(vocabulary)
    parts = tuple([lists.part(part) for part in (_PLUS.split(text) if "+" in text else (text,))])
    return Keyword(source, parts, names_place=_names_place(text))


class Keywords(Sequence[Keyword]):
    """Keywords by number; one that is given as it is written is taken apart when it is first asked for.

    Then it raises KeywordError, if it makes no sense.
    """

    def __init__(self, given: Sequence["Keyword | Written"], lists: Lists) -> None:
        self._given = list(given)
        self._lists = lists

    def __len__(self) -> int:
        return len(self._given)

    @overload
    def __getitem__(self, number: int) -> Keyword: ...
    @overload
    def __getitem__(self, number: slice) -> list[Keyword]: ...
    def __getitem__(self, number: int | slice) -> Keyword | list[Keyword]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        given = self._given[number]
        if isinstance(given, Written):
            given = self._given[number] = taken(given, self._lists)
        return given


def taken(written: Written, lists: Lists) -> Keyword:
    """The keyword that is written so. Raises KeywordError."""
    keyword = parse(written.source, lists)
    return keyword._replace(typos=True) if written.typos else keyword


def _names_place(text: str) -> bool:
    return _STREET.search(folding.plain(text)) is not None


def _expression(source: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 4 << 20
    try:
        compiled = re2.compile(source, options)  # type: ignore[no-untyped-call]  # re2 has no types
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise KeywordError(f"Der reguläre Ausdruck ist fehlerhaft: {reason}.") from error
    if compiled.search("") is not None:
        raise KeywordError("Der reguläre Ausdruck trifft auch einen leeren Text.")
    return compiled


def _phrases(text: str, lists: Lists) -> Iterator[Phrase]:
    """All phrases that a part stands for; more than one only where a list has entries of several words."""
    choices: list[list[tuple[Slot, ...]]] = []
    gaps: list[int] = []
    gap = 0
    for word in text.replace("...", " … ").split():
        if word == "…":
            gap = WIDEST_GAP
            if not choices:
                break
            continue
        pieces = lists.entries(word) if word.startswith("@") else [lists.slots(word) or _slots(word)]
        if not any(pieces):
            raise KeywordError(f"„{word}“ enthält keinen Buchstaben.")
        choices.append(pieces)
        gaps.append(gap)
        gap = 0
    if not choices or gap:
        raise KeywordError("Zu „…“ gehören ein Wort davor und eines dahinter.")
    if prod(map(len, choices)) > MOST_VARIANTS:
        raise KeywordError("Das Schlüsselwort hat zu viele Varianten; bitte aufteilen.")
    for choice in product(*choices):
        slots: list[Slot] = []
        widths: list[int] = []
        for piece, before in zip(choice, gaps, strict=True):
            slots += piece
            widths += (before, *[0] * (len(piece) - 1))
        yield Phrase(tuple(slots), tuple(widths[1:]))


def _word_slots(entry: str) -> tuple[Slot, ...]:
    """The slots of an entry of a list, usually one."""
    if entry.isalpha():
        return _slots(entry)
    return tuple(slot for part in _SPLIT.split(entry) for slot in _slots(part))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _slots(word: str) -> tuple[Slot, ...]:
    """The slots of one written word; punctuation within it separates ("art.15")."""
    core = word.strip("*")
    if "*" in core:
        raise KeywordError(f"Der Stern darf nur am Anfang oder am Ende stehen, nicht in „{word}“.")
    starts, ends = _stars(word, sum(map(str.isalnum, core)))
    plain = folding.plain(core)
    words = [plain] if plain.isalnum() else folding.fold(core).words.split()
    last = len(words) - 1
    return tuple([_slot(part, starts and index == 0, ends and index == last) for index, part in enumerate(words)])


def _starred(word: str, plain: str) -> Slot:
    """The slot of a word of letters with stars around it, and as it is folded."""
    core = plain.strip("*")
    starts, ends = _stars(word, len(word.strip("*")))
    return _slot(core, starts, ends)


def _stars(word: str, length: int) -> tuple[bool, bool]:
    """Whether a star stands before and behind a word of so many letters. Raises KeywordError."""
    starts, ends = word.startswith("*"), word.endswith("*")
    least = SHORTEST_INFIX if starts and ends else SHORTEST_PREFIX if starts or ends else 0
    if length < least:
        raise KeywordError(f"„{word}“ ist zu kurz: Vor oder nach dem Stern müssen mindestens {least} Zeichen stehen.")
    return starts, ends


@lru_cache(maxsize=_MOST_REMEMBERED)
def _slot(word: str, open_start: bool = False, open_end: bool = False) -> Slot:  # noqa: FBT001, FBT002  (faster so)
    """The ways in which a folded word may look; the same object for the same word."""
    if open_end:
        changed = inflection.umlauted(word)
        alone = Form(word, None, open_start)
        return (alone,) if changed == word else (alone, Form(changed, None, open_start))
    return tuple([Form(literal, endings, open_start) for literal, endings in inflection.stems(word)])
