"""Asking for many rows by their values, so many at a time.

A question is put together once, with ``WANTED`` where its values stand: one that is made anew holds them in a circle
of references, which stays until the garbage is collected. Its lists come in few lengths, because the driver keeps
each length as a statement of its own, ready made, which takes time and memory.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

Value = TypeVar("Value", str, int, bytes)

AT_ONCE = 500
_LENGTHS = (1, 5, 20, 100, 200, 300, AT_ONCE)

WANTED: sa.BindParameter[Any] = sa.bindparam("wanted", expanding=True)
"""What a question asks for: the parameter "wanted", a list."""


def pieces(values: Sequence[Value]) -> Iterator[list[Value]]:
    """``values`` in lists of a usual length, in order, the last value once more where one is missing."""
    for start in range(0, len(values), AT_ONCE):
        some = list(values[start : start + AT_ONCE])
        length = next(length for length in _LENGTHS if length >= len(some))
        yield some + some[-1:] * (length - len(some))
