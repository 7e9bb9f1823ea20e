"""What the pages remember from one request to the next, beside the store; forgotten with the process."""

from msgspec import Struct, field

from routing.figures.remembered import Remembered
from routing.web.drafts import Drafts
from routing.web.guesses import Guesses


class Memory(Struct, frozen=True):
    """Guesses at passwords, changes of config.toml that nobody has saved yet, and figures that were counted."""

    guesses: Guesses = field(default_factory=Guesses)
    drafts: Drafts = field(default_factory=Drafts)
    figures: Remembered = field(default_factory=Remembered)
