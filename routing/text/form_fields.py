"""What a field of a form holds. The words of labels that say so stand in ``routing/library/signs/forms.toml``."""

from enum import Enum


class Holds(Enum):
    """What a field holds."""

    SCENE = "ort"
    HOME = "wohnung"
    TEXT = "text"
    NAME = "name"
    ADDRESS = "anschrift"  # somebody's: the writer's or the scene's
    TECHNICAL = "technik"  # what the form or a machine adds
    SPOT = "stelle"  # the scene's, where it is the whole label and its value stands beside it
