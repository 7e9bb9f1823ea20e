"""What is worked out of a configuration once, however many messages and letters ask for it."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from routing.model.settings import Configuration

Made = TypeVar("Made")
MOST = 4
"""Configurations that are remembered: that in force, one that is tried, those before a reload."""


def remembered(make: Callable[["Configuration"], Made]) -> Callable[["Configuration"], Made]:
    """``make``, which is asked once for each of the latest configurations; known by being the same object.

    Several threads may ask: then it may be made twice.
    """
    latest: tuple[tuple[Configuration, Made], ...] = ()

    @functools.wraps(make)
    def of(configuration: "Configuration") -> Made:
        nonlocal latest
        for one, made in latest:
            if one is configuration:
                return made
        new = make(configuration)
        latest = ((configuration, new), *latest[: MOST - 1])
        return new

    return of
