"""A table on one line that cannot be read (``I01 = { name = "…", recipient = "…" }``), taken apart into its entries.

What is wrong between the entries and at the end is told here; each entry is then a statement like any other, for the
menders. Pure; a text that is no such table gives None.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from routing.config.toml.beginner_repairs import Spot

_OPENING = re.compile(r"([^=\n{]+=)[ \t]*([\[({]*)[ \t]*(?=[^\s=\"'\[\](){},#]+\s*(?::=|=>|=|:))")
_TEXT_OR_KEY = re.compile(r"\"[^\"\n]*\"|(?<![^\s,;{])([^\s,;{}=:\"\[\]]+)\s*(?::=|=>|=|:|(?<=\s)(?=[\"\[]))")
_END = re.compile(r"\s*([}\])>]*)\s*(#[^\n]*)?\Z")
_BETWEEN = re.compile(r"[\s,;]*\Z")
_BRACKETS = 'Die Angaben einer Zeile stehen zwischen { und }: { name = "…", recipient = "…" }.'
_COMMA = 'Zwischen zwei Angaben steht ein Komma: { name = "…", recipient = "…" }.'


class Entry(Struct, frozen=True):
    """``key = value`` of such a table, and where it begins in the statement."""

    offset: int
    text: str


class Taken(Struct, frozen=True):
    """A statement taken apart: everything before the first entry, the entries, what stands behind, and faults."""

    opening: str
    entries: tuple[Entry, ...]
    comment: str
    spots: tuple[Spot, ...]

    def with_entries(self, texts: list[str]) -> str:
        """The statement with these texts in place of its entries, its commas and brackets put right."""
        return f"{self.opening}{', '.join(texts)} }}{self.comment}"


def taken_apart(statement: str) -> Taken | None:
    """The entries of a table on one line, however its commas and its end were written."""
    opening = _OPENING.match(statement)
    if opening is None or "\n" in statement.strip():
        return None
    end = _END.search(statement)
    assert end is not None  # it matches the empty end of any text
    starts = [found.start(1) for found in _TEXT_OR_KEY.finditer(statement, opening.end(), end.start()) if found[1]]
    if not starts or starts[0] != opening.end():
        return None
    closing = end[1]
    last = statement[starts[-1] : end.start()]
    if closing.startswith("]") and last.count("[") > last.count("]"):  # the end of a list, not of the table
        closing, last = closing[1:], f"{last}]"
    pieces = [statement[start:stop] for start, stop in pairwise(starts)] + [last]
    spots = [*_opened(opening), *_between(pieces, starts), *_at_the_end(last, closing, max(end.start() - 1, 0))]
    entries = tuple(Entry(start, _BETWEEN.sub("", piece)) for start, piece in zip(starts, pieces, strict=True))
    return Taken(f"{opening[1]} {{ ", entries, f" {end[2]}" if end[2] else "", tuple(spots))


def _opened(opening: re.Match[str]) -> Iterator[Spot]:
    if opening[2] != "{":
        what = f"Hier steht {opening[2]} statt {{." if opening[2] else "Vor der ersten Angabe fehlt die Klammer {."
        yield Spot(opening.end(1) + 1, what, _BRACKETS)


def _between(pieces: list[str], starts: list[int]) -> Iterator[Spot]:
    for piece, start in zip(pieces[:-1], starts, strict=False):
        between = _BETWEEN.search(piece)
        assert between is not None  # it matches the empty end of any text
        at = start + max(between.start() - 1, 0)
        if ";" in between[0]:
            yield Spot(at + 1, "Hier steht ein Semikolon statt eines Kommas.", _COMMA)
        elif "," not in between[0]:
            yield Spot(at, "Hinter dieser Angabe fehlt ein Komma.", _COMMA)


def _at_the_end(last: str, closing: str, at: int) -> Iterator[Spot]:
    if last.rstrip().endswith((",", ";")):
        yield Spot(at, "Hinter der letzten Angabe steht ein Komma zu viel.", _COMMA)
    if not closing:
        yield Spot(at, "Am Ende der Zeile fehlt die Klammer }.", _BRACKETS)
    elif closing != "}":
        yield Spot(at + 1, f"Am Ende der Zeile steht {closing} statt }}.", _BRACKETS)
