"""The library's words as keywords: they stand in the same index as the rules' and are found in the same pass."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from routing.model.library import Library, Words
from routing.rules.engine.signs.marks import Sort
from routing.text.keywords import patterns
from routing.text.keywords.values import Keyword


class Lists(Struct, frozen=True):
    """All the library's keywords, and what each means: number → (sort, name of its list)."""

    keywords: tuple[Keyword, ...] = ()
    meanings: tuple[tuple[Sort, str], ...] = ()


def compiled(library: Library, known: patterns.Lists) -> Lists:
    """The library's words as keywords. Raises KeywordError: the library is the program's own."""
    keywords: list[Keyword] = []
    meanings: list[tuple[Sort, str]] = []
    for sort, words in _sorts(library):
        for name, written in words.items():
            for word in written:
                keyword = patterns.parse(word, known)
                keywords.append(keyword._replace(typos=True) if sort is Sort.DANGER else keyword)
                meanings.append((sort, name))
    return Lists(tuple(keywords), tuple(meanings))


def words(library: Library) -> Iterator[str]:
    """Everything that ``compiled`` will parse."""
    for _, lists in _sorts(library):
        for written in lists.values():
            yield from written


def _sorts(library: Library) -> Iterable[tuple[Sort, Words]]:
    return (
        (Sort.STATE, library.states),
        (Sort.PART, library.parts),
        (Sort.REPORT, library.report_signs),
        (Sort.DANGER, library.danger_signs),
        (Sort.DOUBT, library.doubts),
        (Sort.PLACE, library.place_signs),
    )


def bits(states: Words) -> Mapping[str, int]:
    """One bit for each state, so that several are one number."""
    return {name: 1 << place for place, name in enumerate(states)}
