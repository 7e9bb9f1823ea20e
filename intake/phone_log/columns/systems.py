"""Telephone systems whose call lists are known: by their headers, as ``telephone_systems.toml`` describes them.

Such a list tells who rang when, never what it was about: that has to be written beside it. One more system is one more
table in the file; nothing else knows a system by name.
"""

import functools
import tomllib
from collections.abc import Sequence
from importlib import resources

from msgspec import Struct, convert

from intake.phone_log.normalize import folded

MISSED, OUTGOING = "verpasst", "ausgehend"
"""What ``System.direction`` gives, as staff write it in a list of their own."""


class System(Struct, frozen=True, forbid_unknown_fields=True):
    """How one telephone system writes its call lists; see the head of the file."""

    name: str
    header: tuple[str, ...]
    columns: dict[str, str]
    missed: tuple[str, ...]
    outgoing: tuple[str, ...]

    def direction(self, written: str) -> str:
        """``MISSED``, ``OUTGOING`` or "" for what stands in the column that tells them apart."""
        word = written.strip().casefold()
        if word in map(str.casefold, self.missed):
            return MISSED
        return OUTGOING if word in map(str.casefold, self.outgoing) else ""

    def advice(self, name: str) -> str:
        """What to do with the list ``name`` that has no column for the concern, in German."""
        return (
            f"Die Datei „{name}“ ist eine Anrufliste ({self.name}). Sie sagt, wer wann angerufen hat, aber nicht, "
            "worum es ging. Bitte fügen Sie in Excel hinter der letzten Spalte eine Spalte „Anliegen“ an, schreiben "
            "Sie dort zu jedem Anruf, worum es ging (verpasste und ausgehende Anrufe dürfen leer bleiben), und legen "
            "Sie die Datei noch einmal ab."
        )


@functools.cache
def known() -> tuple[System, ...]:
    """All systems of the file, those with the most telling headers first."""
    text = resources.files(__package__).joinpath("telephone_systems.toml").read_text(encoding="utf-8")
    systems = convert(tomllib.loads(text)["systems"], tuple[System, ...])
    return tuple(sorted(systems, key=lambda system: -len(system.header)))


def recognised(names: Sequence[str]) -> System | None:
    """The system whose list has a header with these ``names``, in any order; None for any other list."""
    words = set(map(folded, names))
    if len(words) < 4:
        return None
    return next((system for system in known() if words.issuperset(_words(system.header))), None)


@functools.cache
def _words(header: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(folded, header))
