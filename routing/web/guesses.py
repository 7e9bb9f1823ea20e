"""The limit of guesses at passwords: for an account together with where they come from, and for each place alone.

So nobody can lock somebody else out from another place (OWASP ASVS 2.2.1 asks for at most a hundred an hour). Kept in
memory: whoever restarts the program has other means.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

from intake.base import errors

GUESSES, FROM_ONE_PLACE, WINDOW_SECONDS = 5, 30, 900.0


class RefusedError(errors.UsageError):
    """Nobody is signed in; the German text says why, and no more than somebody outside may know."""


class Guesses:
    """How often somebody was refused lately. May be used from several threads; forgotten with the process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._refused: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def check(self, account: str, client: str) -> None:
        """Raises RefusedError when there were too many."""
        with self._lock:
            if self._count(account, client) >= GUESSES or self._count("", client) >= FROM_ONE_PLACE:
                raise RefusedError(german="Zu viele Versuche. Bitte warten Sie eine Viertelstunde.")

    def refused(self, account: str, client: str) -> None:
        """Count one, for some minutes."""
        with self._lock:
            for key in ((account, client), ("", client)):
                self._refused[key].append(self._monotonic())

    def _count(self, account: str, client: str) -> int:
        since = self._monotonic() - WINDOW_SECONDS
        for key in [key for key, times in self._refused.items() if not times or times[-1] < since]:
            del self._refused[key]
        times = self._refused.get((account, client), deque())
        while times and times[0] < since:
            times.popleft()
        return len(times)
