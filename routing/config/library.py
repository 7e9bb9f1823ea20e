"""Reads the signs of the rule library that comes with the program: ``routing/library/signs/*.toml`` → ``Library``.

The files are the program's own and as much under test as its code, so a mistake in one is a defect and raises at once
(tomllib.TOMLDecodeError, KeyError); staff never write there. Read once for each folder.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from routing.model.library import FOREIGN, Library, Sum

SHIPPED = Path(__file__).parents[1] / "library"
"""The folder of the library that comes with the program: a file a subject, and beside them the signs."""


def folder(own: Path | None) -> Path:
    """The folder of the library: the city's ``own``, else the one that comes with the program."""
    return own or SHIPPED


def signs(own: Path | None) -> Path:
    """The folder of the library's signs; a library of one's own need not have any."""
    given = folder(own) / "signs"
    return given if given.is_dir() else SHIPPED / "signs"


def subjects(own: Path | None) -> list[Path]:
    """Its files about subjects, by name."""
    return sorted(folder(own).glob("*.toml"))


def paths(own: Path | None) -> list[Path]:
    """All its files, subjects and signs, in order of their names. Raises OSError."""
    return [*subjects(own), *sorted(signs(own).glob("*.toml"))]


@lru_cache(maxsize=2)
def load(folder: Path = SHIPPED / "signs") -> Library:
    """The library in ``folder``. Raises OSError and what a broken file raises."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    tables = {name: tomllib.loads(text) for name, text in texts.items()}
    reports, danger = tables["reports.toml"], tables["danger.toml"]
    where, forms = tables["places.toml"], tables["forms.toml"]
    return Library(
        states=_words(tables["states.toml"]["states"]),
        parts=_words(tables["states.toml"]["parts"]),
        report_signs=_words(reports["for"]) | _words(reports["against"]),
        against=frozenset(reports["against"]),
        danger_signs=_signs(danger, tables["danger_languages.toml"]["signs"]),
        doubts=_words(danger["doubts"]),
        who=frozenset({*danger["who"], FOREIGN}),
        weak=frozenset(danger["weak"]),
        place_signs=_words(where["signs"]),
        fields=_words(forms["fields"]),
        mail_fields=_words(forms["mails"]),
        notices=tuple(forms["notices"]["words"]),
        persons=tuple(where["persons"]["words"]),
        emoji={char: sign for sign, chars in danger.get("emoji", {}).items() for char in chars},
        why=dict(danger["why"]),
        owned_lists=frozenset(danger["owned"]["lists"]),
        owned_words=tuple(danger["owned"]["words"]),
        report=_sum(tables["weights_report.toml"]),
        danger=_sum(tables["weights_danger.toml"]),
        worry=_sum(tables.get("weights_worry.toml", {"weights": {}, "levels": {}})),
        texts=texts,
    )


def _words(table: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(dict.fromkeys(words)) for name, words in table.items()}


def _signs(danger: dict[str, Any], foreign: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """The signs with their words in dialect and in other languages; the latter stand in ``FOREIGN``, too."""
    together = {name: list(words) for name, words in danger["signs"].items()}
    for name, words in (*danger["dialect"].items(), *foreign.items()):
        together.setdefault(name, []).extend(words)
    return _words({**together, FOREIGN: [word for words in foreign.values() for word in words]})


def _sum(table: dict[str, Any]) -> Sum:
    return Sum(dict(table["weights"]), dict(table["levels"]), dict(table.get("words", {})))
