"""What the program knows of German, as data: the states that things are in, and the signs of reports and of danger.

The files of ``routing/library/signs`` hold it, read by ``routing.config.library``. An empty one switches off what
rests on it: every match of a rule counts alike, nothing is taken for an ordinary letter, only rules raise an alarm.
"""

from collections.abc import Iterable, Mapping
from math import fsum

from msgspec import Struct, field

Words = Mapping[str, tuple[str, ...]]
"""Keywords (see ``routing.text.keywords.patterns``) by the name of their list."""

WORD = "~"
"""Begins the name of the feature of a word, which is its stem (``routing.text.stems``)."""

DECIMALS = 6
"""Of a sum: weights have two, so that what comes to a level as it is written reaches it."""

FOREIGN = "fremd"
"""The list of signs that holds the words of all other languages."""


class Sum(Struct, frozen=True):
    """A linear judgement: how much each feature speaks for it, and from which sum on it holds.

    ``weights``: by the feature's name; what is not named counts nothing. ``levels``: the least sum, by what follows.
    ``words``: what the words of a text count, by their stems.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)

    def of(self, features: Mapping[str, float]) -> float:
        """The sum of what the features (name → how strongly it is there) count, whatever their order."""
        get = self.weights.get
        return round(fsum([get(name, 0.0) * value for name, value in features.items()]), DECIMALS)

    def of_words(self, stems: Iterable[str]) -> float:
        """The sum of what the words with these stems count, whatever their order."""
        get = self.words.get
        return round(fsum([get(stem, 0.0) for stem in stems]), DECIMALS)


class Library(Struct, frozen=True):
    """States by name; what is part of other things; signs of reports, of danger and of doubt; and what they count.

    ``against``: which of the ``report_signs`` speak against one.
    ``place_signs`` tell a home from a scene; ``fields`` are how the words of forms' labels begin, by what the field
    holds (``mail_fields``: further ones of mails), ``notices`` phrases that forms write themselves; ``persons``:
    words of clauses about somebody (with - at the end: how they begin). ``who``: the danger signs that only say who
    is meant; ``weak``: those that only say where, when and how. ``emoji``: single characters that stand for a sign of
    danger. ``why``: how a letter says each sort of doubt. Danger comes from a thing that belongs to somebody where a
    sign is of one of the ``owned_lists``, or it or an urgent rule's keyword has one of the ``owned_words`` (folded)
    in it. ``report``, ``danger`` and ``worry`` (a person should look first) are what all of it counts. ``texts``: the
    files as read, for snapshots.
    """

    states: Words = field(default_factory=dict)
    parts: Words = field(default_factory=dict)
    report_signs: Words = field(default_factory=dict)
    against: frozenset[str] = frozenset()
    danger_signs: Words = field(default_factory=dict)
    doubts: Words = field(default_factory=dict)
    who: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    place_signs: Words = field(default_factory=dict)
    fields: Words = field(default_factory=dict)
    mail_fields: Words = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    emoji: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)
    owned_lists: frozenset[str] = frozenset()
    owned_words: tuple[str, ...] = ()
    report: Sum = field(default_factory=Sum)
    danger: Sum = field(default_factory=Sum)
    worry: Sum = field(default_factory=Sum)
    texts: Mapping[str, str] = field(default_factory=dict)


EMPTY = Library()


class KeptIndex(Struct, frozen=True):
    """What was kept of compiled rules, to spare compiling them (b"": nothing).

    Two of them are equal: they say nothing that the rules do not say.
    """

    packed: bytes = b""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeptIndex)

    def __hash__(self) -> int:
        return hash(KeptIndex)
