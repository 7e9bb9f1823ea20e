"""What the pages remember from one request to the next, beside the store; forgotten with the process."""

import threading
import time
from collections.abc import Callable

from msgspec import Struct, field

from routing.figures.remembered import Remembered
from routing.service.health import Health
from routing.web.drafts import Drafts
from routing.web.guesses import Guesses

RECENT_SECONDS = 2.0
OLD_SECONDS = 30.0


class Recent:
    """How things stood a moment ago, for whoever asks often and is not signed in: one of them asks the database.

    It holds for ``RECENT_SECONDS``; who comes while it is asked anew gets what is there, unless it is old.
    """

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._known: tuple[float, Health] | None = None

    def of(self, ask: Callable[[], Health]) -> Health:
        """What is known, or what ``ask`` says now. Raises what that raises, and remembers nothing of it."""
        known = self._known
        if known is not None and time.monotonic() - known[0] < RECENT_SECONDS:
            return known[1]
        is_first = self._asking.acquire(blocking=False)
        try:
            if not is_first and known is not None and time.monotonic() - known[0] < OLD_SECONDS:
                return known[1]
            found = ask()
            self._known = time.monotonic(), found
        finally:
            if is_first:
                self._asking.release()
        return found


class Memory(Struct, frozen=True):
    """Guesses at passwords, changes of config.toml that nobody has saved yet, figures that were counted, the state."""

    guesses: Guesses = field(default_factory=Guesses)
    drafts: Drafts = field(default_factory=Drafts)
    figures: Remembered = field(default_factory=Remembered)
    recent: Recent = field(default_factory=Recent)
