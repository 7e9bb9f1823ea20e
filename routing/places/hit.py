"""A place where it stands in a text."""

from dataclasses import dataclass

from routing.concern import Place


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place with the characters of the folded text that name it (without the number)."""

    place: Place
    start: int
    end: int
