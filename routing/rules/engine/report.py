"""Whether a message reports something at all. The mailbox of an order service gets everything else, too.

What is no report is recognised by what it lacks (a thing in a state, a place, something that goes on) and by what its
writer wants instead (asking, applying, inviting, offering, thanking, disputing). Both are features of the language,
not topics: how clear the strongest concern is, how long the message is, which of the lists of signs it has words
of. They are summed up (``Library.report``). Below the level a person decides; nothing leaves the city.
"""

from collections.abc import Iterable, Mapping, Sequence

from routing.rules.engine import evidence
from routing.rules.engine.marks import Mark, Sort
from routing.text.clauses import Clauses
from routing.text.places import PlaceHit

MOST_OF_A_LIST = 3
_LENGTHS = ((4, "w4"), (8, "w8"), (14, "w14"), (30, "w30"))
_STRENGTHS = ((3.9, "s4"), (3.4, "s35"), (2.4, "s3"))


def features(
    fields: Sequence[tuple[Clauses, Sequence[Mark], Sequence[PlaceHit]]], *, strongest: float, words: int
) -> Mapping[str, float]:
    """What speaks for and against a report, by the name that the library's weights give it."""
    found: dict[str, float] = {"bias": 1.0}
    found[next((name for least, name in _STRENGTHS if strongest >= least), "s15")] = 1.0
    found[next((name for most, name in _LENGTHS if words <= most), "w60")] = 1.0
    lists: dict[str, set[str]] = {}
    asked = said = 0
    for clauses, marks, places in fields:
        for mark in marks:
            if mark.sort is Sort.REPORT and not _within(mark.start, places):
                lists.setdefault(mark.name, set()).add(clauses.text[mark.start : mark.end])
        asked += clauses.questions
        said += clauses.statements
        if any(hit.place.street for hit in places):
            found["street"] = 1.0
    if asked:
        found["q"] = min(asked, 2) / 2
        found["qall"] = float(not said)
    for name, words_of in lists.items():
        found[name] = float(min(len(words_of), MOST_OF_A_LIST))
    return found


def _within(position: int, places: Iterable[PlaceHit]) -> bool:
    return any(hit.start <= position < hit.end for hit in places)


def strongest(strengths: Iterable[evidence.Strength]) -> float:
    """The greatest of the strengths; 0.0 without any."""
    return max((one.weight for one in strengths), default=0.0)
