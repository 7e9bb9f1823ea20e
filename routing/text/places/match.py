"""A place where it stands in a text."""

from msgspec import Struct

from routing.model.decision import Place


class PlaceHit(Struct, frozen=True):
    """A place with the characters of the folded text that name it (without the number)."""

    place: Place
    start: int
    end: int
