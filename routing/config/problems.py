"""What is wrong in a configuration file, as values, and the German report that shows all of it at once.

A ``Fault`` says where by the path of the key; ``document`` turns it into a ``Problem`` with line and column. Texts are
for staff who have never seen TOML. No value of a key that could be a password is ever repeated.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from intake.base import german
from intake.base.errors import IntakeError

KeyPath = tuple[str | int, ...]
"""Where a value stands: ("rules", 3, "keywords", 0); names are those of the file (``from``, not ``from_``)."""

Severity = Literal["error", "warning"]


class Fault(Struct, frozen=True):
    """Something wrong at ``path``, not yet located in the text."""

    path: KeyPath
    what: str
    advice: str = ""
    severity: Severity = "error"
    is_about_table: bool = False  # the key at the end of ``path`` is missing or is itself a table: do not name it


class Problem(Struct, frozen=True):
    """Something wrong in ``file``; ``line`` and ``column`` count from 1, None where no line can be named.

    ``where`` names table, rule and key in the words of the file; ``what`` and ``advice`` are German sentences.
    """

    line: int | None
    column: int | None
    where: str
    what: str
    advice: str = ""
    severity: Severity = "error"
    file: str = "config.toml"

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, Zeile {self.line}"
        place = f"{place}, {self.where}" if self.where else place
        sentence = f"{place}: {self.what}"
        return f"{sentence}\n    → {self.advice}" if self.advice else sentence


def shown(value: Any) -> str:
    """A value from the file as it may stand in a sentence: short and on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)[:40]
    if isinstance(value, str):
        text = "".join(character if character.isprintable() else "�" for character in value)
        return f"„{text[:57]}…“" if len(text) > 60 else f"„{text}“"
    return "Der Wert"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each once, sorted: config.toml's before those of the files that it names, by line.

    Those without a line come first.
    """
    unique = dict.fromkeys(problems)
    first = next((problem.file for problem in unique), "")
    return tuple(sorted(unique, key=lambda p: (p.file != first, p.file, p.line or 0, p.column or 0)))


class ConfigurationError(IntakeError):
    """The configuration cannot be used; ``problems`` holds everything that was found, sorted by line."""

    exit_code = 3

    def __init__(self, problems: tuple[Problem, ...], path: Path | None = None) -> None:
        self.problems = problems
        self.path = path
        super().__init__(report(problems, path))


def report(problems: tuple[Problem, ...], path: Path | None = None) -> str:
    """All problems as one German text: a heading that counts them, then one paragraph each."""
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    counts = [german.counted(errors, "Fehler", "Fehler")] if errors else []
    counts += [german.counted(warnings, "Warnung", "Warnungen")] if warnings else []
    heading = f"{german.listed(counts)} in {path or 'der Konfiguration'}:"
    marked = (f"Warnung: {problem}" if problem.severity == "warning" else str(problem) for problem in problems)
    return "\n".join((heading, "", *marked))
