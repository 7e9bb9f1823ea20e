"""Call lists of telephone systems: by their headers, as ``telephone_systems.toml`` describes them.

Such a list tells who rang when, never what it was about: that has to be written beside it. One more system is one more
table in the file; nothing else knows a system by name. A list that no table describes is known as one of calls by its
columns, and what became of a call by the words that telephone systems have for it.
"""

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from msgspec import Struct, convert

from intake.phone_log.normalize import folded

MISSED, OUTGOING, OTHER = "verpasst", "ausgehend", "eingehend"
"""What ``state`` gives, as staff write it in a list of their own."""
_MANY = 3  # columns that only a list of calls has
_LONGEST_STATE = 40  # characters
_PARENTHESIS = re.compile(r"\([^)]*\)")
_CAPITAL_WITHIN = re.compile(r"(?<=[a-z])(?=[A-Z])")


class System(Struct, frozen=True, forbid_unknown_fields=True):
    """How one telephone system writes its call lists; see the head of the file. One without a name is any."""

    name: str
    header: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    missed: tuple[str, ...]
    outgoing: tuple[str, ...]

    def direction(self, written: str) -> str:
        """``MISSED``, ``OUTGOING`` or ``OTHER`` for what the column that tells them apart says; "" for the rest."""
        word = written.strip().casefold()
        if word in map(str.casefold, self.missed):
            return MISSED
        return OUTGOING if word in map(str.casefold, self.outgoing) else state(written)

    @property
    def roles(self) -> Mapping[str, str]:
        """What its columns mean: a mapping of the header's word (folded) to ours."""
        return {folded(word): role for role, words in self.columns.items() for word in words}

    def advice(self, name: str) -> str:
        """What to do with the list ``name`` that has no column for the concern, in German."""
        whose = f" ({self.name})" if self.name else ""
        empty = (
            "verpasste und ausgehende Anrufe dürfen leer bleiben"
            if self.name
            else "bei verpassten und ausgehenden Anrufen genügt „verpasst“ oder „ausgehend“"
        )
        return (
            f"Die Datei „{name}“ ist eine Anrufliste{whose}. Sie sagt, wer wann angerufen hat, aber nicht, "
            "worum es ging. Bitte fügen Sie in Excel hinter der letzten Spalte eine Spalte „Anliegen“ an, schreiben "
            f"Sie dort zu jedem Anruf, worum es ging ({empty}), und legen Sie die Datei noch einmal ab."
        )


class _Calls(Struct, frozen=True, forbid_unknown_fields=True):
    missed: tuple[str, ...]
    outgoing: tuple[str, ...]
    other: tuple[str, ...]
    notes: tuple[str, ...]
    machine: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]


@functools.cache
def known() -> tuple[System, ...]:
    """All systems of the file, those with the most telling headers first."""
    systems = convert(_file()["systems"], tuple[System, ...])
    return tuple(sorted(systems, key=lambda system: -len(system.header)))


def recognised(names: Sequence[str]) -> System | None:
    """The system whose list has a header with these ``names``, in any order; None for a list that is none of calls."""
    words = {form for name in names for form in forms(name)}
    if len(words) < 4:
        return None
    found = next((system for system in known() if words.issuperset(_words(system.header))), None)
    return found or (_any_list() if _is_of_calls(names) else None)


def forms(name: str) -> tuple[str, ...]:
    """How a column's name may be meant, folded: as it stands, with its parts apart, without what is in parentheses."""
    bare = _PARENTHESIS.sub(" ", name)
    return (folded(name), folded(bare), folded(_CAPITAL_WITHIN.sub(" ", bare)))


@functools.lru_cache(4096)
def state(written: str) -> str:
    """What became of a call by a cell that says nothing else: ``MISSED``, ``OUTGOING``, ``OTHER``; "" if it says more.

    Of several words ("kommend, erfolglos") one that we rang, else one that nobody answered, decides.
    """
    if not written or len(written) > _LONGEST_STATE:
        return ""
    words = _states()
    found = [words.get(folded(part)) for part in ([written] if folded(written) in words else _parts(written))]
    if None in found:
        return ""
    return next((one for one in (OUTGOING, MISSED, OTHER) if one in found), "")


def meaning(words: str) -> str:
    """The same of ``words`` (folded) that are one of those and nothing else."""
    return _states().get(words, "")


def is_note(name: str) -> bool:
    """Whether a column of this name may hold what a call was about, though nobody need have written there."""
    return any(form in _notes() for form in forms(name))


@functools.cache
def _words(header: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(folded, header))


def _parts(written: str) -> list[str]:
    return [part for part in re.split(r"[,;/()–-]| und ", written) if folded(part)]


def _is_of_calls(names: Sequence[str]) -> bool:
    machine = frozenset(map(folded, _calls().machine))
    return sum(any(not machine.isdisjoint({form, *form.split()}) for form in forms(name)) for name in names) >= _MANY


@functools.cache
def _any_list() -> System:
    return System("", (), _calls().columns, (), ())


@functools.cache
def _states() -> dict[str, str]:
    calls = _calls()
    pairs = ((OTHER, calls.other), (OUTGOING, calls.outgoing), (MISSED, calls.missed))
    return {folded(word): meaning for meaning, words in pairs for word in words}


@functools.cache
def _notes() -> frozenset[str]:
    return frozenset(map(folded, _calls().notes))


@functools.cache
def _calls() -> _Calls:
    return convert(_file()["calls"], _Calls)


@functools.cache
def _file() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("telephone_systems.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
