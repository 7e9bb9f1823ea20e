"""Long words with one typing mistake: a letter too many, too few, a wrong one, or two exchanged.

Only for keywords that are one word of at least eight letters (a star then stands for nothing), and only words that
German does not know ("Schaufel" is not Schaukel, "scheinen" not schreien). One mistake leaves the first or the last
three letters as they are: only keywords that share them, and nearly the length, are compared. Words that mean nothing
are remembered, within bounds.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from routing.text.keywords import dictionary
from routing.text.keywords.outline import Mistyped
from routing.text.keywords.values import Keyword

SHORTEST = 8
_USUAL_ENDINGS = frozenset({"", "e", "n", "en", "s", "es"})  # of a mistyped word in place of a star
_LONGEST = 40
_MOST_REMEMBERED = 20_000


class Tolerance:
    """Which keywords a word may mean that none of them finds."""

    def __init__(self, forms: Mapping[str, Sequence[int]]) -> None:
        """``forms``: folded words that may be mistyped and the numbers of the keywords that they belong to."""
        self._forms = forms
        self._alike: dict[str, list[str]] = defaultdict(list)
        for form in forms:
            for end in _ends(form):
                self._alike[end].append(form)
        self._meaningless: set[str] = set()

    def among(self, words: set[str]) -> dict[str, frozenset[int]]:
        """Those of these folded words that are mistyped, in their order, and the numbers of the keywords they mean."""
        if not self._forms:
            return {}
        strange = words - self._meaningless
        found = {word: meant for word in sorted(strange) if (meant := self._meant(word))}
        if len(self._meaningless) >= _MOST_REMEMBERED:
            self._meaningless.clear()
        self._meaningless.update(word for word in strange if word not in found and len(word) <= _LONGEST)
        return found

    def _meant(self, word: str) -> frozenset[int]:
        if not SHORTEST - 1 <= len(word) <= _LONGEST or word in self._forms:
            return frozenset()
        if not (word.isascii() and word.isalpha()):
            return frozenset()
        alike = {form for end in _ends(word) for form in self._alike.get(end, ()) if abs(len(form) - len(word)) < 2}
        near = [form for form in alike if _one_mistake(form, word)]
        if not near or dictionary.is_known(word):
            return frozenset()
        return frozenset(number for form in near for number in self._forms[form])


def forms(keywords: Sequence[Keyword]) -> Mistyped:
    """The words of those keywords that are one word and allow for a typing mistake, in alphabetical order."""
    found: Mistyped = {}
    for number, keyword in enumerate(keywords):
        if not keyword.typos:
            continue
        alone = (number,)  # one for all of its forms: there are thousands
        for phrase in keyword.parts[0] if len(keyword.parts) == 1 else ():
            for form in phrase.slots[0] if len(phrase.slots) == 1 else ():
                for ending in _USUAL_ENDINGS if form.endings is None else form.endings:
                    word = form.literal + ending
                    if may_be_mistyped(word):
                        others = found.get(word)
                        found[word] = alone if others in {None, alone} else tuple({*(others or ()), number})
    return dict(sorted(found.items()))


def may_be_mistyped(form: str) -> bool:
    """Whether a keyword's form is long enough, and made of letters."""
    return len(form) >= SHORTEST and form.isalpha()


def _ends(word: str) -> tuple[str, str]:
    """The first three letters; the first and the last three."""
    return word[:3], f"{word[0]} {word[-3:]}"


def _one_mistake(one: str, other: str) -> bool:
    """Whether a letter was left out, added, replaced or exchanged with the next, once."""
    first = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[first:], other[first:]
    return (
        rest[1:] == others
        or rest == others[1:]
        or rest[1:] == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
        or _umlaut_exchanged(rest, others)
        or _umlaut_exchanged(others, rest)
    )


def _umlaut_exchanged(one: str, other: str) -> bool:
    """As in "Mülltonne" and "Mlültonne": an umlaut is two letters here."""
    return one[:2] in {"ae", "oe", "ue"} and other == one[2:3] + one[:2] + one[3:]
