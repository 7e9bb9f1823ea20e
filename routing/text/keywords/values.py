"""What a keyword is made of: the forms of its words, phrases, and the keyword itself. Pure values."""

from typing import Any, NamedTuple


class Form(NamedTuple):
    """One way a word may look: a literal and what may follow it (None: anything).

    A tuple, because an index compares and counts tens of thousands of them.
    """

    literal: str
    endings: frozenset[str] | None
    open_start: bool = False


Slot = tuple[Form, ...]
"""The ways in which one word of a phrase may look."""


class Phrase(NamedTuple):
    """Words that follow each other; ``gaps[i]`` says how many others may stand before ``slots[i + 1]``."""

    slots: tuple[Slot, ...]
    gaps: tuple[int, ...]


class Keyword(NamedTuple):
    """A keyword taken apart: of each of ``parts`` one phrase, all in one sentence; or an ``expression``."""

    source: str
    parts: tuple[tuple[Phrase, ...], ...] = ()
    expression: Any = None  # a compiled re2 pattern; re2 has no types
    names_place: bool = False  # it names a street or square itself, so that place names do not hide it
    typos: bool = False  # a long word with a typing mistake counts too


class Written(NamedTuple):
    """A keyword that nobody has taken apart yet: its source, and whether it counts with a typing mistake too."""

    source: str
    typos: bool = False
