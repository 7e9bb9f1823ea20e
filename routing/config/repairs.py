"""placeholder"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    offset: int
    what: str
    advice: str


@dataclass(frozen=True, slots=True)
class Repair:
    spots: tuple[Spot, ...]
    text: str | None


def named(statement: str) -> str:
    """Key or header as written."""
    head = statement.strip()
    return head.partition("#")[0].strip() if head.startswith("[") else head.partition("=")[0].strip()


def explain(statement: str) -> Repair:
    return Repair((Spot(0, "Diese Zeile ist nicht zu lesen.", ""),), None)
