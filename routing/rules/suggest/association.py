"""How strongly a word belongs to a body: Dunning's log-likelihood ratio over messages.

T. Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence", Computational Linguistics 19(1), 1993.
A message counts once however often it repeats the word. The ratio says how surprising the difference is, so that rare
words are not overrated as they are by percentages; 10.83 is the value that pure chance exceeds once in 1,000 words.
It only ranks: what a keyword would do is counted with the keyword itself.
"""

from math import log

SURPRISING = 10.83


def strength(inside: int, all_inside: int, outside: int, all_outside: int) -> float:
    """The ratio for a word in ``inside`` of ``all_inside`` messages here and ``outside`` of ``all_outside`` elsewhere.

    Negative when it is rarer here than elsewhere; 0 when there is nothing to compare.
    """
    total, found = all_inside + all_outside, inside + outside
    if not all_inside or not all_outside or not found or found == total:
        return 0.0
    ratio = 0.0
    for seen, row, column in (
        (inside, all_inside, found),
        (outside, all_outside, found),
        (all_inside - inside, all_inside, total - found),
        (all_outside - outside, all_outside, total - found),
    ):
        if seen:
            ratio += seen * log(seen * total / (row * column))
    more = inside * all_outside >= outside * all_inside
    return 2 * ratio if more else -2 * ratio
