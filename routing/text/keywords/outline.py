"""Where to look for which keyword: all that an index must know before it meets the first word. Pure values.

To work it out takes every keyword apart, which takes longest of a start. So it can be kept (``packed``, ``unpacked``)
and keywords be taken apart when a text first has a word of theirs. It belongs to those keywords in that order, and to
the program that made it; whoever keeps it sees to that.
"""

from hashlib import sha256

import msgspec
from msgspec import Struct

Mistyped = dict[str, tuple[int, ...]]
"""Folded words that may be mistyped, with the numbers of the keywords that they belong to."""
_DIGEST = sha256().digest_size


class Outline(Struct, frozen=True, array_like=True):
    """Keywords and their parts by number; parts are numbered as they first come, shared ones once.

    ``literals``: what to look for, and the parts of which it is the rarest word; ``parts_of``: of each keyword its
    parts, none of a regular expression; ``rarest``: of each keyword with several parts the one to look at first.
    """

    literals: dict[str, tuple[int, ...]]
    parts_of: tuple[tuple[int, ...], ...]
    rarest: dict[int, int]


class _Packed(Struct, frozen=True, array_like=True):
    """``mistyped`` is packed once more: it is seldom needed at once."""

    outline: Outline
    mistyped: bytes


def packed(outline: Outline, words: Mistyped) -> bytes:
    """Both as one value for ``unpacked``."""
    value = msgspec.msgpack.encode(_Packed(outline, msgspec.msgpack.encode(words)))
    return sha256(value).digest() + value


def unpacked(packed: bytes, keywords: int) -> tuple[Outline, bytes]:
    """The outline of so many keywords, and the words for ``unpacked_mistyped``. Raises ValueError for all else."""
    value = packed[_DIGEST:]
    if sha256(value).digest() != packed[:_DIGEST]:
        raise ValueError("the outline is not as it was packed")
    both = msgspec.msgpack.decode(value, type=_Packed)
    if len(both.outline.parts_of) != keywords:
        raise ValueError("the outline is of other keywords")
    return both.outline, both.mistyped


def unpacked_mistyped(value: bytes) -> Mistyped:
    """The words that may be mistyped."""
    return msgspec.msgpack.decode(value, type=Mistyped)
