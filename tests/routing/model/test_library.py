"""A sum of weights is the same in whatever order its features come, and what comes to a level reaches it."""

from itertools import permutations

import pytest

from routing.model.library import Sum

WEIGHTS = {"eins": 1.1, "zwei": 2.2, "drei": -3.3, "vier": 0.1, "fünf": 0.2}


@pytest.mark.parametrize("names", list(permutations(WEIGHTS)))
def test_the_order_of_what_speaks_for_it_changes_no_sum(names: tuple[str, ...]) -> None:
    assert Sum(weights=WEIGHTS).of(dict.fromkeys(names, 1.0)) == 0.3
    assert Sum(words=WEIGHTS).of_words(names) == 0.3
