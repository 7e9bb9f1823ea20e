"""A citizen's text as pieces: what rules found in it is marked, everything else is as it was written.

Pieces, not HTML: the template escapes each of them, so that no text can become anything but text.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct


class Piece(Struct, frozen=True):
    """Some of the text; ``rule`` names what found it, "" for the rest."""

    text: str
    rule: str = ""


def pieces(text: str, matches: Iterable[Mapping[str, Any]], field: str = "new_text") -> list[Piece]:
    """The ``text`` of a message's ``field`` in order, with what stored matches found in it.

    Of those that overlap the first counts; positions that do not fit the text are left out.
    """
    found: list[Piece] = []
    at = 0
    for one in sorted((one for one in matches if one["field"] == field), key=lambda one: (one["start"], -one["end"])):
        start, end = one["start"], one["end"]
        if start < at or not start < end <= len(text):
            continue
        if at < start:
            found.append(Piece(text[at:start]))
        found.append(Piece(text[start:end], one["rule"]))
        at = end
    return [*found, Piece(text[at:])] if at < len(text) or not found else found
