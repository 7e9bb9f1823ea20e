"""What the books come to, as values: lines of an account, each with its sum, its parts and what is wrong. Pure."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class Wrong(Struct, frozen=True):
    """A kind of difference: ``count`` of them, and the first few by their numbers in the table that they are of."""

    kind: str
    count: int
    examples: tuple[str, ...] = ()


class Line(Struct, frozen=True):
    """One line: ``whole`` is to be the sum of ``parts``; ``open`` tells what is on its way and explains itself."""

    name: str
    whole: int
    parts: Mapping[str, int]
    wrong: tuple[Wrong, ...] = ()
    open: Mapping[str, int] = field(default_factory=dict)

    @property
    def difference(self) -> int:
        """How many things are where they should not be, or missing; two opposite ones never cancel each other out."""
        return sum(one.count for one in self.wrong)

    def as_json(self) -> dict[str, Any]:
        """For machines: plain values."""
        return {
            "name": self.name,
            "whole": self.whole,
            "parts": dict(self.parts),
            "open": dict(self.open),
            "difference": self.difference,
            "wrong": [
                {"kind": one.kind, "count": one.count, "examples": list(one.examples)}
                for one in self.wrong
                if one.count
            ],
        }


class Books(Struct, frozen=True):
    """The whole account of one moment."""

    lines: tuple[Line, ...]

    @property
    def difference(self) -> int:
        return sum(line.difference for line in self.lines)
