"""A place where it stands in a text, and what it is to the matter."""

from enum import Enum

from msgspec import Struct

from routing.model.decision import Place


class Role(Enum):
    """What a place is to the matter that the text is about."""

    FIELD = "field"  # a form's field says that it is there
    SCENE = "scene"
    BESIDE = "beside"  # tells where the scene is: "zwischen A und B", "Höhe C"
    WAY = "way"  # on the way there: "vom Ostwall kommend", "Richtung Fischeln"
    HOME = "home"  # of the writer, or of somebody else
    DENIED = "denied"  # "nicht 12, sondern 21"


SCENES = frozenset({Role.FIELD, Role.SCENE, Role.BESIDE, Role.WAY})


class PlaceHit(Struct, frozen=True):
    """A place with the characters of the folded text that name it (without the number).

    ``until``: about where its number ends, or ``end``.
    """

    place: Place
    start: int
    end: int
    until: int = 0
    role: Role = Role.SCENE
