"""The library's words as keywords: they stand in the same index as the rules' and are found in the same pass."""

from collections.abc import Iterable, Iterator, Mapping

from routing.model.library import Library, Words
from routing.rules.engine.signs.marks import Sort
from routing.text.keywords.values import Written


def written(library: Library) -> Iterator[tuple[Written, tuple[Sort, str]]]:
    """The library's words as keywords, each with what it means: (sort, name of its list)."""
    for sort, lists in _sorts(library):
        for name, words in lists.items():
            meaning = sort, name
            for word in words:
                yield Written(word, typos=sort is Sort.DANGER), meaning


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
