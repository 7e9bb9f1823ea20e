"""Waiting for what is to happen, and comparing costs, on a machine that may be busy with other things.

Nothing here waits a fixed time. ``until`` returns when the event is there; :data:`CEILING` only ends a test whose
event never comes, so it is generous. A bound on time is either a comparison of two costs (``is_cheaper``) or something
that is quick in one of many rounds (``in_one_round``): what is slow by itself is slow in every round, what the machine
delays is not. ``tests/house/test_waiting.py`` finds waits of another kind.
"""

import time
from collections.abc import Callable
from typing import Any

CEILING = 180.0
"""Seconds after which something is held never to happen; a quiet machine needs less than a tenth."""
ROUNDS = 40
"""How often something may be tried before it counts as slow."""
PAUSE = 0.01


def until(condition: Callable[[], Any], what: str = "", *, pause: float = PAUSE) -> Any:
    """What ``condition`` gives as soon as that is true, asked every ``pause`` seconds.

    Raises:
        AssertionError: after :data:`CEILING` seconds, naming ``what``.
    """
    end = time.monotonic() + CEILING
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {CEILING:.0f} s: {what or condition}"
        time.sleep(pause)
    return found


def in_one_round(is_quick: Callable[[], bool]) -> None:
    """Try until ``is_quick`` says so; AssertionError when none of :data:`ROUNDS` rounds was quick."""
    assert any(is_quick() for _ in range(ROUNDS)), f"slow in each of {ROUNDS} rounds"


def is_cheaper(
    one: Callable[[], object],
    factor: float,
    other: Callable[[], object],
    *,
    least: float = 0.0,
    clock: Callable[[], float] = time.process_time,
) -> bool:
    """Whether ``one`` costs less than ``factor`` times what ``other`` does (at least ``least`` seconds).

    They run in turns, the best of all rounds so far compared, until it holds or :data:`ROUNDS` rounds are over.
    The clock counts this process's own seconds of computing unless told otherwise.
    """
    best_one = best_other = float("inf")
    for _ in range(ROUNDS):
        best_one, best_other = min(best_one, _seconds(one, clock)), min(best_other, _seconds(other, clock))
        if best_one < factor * max(best_other, least):
            return True
    return False


def _seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    work()
    return clock() - began
